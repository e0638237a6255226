"""One broken thing in each host of a healthy fleet: it alone is found, and it is mended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from applied import more_than_said
from fix_scripts import changed_without_cause
from fleet_runs import Judged, judge, not_green, said
from mutations import FLEETS, HEALTHY, Mutation, fleet, host_name

from livemigration.inventory.policy import Policy
from livemigration.lab.apply import apply
from livemigration.lab.fleet import Fleet, load_fleet
from livemigration.lab.fleet_file import fleet_text
from livemigration.verdict.findings import Level

pytestmark = pytest.mark.fleet

CASES = [
    pytest.param(name, number, id=f"{name}-{mutation.kind}")
    for name, (*_, mutations) in FLEETS.items()
    for number, mutation in enumerate(mutations)
]


@dataclass(frozen=True)
class Mended:
    """A fleet as it was judged, and as it was judged once its own fixes were applied."""

    mutations: Sequence[Mutation]
    before: Judged
    after: Judged
    left: tuple[str, ...]
    fleet: Fleet


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Mended]:
    folder = tmp_path_factory.mktemp("fleets")
    found = {}
    for name, (registry, system, healthy, mutations) in FLEETS.items():
        broken, mended = folder / f"{name}.yaml", folder / f"{name} mended.yaml"
        text = fleet(name, registry, system, healthy, mutations)
        broken.write_text(text, encoding="utf-8")
        policies = {
            host_name(HEALTHY + number): Policy.model_validate(dict(mutation.policy))
            for number, mutation in enumerate(mutations)
        }
        before = judge(str(broken), policies)
        loaded = load_fleet(str(broken))
        applied = apply(loaded, before.values())
        mended.write_text(fleet_text(applied.fleet), encoding="utf-8")
        found[name] = Mended(mutations, before, judge(str(mended), policies), applied.left, loaded)
    return found


def test_there_are_at_least_40_kinds() -> None:
    assert len({mutation.kind for *_, all_of in FLEETS.values() for mutation in all_of}) >= 40


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_broken_thing_is_found_with_its_cause_and_nothing_else_is(
    name: str, number: int, runs: dict[str, Mended]
) -> None:
    run, host = runs[name], host_name(HEALTHY + number)
    mutation = run.mutations[number]
    expected = dict.fromkeys((mutation.root, *mutation.more), "fail")
    found = not_green(run.before, host)
    failed = {check: state for check, state in found.items() if state == "fail"}
    assert failed == expected, {check: said(run.before[check, host]) for check in found}
    assert set(found) - set(failed) == set(mutation.blocked)
    # What is blocked names a check that fails, and its reason.
    for check in mutation.blocked:
        blocker = run.before[check, host].blocked_by
        assert blocker is not None
        assert blocker.check in expected
        assert blocker.reason


@pytest.mark.parametrize("name", FLEETS)
def test_the_hosts_beside_it_stay_green(name: str, runs: dict[str, Mended]) -> None:
    for number in range(HEALTHY):
        assert not_green(runs[name].before, host_name(number)) == {}


@pytest.mark.parametrize("name", FLEETS)
def test_a_fix_script_changes_networks_only_where_they_are_the_cause(
    name: str, runs: dict[str, Mended]
) -> None:
    assert changed_without_cause(runs[name].fleet, runs[name].before) == []


@pytest.mark.parametrize("name", FLEETS)
def test_apply_repairs_nothing_of_which_the_fix_says_nothing(
    name: str, runs: dict[str, Mended]
) -> None:
    assert more_than_said(runs[name].fleet, runs[name].before) == []


@pytest.mark.parametrize(("name", "number"), CASES)
def test_a_failure_has_a_fix_that_names_the_host(
    name: str, number: int, runs: dict[str, Mended]
) -> None:
    run, host = runs[name], host_name(HEALTHY + number)
    findings = run.before[run.mutations[number].root, host].findings
    fixes = [each.fix for each in findings if each.level is Level.FAIL]
    assert fixes
    for fix in fixes:
        assert fix is not None
        assert host in " ".join((fix.summary, *fix.console))


@pytest.mark.parametrize(("name", "number"), CASES)
def test_the_reports_own_fixes_applied_to_the_fleet_make_it_green(
    name: str, number: int, runs: dict[str, Mended]
) -> None:
    run, host = runs[name], host_name(HEALTHY + number)
    found = not_green(run.after, host)
    if run.mutations[number].mended:
        assert found == {}, {check: said(run.after[check, host]) for check in found}
    else:
        # What a fleet file cannot express, or only a person can decide, is said.
        assert any(re.match(rf"{host}: .* A person must do this\.", each) for each in run.left)
