"""A cluster's owners, move type, quorum and storage, read from what WMI sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from in_turn import in_turn

from livemigration.facts.cim import EmbeddedObject, ObjectReference, WmiQuery, WmiRow
from livemigration.facts.cluster_owners import (
    CLUSTER_MOVE_TYPE,
    CLUSTER_POSSIBLE_OWNERS,
    NOT_SET,
    MoveType,
    PossibleOwners,
)
from livemigration.facts.cluster_quorum import CLUSTER_QUORUM, QuorumAnswer
from livemigration.facts.cluster_storage import (
    CLUSTER_SHARED_VOLUMES,
    STORAGE_JOBS,
    STORAGE_POOLS,
    STORAGE_VIRTUAL_DISKS,
    STORAGE_VOLUMES,
    SharedVolume,
    StorageJob,
    StorageObject,
    StorageVolume,
)
from livemigration.facts.reader import WmiMethod

GUID = "0D7C5B2E-0000-4000-8000-00000000000A"


@dataclass(frozen=True)
class Output:
    return_value: int | None
    values: Mapping[str, str]

    def texts(self, name: str) -> tuple[str, ...]:
        return (self.values[name],) if name in self.values else ()

    def objects(self, name: str, members: tuple[str, ...]) -> tuple[EmbeddedObject, ...]:
        raise NotImplementedError


class Machine:
    """Answers each method by its name, and one query for the computer's name."""

    def __init__(self, **outputs: Output) -> None:
        self.outputs = outputs
        self.called: list[tuple[str, Mapping[str, str]]] = []

    def enumerate(self, query: WmiQuery) -> Sequence[WmiRow]:
        del query
        return [WmiRow("Win32_ComputerSystem", {"Name": "HV01"})]

    def call(self, method: WmiMethod, selectors: Mapping[str, str], arguments: Any) -> Output:
        del arguments
        self.called.append((method.name, selectors))
        return self.outputs[method.name]


def number(value: str, returned: int | None = 0) -> Output:
    return Output(returned, {"uValue": value})


def text(value: str, returned: int = 0) -> Output:
    return Output(returned, {"sValue": value})


MISSING = Output(2, {})


@in_turn(
    "as_number, as_text, expected",
    [
        (number("3001"), MISSING, MoveType(3001)),
        (number("0"), MISSING, MoveType(0)),
        (number("0xBB9"), MISSING, MoveType(3001)),
        (number("2000", None), MISSING, MoveType(2000)),
        (MISSING, MISSING, NOT_SET),
        # What GetDWORDValue says of a text.
        (Output(2, {}), text("3001"), MoveType(3001)),
        (Output(1630, {}), text(" 3001 "), MoveType(3001)),
        (Output(-2147217403, {}), text("1000"), MoveType(1000)),
    ],
)
def test_the_move_type_is_a_number_however_somebody_wrote_it(
    as_number: Output, as_text: Output, expected: MoveType
) -> None:
    machine = Machine(GetDWORDValue=as_number, GetStringValue=as_text)
    assert CLUSTER_MOVE_TYPE.read(machine) == expected


@pytest.mark.parametrize("as_text", [Output(5, {}), text("live")])
def test_a_move_type_that_cannot_be_read_is_no_default(as_text: Output) -> None:
    machine = Machine(GetDWORDValue=Output(5, {}), GetStringValue=as_text)
    with pytest.raises(ValueError, match="could not be read as a number: GetDWORDValue returned 5"):
        CLUSTER_MOVE_TYPE.read(machine)


@pytest.mark.parametrize(("returned", "lost"), [(0, False), (1, True), (-1, True)])
def test_the_cluster_is_asked_for_its_quorum_without_the_node_itself(
    returned: int, lost: bool
) -> None:
    machine = Machine(WillOfflineLoseQuorum=Output(returned, {}))
    assert CLUSTER_QUORUM.read(machine) == QuorumAnswer(lost)
    assert machine.called == [("WillOfflineLoseQuorum", {"Name": "HV01"})]


def test_no_return_value_is_no_answer() -> None:
    with pytest.raises(ValueError, match="neither true nor false"):
        CLUSTER_QUORUM.read(Machine(WillOfflineLoseQuorum=Output(None, {})))


def owned(resource: str, node: str, key: str = "Name") -> WmiRow:
    references = {
        name: ObjectReference("", ((key, value),))
        for name, value in (("GroupComponent", resource), ("PartComponent", node))
    }
    return WmiRow("MSCluster_ResourceToPossibleOwner", references)


def test_the_owners_of_a_resource_come_together() -> None:
    rows = [owned("web01", "HV01"), owned("disk", "HV02"), owned("web01", "HV02", "name")]
    assert CLUSTER_POSSIBLE_OWNERS.parse(rows) == (
        PossibleOwners("web01", ("HV01", "HV02")),
        PossibleOwners("disk", ("HV02",)),
    )


def row(**values: Any) -> WmiRow:
    return WmiRow("Class", values)


def volume(**changes: Any) -> WmiRow:
    usual = {"BackupState": 0, "FaultState": 0, "Name": "V", "VolumeName": rf"\\?\Volume{{{GUID}}}"}
    return row(**{**usual, **changes})


@in_turn(
    "changes, expected",
    [
        ({}, SharedVolume("V", GUID, 0, False)),
        ({"VolumeName": GUID.lower()}, SharedVolume("V", GUID, 0, False)),
        # A redacted file has another text, which is the same for the same volume.
        ({"VolumeName": " Text7 "}, SharedVolume("V", "text7", 0, False)),
        ({"VolumeName": None}, SharedVolume("V", "", 0, False)),
        ({"FaultState": 4, "BackupState": 1}, SharedVolume("V", GUID, 4, True)),
        ({"FaultState": 4294967295}, SharedVolume("V", GUID, -1, False)),
        ({"FaultState": None, "BackupState": None}, SharedVolume("V", GUID, -1, False)),
    ],
)
def test_a_shared_volume_is_known_by_the_guid_in_its_name(
    changes: dict[str, Any], expected: SharedVolume
) -> None:
    assert CLUSTER_SHARED_VOLUMES.parse([volume(**changes)]) == (expected,)


def test_what_windows_says_of_its_storage_may_lack_anything() -> None:
    nothing = row()
    assert STORAGE_VOLUMES.parse([nothing]) == (StorageVolume("", "", None),)
    assert STORAGE_JOBS.parse([nothing]) == (StorageJob("", None, None, False),)
    assert STORAGE_POOLS.parse([nothing]) == (StorageObject("", None),)
    assert STORAGE_VIRTUAL_DISKS.parse([nothing]) == (StorageObject("", None),)
