"""Progress while facts are gathered."""

from __future__ import annotations

import io
from pathlib import Path
from types import SimpleNamespace

import pytest
from plugin_runs import Ended

from livemigration.gather.jobs import Progress
from livemigration.plugin import progress
from livemigration.plugin.progress import Judging, ProgressLine, describe


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (Progress(0, 4, (), 0.0), "Asking hosts: 0 of 4 done, 0 s"),
        (
            Progress(2, 4, ("hv03", "hv04"), 6.0),
            "Asking hosts: 2 of 4 done, 6 s, about 6 s left; waiting for hv03, hv04",
        ),
        (
            Progress(1, 6, ("a", "b", "c", "d", "e"), 2.0),
            "Asking hosts: 1 of 6 done, 2 s, about 10 s left; waiting for a, b, c and 2 more",
        ),
        (Progress(4, 4, (), 9.0), "Asking hosts: 4 of 4 done, 9 s"),
    ],
)
def test_progress_says_how_many_are_done_what_is_left_and_who_is_slow(
    state: Progress, text: str
) -> None:
    assert describe("Asking hosts", state) == text


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that progress sees, as a list to change."""
    now = [100.0]
    # In that module alone: whoever waits in another thread for a moment would wait for ever.
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_without_a_terminal_there_is_a_plain_line_now_and_then_and_at_the_end(
    clock: list[float],
) -> None:
    stream = io.StringIO()
    line = ProgressLine(stream, moving=False)
    for second in range(25):
        clock[0] = 100.0 + second
        line("Asking hosts", Progress(1, 2, ("hv02",), float(second)))
    line("Asking hosts", Progress(2, 2, (), 25.0))
    assert stream.getvalue().splitlines() == [
        "Asking hosts: 1 of 2 done, 10 s, about 10 s left; waiting for hv02",
        "Asking hosts: 1 of 2 done, 20 s, about 20 s left; waiting for hv02",
        "Asking hosts: 2 of 2 done, 25 s",
    ]


def test_on_a_terminal_one_line_is_rewritten_and_covers_what_was_there(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    stream = io.StringIO()
    line = ProgressLine(stream, moving=True)
    for done in range(3):
        clock[0] += 1
        line("Asking hosts", Progress(done, 2, ("a-host-with-a-long-name",)[done:], 1.0 + done))
    *shown, end = stream.getvalue().split("\r")[1:]
    assert stream.getvalue().count("\n") == 1
    assert end == "Asking hosts: 2 of 2 done, 3 s".ljust(len(shown[-1].rstrip())) + "\n"


def test_judging_shows_how_far_it_is_twenty_times_a_second_at_most(clock: list[float]) -> None:
    shown: list[int] = []

    class Line(ProgressLine):
        def __call__(self, phase: str, progress: Progress) -> None:
            assert (phase, progress.total) == ("Judging checks", 1000)
            shown.append(progress.done)

    judging = Judging(Line(io.StringIO(), moving=True), 1000)
    for _ in range(1000):
        clock[0] += 1 / 1024
        judging.one_more()
    # The last is never shown: nothing is left then.
    assert shown == [52 * (number + 1) for number in range(19)]


def test_a_run_without_a_terminal_shows_lines_without_control_characters(
    demo: tuple[Ended, Path],
) -> None:
    output = demo[0].output
    assert "\nAsking hosts and VMM: 11 of 11 done, " in output
    assert "\nConnecting from vmm01.contoso.com: 1 of 1 done, " in output
    assert "\r" not in output
    assert "\x1b" not in output
