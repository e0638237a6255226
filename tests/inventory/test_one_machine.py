"""An inventory that shows one machine twice is refused, with file and line."""

from __future__ import annotations

import json

import pytest
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.inventory.gate import gate_inventory
from livemigration.inventory.inventory import parse

ALIKE = [
    ({"name": "hv01.contoso.com"}, {"name": "hv01"}),
    ({"name": "hv01"}, {"name": "HV01.contoso.com"}),
    ({"name": "hv01.contoso.com"}, {"name": "hv02.contoso.com", "address": "hv01.contoso.com"}),
    ({"name": "hv01.contoso.com", "address": "10.0.0.1"}, {"name": "10.0.0.1"}),
    ({"name": "hv01", "address": "10.0.0.1"}, {"name": "hv02", "address": "10.0.0.1"}),
    ({"name": "hv01", "address": "2001:db8::1"}, {"name": "hv02", "address": "2001:DB8:0::1"}),
    ({"name": "hv01.contoso.com"}, {"name": "hv02.contoso.com", "address": "hv01"}),
    ({"name": "hv01.a.example", "answers_as": "x.example"}, {"name": "x.example"}),
]
APART = [
    ({"name": "hv01.a.example"}, {"name": "hv01.b.example"}),
    ({"name": "hv01"}, {"name": "hv011.contoso.com"}),
    ({"name": "hv01", "address": "10.0.0.1"}, {"name": "hv01.a.example", "address": "10.0.0.2"}),
    ({"name": "10.0.0.1"}, {"name": "10.0.0.2"}),
    ({"name": "hv01", "address": "10.0.0.1"}, {"name": "hv02", "address": "10.0.0.11"}),
]


def inventory(*hosts: dict[str, str]) -> str:
    lines = "\n".join(f"  - {json.dumps(each)}" for each in hosts)
    return f"schema: 1\nvmm: {{name: vmm01}}\nhosts:\n{lines}\n"


@in_turn("first, second", ALIKE)
def test_one_machine_is_never_two_hosts(first: dict[str, str], second: dict[str, str]) -> None:
    text = inventory({"name": "other.example"}, first, second)
    with pytest.raises(UsageError) as caught:
        parse(text, "site.yaml")
    said = str(caught.value)
    assert said.startswith(f"site.yaml, line 6: hosts[2]: {second['name']} is listed twice"), said
    assert f"{first['name']} in line 5" in said


@in_turn("first, second", APART)
def test_two_machines_are_not_taken_for_one(first: dict[str, str], second: dict[str, str]) -> None:
    assert len(parse(inventory(first, second), "site.yaml").hosts) == 2


def test_one_machine_is_never_two_vmm_servers() -> None:
    text = (
        "schema: 1\nvmm:\n  - {name: vmm01, address: 10.0.0.5}\n  - {name: 10.0.0.5}\n"
        "hosts:\n  - {name: hv01, vmm: vmm01}\n  - {name: hv02, vmm: 10.0.0.5}\n"
    )
    with pytest.raises(UsageError, match=r"line 4: vmm\[1\]: 10\.0\.0\.5 is listed twice"):
        parse(text, "site.yaml")


def test_a_gate_takes_no_machine_for_two() -> None:
    with pytest.raises(UsageError, match="same machine as hv01"):
        gate_inventory("host-build", ["hv01", "hv01.contoso.com"], None)
