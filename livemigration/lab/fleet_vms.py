"""The virtual machines of a host, as a fleet file spells them out."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from livemigration.lab.fleet_cluster_roles import FleetRole
from livemigration.lab.fleet_devices import VmDevices, VmProtection
from livemigration.lab.fleet_memory import Megabytes, VmMemory
from livemigration.lab.fleet_parts import Features
from livemigration.lab.fleet_values import FleetModel
from livemigration.lab.guids import identifier

_GUID = re.compile(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}")

State = Literal[
    "running",
    "off",
    "saved",
    "paused",
    "critical",
    "starting",
    "stopping",
    "saving",
    "migrating",
    "exporting",
    "merging",
    "checkpointing",
]

_WITHOUT_PROCESS = frozenset({"off", "saved", "exporting"})


def _guid(text: str) -> str:
    if not _GUID.fullmatch(text.upper()):
        raise ValueError(f"{text[:60]!r} is no GUID. Leave it out, and it is made of the name.")
    return text.upper()


class FleetDisk(FleetModel):
    """A disk of a virtual machine."""

    file: str = Field(default="disk.vhdx", description="A path, or a name in the machine's folder.")
    physical: bool = Field(default=False, description="A disk of the host, passed through.")
    shared: bool = Field(default=False, description="Other machines have it too.")
    size: Megabytes | None = Field(
        default=20_480, description="MB of its file by VMM's record; null: VMM does not say."
    )
    maximum: Megabytes = Field(default=131_072, description="MB that it may become large.")
    base: str | None = Field(
        default=None,
        description="The path of the disk that it builds upon; unknown: VMM does not say which.",
    )


class FleetVm(FleetModel):
    """A virtual machine. What is left out is healthy."""

    name: str = Field(min_length=1, max_length=100)
    guid: Annotated[str, AfterValidator(_guid)] | None = Field(
        default=None, description="Left out: made of its name."
    )
    state: State = Field(
        default="running",
        description="critical: paused by Hyper-V, because its storage was lost. merging: its disks "
        "are merged after a checkpoint.",
    )
    version: str | None = Field(
        default=None,
        description="Its configuration version, such as 9.0. Left out: that of its host's release.",
    )
    path: str | None = Field(
        default=None,
        description=r"Where its files are: a local folder, one of C:\ClusterStorage, or a share. "
        r"Left out: C:\ClusterStorage\Volume1 on a node, else D:\Hyper-V.",
    )
    replica: Literal["primary", "replica", "test", "extended"] | None = Field(
        default=None, description="Its side of a replication."
    )
    memory: VmMemory = VmMemory()
    processors: int = Field(default=2, ge=1, le=2048, description="Its virtual processors.")
    compatible: bool = Field(
        default=False,
        description="Its processor compatibility: it is given only what every processor has.",
    )
    vectors: dict[Annotated[int, Field(ge=0)], Features] | None = Field(
        default=None,
        description="What it has taken of its processor's features, by the vector's number. Left "
        "out: all of its host's, or none where it is compatible.",
    )
    vectors_refused: bool = Field(
        default=False, description="The host does not say what it has taken."
    )
    switch: str | None = Field(
        default=None,
        description="The virtual switch of its host that it is connected to. Left out: the first "
        "one that the host has; none: it is connected to nothing.",
    )
    pool: str | None = Field(
        default=None, description="The resource pool of switches that it is connected by instead."
    )
    clustered: bool = Field(
        default=True, description="On a node: whether it is a role of the cluster."
    )
    role: FleetRole = Field(default=FleetRole(), description="What it is there.")
    in_backup: bool = Field(default=False, description="A backup's checkpoint stands beside it.")
    checkpoints: int = Field(default=0, ge=0, le=50)
    disks: tuple[FleetDisk, ...] = (FleetDisk(),)
    disc: str | None = Field(default=None, description="The path of the image in its DVD drive.")
    host_dvd: bool = Field(default=False, description="It has the DVD drive of the host.")
    devices: VmDevices = VmDevices()
    protection: VmProtection = VmProtection()

    @property
    def runs(self) -> bool:
        """Whether it has a process, and memory of its host."""
        return self.state not in _WITHOUT_PROCESS

    @property
    def identifier(self) -> str:
        """Its GUID."""
        return self.guid or identifier("virtual machine", self.name).upper()
