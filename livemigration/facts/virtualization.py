"""What Hyper-V has beside its migration settings: virtual switches, and a service that answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import (
    CimType,
    ObjectReference,
    WmiClass,
    WmiProperty,
    WmiQuery,
    WmiRow,
)
from livemigration.facts.model import MethodGroup, Subject, Vantage, WmiGroup
from livemigration.facts.reader import WmiMethod, WmiReader
from livemigration.facts.windows import VIRTUALIZATION, WINDOWS_SERVER_2012, single


@dataclass(frozen=True)
class VirtualSwitch:
    """Msvm_VirtualEthernetSwitch (windows-facts.md 1.6). `name` is what VMs are tied to."""

    identifier: str
    name: str


def _switches(rows: Sequence[WmiRow]) -> tuple[VirtualSwitch, ...]:
    return tuple(
        VirtualSwitch(row.text("Name").strip("{}"), row.text_or_none("ElementName") or "")
        for row in rows
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
    may_be_empty="no switch was made",
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class MigrationAnswer:
    """What GetSystemCompatibilityInfo of the migration service gave back; it changes nothing.

    `return_value` is None where the reply has none.
    """

    return_value: int | None


ACCESS_DENIED = 32769
# None: the reply has no return value; some methods leave it out on success (not documented for
# this one).
SUCCESSES = (None, 0, 4096)
# Of the migration service's methods (windows-facts.md 1.2).
RETURN_VALUES = {
    32768: "failed",
    ACCESS_DENIED: "access denied",
    32770: "not supported",
    32771: "status unknown",
    32772: "it took too long",
    32773: "invalid parameter",
    32774: "the system is in use",
    32775: "invalid state",
    32776: "incorrect data type",
    32777: "the system is not available",
    32778: "out of memory",
    32784: "not compatible",
}

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
