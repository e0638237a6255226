"""Facts of virtual machines: one of them in a line, and the groups that hold several."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from livemigration.facts import machine_moves, virtual_disks, virtual_memory, vmm_disks
from livemigration.facts import virtual_machines as vms
from livemigration.facts.cluster_groups import VIRTUAL_MACHINE, ClusterResource
from livemigration.facts.model import FactGroup

HOST_ROW = vms.VirtualMachineState("HV01", 2, (2,), 5, 0, 0)
RUNS, OFF, SAVED, PAUSED = 2, 3, 6, 9


def guid_of(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name)).upper()


@dataclass(frozen=True)
class Vm:
    """A virtual machine; what is not said is healthy.

    `disks` are the files of its disks; None: one in its folder. `physical` are drives of the host,
    `disk` or `dvd`.
    """

    name: str
    enabled: int | None = RUNS
    status: tuple[int, ...] = (2,)
    health: int | None = 5
    mode: int | None = 0
    replication: int | None = 0
    version: str = "9.0"
    path: str = r"D:\Hyper-V"
    in_backup: bool = False
    checkpoints: int | None = 0
    disks: tuple[str, ...] | None = None
    disc: str = ""
    shared: bool | None = False
    physical: tuple[str, ...] = ()
    processors: dict[str, Any] = field(default_factory=dict)
    shows_state: bool = True
    isolation: int | None = None
    # MB that it has while it runs; None: the host does not say.
    memory: int | None = 2048
    # MB of each of its disks by VMM's record, and what the first builds upon; None: no path of it.
    size: int | None = 10_240
    bases: tuple[str | None, ...] = ()
    differencing: bool | None = False

    @property
    def identifier(self) -> str:
        return guid_of(self.name)

    @property
    def worker(self) -> int | None:
        return None if self.enabled in {OFF, SAVED} else 5000 + len(self.name)

    @property
    def settings(self) -> vms.VirtualMachine:
        folders = (self.path,) * 3
        return vms.VirtualMachine(
            self.identifier,
            self.name,
            self.version,
            *folders,
            in_backup=self.in_backup,
            checkpoints=self.checkpoints,
            isolation=self.isolation,
        )

    @property
    def files(self) -> tuple[virtual_disks.VirtualDisk, ...]:
        usual = (rf"{self.path}\{self.name}\disk.vhdx",)
        discs = (self.disc,) if self.disc else ()
        return (
            *(
                virtual_disks.VirtualDisk(self.identifier, each, shared=self.shared)
                for each in (usual if self.disks is None else self.disks)
            ),
            *(virtual_disks.VirtualDisk(self.identifier, each, is_disc=True) for each in discs),
        )

    @property
    def recorded(self) -> tuple[vmm_disks.VmmDisk, ...]:
        """Its disks, as VMM has them on record."""
        files = [each.file for each in self.files if not each.is_disc]
        parents = tuple(vmm_disks.ParentDisk(each, 1) for each in self.bases)
        return tuple(
            vmm_disks.VmmDisk(each, self.size, 131_072, self.differencing, parents * (number == 0))
            for number, each in enumerate(files)
        )

    @property
    def drives(self) -> tuple[virtual_disks.PhysicalDrive, ...]:
        return tuple(
            virtual_disks.PhysicalDrive(self.identifier, each == "dvd") for each in self.physical
        )

    @property
    def state(self) -> vms.VirtualMachineState:
        return vms.VirtualMachineState(
            self.identifier,
            self.enabled,
            self.status,
            self.health,
            self.mode,
            self.replication,
            self.worker,
        )


# Its version is that of Windows Server 2012, which a healthy host of the tables runs.
RUNNING_MACHINE = Vm("web01", version="4.0", path=r"\\fs01\vms")


def role_of(machine: Vm, node: str = "HV01") -> ClusterResource:
    """Return the resource that makes a machine a role of its cluster."""
    return ClusterResource(
        *(machine.name, VIRTUAL_MACHINE, 2, machine.name, node, machine.identifier.casefold())
    )


def machine_groups(
    *machines: Vm,
    workers: int | None = None,
    own_row: bool = True,
    planned: tuple[str, ...] = (),
    jobs: tuple[int | None, ...] = (),
) -> list[tuple[FactGroup[Any], Any]]:
    """Return the groups of a host with these machines.

    `workers` is how many processes vmwp.exe run where they are not those of the machines; `jobs`
    are the states of migration jobs.
    """
    processes = tuple(each.worker for each in machines if each.worker is not None)
    if workers is not None:
        processes = tuple(range(6000, 6000 + workers))
    states = tuple(each.state for each in machines if each.shows_state)
    return [
        (vms.VIRTUAL_MACHINES, tuple(each.settings for each in machines)),
        (vms.VIRTUAL_MACHINE_STATES, (*((HOST_ROW,) if own_row else ()), *states)),
        (vms.WORKER_PROCESSES, vms.WorkerProcesses(processes)),
        (
            virtual_memory.VIRTUAL_MACHINE_MEMORY,
            tuple(
                virtual_memory.AssignedMemory(each.identifier, each.memory)
                for each in machines
                if each.memory is not None and each.worker is not None
            ),
        ),
        (virtual_disks.VIRTUAL_DISKS, tuple(file for each in machines for file in each.files)),
        (vmm_disks.VMM_DISKS, tuple(disk for each in machines for disk in each.recorded)),
        (virtual_disks.PHYSICAL_DRIVES, tuple(d for each in machines for d in each.drives)),
        (
            machine_moves.PLANNED_MACHINES,
            tuple(machine_moves.PlannedMachine(guid_of(each), each) for each in planned),
        ),
        (machine_moves.MIGRATION_JOBS, tuple(map(machine_moves.MigrationJob, jobs))),
        (
            vms.VIRTUAL_MACHINE_PROCESSORS,
            tuple(
                vms.VirtualMachineProcessor(
                    each.identifier, **{"processors": 2, "limited": False, **each.processors}
                )
                for each in machines
            ),
        ),
    ]


def with_machines(*machines: Vm, **said: Any) -> dict[str, Any]:
    """Return these groups as a case's `also`."""
    return {group.name: value for group, value in machine_groups(*machines, **said)}
