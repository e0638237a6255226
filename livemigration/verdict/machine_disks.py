"""The discs and disks of virtual machines, and what of them ties a machine to its host."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from livemigration.base.text import one_line
from livemigration.facts.host import OPERATING_SYSTEM, SERVICES
from livemigration.facts.virtual_disks import PHYSICAL_DRIVES, VIRTUAL_DISKS, VirtualDisk
from livemigration.facts.windows import WINDOWS_SERVER_2012_R2
from livemigration.verdict.clustered_machines import Standing, clustered_machines
from livemigration.verdict.machine_files import Place, has_extension, is_guest_disc, place_of
from livemigration.verdict.scope import is_cluster_node
from livemigration.verdict.views import FactsView
from livemigration.verdict.virtual_machines import Machine

# Of the path of a disc: the DVD drive of the host.
DVD_OF_HOST = ""


def media_of(host: FactsView) -> Mapping[str, list[str]]:
    """Return the paths of the discs in the drives of each machine that may stay behind.

    The path of the DVD drive of the host is DVD_OF_HOST.
    """
    found: dict[str, list[str]] = defaultdict(list)
    old = host[OPERATING_SYSTEM].build <= WINDOWS_SERVER_2012_R2
    for disc in host[VIRTUAL_DISKS]:
        if disc.is_disc and not (old and is_guest_disc(disc.file)):
            found[disc.owner].append(disc.file)
    for drive in host[PHYSICAL_DRIVES]:
        if drive.is_dvd:
            found[drive.owner].append(DVD_OF_HOST)
    return found


def local_paths(paths: Iterable[str]) -> list[str]:
    """Return the paths that only the host reaches."""
    return [each for each in paths if place_of(each) is Place.LOCAL]


def shown_path(path: str) -> str:
    """Return the path of a disc or a disk, for a sentence."""
    return one_line(path, limit=120) if path != DVD_OF_HOST else "the DVD drive of this host"


_SHARED, _AFTER_CHECKPOINT = (".vhds",), (".avhdx", ".avhd")
# Of OperationalStatus (windows-facts-2.md section 11).
_MERGES = {32770: "a checkpoint of it is being deleted", 32772: "its disks are being merged"}


def disks_of(host: FactsView) -> Mapping[str, list[VirtualDisk]]:
    """Return the disks of each machine that are files, by its GUID."""
    found: dict[str, list[VirtualDisk]] = defaultdict(list)
    for each in host[VIRTUAL_DISKS]:
        if not each.is_disc:
            found[each.owner].append(each)
    return found


def is_shared(disk: VirtualDisk) -> bool:
    """Whether several machines may have a disk at the same time."""
    return disk.shared is True or has_extension(disk.file, *_SHARED)


def what_disks_do(machine: Machine, disks: Iterable[VirtualDisk]) -> str:
    """Return what goes on with the disks of a machine; empty: nothing."""
    status = machine.state.operational_status if machine.state is not None else ()
    for number, why in _MERGES.items():
        if number in status:
            return why
    if machine.settings.in_backup:
        return "a backup of it runs, by the checkpoint that stands beside it"
    left = (each.file for each in disks if has_extension(each.file, *_AFTER_CHECKPOINT))
    file = next(left, "") if machine.settings.checkpoints == 0 else ""
    if not file:
        return ""
    shown = shown_path(file)
    return f"it runs from {shown} and has no checkpoint, so that a merge of its disks is due"


def passed_through(host: FactsView, machines: Iterable[Machine]) -> list[Machine]:
    """Return the machines that have a disk of the host itself."""
    owners = {each.owner for each in host[PHYSICAL_DRIVES] if not (each.is_dvd or each.is_memory)}
    return [each for each in machines if each.identifier in owners]


def has_local_files(machine: Machine, disks: Iterable[VirtualDisk]) -> bool:
    """Whether the configuration or a disk of a machine is where only its host reaches it."""
    paths = (machine.settings.configuration_root, *(each.file for each in disks))
    return any(place_of(each) is Place.LOCAL for each in paths if each)


def unseen_bases(files: Iterable[str], *, crosses: bool) -> list[str]:
    """Return the disks upon which others build, and which the next host does not see.

    `crosses`: the machine may leave its cluster.
    """
    unseen = {Place.LOCAL, Place.CLUSTER} if crosses else {Place.LOCAL}
    return [each for each in files if place_of(each) in unseen]


def standings_of(host: FactsView, machines: Iterable[Machine]) -> Mapping[str, Standing]:
    """Return what its cluster says of each machine; outside clusters none is a role.

    Raises:
        BlockedError: the cluster's resources could not be read.
    """
    known = tuple(each.identifier for each in machines)
    if not is_cluster_node(host[SERVICES]):
        return dict.fromkeys(known, Standing.OUTSIDE)
    found = clustered_machines(host)
    return {each: found.standing(each) for each in known}
