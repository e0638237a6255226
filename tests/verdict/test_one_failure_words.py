"""The words of a failure that stands for several: what was tried, what came back, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from fact_builders import HOST, OTHER
from in_turn import in_turn

from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    GatherFailure,
    NotGathered,
    Subject,
    Vantage,
)
from livemigration.facts.registry import GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.one_failure import one_failure_a_cause, one_failure_each

ONE = GatherFailure(FailureKind.FAULT, "Reading it", "a fault", "Mend it.", "", 5)
AGAIN = " Do the same for what else is named here."


def merged(failures: dict[str, GatherFailure], subject: Subject = Subject.HOST) -> GatherFailure:
    """Return the one failure that all of these become."""
    outcomes: dict[str, Any] = {name: NotGathered(each) for name, each in failures.items()}
    found = one_failure_each(FactSheet(subject, HOST, outcomes)).outcomes
    assert found.keys() == failures.keys()
    first, *others = (each.failure for each in found.values() if isinstance(each, NotGathered))
    assert all(each == first for each in others)
    return first


def of_groups(names: Sequence[str], **differing: Sequence[Any]) -> dict[str, GatherFailure]:
    """Return a failure for each group, that differs from the others in these."""
    return {
        name: replace(ONE, **{field: each[at] for field, each in differing.items()})
        for at, name in enumerate(names)
    }


@in_turn(
    "said, told",
    [
        (["a", "a"], "a"),
        (["a", "b"], "a; b"),
        (["a", "b", "c", "a"], "a; b; c"),
        (["a", "b", "c", "d"], "a; b; c and 1 other"),
        (["a", "b", "c", "d", "e"], "a; b; c and 2 others"),
    ],
)
def test_what_came_back_is_told_once_each_and_of_many_the_first(said: list[str], told: str) -> None:
    names = ["migration-settings", "listeners", "local-addresses", "routes", "cluster"]
    assert merged(of_groups(names[: len(said)], came_back=said)).came_back == told


def test_what_a_host_was_asked_for_is_told_by_titles_unless_it_was_one_thing() -> None:
    names = ["listeners", "routes", "of the site"]
    same = of_groups(names)
    assert merged(same).tried == "Reading it"
    titles = [GROUPS["listeners"].title, GROUPS["routes"].title, "of the site"]
    asked = of_groups(names, tried=["Reading A", "Reading B", "Reading C"])
    assert merged(asked).tried == f"Reading {', '.join(titles)} of {HOST}"


def test_what_a_vmm_server_was_asked_of_a_host_is_told_in_its_own_words() -> None:
    asked = of_groups(["vmm-record", "vmm-resolution"], tried=["Asking VMM", "Resolving a name"])
    assert merged(asked).tried == "Asking VMM; resolving a name"


def test_what_a_vmm_server_says_of_itself_is_told_by_titles() -> None:
    asked = of_groups(["vmm-access", "vmm-release"], tried=["Asking VMM", "Reading it"])
    titles = f"{GROUPS['vmm-access'].title}, {GROUPS['vmm-release'].title}"
    assert merged(asked, Subject.VMM).tried == f"Reading {titles} of {HOST}"


def test_groups_of_a_site_come_last_and_by_their_names() -> None:
    asked = of_groups(["b of the site", "a of the site", "routes"], came_back=["b", "a", "routes"])
    assert merged(asked).came_back == "routes; a; b"


@in_turn(
    "kind, steps, told",
    [
        (FailureKind.FAULT, ["Mend it.", "Mend it."], "Mend it."),
        (FailureKind.FAULT, ["Mend it.", "Mend that."], f"Mend it.{AGAIN}"),
        # Getting a machine to answer is one thing to do, whatever was asked.
        (FailureKind.TIMED_OUT, ["Look.", "Look there."], "Look."),
        (FailureKind.DEADLINE, ["Look.", "Look there."], "Look."),
    ],
)
def test_the_next_step_is_to_be_repeated_where_there_are_several(
    kind: FailureKind, steps: list[str], told: str
) -> None:
    failures = of_groups(["listeners", "routes"], kind=[kind, kind], next_step=steps)
    assert merged(failures).next_step == told


@pytest.mark.parametrize(
    ("names", "kind", "root"),
    [
        (["services", "routes"], FailureKind.FAULT, "LM302"),
        (["services", "routes"], FailureKind.NOT_IN_FILE, ""),
        (["listeners", "routes"], FailureKind.FAULT, ""),
    ],
)
def test_the_check_of_the_services_is_the_root_where_it_reports_them(
    names: list[str], kind: FailureKind, root: str
) -> None:
    assert merged(of_groups(names, kind=[kind, kind])).root == root


def test_of_what_was_late_the_words_of_the_message_come_first() -> None:
    kinds = [FailureKind.DEADLINE, FailureKind.TIMED_OUT, FailureKind.TIMED_OUT]
    failures = of_groups(
        ["migration-settings", "listeners", "routes"],
        kind=kinds,
        came_back=["the time passed", "no answer", "still no answer"],
        next_step=["Raise it.", "Look.", "Look there."],
    )
    one = merged(failures)
    assert (one.kind, one.next_step) == (FailureKind.TIMED_OUT, "Look.")
    assert one.came_back == "no answer; the time passed; still no answer"


def test_what_a_directory_failed_to_say_is_left_in_its_own_words() -> None:
    names = [name for name, each in GROUPS.items() if each.vantage is Vantage.DIRECTORY]
    assert len(names) > 1
    failures = of_groups(names, came_back=names)
    outcomes: dict[str, Any] = {name: NotGathered(each) for name, each in failures.items()}
    sheet = FactSheet(Subject.HOST, HOST, outcomes)
    assert one_failure_each(sheet) is sheet


def test_a_server_that_was_late_does_not_explain_the_time_of_a_host() -> None:
    failures = of_groups(
        ["listeners", "vmm-record"], kind=[FailureKind.DEADLINE, FailureKind.TIMED_OUT]
    )
    outcomes: dict[str, Any] = {name: NotGathered(each) for name, each in failures.items()}
    sheet = FactSheet(Subject.HOST, HOST, outcomes)
    assert one_failure_each(sheet) is sheet


def _sheets(*, host_fails: bool, vmm_fails: bool) -> RunFacts:
    def sheet(subject: Subject, name: str, groups: Sequence[str], fails: bool) -> FactSheet:
        failures = of_groups(groups if fails else groups[:1], tried=groups)
        return FactSheet(subject, name, {at: NotGathered(each) for at, each in failures.items()})

    hosts = {
        HOST: sheet(Subject.HOST, HOST, ["listeners", "routes"], host_fails),
        OTHER: sheet(Subject.HOST, OTHER, ["listeners", "routes"], False),
    }
    return RunFacts(
        hosts, {"vmm01": sheet(Subject.VMM, "vmm01", ["vmm-access", "vmm-release"], vmm_fails)}
    )


def test_facts_with_nothing_to_merge_are_the_same_object() -> None:
    facts = _sheets(host_fails=False, vmm_fails=False)
    assert one_failure_a_cause(facts) is facts


@pytest.mark.parametrize(("host", "vmm"), [(True, False), (False, True), (True, True)])
def test_failures_of_hosts_and_of_servers_are_merged(host: bool, vmm: bool) -> None:
    facts = _sheets(host_fails=host, vmm_fails=vmm)
    found = one_failure_a_cause(facts)
    assert (found.hosts[HOST] is not facts.hosts[HOST]) is host
    assert found.hosts[OTHER] is facts.hosts[OTHER]
    assert (found.vmms["vmm01"] is not facts.vmms["vmm01"]) is vmm
