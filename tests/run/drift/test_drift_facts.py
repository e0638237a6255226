"""Which facts changed between two runs: by their names, without what comes and goes by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fact_builders import HOST, UNREACHABLE, VMM, failure, run_facts

from livemigration.facts.host import BITS, HOST_ACCESS, SERVICES, Service, Services
from livemigration.facts.model import FailureKind, Gathered, Outcome, Vantage
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS, VMM_RESOLUTION, VmmResolution
from livemigration.run.drift.facts import changed_facts, newly_unreached
from livemigration.run.drift.model import Unreached


def changes(before: RunFacts, after: RunFacts, *, lab: bool = False) -> list[tuple[str, ...]]:
    found = list(changed_facts(before, after, lab=lab))
    assert all(each.group for each in found)
    return [(each.target, each.name, each.was, each.now) for each in found]


def test_a_changed_value_has_its_name_and_both_texts() -> None:
    before = run_facts()
    assert changes(before, run_facts()) == []
    assert (HOST, "enabled", "true", "false") in changes(before, run_facts(enabled=False))
    assert (HOST, "maximum_migrations", "2", "4") in changes(before, run_facts(maximum=4))
    assert (HOST, "compression", "", "true") in changes(before, run_facts(compression=True))
    assert (HOST, "compression", "true", "") in changes(run_facts(compression=True), before)
    release = changes(before, run_facts(release="3.2.7510.0"))
    assert [each[0] for each in release] == [VMM]


def with_group(outcome: Outcome[Any], name: str) -> RunFacts:
    return run_facts(lost={name: outcome})


def services(*names: str) -> Gathered[Services]:
    made = tuple(Service(each, "Running", "Auto", number) for number, each in enumerate(names))
    return Gathered(Services(made), Vantage.HOST)


def test_what_comes_and_goes_by_itself_is_no_change() -> None:
    one = with_group(services("vmms", "SCVMMAgent"), SERVICES.name)
    # Another order, other process numbers, and a service that comes with what it carries.
    other = with_group(services("SCVMMAgent", "vmms", BITS), SERVICES.name)
    assert changes(one, other) == []
    more = with_group(services("vmms", "SCVMMAgent", "Odd"), SERVICES.name)
    ((target, name, was, now),) = changes(one, more)
    assert (target, name, was) == (HOST, "installed", "")
    assert '"Odd"' in now
    assert "process_id" not in now
    assert [(each[2] != "", each[3]) for each in changes(more, one)] == [(True, "")]


def test_what_one_of_the_runs_did_not_gather_is_not_compared() -> None:
    assert changes(run_facts(), with_group(failure(), SERVICES.name)) == []
    assert changes(with_group(failure(), SERVICES.name), run_facts()) == []


def resolved(*texts: str) -> RunFacts:
    return run_facts(dns=texts, answers={}, networks=(), listeners=())


def test_the_addresses_of_the_lab_are_no_settings_there_and_are_elsewhere() -> None:
    before, after = resolved("127.3.0.9", "fe80::1"), resolved("127.4.0.9", "FE80::2:3")
    assert changes(before, after, lab=True) == []
    assert changes(before, after) != []
    assert changes(resolved("10.0.0.11"), resolved("10.0.0.12"), lab=True) != []


def named(text: str) -> RunFacts:
    value = VmmResolution(text, (), None)
    return run_facts(lost={VMM_RESOLUTION.name: Gathered(value, Vantage.VMM)})


@pytest.mark.parametrize(
    ("same", "shown"),
    [(150, "x" * 150), (151, "…" + "x" * 60), (400, "…" + "x" * 60)],
)
def test_of_long_texts_the_part_is_shown_where_they_differ(same: int, shown: str) -> None:
    before, after = named("x" * same + "one"), named("x" * same + "two")
    ((_, _, was, now),) = changes(before, after)
    assert (was, now) == (f"{shown}one", f"{shown}two")
    ((_, _, was, now),) = changes(named("x" * same), named("x" * same + "y"))
    assert now == f"{shown}y"
    assert was == shown
    ((_, _, was, _),) = changes(named("a" + "x" * 400), named("b"))
    assert (len(was), was[-1]) == (300, "…")
    ((_, _, was, _),) = changes(named("a" + "x" * 299), named("b"))
    assert was == "a" + "x" * 299


@pytest.mark.parametrize(
    ("now", "told"),
    [(UNREACHABLE, True), (failure(FailureKind.ACCESS_DENIED), False)],
)
def test_a_machine_that_answered_before_and_is_not_reached_now_is_told(
    now: Outcome[Any], told: bool
) -> None:
    before = run_facts()
    for target, after in (
        (HOST, with_group(now, HOST_ACCESS.name)),
        (VMM, run_facts(vmm_lost={VMM_ACCESS.name: now})),
    ):
        sentence = UNREACHABLE.failure.sentence
        expected = [Unreached(target, sentence)] if told else []
        assert list(newly_unreached(before, after)) == expected
        assert list(newly_unreached(after, after)) == []
        gone = replace(after, hosts={}, vmms={})
        assert list(newly_unreached(before, gone)) == []
