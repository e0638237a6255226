"""What kind of virtual switch a switch is, by what its own ports lead to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.facts.virtual_ports import VirtualPort
from livemigration.facts.virtualization import VirtualSwitch
from livemigration.verdict.switch_kinds import SwitchKind, kinds_of

TENANTS = "31ABF2F4-7D14-4FCD-953E-8E7CEF7E0680"
OTHER = "ED26F337-99A1-4278-AF48-CCA45C91C200"
MACHINE = "5F1C3C4F-15D5-41E9-BAA1-EF9317D8D874"
ADAPTER, HOST, SWITCH = (
    "Msvm_ExternalEthernetPort",
    "Msvm_ComputerSystem",
    "Msvm_VirtualEthernetSwitch",
)


def port(owner: str, resource: str) -> VirtualPort:
    return VirtualPort(owner, bool(resource), resource, "")


USED = VirtualPort(MACHINE, True, SWITCH, TENANTS)


@in_turn(
    "resources, kind",
    [
        ((), SwitchKind.PRIVATE),
        ((HOST,), SwitchKind.INTERNAL),
        ((ADAPTER,), SwitchKind.EXTERNAL),
        # The host shares the adapter; a team has a port for each adapter.
        ((HOST, ADAPTER, ADAPTER), SwitchKind.EXTERNAL),
        (("MSVM_EXTERNALETHERNETPORT",), SwitchKind.EXTERNAL),
        (("Msvm_WiFiPort",), SwitchKind.EXTERNAL),
        # Its adapter is gone, or it is one that nobody knows yet.
        (("",), SwitchKind.UNKNOWN),
        ((HOST, ""), SwitchKind.UNKNOWN),
        (("Msvm_FutureEthernetPort",), SwitchKind.UNKNOWN),
        ((HOST, "Msvm_FutureEthernetPort"), SwitchKind.UNKNOWN),
    ],
)
def test_a_switch_reaches_as_far_as_its_own_ports(
    resources: tuple[str, ...], kind: SwitchKind
) -> None:
    ports = [USED, *(port(TENANTS.lower(), each) for each in resources)]
    assert kinds_of([VirtualSwitch(TENANTS.lower(), "Tenants")], ports) == {TENANTS: kind}


def test_switches_are_told_apart() -> None:
    switches = [VirtualSwitch(TENANTS, "Tenants"), VirtualSwitch(OTHER, "Lab")]
    found = kinds_of(switches, [port(TENANTS, ADAPTER), port(OTHER, HOST), USED])
    assert found == {TENANTS: SwitchKind.EXTERNAL, OTHER: SwitchKind.INTERNAL}


@pytest.mark.parametrize("resource", [ADAPTER, HOST])
def test_where_a_port_belongs_to_no_known_switch_no_other_switch_is_taken_for_private(
    resource: str,
) -> None:
    switches = [VirtualSwitch(TENANTS, "Tenants"), VirtualSwitch(OTHER, "Lab")]
    ports = [port(TENANTS, ADAPTER), port("0" * 36, resource)]
    assert kinds_of(switches, ports) == {
        TENANTS: SwitchKind.EXTERNAL,
        OTHER: SwitchKind.UNKNOWN,
    }


def test_connections_of_machines_say_nothing_of_the_kind() -> None:
    assert kinds_of([VirtualSwitch(TENANTS, "Tenants")], [USED]) == {TENANTS: SwitchKind.PRIVATE}
    assert kinds_of([], [USED]) == {}


RESOURCES = st.sampled_from([ADAPTER, ADAPTER.upper(), HOST, SWITCH, "", "Msvm_Other"])
OWNERS = st.sampled_from([TENANTS, TENANTS.lower(), OTHER, MACHINE, "no GUID"])


@given(ports=st.lists(st.builds(port, OWNERS, RESOURCES), max_size=8))
def test_only_what_the_ports_show_is_said_of_a_switch(ports: list[VirtualPort]) -> None:
    switches = [VirtualSwitch(TENANTS, "Tenants"), VirtualSwitch(OTHER, "Lab")]
    for guid, kind in kinds_of(switches, ports).items():
        own = [each.resource.casefold() for each in ports if each.owner.upper() == guid]
        assert (kind is SwitchKind.EXTERNAL) == (ADAPTER.casefold() in own)
        if kind is SwitchKind.PRIVATE:
            assert own == []
        if kind is SwitchKind.INTERNAL:
            assert set(own) == {HOST.casefold()}
