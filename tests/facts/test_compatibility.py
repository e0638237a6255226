"""Compatibility vectors: of a host, and of its running machines, one call each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.facts.cim import WmiClass, WmiQuery, WmiRow
from livemigration.facts.compatibility import (
    COMPATIBILITY_VECTORS,
    MOST_ASKED,
    CompatibilityVector,
    CompatibilityVectors,
    MachineVectors,
)
from livemigration.facts.model import FailureKind
from livemigration.facts.reader import WmiMethod
from livemigration.wsman.errors import WsmanError, WsmanFault
from livemigration.wsman.invoke import InvokeResult
from livemigration.wsman.items import RawItem, RawValue, ValueForm

TOP = (1 << 64) - 1
SERVICE = {
    "CreationClassName": "Msvm_VirtualSystemMigrationService",
    "Name": "migrationwmi",
    "SystemCreationClassName": "Msvm_ComputerSystem",
    "SystemName": "HV01",
}


def guid(number: int) -> str:
    return f"0A1B2C3D-0000-4000-8000-{number:012d}"


def text(value: object) -> tuple[RawValue, ...]:
    return (RawValue(ValueForm.TEXT, str(value)),)


def element(number: object, operation: object, features: object) -> RawValue:
    """Return a vector as an element of its own."""
    properties = {
        "CompareOperation": text(operation),
        "CompatibilityInfo": text(features),
        "VectorId": text(number),
    }
    return RawValue(ValueForm.EMBEDDED, embedded=RawItem("Msvm_CompatibilityVector", properties))


def written(number: int, operation: int, features: int) -> RawValue:
    """Return a vector as CIM-XML in a text."""
    values = {"VectorId": number, "CompareOperation": operation, "CompatibilityInfo": features}
    inner = "".join(
        f'<PROPERTY NAME="{name}" TYPE="uint64"><VALUE>{value}</VALUE></PROPERTY>'
        for name, value in values.items()
    )
    whole = (
        f'<INSTANCE CLASSNAME="Msvm_CompatibilityVector">{inner}'
        '<PROPERTY NAME="Caption" TYPE="string"></PROPERTY></INSTANCE>'
    )
    return RawValue(ValueForm.TEXT, whole)


@dataclass
class Machine:
    """A host with machines in these states; `says` are the vectors of each by its name."""

    states: Mapping[str, int | None]
    says: Mapping[str, tuple[RawValue, ...] | Exception | int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def enumerate(self, query: WmiQuery) -> list[WmiRow]:
        known: WmiClass = query.wmi_class
        if known.name == "Msvm_VirtualSystemMigrationService":
            return [WmiRow(known.name, SERVICE)]
        rows = [("HV01", 2), *self.states.items()]
        return [WmiRow(known.name, {"Name": name, "EnabledState": each}) for name, each in rows]

    def call(
        self, method: WmiMethod, selectors: Mapping[str, str], arguments: Mapping[str, Any]
    ) -> InvokeResult:
        assert method.name == "GetSystemCompatibilityVectors"
        assert selectors == SERVICE
        keys = dict(arguments["ComputerSystem"].selectors)
        assert keys["CreationClassName"] == "Msvm_ComputerSystem"
        self.asked.append(keys["Name"])
        said = self.says.get(keys["Name"], (element(1, 2, 3),))
        if isinstance(said, Exception):
            raise said
        if isinstance(said, int):
            return InvokeResult(said, {})
        return InvokeResult(0, {"CompatibilityVectors": said})


def read(machine: Machine) -> CompatibilityVectors:
    return COMPATIBILITY_VECTORS.read(machine)


def test_the_host_and_each_machine_that_runs_are_asked() -> None:
    machine = Machine({guid(2): 2, guid(1): 2, guid(3): 3, guid(4): 6, guid(5): None})
    found = read(machine)
    assert machine.asked == ["HV01", guid(1), guid(2)]
    own = (CompatibilityVector(1, 2, 3),)
    assert found == CompatibilityVectors(
        own, (MachineVectors(guid(1), own), MachineVectors(guid(2), own))
    )


@pytest.mark.parametrize("written_so", [element, written])
def test_features_are_whole_numbers_of_64_bits_however_they_travel(written_so: Any) -> None:
    vectors = (written_so(2, 2, TOP), written_so(1, 0, 1 << 63))
    found = read(Machine({}, {"HV01": vectors}))
    assert found.host == (CompatibilityVector(1, 0, 1 << 63), CompatibilityVector(2, 2, TOP))


def test_a_machine_that_gives_none_does_not_take_the_others_along() -> None:
    gone = WsmanFault(FailureKind.FAULT, "gone")
    says: dict[str, Any] = {guid(1): gone, guid(2): 32777, guid(3): ()}
    machine = Machine(dict.fromkeys(map(guid, range(1, 5)), 2), says)
    vectors = [each.vectors for each in read(machine).machines]
    assert vectors == [None, None, None, (CompatibilityVector(1, 2, 3),)]


def test_of_very_many_machines_so_many_are_asked_and_the_rest_is_counted() -> None:
    machine = Machine(dict.fromkeys(map(guid, range(200)), 2))
    found = read(machine)
    assert len(machine.asked) == 1 + MOST_ASKED
    assert [each.machine for each in found.machines] == [guid(each) for each in range(MOST_ASKED)]
    assert found.left == 200 - MOST_ASKED


@pytest.mark.parametrize("said", [(), 32768])
def test_a_host_that_gives_none_of_its_own_says_nothing(said: Any) -> None:
    with pytest.raises(ValueError, match="of its own"):
        read(Machine({}, {"HV01": said}))


@in_turn(
    "wrong", [element("", 2, 3), element(1, "two", 3), element(1, 2, TOP + 1), element(1, 2, -1)]
)
def test_what_is_no_such_number_is_said(wrong: RawValue) -> None:
    with pytest.raises(ValueError, match="Msvm_CompatibilityVector"):
        read(Machine({}, {"HV01": (wrong,)}))


@pytest.mark.parametrize("wrong", ["<INSTANCE", "<CLASS/>", "AAAA"])
def test_a_text_that_holds_no_instance_is_no_answer(wrong: str) -> None:
    with pytest.raises(WsmanError):
        read(Machine({}, {"HV01": (RawValue(ValueForm.TEXT, wrong),)}))
