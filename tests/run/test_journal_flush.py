"""What a journal was told is on the disk at once where it cost questions, and soon where not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fact_builders import HOST, run_facts
from test_journal import beginning
from whole_run import whole_run

from livemigration.facts.model import Outcome, Subject
from livemigration.run import journal
from livemigration.run.exit_code import ExitCode
from livemigration.run.journal import LONGEST_WAIT, MOST_WAITING, Journal, ending_of
from livemigration.run.run import Run


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def run() -> Run:
    return whole_run(run_facts())[0]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def begun(tmp_path: Path, run: Run, clock: Clock) -> Iterator[Journal]:
    made = Journal(tmp_path / "journal.jsonl", clock)
    assert run.stamp is not None
    made.begin(beginning(run), run.stamp)
    yield made
    made.close()


def on_disk(folder: Path) -> int:
    """Return how many results are there for whoever reads the journal now."""
    return len(journal.read(folder / "journal.jsonl").results)


def test_results_wait_for_others_but_not_for_long(
    tmp_path: Path, run: Run, clock: Clock, begun: Journal
) -> None:
    begun.result(run.results[0])
    assert on_disk(tmp_path) == 0
    clock.now += LONGEST_WAIT
    begun.result(run.results[1])
    assert on_disk(tmp_path) == 2
    for number in range(MOST_WAITING):
        begun.result(replace(run.results[2], seconds=float(number)))
    assert on_disk(tmp_path) == 2 + MOST_WAITING


def test_results_of_one_moment_have_one_time(
    tmp_path: Path, run: Run, clock: Clock, begun: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now += 1
    moments = iter(("2026-06-01T00:00:01+00:00", "2026-06-01T00:00:02+00:00"))
    monkeypatch.setattr(journal, "_now", lambda: next(moments))
    for each in run.results[:3]:
        begun.result(each)
    clock.now += 0.5
    begun.result(run.results[3])
    begun.flush()
    told = map(json.loads, (tmp_path / "journal.jsonl").read_text(encoding="utf-8").splitlines())
    times = [each["at"][17:19] for each in told if each["kind"] == "result"]
    assert times == ["01", "01", "01", "02"]


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda j: j.facts(Subject.HOST, HOST, _outcomes()), id="facts"),
        pytest.param(
            lambda j: j.end(replace(ending_of(_run()), exit_code=ExitCode.READY), None), id="end"
        ),
        pytest.param(Journal.flush, id="flush"),
        pytest.param(Journal.close, id="close"),
    ],
)
def test_what_must_not_be_lost_takes_along_what_waits(
    tmp_path: Path, run: Run, begun: Journal, act: Callable[[Journal], None]
) -> None:
    for each in run.results[:5]:
        begun.result(each)
    assert on_disk(tmp_path) == 0
    act(begun)
    assert on_disk(tmp_path) == 5


def _run() -> Run:
    return whole_run(run_facts())[0]


def _outcomes() -> Mapping[str, Outcome[Any]]:
    return run_facts().hosts[HOST].outcomes
