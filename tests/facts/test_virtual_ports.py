"""Connections of virtual switches, as Hyper-V writes their rows."""

from __future__ import annotations

from typing import Any

import pytest
from in_turn import in_turn

from livemigration.facts.cim import WmiRow
from livemigration.facts.virtual_ports import VIRTUAL_PORTS, VirtualPort
from livemigration.facts.virtualization import VIRTUAL_SWITCHES

VM = "0A1B2C3D-0000-4000-8000-00000000000A"
SWITCH = "C08CB7B8-9B3C-408E-8E30-5E16A3AEB444"
ROOT = r"\\HV01\root\virtualization\v2"
TO_SWITCH = (
    f'{ROOT}:Msvm_VirtualEthernetSwitch.CreationClassName="Msvm_VirtualEthernetSwitch",'
    f'Name="{SWITCH}"'
)
ADAPTER = "6D1E3F5A-0000-4000-8000-000000000001"
TO_ADAPTER = (
    f'{ROOT}:Msvm_ExternalEthernetPort.CreationClassName="Msvm_ExternalEthernetPort",'
    r'DeviceID="Microsoft:{6D1E3F5A-0000-4000-8000-000000000001}",SystemName="HV01"'
)
TO_HOST = f'{ROOT}:Msvm_ComputerSystem.CreationClassName="Msvm_ComputerSystem",Name="HV01"'


def port(owner: str = VM, **values: Any) -> VirtualPort | None:
    row = {
        "InstanceID": rf"Microsoft:{owner}\7F0A\C",
        "EnabledState": 2,
        "HostResource": None,
        "LastKnownSwitchName": None,
        "PoolID": "",
        **values,
    }
    found = VIRTUAL_PORTS.value_of([WmiRow("Msvm_EthernetPortAllocationSettingData", row)])
    return found[0] if found else None


def test_a_connection_of_a_virtual_machine_names_its_switch_by_guid() -> None:
    found = port(HostResource=(TO_SWITCH,), LastKnownSwitchName="Tenants")
    assert found == VirtualPort(VM, True, "Msvm_VirtualEthernetSwitch", SWITCH, "Tenants")


def test_guids_are_the_same_in_any_case() -> None:
    assert port(VM.lower(), HostResource=(TO_SWITCH.lower(),)) == port(HostResource=(TO_SWITCH,))


def test_guids_are_the_same_with_braces_and_without() -> None:
    in_braces = TO_SWITCH.replace(SWITCH, f"{{{SWITCH}}}")
    assert port(f"{{{VM}}}", HostResource=(in_braces,)) == port(HostResource=(TO_SWITCH,))
    switches = [WmiRow("Msvm_VirtualEthernetSwitch", {"Name": f"{{{SWITCH}}}"})]
    assert VIRTUAL_SWITCHES.value_of(switches)[0].identifier == SWITCH


@in_turn(
    "values, connected",
    [
        ({"HostResource": (TO_SWITCH,)}, True),
        ({"HostResource": (TO_SWITCH,), "EnabledState": None}, True),
        ({"HostResource": (TO_SWITCH,), "EnabledState": 3}, False),
        ({"HostResource": None}, False),
        ({"HostResource": ()}, False),
        ({"HostResource": ("",)}, False),
        ({"HostResource": None, "LastKnownSwitchName": "Tenants"}, False),
        ({"HostResource": None, "PoolID": "Green"}, True),
        ({"HostResource": None, "PoolID": "Green", "EnabledState": 3}, False),
    ],
)
def test_only_what_is_to_something_is_connected(values: dict[str, Any], connected: bool) -> None:
    found = port(**values)
    assert found is not None
    assert found.connected is connected


@pytest.mark.parametrize(
    ("path", "resource"),
    [(TO_ADAPTER, "Msvm_ExternalEthernetPort"), (TO_HOST, "Msvm_ComputerSystem")],
)
def test_a_connection_of_a_switch_says_to_what_and_no_switch(path: str, resource: str) -> None:
    found = port(SWITCH, HostResource=(path,))
    adapters = (ADAPTER,) if path == TO_ADAPTER else ()
    assert found == VirtualPort(SWITCH, True, resource, "", adapters=adapters)


def test_a_switch_with_teamed_adapters_names_each() -> None:
    other = ADAPTER[:-1] + "2"
    found = port(SWITCH, HostResource=(TO_ADAPTER, "", TO_ADAPTER.replace(ADAPTER, other), TO_HOST))
    assert found is not None
    assert found.adapters == (ADAPTER, other)


def test_what_a_new_connection_begins_with_is_left_out() -> None:
    row = {"InstanceID": r"Microsoft:Definition\72027ECE-E44A-446E-AF2B-8D8C4B8A2279\Default"}
    assert VIRTUAL_PORTS.value_of([WmiRow("Msvm_EthernetPortAllocationSettingData", row)]) == ()


def test_a_path_that_names_nothing_known_is_no_switch() -> None:
    found = port(HostResource=("nothing of a path",))
    assert found == VirtualPort(VM, True, "", "")
