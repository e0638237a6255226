"""One cause on one machine is one failure for every check, and two causes stay two."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from fact_builders import HOST, OTHER, failure, host_outcomes, judged, run_facts
from hypothesis import given
from hypothesis import strategies as st

from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    Gathered,
    GatherFailure,
    NotGathered,
    Subject,
    Vantage,
)
from livemigration.facts.registry import GROUPS, HOST_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.one_failure import one_failure_a_cause, one_failure_each

# A machine's whole time passes because of what was late: that is one cause, on purpose.
_KINDS = [each for each in FailureKind if each is not FailureKind.DEADLINE]
_HOST_NAMES = [each.name for each in HOST_GROUPS]
_NAMES = [*_HOST_NAMES, *(each.name for each in VMM_VIEW_GROUPS)]

causes = st.tuples(st.sampled_from(_KINDS), st.sampled_from([None, 5, 403, 2150859173]))
failing = st.dictionaries(st.sampled_from(_NAMES), causes, max_size=12)


def failed(name: str, kind: FailureKind, code: int | None, host: str) -> NotGathered:
    tried = f"Reading {GROUPS[name].title} of {host}"
    return NotGathered(GatherFailure(kind, tried, f"{kind.value} {code}", "Mend it.", "", code))


def sheet_of(found: Mapping[str, tuple[FailureKind, int | None]], host: str = HOST) -> FactSheet:
    outcomes: dict[str, Any] = {
        name: failed(name, *found[name], host) if name in found else Gathered(None, Vantage.HOST)
        for name in _NAMES
    }
    return FactSheet(Subject.HOST, host, outcomes)


def told(sheet: FactSheet) -> dict[str, GatherFailure]:
    outcomes = sheet.outcomes.items()
    return {name: each.failure for name, each in outcomes if isinstance(each, NotGathered)}


def of_vmm(name: str) -> bool:
    return name not in _HOST_NAMES


@given(failing)
def test_failures_are_one_exactly_where_kind_and_code_are(
    found: dict[str, tuple[FailureKind, int | None]],
) -> None:
    merged = told(one_failure_each(sheet_of(found)))
    assert {name: (each.kind, each.code) for name, each in merged.items()} == found
    for one, its in merged.items():
        for other, others in merged.items():
            alike = found[one] == found[other] and of_vmm(one) == of_vmm(other)
            assert (its.sentence == others.sentence) is alike


@given(failing, failing)
def test_failures_of_two_machines_stay_two(
    found: dict[str, tuple[FailureKind, int | None]],
    others: dict[str, tuple[FailureKind, int | None]],
) -> None:
    own = {name: each for name, each in found.items() if not of_vmm(name)}
    its = {name: each for name, each in others.items() if not of_vmm(name)}
    facts = one_failure_a_cause(RunFacts({HOST: sheet_of(own), OTHER: sheet_of(its, OTHER)}, {}))
    said = [{e.sentence for e in told(facts.hosts[name]).values()} for name in (HOST, OTHER)]
    assert not said[0] & said[1]


@given(failing, st.randoms(use_true_random=False))
def test_the_words_do_not_depend_on_the_order_of_a_sheet(
    found: dict[str, tuple[FailureKind, int | None]], chance: random.Random
) -> None:
    sheet = sheet_of(found)
    mixed = list(sheet.outcomes.items())
    chance.shuffle(mixed)
    other = FactSheet(sheet.subject, sheet.name, dict(mixed))
    assert told(one_failure_each(sheet)) == told(one_failure_each(other))


@given(failing)
def test_what_is_one_stays_as_it_is(found: dict[str, tuple[FailureKind, int | None]]) -> None:
    once = one_failure_each(sheet_of(found))
    assert told(one_failure_each(once)) == told(once)


def test_a_sheet_without_such_failures_is_the_same_object() -> None:
    sheet = sheet_of({"listeners": (FailureKind.FAULT, 5), "routes": (FailureKind.FAULT, 6)})
    assert one_failure_each(sheet) is sheet


def test_services_that_could_not_be_read_are_left_to_their_check_unless_nobody_asked() -> None:
    for kind, root in ((FailureKind.FAULT, "LM302"), (FailureKind.NOT_IN_FILE, "")):
        (one,) = told(one_failure_each(sheet_of({"services": (kind, None)}))).values()
        assert one.root == root


def test_that_the_time_of_a_machine_passed_follows_from_what_was_late() -> None:
    late = (FailureKind.TIMED_OUT, 10060)
    merged = told(
        one_failure_each(
            sheet_of({"routes": late, "listeners": (FailureKind.DEADLINE, None), "cluster": late})
        )
    )
    assert {(each.kind, each.code) for each in merged.values()} == {late}
    assert len({each.sentence for each in merged.values()}) == 1


def test_what_another_check_reports_is_left_to_it() -> None:
    reported = {name: failure(FailureKind.MISSING, "LM302") for name in ("routes", "listeners")}
    sheet = FactSheet(Subject.HOST, HOST, {**host_outcomes(), **reported})
    assert one_failure_each(sheet) is sheet


def test_a_refusal_of_every_query_is_one_root_in_every_view() -> None:
    refused = (FailureKind.ACCESS_DENIED, 403)
    facts = run_facts(lost={name: failed(name, *refused, HOST) for name in _HOST_NAMES})
    results = [judged(each, facts) for each in ("LM101", "LM102", "LM103", "LM302", "LM304")]
    (reported,) = (each for each in results if each.entry.check == "LM302")
    (finding,) = reported.findings
    by = {(each.blocked_by.check, each.blocked_by.reason) for each in results if each.blocked_by}
    assert len(by) == 1
    ((check, reason),) = by
    assert check == "LM302"
    assert reason in finding.observed
