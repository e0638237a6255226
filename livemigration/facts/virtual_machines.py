"""The virtual machines of a host, and what shows that the account sees them.

Classes and values: windows-facts-2.md section 11. Each class is asked for once per host, whatever
the number of virtual machines; its rows are told apart by the GUID in their InstanceID.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import CIMV2, VIRTUALIZATION, WINDOWS_SERVER_2012

# Values of VirtualSystemType, which is never localized.
REALIZED = "Microsoft:Hyper-V:System:Realized"
CHECKPOINT = "Microsoft:Hyper-V:Snapshot:Realized"
# The checkpoint of a backup, which stands for as long as the backup runs.
RECOVERY = "Microsoft:Hyper-V:Snapshot:Recovery"
_NO_MACHINES = "there is no virtual machine, or none that the account may see"
_GUID = "[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}"
_BARE = re.compile(_GUID, re.IGNORECASE)
_OWNED = re.compile(rf"Microsoft:({_GUID})(?:\\.*)?", re.IGNORECASE | re.DOTALL)


def owner_of(instance_id: str) -> str | None:
    r"""Return the GUID in an InstanceID such as `Microsoft:<GUID>\…`, in upper case.

    It is that of a virtual machine or of a checkpoint. None: there is none, as in the defaults that
    Hyper-V lists beside the settings of machines (`Microsoft:Definition\…`).
    """
    match = _OWNED.fullmatch(instance_id)
    return match[1].upper() if match is not None else None


def guid_of(text: str) -> str | None:
    """Return a text that is a GUID, in upper case; None: it is another name, as the host's own."""
    return text.upper() if _BARE.fullmatch(text) is not None else None


@dataclass(frozen=True)
class VirtualMachine:
    """Msvm_VirtualSystemSettingData of a realized virtual machine.

    `identifier` is its GUID in upper case, `name` its ElementName, `version` its configuration
    version, such as 9.0; empty where the host states none. The four folders are those of its
    configuration, its checkpoints, its smart paging file and its guest state; empty where they are
    not stated. `in_backup`: a checkpoint of a backup stands beside it. `checkpoints` is how many
    others it has; None where the host has some that it ties to no machine. `isolation` is
    GuestStateIsolationType where the isolation is on, as 2 SEV-SNP, 3 TDX; None: it is not, or the
    host does not state it.
    """

    identifier: str
    name: str
    version: str
    configuration_root: str = ""
    snapshot_root: str = ""
    swap_root: str = ""
    guest_state_root: str = ""
    in_backup: bool = False
    checkpoints: int | None = 0
    isolation: int | None = None


def _machines(rows: Sequence[WmiRow]) -> tuple[VirtualMachine, ...]:
    realized = {
        owner: row
        for row in _of_type(rows, REALIZED)
        if (owner := owner_of(row.text("InstanceID"))) is not None
    }
    backed_up = {_machine_of(row) for row in _of_type(rows, RECOVERY)}
    checkpoints = Counter(_machine_of(row) for row in _of_type(rows, CHECKPOINT))
    told = checkpoints.keys() <= realized.keys()
    return tuple(
        replace(
            _machine(row, owner),
            in_backup=owner in backed_up,
            checkpoints=checkpoints[owner] if told else None,
        )
        for owner, row in realized.items()
    )


def _of_type(rows: Sequence[WmiRow], kind: str) -> Iterator[WmiRow]:
    wanted = kind.casefold()
    return (row for row in rows if row.text("VirtualSystemType").casefold() == wanted)


def _machine_of(row: WmiRow) -> str:
    return (row.text_or_none("VirtualSystemIdentifier") or "").upper()


def _machine(row: WmiRow, owner: str) -> VirtualMachine:
    return VirtualMachine(
        owner,
        row.text_or_none("ElementName") or "",
        row.text_or_none("Version") or "",
        row.text_or_none("ConfigurationDataRoot") or "",
        row.text_or_none("SnapshotDataRoot") or "",
        row.text_or_none("SwapFileDataRoot") or "",
        row.text_or_none("GuestStateDataRoot") or "",
        isolation=_isolation(row),
    )


