"""Each fix tells its cause so that hosts with the same one come together, and read alike."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from functools import cache
from typing import Any

from case_tables import CASES
from cluster_role_rows import OF_CLUSTER_ROLES
from cluster_rows import OF_CLUSTERS
from console_rows import OF_PERSONS
from fact_builders import CHECKS, HOST, MANAGEMENT, MIGRATION, OTHER, VMM, judged
from fix_rows import MACHINE, SERVER, failed
from in_turn import in_turn
from rows_of_pairs import OF_PAIRS
from rows_of_windows import OF_WINDOWS
from run_builders import made_run
from scripted_rows import SCRIPTED
from verdict_case import Case, over, over_each

from livemigration.facts.model import FailureKind
from livemigration.facts.sheets import RunFacts
from livemigration.report.naming import Names, without_name
from livemigration.report.repairs import to_mend
from livemigration.run.result import Result
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes import vmm, wsman

LONGEST_TITLE, LONGEST_WRONG, LONGEST_WHY, LONGEST_WORD = 100, 80, 220, 18
LABEL, MOVED_LABEL = "hv01", "hv31"
MOVED = {MANAGEMENT: "10.0.0.131", MIGRATION: "10.0.50.131"}
_MOVED = {**MOVED, LABEL: MOVED_LABEL, LABEL.upper(): MOVED_LABEL.upper()}
_NAMES = re.compile(rf"(?<![\d.])({'|'.join(map(re.escape, _MOVED))})(?!\d)")


def moved(value: Any) -> Any:
    """Return facts with another name and other addresses in the place of the first host's."""
    if isinstance(value, str):
        return _NAMES.sub(lambda found: _MOVED[found[0]], value)
    if isinstance(value, ipaddress.IPv4Address):
        return ipaddress.ip_address(MOVED.get(str(value), str(value)))
    if isinstance(value, dict):
        return {moved(key): moved(each) for key, each in value.items()}
    if isinstance(value, (tuple, frozenset)):
        return type(value)(map(moved, value))
    if is_dataclass(value) and not isinstance(value, (type, Enum)):
        given = (each.name for each in fields(value) if each.init)
        return replace(value, **{name: moved(getattr(value, name)) for name in given})
    return value


def fixes_of(result: Result) -> list[Fix]:
    return [each.fix for each in result.findings if each.fix is not None]


def cause_of(fix: Fix) -> Cause:
    assert fix.cause is not None, fix.key
    return fix.cause


@cache
def whys() -> dict[tuple[str, str, str], set[str]]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for fix in (fix for case in CASES for fix in fixes_of(case.result())):
        cause = cause_of(fix)
        why = without_name(without_name(cause.why, HOST), VMM)
        found.setdefault((fix.key, cause.title, cause.wrong), set()).add(f"{why} {cause.word}")
    return found


@over(CASES)
def test_a_cause_is_an_order_what_is_wrong_and_what_follows(case: Case) -> None:
    for fix in fixes_of(case.result()):
        tell(cause_of(fix), CHECKS[case.check].title)
        cause = cause_of(fix)
        assert len(whys()[fix.key, cause.title, cause.wrong]) == 1


@in_turn("kind", FailureKind)
def test_so_is_whatever_keeps_a_machine_from_answering(kind: FailureKind) -> None:
    for fix in (wsman.answer_suite(MACHINE, failed(kind)), vmm.mend_access(SERVER, failed(kind))):
        tell(cause_of(fix), "")
        assert len(set(fix.console)) == len(fix.console)


@in_turn("row", [*SCRIPTED, *OF_PERSONS, *OF_WINDOWS, *OF_CLUSTERS, *OF_CLUSTER_ROLES, *OF_PAIRS])
def test_so_is_the_cause_of_each_fix_of_the_table(row: Any) -> None:
    tell(cause_of(row.fix()), "")


def tell(cause: Cause, title: str) -> None:
    assert cause.title.count(HOSTS) == 1
    assert len(cause.title) <= LONGEST_TITLE
    assert 0 < len(cause.wrong) <= LONGEST_WRONG, cause.wrong
    assert 0 < len(cause.word) <= LONGEST_WORD, cause.word
    assert 0 < len(cause.why) <= LONGEST_WHY, cause.why
    assert cause.why.endswith(".")
    assert cause.why.count(". ") <= 1, "two sentences at most"
    for headline in (cause.title, cause.wrong, cause.word):
        assert not headline.endswith(".")
        assert headline[0] == headline[0].upper() or headline is cause.word
        for name in (HOST, LABEL, OTHER, SERVER, VMM):
            assert name not in headline
    assert cause.wrong != title.rstrip(".")
    assert len(cause.values) <= 2
    assert all(label and value for label, value in cause.values), cause.values
    told = f"{cause.title} {cause.wrong} {cause.why} {cause.word}"
    assert "the suite" not in told


def test_a_code_of_vmm_2012_sp1_is_told_of_that_release_alone() -> None:
    for fix in (fix for case in CASES for fix in fixes_of(case.result())):
        if "0x8007274D" in f"{cause_of(fix).why} {cause_of(fix).wrong}":
            assert fix.key in {"use-any-network", "vmm-rating"}
            assert "2012 SP1" in cause_of(fix).why


@over_each(CASES, every=8)
def test_hosts_with_the_same_fault_are_one_repair_whatever_their_names_and_addresses(
    case: Case,
) -> None:
    here = case.result()
    if not fixes_of(here):
        return
    facts: RunFacts = moved(case.facts)
    there = judged(case.check, facts, case.policy, case.exchanges, moved(case.drain))
    assert there.state is here.state
    assert [_headline(each) for each in fixes_of(there)] == [
        _headline(each) for each in fixes_of(here)
    ]
    names = (here.entry.target, there.entry.target)
    if here.red and len(set(names)) == len(names):
        groups = to_mend(made_run([here, there])).repairs
        assert groups
        for group in groups:
            assert group.names == names
            assert "2 hosts" in group.about(Names(names))


def _headline(fix: Fix) -> tuple[str, ...]:
    cause = cause_of(fix)
    return fix.key, cause.title, cause.wrong, cause.word, cause.why


def test_a_summary_is_its_title_with_the_name_where_nothing_else_differs() -> None:
    cause = Cause(f"Get {HOSTS} to answer", "No answer", "no answer")
    assert cause.order("hv01\n") == "Get hv01 to answer."
