"""The memory of hosts and virtual machines of a fleet file, and the space on a host's disks.

Memory and space are in MB of 2^20 bytes.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from livemigration.lab.fleet_values import FleetModel

Megabytes = Annotated[int, Field(ge=0)]


class VmMemory(FleetModel):
    """The memory of a virtual machine, in MB."""

    assigned: Megabytes = Field(default=2048, description="What it has while it runs.")
    startup: Megabytes | None = Field(
        default=None, description="What it has when it starts; left out: as much as assigned."
    )
    minimum: Megabytes = Field(default=512, description="Of dynamic memory.")
    maximum: Megabytes = Field(default=1_048_576, description="Of dynamic memory.")
    dynamic: bool = Field(default=False, description="Whether its memory is dynamic.")
    numa_nodes: int = Field(
        default=1, ge=1, le=64, description="Its virtual NUMA nodes, among which it is spread."
    )


class HostMemory(FleetModel):
    """What a host has for virtual machines, in MB."""

    total: Megabytes = Field(default=524_288, description="Its memory.")
    pool: Megabytes | None = Field(
        default=None,
        description="What of it is for virtual machines; left out: all but 4096 and a 32nd of it.",
    )
    logical_processors: int = Field(default=32, ge=1)
    numa_spanning: bool = Field(
        default=True, description="Whether a virtual machine may span NUMA nodes."
    )
    numa_nodes: int = Field(default=2, ge=1, le=64)

    @property
    def for_machines(self) -> int:
        """What of it is for virtual machines."""
        if self.pool is not None:
            return self.pool
        return max(0, self.total - 4096 - self.total // 32)
