"""What earlier runs came to, from what they left in the reports folder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from many_hosts import run_of

from livemigration.run import results_file
from livemigration.run.run import Earlier, Run
from livemigration.run.trend import MOST, with_trend

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


def run_on(day: int, broken: float) -> Run:
    return replace(run_of(10, broken), started=FIRST + timedelta(days=day))


def keep(run: Run, reports: Path) -> Run:
    folder = reports / f"{run.started:%Y-%m-%dT%H%M%SZ}-lab"
    folder.mkdir(parents=True)
    results_file.save(folder / "results.json", run)
    return run


def test_runs_of_every_host_are_told_in_order_and_the_oldest_are_dropped(tmp_path: Path) -> None:
    for day in range(MOST + 2):
        keep(with_trend(run_on(day, 0.1 * (day % 3)), tmp_path), tmp_path)
    told = with_trend(run_on(MOST + 2, 0.0), tmp_path).trend
    assert [each.started for each in told] == [
        FIRST + timedelta(days=day) for day in range(2, MOST + 2)
    ]
    assert [each.not_ready for each in told] == [day % 3 for day in range(2, MOST + 2)]
    assert {each.hosts for each in told} == {10}


@pytest.mark.parametrize(
    "other",
    [
        {"inventory": "another.yaml"},
        {"simulated": False},
        {"interrupted": True},
        {"gate": "host-build"},
        {"started": FIRST + timedelta(days=9)},
    ],
)
def test_runs_of_another_kind_are_passed_over(other: dict[str, Any], tmp_path: Path) -> None:
    keep(replace(run_on(1, 0.2), **other), tmp_path)
    assert with_trend(run_on(3, 0.0), tmp_path).trend == ()
    kept = keep(run_on(0, 0.3), tmp_path)
    assert with_trend(run_on(3, 0.0), tmp_path).trend == (Earlier(kept.started, 10, 3),)


def test_a_run_of_some_hosts_has_no_trend_and_is_none(tmp_path: Path) -> None:
    whole = run_on(1, 0.2)
    part = replace(whole, selection=replace(whole.selection, selected_hosts=9))
    keep(part, tmp_path)
    assert with_trend(run_on(2, 0.0), tmp_path).trend == ()
    keep(run_on(3, 0.1), tmp_path)
    assert with_trend(replace(part, started=FIRST + timedelta(days=4)), tmp_path).trend == ()


def test_what_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    kept = keep(run_on(1, 0.1), tmp_path)
    broken = tmp_path / "2026-12-31T000000Z-lab"
    broken.mkdir()
    (broken / "results.json").write_text("{", encoding="utf-8")
    (tmp_path / "2027-empty").mkdir()
    assert [each.started for each in with_trend(run_on(2, 0.0), tmp_path).trend] == [kept.started]
