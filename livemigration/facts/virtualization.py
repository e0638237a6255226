"""What Hyper-V has beside its migration settings: virtual switches, and a service that answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.cim import (
    CimType,
    ObjectReference,
    WmiClass,
    WmiMethod,
    WmiProperty,
    WmiQuery,
    WmiReader,
    WmiRow,
)
from livemigration.facts.model import MethodGroup, Subject, Vantage, WmiGroup
from livemigration.facts.windows import VIRTUALIZATION, WINDOWS_SERVER_2012, single


@dataclass(frozen=True)
class VirtualSwitch:
    """Msvm_VirtualEthernetSwitch (windows-facts.md 1.6). `name` is what VMs are tied to."""

    identifier: str
    name: str


def _switches(rows: Sequence[WmiRow]) -> tuple[VirtualSwitch, ...]:
    return tuple(
        VirtualSwitch(row.text("Name"), row.text_or_none("ElementName") or "") for row in rows
    )


VIRTUAL_SWITCHES = WmiGroup(
    "virtual-switches",
    "the virtual switches",
    Subject.HOST,
    Vantage.HOST,
    tuple[VirtualSwitch, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_VirtualEthernetSwitch",
            (
                WmiProperty("ElementName", CimType.STRING),
                WmiProperty("Name", CimType.STRING),
            ),
        )
    ),
    parse=_switches,
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class MigrationAnswer:
    """What GetSystemCompatibilityInfo of the migration service gave back; it changes nothing.

    `return_value` is None where the reply has none. 0 and 4096 are successes, 32769 is access
    denied (windows-facts.md 1.2).
    """

    return_value: int | None


SERVICE_CLASS = WmiClass(
    VIRTUALIZATION,
    "Msvm_VirtualSystemMigrationService",
    tuple(
        WmiProperty(name, CimType.STRING)
        for name in ("CreationClassName", "Name", "SystemCreationClassName", "SystemName")
    ),
)
COMPUTER_CLASS = WmiClass(VIRTUALIZATION, "Msvm_ComputerSystem", ())
COMPATIBILITY_METHOD = WmiMethod(SERVICE_CLASS, "GetSystemCompatibilityInfo")


def _answer(machine: WmiReader) -> MigrationAnswer:
    """Ask about the host's own computer system, so that no VM is needed."""
    service = single(machine.enumerate(WmiQuery(SERVICE_CLASS)), "migration service")
    keys = {each.name: service.text(each.name) for each in SERVICE_CLASS.properties}
    host = ObjectReference(
        COMPUTER_CLASS.resource_uri,
        (("CreationClassName", COMPUTER_CLASS.name), ("Name", keys["SystemName"])),
    )
    output = machine.call(COMPATIBILITY_METHOD, keys, {"ComputerSystem": host})
    return MigrationAnswer(output.return_value)


MIGRATION_ANSWER = MethodGroup(
    "migration-answer",
    "the answer of the migration service",
    Subject.HOST,
    Vantage.HOST,
    MigrationAnswer,
    method=COMPATIBILITY_METHOD,
    call=_answer,
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)
