"""Facts of hosts with processors of different kinds, and of what machines have taken of them."""

from __future__ import annotations

from typing import Any

from fact_builders import NODE
from vm_facts import Vm, with_machines

from livemigration.facts.cluster import CLUSTER, Cluster
from livemigration.facts.compatibility import (
    COMPATIBILITY_VECTORS,
    CompatibilityVector,
    CompatibilityVectors,
    MachineVectors,
)
from livemigration.facts.machine_values import PROCESSOR_MICROCODE, Microcode
from livemigration.facts.processor import PROCESSORS, Processor

# Xeon of the second and the fourth generation, and EPYC.
OLD, NEW = "BFEBFBFF00050657", "BFEBFBFF000806F8"
INTEL_OLD = Processor("GenuineIntel", "Xeon Gold", OLD)
INTEL_NEW = Processor("GenuineIntel", "Xeon Gold", NEW)
AMD = Processor("AuthenticAMD", "EPYC", "178BFBFF00A10F11")
TOP = 1 << 63
HAS, LESS = TOP | 0b11, TOP | 0b01
DATABASE = Vm("db01")


def runs_on(
    *processors: Processor, microcode: str | None = "0x00000001", machines: Any = (DATABASE,)
) -> dict[str, Any]:
    """Return the groups of a host with these processors and machines."""
    return {
        PROCESSORS.name: processors,
        PROCESSOR_MICROCODE.name: Microcode(microcode),
        **with_machines(*machines),
    }


def speaks(features: int, left: int = 0, **taken: int | None) -> dict[str, Any]:
    """Return the vectors of a host that offers this, and of machines that have taken that."""
    machines = tuple(
        MachineVectors(
            Vm(name).identifier, None if each is None else (CompatibilityVector(1, 2, each),)
        )
        for name, each in taken.items()
    )
    return {
        COMPATIBILITY_VECTORS.name: CompatibilityVectors(
            (CompatibilityVector(1, 2, features),), machines, left
        )
    }


def pair(own: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return {"also": own, "second": {"also": other}}


def generations(own: dict[str, Any], other: dict[str, Any], **said: Any) -> dict[str, Any]:
    """Return a host with an older processor than the other, and what both say."""
    return pair({**runs_on(INTEL_OLD), **own}, {**runs_on(INTEL_NEW, **said), **other})


def in_cluster(own: dict[str, Any], other: dict[str, Any], its: str = "CL01") -> dict[str, Any]:
    return {
        **NODE,
        "also": {**own, CLUSTER.name: Cluster("cl01", None)},
        "second": {**NODE, "also": {**other, CLUSTER.name: Cluster(its, None)}},
    }


UNKNOWN_VECTOR = {
    COMPATIBILITY_VECTORS.name: CompatibilityVectors(
        (), (MachineVectors(DATABASE.identifier, (CompatibilityVector(9, 2, 0),)),)
    )
}
