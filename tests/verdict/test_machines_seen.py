"""The virtual machines of a host count only where the account may see them."""

from __future__ import annotations

from typing import Any

import pytest
from fact_builders import failure, host_outcomes
from fact_parts import gathered
from vm_facts import OFF, PAUSED, SAVED, Vm, with_machines

from livemigration.facts.model import FactSheet, Subject
from livemigration.facts.virtual_machines import VIRTUAL_MACHINE_STATES
from livemigration.verdict.views import BlockedError, FactsView
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    machines_of,
    unseen_workers,
)

DECLARED = frozenset(each.name for each in (*MACHINE_FACTS, *MACHINE_EVIDENCE))


def view(lost: dict[str, Any] | None = None, **given: Any) -> FactsView:
    outcomes = {**host_outcomes(also=with_machines(*given.pop("vms", ()), **given)), **(lost or {})}
    return FactsView(FactSheet(Subject.HOST, "hv01.contoso.com", outcomes), DECLARED)


def test_machines_have_their_states() -> None:
    vms = [Vm("a"), Vm("b", OFF), Vm("c", SAVED), Vm("d", PAUSED), Vm("e", mode=2)]
    found = machines_of(view(vms=vms))
    assert [each.name for each in found] == ["a", "b", "c", "d", "e"]
    flags = [(m.runs, m.is_off, m.is_saved, m.is_paused, m.is_replica) for m in found]
    assert [[place for place, flag in enumerate(each) if flag] for each in flags] == [
        *([0], [1], [2], [3]),
        [0, 4],
    ]


def test_a_machine_without_a_state_is_in_none() -> None:
    (found,) = machines_of(view(vms=[Vm("a", shows_state=False)]))
    assert found.state is None
    flags = (found.runs, found.is_off, found.is_saved, found.is_paused)
    assert flags == (False,) * 4


def test_a_host_without_machines_and_processes_has_none() -> None:
    assert machines_of(view()) == ()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"workers": 1}, "Hyper-V shows it none, though one runs"),
        ({"workers": 3}, "Hyper-V shows it none, though 3 run"),
        ({"own_row": False}, "not even the host's own row"),
    ],
)
def test_no_machine_is_no_answer_where_something_says_otherwise(
    given: dict[str, Any], why: str
) -> None:
    with pytest.raises(BlockedError, match=f"may not see the virtual machines.*{why}") as raised:
        machines_of(view(**given))
    assert "Hyper-V Administrators" in raised.value.next_step


def test_states_without_settings_are_no_answer() -> None:
    states = with_machines(Vm("a"), Vm("b"))["virtual-machine-states"]
    outcomes = host_outcomes(also={**with_machines(), "virtual-machine-states": states})
    sheet = FactSheet(Subject.HOST, "hv01.contoso.com", outcomes)
    with pytest.raises(BlockedError, match="2 virtual machines without settings"):
        machines_of(FactsView(sheet, DECLARED))
    with pytest.raises(BlockedError, match="1 virtual machine without settings"):
        machines_of(view(gathered(VIRTUAL_MACHINE_STATES, states), vms=[Vm("a")]))


def test_without_the_processes_no_machine_is_no_answer() -> None:
    with pytest.raises(BlockedError):
        machines_of(view({"worker-processes": failure()}))


def test_machines_that_are_seen_need_no_process() -> None:
    assert len(machines_of(view({"worker-processes": failure()}, vms=[Vm("a")]))) == 1


def test_processes_of_no_machine_are_counted() -> None:
    assert unseen_workers(view(vms=[Vm("web01"), Vm("b", OFF)])) == 0
    assert unseen_workers(view(vms=[Vm("b", OFF)], workers=2)) == 2


def test_a_name_that_no_line_holds_is_told_on_one() -> None:
    odd, none = machines_of(view(vms=[Vm("a\u202eb\nc"), Vm(" ")]))
    assert odd.name == "a b c"
    assert none.name == none.identifier
