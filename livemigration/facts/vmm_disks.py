"""What VMM has on record of the virtual hard disks of a host's machines: sizes and parents."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.facts.model import FactGroup, Subject, Vantage


@dataclass(frozen=True)
class ParentDisk:
    """A disk that another one builds upon. Size in MB of 2^20 bytes, as of `VmmDisk`.

    `file` is None where VMM gives no path.
    """

    file: str | None
    size: int | None = None


@dataclass(frozen=True)
class VmmDisk:
    """VirtualHardDisk of a virtual machine, as VMM last read it (windows-facts-2.md 9.4).

    Sizes are in MB of 2^20 bytes, rounded up; None where VMM does not say. `size` is that of the
    file, `maximum` how large the disk may become. `differencing` is what VHDType says. `parents`
    are what it builds upon, the nearest first: that the objects of ParentDisk have paths is
    inferred.
    """

    file: str
    size: int | None = None
    maximum: int | None = None
    differencing: bool | None = None
    parents: tuple[ParentDisk, ...] = ()


VMM_DISKS: FactGroup[tuple[VmmDisk, ...]] = FactGroup(
    "vmm-disks",
    "VMM's record of the virtual hard disks",
    Subject.HOST,
    Vantage.VMM,
    tuple[VmmDisk, ...],
)
