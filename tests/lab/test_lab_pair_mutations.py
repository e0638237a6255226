"""One difference between two hosts of a group: it alone is found, on the host that it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from fleet_runs import LIMITS, Judged, ask, judged, not_green, said
from pair_mutations import FAIL, PAIR_CHECKS, PAIRS, ends_of, groups_of_pairs, pair_fleet

from livemigration.lab.apply import apply
from livemigration.lab.fleet import load_fleet
from livemigration.lab.launch import start
from livemigration.verdict.findings import Level

pytestmark = pytest.mark.fleet

CASES = [pytest.param(number, id=each.kind) for number, each in enumerate(PAIRS)]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pairs") / "pairs.yaml"
    path.write_text(pair_fleet(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def results(fleet: Path) -> Judged:
    managers = dict.fromkeys(
        (host.name for host in load_fleet(str(fleet)).hosts), "vmm01.contoso.com"
    )
    groups = groups_of_pairs()
    with start(str(fleet)) as lab:
        return judged(ask(lab, managers, LIMITS, exchanges=groups), exchanges=groups)


def pair_states(results: Judged, host: str) -> Mapping[str, str]:
    return {check: results[check, host].state.value for check in PAIR_CHECKS}


@pytest.mark.parametrize("number", CASES)
def test_what_differs_is_noticed_where_it_matters_and_nowhere_else(
    number: int, results: Judged
) -> None:
    pair, (first, second) = PAIRS[number], ends_of(number)
    result = results[pair.check, first]
    assert result.state is pair.state, said(result)
    assert pair.says in " ".join(map(str, said(result)))
    assert results[pair.check, second].state is pair.back, said(results[pair.check, second])
    for host in (first, second):
        others = {
            check: state
            for check, state in pair_states(results, host).items()
            if check != pair.check
        }
        assert set(others.values()) == {"pass"}, {c: said(results[c, host]) for c in others}
        assert set(not_green(results, host)) <= {pair.check}


@pytest.mark.parametrize(
    "number", [case for case, each in zip(CASES, PAIRS, strict=True) if each.state is FAIL]
)
def test_a_failure_has_a_fix_that_names_the_host_and_is_for_a_person(
    number: int, fleet: Path, results: Judged
) -> None:
    first, _ = ends_of(number)
    findings = results[PAIRS[number].check, first].findings
    fixes = [each.fix for each in findings if each.level is Level.FAIL]
    assert fixes
    left = apply(load_fleet(str(fleet)), results.values())
    for fix in fixes:
        assert fix is not None
        assert first in " ".join((fix.summary, *fix.console))
        assert any(f"{first}: {fix.summary}" in each for each in (*left.left, *left.done))


def test_each_pair_check_has_kinds_of_every_level() -> None:
    for check in PAIR_CHECKS:
        assert len({each.state for each in PAIRS if each.check == check}) >= 2