def _isolation(row: WmiRow) -> int | None:
    # Before build 20348 there is only the switch, without a type.
    if row.boolean_or_none("GuestStateIsolationEnabled") is False:
        return None
    return row.integer_or_none("GuestStateIsolationType")


VIRTUAL_MACHINES = WmiGroup(
    "virtual-machines",
    "the virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[VirtualMachine, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_VirtualSystemSettingData",
            (
                WmiProperty("ConfigurationDataRoot", CimType.STRING),
                WmiProperty("ElementName", CimType.STRING),
                WmiProperty("GuestStateDataRoot", CimType.STRING, optional=True, since=16299),
                WmiProperty(
                    "GuestStateIsolationEnabled", CimType.BOOLEAN, optional=True, since=19041
                ),
                WmiProperty("GuestStateIsolationType", CimType.UINT16, optional=True, since=20348),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("SnapshotDataRoot", CimType.STRING),
                WmiProperty("SwapFileDataRoot", CimType.STRING),
                WmiProperty("Version", CimType.STRING),
                WmiProperty("VirtualSystemIdentifier", CimType.STRING),
                WmiProperty("VirtualSystemType", CimType.STRING),
            ),
        ),
        where=" OR ".join(
            f"VirtualSystemType = '{each}'" for each in (REALIZED, CHECKPOINT, RECOVERY)
        ),
    ),
    parse=_machines,
    may_be_empty=_NO_MACHINES,
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class VirtualMachineState:
    """Msvm_ComputerSystem: the state of a virtual machine, or of the host itself.

    `identifier` is the GUID of the machine in upper case; the host's own row has the host's name.
    `enabled_state`: 2 runs, 3 off, 6 saved, 9 paused; the others are on the way from one to
    another. `operational_status`: the first is 2 where all is well, the second says what goes on,
    such as 32774 migrating. `health_state`: 5 where all is well. `replication_mode`: 1 primary, 2
    replica, 3 test replica, 4 extended replica. `process` is that of its worker, vmwp.exe. Each is
    None where the host does not state it.
    """

    identifier: str
    enabled_state: int | None
    operational_status: tuple[int, ...] = ()
    health_state: int | None = None
    replication_mode: int | None = None
    replication_state: int | None = None
    process: int | None = None


def _states(rows: Sequence[WmiRow]) -> tuple[VirtualMachineState, ...]:
    return tuple(
        VirtualMachineState(
            row.text("Name").upper(),
            row.integer_or_none("EnabledState"),
            row.integers("OperationalStatus"),
            row.integer_or_none("HealthState"),
            row.integer_or_none("ReplicationMode"),
            row.integer_or_none("ReplicationState"),
            row.integer_or_none("ProcessID"),
        )
        for row in rows
    )


VIRTUAL_MACHINE_STATES = WmiGroup(
    "virtual-machine-states",
    "the states of the virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[VirtualMachineState, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_ComputerSystem",
            (
                WmiProperty("EnabledState", CimType.UINT16),
                WmiProperty("HealthState", CimType.UINT16),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("OperationalStatus", CimType.UINT16, array=True),
                WmiProperty("ProcessID", CimType.UINT32),
                WmiProperty("ReplicationMode", CimType.UINT16),
                WmiProperty("ReplicationState", CimType.UINT16),
            ),
        )
    ),
    parse=_states,
    may_be_empty="the account may see none, not even the host's own row",
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class WorkerProcesses:
    """The processes vmwp.exe: one for each virtual machine that runs, whoever may see it."""

    identifiers: tuple[int, ...]


# Every Windows has it, whatever its language: without it, the rows were withheld.
_SYSTEM_PROCESS = 4


