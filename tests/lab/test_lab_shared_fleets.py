"""Fleets that once got a wrong verdict, a wrong cause or a dangerous fix, kept beside the project.

Read in place; what matters of them is in test_lab_causes as well.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from expectation import Expectation, differences, exchanges_of
from fleet_runs import judge

from livemigration.lab.fleet import load_fleet

FLEETS = Path(__file__).parents[3] / "shared" / "cases" / "fleets"

pytestmark = [
    pytest.mark.fleet,
    pytest.mark.xdist_group("shared fleets"),
    pytest.mark.skipif(not FLEETS.is_dir(), reason="the fleets are not beside this repository"),
]

NAMES = (
    "f03-disabled-and-kb",
    "f05-dns-other-host-isolated-a",
    "f25-dns-faults-b",
    "f29-closed-sockets",
    "f30-any-closed-b",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_fleet_that_once_was_misjudged_is_judged_as_expected(name: str) -> None:
    expected = Expectation.load(FLEETS / f"{name}.expected.yaml")
    path = str(FLEETS / f"{name}.yaml")
    fleet = load_fleet(path)
    results = judge(path, exchanges=exchanges_of(fleet, expected.groups))
    assert differences(expected, fleet, results) == []
