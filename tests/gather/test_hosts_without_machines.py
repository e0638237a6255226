"""A host that has no virtual machine is asked nothing of machines, and only such a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
import wsman_replies as soap
from asked_host import Asked
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from windows_host import SERVER_2022, Instances

from livemigration.facts.model import FactSheet, Gathered, Subject, Vantage
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.facts.virtual_machines import (
    VIRTUAL_MACHINE_STATES,
    VIRTUAL_MACHINES,
    WORKER_PROCESSES,
    VirtualMachine,
    VirtualMachineState,
    WorkerProcesses,
    none_is_there,
)
from livemigration.verdict.views import BlockedError, FactsView
from livemigration.verdict.virtual_machines import machines_of

GUID = "5E0A1D2C-3B4F-4A6E-8D7C-9F0E1A2B3C4D"
SETTINGS, STATES, PROCESSES = (
    each.source for each in (VIRTUAL_MACHINES, VIRTUAL_MACHINE_STATES, WORKER_PROCESSES)
)
OF_MACHINES = tuple(each for each in HOST_WMI_GROUPS if each.of_machines)
# A host of Server 2022 is not asked for it.
ASKED = {each.source for each in OF_MACHINES} - {"Msvm_GpuPartition"}
SYSTEM = {"Name": "System", "ProcessId": 4}
OWN: Mapping[str, object] = {"Name": "HV01", "EnabledState": 2}
NONE: dict[str, Instances | str] = {SETTINGS: (), STATES: (OWN,), PROCESSES: (SYSTEM,)}
MACHINE: Mapping[str, object] = {
    "InstanceID": f"Microsoft:{GUID}",
    "VirtualSystemType": "Microsoft:Hyper-V:System:Realized",
}


def asked_of(**other: Instances | str) -> Asked:
    """Return the gathering of a host without machines, which differs in these classes."""
    return Asked({**SERVER_2022, **NONE, **other})


def classes(asked: Asked) -> set[str]:
    """Return which classes of machines a host was asked for."""
    sent = [
        each.decode().partition(" FROM ")[2].split("<")[0].split()[:1] for each in asked.requests
    ]
    return {name for each in sent for name in each} & ASKED


def test_a_host_without_machines_is_asked_nothing_of_them() -> None:
    asked = asked_of()
    assert classes(asked) == set()
    for group in OF_MACHINES:
        assert asked.value(group) == (), group.name
    # Which is what it would have answered.
    empty = dict.fromkeys(ASKED, ())
    answered = asked_of(**empty, **{PROCESSES: SERVER_2022[PROCESSES]})
    assert classes(answered) == ASKED
    assert all(answered.value(each) == asked.value(each) for each in OF_MACHINES)


@pytest.mark.parametrize(
    "other",
    [
        {SETTINGS: (MACHINE,)},
        {STATES: (OWN, {"Name": GUID, "EnabledState": 2})},
        {STATES: ()},
        {PROCESSES: (SYSTEM, {"Name": "vmwp.exe", "ProcessId": 5120})},
        {SETTINGS: soap.fault(5)},
        {STATES: soap.fault(5)},
        {PROCESSES: soap.fault(5)},
    ],
    ids=["machine", "state", "nothing seen", "process", "no settings", "no states", "no processes"],
)
def test_any_sign_of_a_machine_or_of_missing_rights_has_it_asked(
    other: dict[str, Instances | str],
) -> None:
    assert classes(asked_of(**other)) == ASKED


STATE = VirtualMachineState("", 2)


@examples(200)
@given(
    st.lists(st.just(VirtualMachine(GUID, "a", "9.0")), max_size=1),
    st.lists(st.sampled_from(["HV01", GUID, ""]), max_size=2),
    st.lists(st.just(5120), max_size=1),
)
def test_what_is_taken_for_no_machine_is_so_for_every_verdict(
    machines: list[VirtualMachine], states: list[str], workers: list[int]
) -> None:
    shown = tuple(replace(STATE, identifier=each) for each in states)
    values = {
        VIRTUAL_MACHINES.name: tuple(machines),
        VIRTUAL_MACHINE_STATES.name: shown,
        WORKER_PROCESSES.name: WorkerProcesses(tuple(workers)),
    }
    sheet = FactSheet(
        Subject.HOST,
        "hv01",
        {name: Gathered(each, Vantage.HOST) for name, each in values.items()},
    )
    try:
        has_none = machines_of(FactsView(sheet, frozenset(values))) == ()
    except BlockedError:
        has_none = False
    if none_is_there(tuple(machines), shown, WorkerProcesses(tuple(workers))):
        assert has_none
