"""The cause that is named is the one that is there, and no fix is for another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from applied import more_than_said
from causes import Truth, fleet_text, name_of, scenes, truths
from expectation import fix_words
from fix_scripts import changed_without_cause
from fleet_runs import PATIENT, Judged, judge, said

from livemigration.lab.fleet import Fleet, load_fleet
from livemigration.run.result import Result, State
from livemigration.verdict.findings import Fix, Level

pytestmark = pytest.mark.fleet

RELEASES = ("A", "B")
ANY_NETWORK = re.compile(r"UseAnyMigrationSubnet \$true|use any available network", re.IGNORECASE)
# What sends a person to a firewall.
OPENS = re.compile(r"firewall|\blet .* pass\b", re.IGNORECASE)
SAID = {Level.FAIL, Level.WARNING, Level.NOTE}


@dataclass(frozen=True)
class Judgement:
    """A fleet and what was said of its hosts."""

    fleet: Fleet
    results: Judged

    def of(self, number: int) -> tuple[Truth, dict[str, Result]]:
        name = name_of(number)
        truth = next(each for each in truths(self.fleet) if each.host.name == name)
        found = {check: each for (check, target), each in self.results.items() if target == name}
        return truth, found


class Runs:
    """The judgement of each release's fleet, asked when a test first needs it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, Judgement] = {}

    def __getitem__(self, release: str) -> Judgement:
        if release not in self._found:
            path = self._folder / f"{release}.yaml"
            path.write_text(fleet_text(release), encoding="utf-8")
            results = judge(str(path), limits=PATIENT)
            self._found[release] = Judgement(load_fleet(str(path)), results)
        return self._found[release]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return Runs(tmp_path_factory.mktemp("causes"))


def told(result: Result) -> str:
    by = result.blocked_by.check if result.blocked_by is not None else ""
    return f"{result.state.value} {by}".strip()


def fixes(results: Mapping[str, Result]) -> Iterator[Fix]:
    return (each.fix for r in results.values() for each in r.findings if each.fix is not None)


@pytest.mark.parametrize("release", RELEASES)
def test_the_cause_that_is_named_is_the_one_that_is_there(release: str, runs: Runs) -> None:
    wrong = []
    for number, scene in enumerate(scenes(release)):
        truth, results = runs[release].of(number)
        for check, expected in truth.expected().items():
            if told(results[check]) != expected:
                wrong.append(
                    f"{scene}: {check} {told(results[check])}, not {expected}: "
                    f"{said(results[check])}"
                )
    assert wrong == []


@pytest.mark.parametrize("release", RELEASES)
def test_a_change_of_the_networks_is_advised_where_they_are_the_cause_and_nowhere_else(
    release: str, runs: Runs
) -> None:
    wrong, causes = changed_without_cause(runs[release].fleet, runs[release].results), 0
    for number, scene in enumerate(scenes(release)):
        truth, results = runs[release].of(number)
        advised = any(ANY_NETWORK.search(fix_words(each)) for each in fixes(results))
        causes += truth.selection_is_the_cause
        if advised is not truth.selection_is_the_cause:
            wrong.append(str(scene))
    assert wrong == []
    assert bool(causes) is (release == "A")


@pytest.mark.parametrize("release", RELEASES)
def test_the_kb_is_named_only_where_the_networks_are_the_cause(release: str, runs: Runs) -> None:
    wrong = []
    for number, scene in enumerate(scenes(release)):
        truth, results = runs[release].of(number)
        named = any(
            "2853203" in each.observed
            for result in results.values()
            for each in result.findings
            if each.level in SAID
        )
        if named and not truth.selection_is_the_cause:
            wrong.append(str(scene))
    assert wrong == []


@pytest.mark.parametrize("release", RELEASES)
def test_no_fix_opens_anything_towards_an_address_that_is_not_the_hosts(
    release: str, runs: Runs
) -> None:
    wrong = []
    for number, scene in enumerate(scenes(release)):
        truth, results = runs[release].of(number)
        foreign = set(truth.used) - set(truth.host.addresses.values())
        for fix in fixes(results):
            steps = [step for step in fix.console if OPENS.search(step)]
            named = any(
                re.search(rf"\.{re.escape(each)}\b", step) for each in foreign for step in steps
            )
            if named or (steps and truth.by_another_name and fix.key != "firewall-rule"):
                wrong.append(f"{scene}: {fix.summary} {steps}")
    assert wrong == []


@pytest.mark.parametrize("release", RELEASES)
def test_apply_repairs_nothing_of_which_the_fix_says_nothing(release: str, runs: Runs) -> None:
    assert more_than_said(runs[release].fleet, runs[release].results) == []


@pytest.mark.parametrize("release", RELEASES)
def test_a_lost_socket_is_the_listeners_fault(release: str, runs: Runs) -> None:
    looked_at = 0
    for number, scene in enumerate(scenes(release)):
        if scene.state not in {"management socket lost", "sockets lost"}:
            continue
        truth, results = runs[release].of(number)
        lost = {truth.host.addresses[each] for each in truth.host.closed} & set(truth.selected)
        assert (results["LM103"].state is State.FAIL) is bool(lost) or not truth.selected
        if lost & set(truth.used) and results["LM203"].state is State.FAIL:
            looked_at += 1
            (finding,) = (e for e in results["LM203"].findings if e.level is Level.FAIL)
            assert "LM103" in finding.observed
            assert finding.fix is not None
            assert finding.fix.key == "listener-missing"
    assert looked_at
