"""Fleets that once got a wrong verdict, a wrong cause or a dangerous fix, kept beside the project.

Read in place; what matters of them is in test_lab_causes as well.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from expectation import Expectation, differences, exchanges_of
from fix_scripts import changed_without_cause
from fleet_runs import Judged, judge

from livemigration.lab.fleet import Fleet, load_fleet

FLEETS = Path(__file__).parents[3] / "shared" / "cases" / "fleets"

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.skipif(not FLEETS.is_dir(), reason="the fleets are not beside this repository"),
]

# Beside a file such as NAME.expected.yaml, so that what is added there is looked at as well.
ALL = sorted(path.name.removesuffix(".expected.yaml") for path in FLEETS.glob("*.expected.yaml"))


@cache
def judged(name: str) -> tuple[Expectation, Fleet, Judged]:
    expected = Expectation.load(FLEETS / f"{name}.expected.yaml")
    path = str(FLEETS / f"{name}.yaml")
    fleet = load_fleet(path)
    return expected, fleet, judge(path, exchanges=exchanges_of(fleet, expected.groups))


@pytest.mark.parametrize("name", ALL)
def test_a_fleet_that_once_was_misjudged_is_judged_as_expected(name: str) -> None:
    assert differences(*judged(name)) == []


@pytest.mark.parametrize("name", ALL)
def test_a_fix_script_changes_networks_only_where_they_are_the_cause(name: str) -> None:
    _, fleet, results = judged(name)
    assert changed_without_cause(fleet, results) == []
