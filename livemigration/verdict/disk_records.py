"""What VMM has on record of machines' disks: what they build upon, and how large they are.

Disks are told apart by their paths, which VMM and Hyper-V write alike but for case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from livemigration.facts.model import FailureKind, Gathered, NotGathered
from livemigration.facts.virtual_disks import VirtualDisk
from livemigration.facts.vmm_disks import VMM_DISKS, VmmDisk
from livemigration.verdict.machine_files import has_extension, plain_path
from livemigration.verdict.views import FactsView

Records = Mapping[str, VmmDisk]

_OF_CHECKPOINTS = (".avhdx", ".avhd")
# Of facts in which nobody asked for it: what disks build upon is then not examined.
_NOBODY_ASKED = frozenset({FailureKind.NOT_GATHERED, FailureKind.NOT_IN_FILE})


def records_of(host: FactsView) -> Records | None:
    """Return VMM's record of each disk by its `plain_path`; None: there is none to go by."""
    outcome = host.outcome(VMM_DISKS)
    if not isinstance(outcome, Gathered):
        return None
    return {plain_path(each.file): each for each in outcome.value}


def is_unread(host: FactsView) -> bool:
    """Whether VMM was asked about the disks of a host, and its answer could not be read."""
    outcome = host.outcome(VMM_DISKS)
    return isinstance(outcome, NotGathered) and outcome.failure.kind not in _NOBODY_ASKED


@dataclass(frozen=True)
class Bases:
    """The disks upon which others build, and which stay where they are when those move.

    `files` are their paths. `unnamed`: one builds upon another, and VMM does not say where that is.
    `unlisted`: VMM has no record of one.
    """

    files: tuple[str, ...] = ()
    unnamed: bool = False
    unlisted: bool = False


def bases_of(disks: Iterable[VirtualDisk], records: Records | None) -> Bases:
    """Return what the disks of a machine build upon.

    What a checkpoint's disk builds upon is the machine's own, and moves with it.

    Args:
        disks: of the machine.
        records: VMM's; None: nothing is known.
    """
    if records is None:
        return Bases()
    found = [records.get(plain_path(each.file)) for each in disks]
    told = [_bases(each) for each in found if each is not None]
    return Bases(
        tuple(dict.fromkeys(file for each in told for file in each.files)),
        any(each.unnamed for each in told),
        None in found,
    )


def _bases(record: VmmDisk) -> Bases:
    child: str = record.file
    files: list[str] = []
    for parent in record.parents:
        own = has_extension(child, *_OF_CHECKPOINTS)
        if parent.file is None:
            # Which of the parents behind it are the machine's own cannot be told either.
            return Bases(tuple(files), unnamed=not own or parent is not record.parents[-1])
        if not own:
            files.append(parent.file)
        child = parent.file
    lacking = not record.parents and record.differencing is True
    return Bases(tuple(files), unnamed=lacking and not has_extension(child, *_OF_CHECKPOINTS))


def size_of(disks: Iterable[VirtualDisk], records: Records | None) -> int | None:
    """Return the MB of all of these disks; None: not known.

    Of a disk that builds upon another one it is not known what is copied along.
    """
    sizes = [_size(each, records or {}) for each in disks]
    known = [each for each in sizes if each is not None]
    return sum(known) if len(known) == len(sizes) else None


def _size(disk: VirtualDisk, records: Records) -> int | None:
    record = records.get(plain_path(disk.file))
    if record is None or record.parents or record.differencing is True:
        return None
    return None if has_extension(disk.file, *_OF_CHECKPOINTS) else record.size