def _workers(rows: Sequence[WmiRow]) -> WorkerProcesses:
    found = tuple(row.integer("ProcessId") for row in rows)
    if _SYSTEM_PROCESS not in found:
        raise ValueError(f"the host sent no process {_SYSTEM_PROCESS}, which every Windows has")
    return WorkerProcesses(tuple(each for each in found if each != _SYSTEM_PROCESS))


WORKER_PROCESSES = WmiGroup(
    "worker-processes",
    "the processes of virtual machines",
    Subject.HOST,
    Vantage.HOST,
    WorkerProcesses,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_Process",
            (
                WmiProperty("Name", CimType.STRING),
                WmiProperty("ProcessId", CimType.UINT32),
            ),
        ),
        where=f"Name = 'vmwp.exe' OR ProcessId = {_SYSTEM_PROCESS}",
    ),
    parse=_workers,
)


def none_is_there(
    machines: Sequence[VirtualMachine],
    states: Sequence[VirtualMachineState],
    workers: WorkerProcesses,
) -> bool:
    """Whether a host has no virtual machine, and it is not that the account sees none.

    That account sees the host's own row, and no process of a machine runs.
    """
    own = [each for each in states if guid_of(each.identifier) is None]
    return not machines and len(own) == len(states) == 1 and not workers.identifiers


@dataclass(frozen=True)
class VirtualMachineProcessor:
    """Msvm_ProcessorSettingData (windows-facts-2.md 10.1), also of checkpoints.

    `owner` is the GUID of the machine or the checkpoint, in upper case. `limited`: the processor
    compatibility, `limited_for_old_system` that for operating systems of old. `limited_mode`: 0 the
    least set of features, 1 what the nodes of a cluster have in common; None before Server 2022.
    `nested`: virtualization is exposed to the guest. `group`: the GUID of a CPU group; empty:
    of none.
    """

    owner: str
    processors: int | None
    limited: bool | None
    limited_for_old_system: bool | None = None
    limited_mode: int | None = None
    nested: bool | None = None
    group: str = ""


_NO_GROUP = "00000000-0000-0000-0000-000000000000"


def _processors(rows: Sequence[WmiRow]) -> tuple[VirtualMachineProcessor, ...]:
    return tuple(
        VirtualMachineProcessor(
            owner,
            row.integer_or_none("VirtualQuantity"),
            row.boolean_or_none("LimitProcessorFeatures"),
            row.boolean_or_none("LimitCPUID"),
            row.integer_or_none("LimitProcessorFeaturesMode"),
            row.boolean_or_none("ExposeVirtualizationExtensions"),
            _group(row.text_or_none("CpuGroupId") or ""),
        )
        for row in rows
        if (owner := owner_of(row.text("InstanceID"))) is not None
    )


def _group(text: str) -> str:
    bare = text.strip("{} ").upper()
    return "" if bare == _NO_GROUP else bare


VIRTUAL_MACHINE_PROCESSORS = WmiGroup(
    "virtual-machine-processors",
    "the processor settings of the virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[VirtualMachineProcessor, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_ProcessorSettingData",
            (
                WmiProperty("CpuGroupId", CimType.STRING, optional=True, since=14393),
                WmiProperty(
                    "ExposeVirtualizationExtensions",
                    CimType.BOOLEAN,
                    optional=True,
                    since=10586,
                ),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("LimitCPUID", CimType.BOOLEAN),
                WmiProperty("LimitProcessorFeatures", CimType.BOOLEAN),
                WmiProperty(
                    "LimitProcessorFeaturesMode", CimType.UINT8, optional=True, since=20348
                ),
                WmiProperty("VirtualQuantity", CimType.UINT64),
            ),
        )
    ),
    parse=_processors,
    may_be_empty=_NO_MACHINES,
    minimum_build=WINDOWS_SERVER_2012,
    of_machines=True,
    provided_by_vmms=True,
)
