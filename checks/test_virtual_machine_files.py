"""What the virtual machines of a host have in their drives, and who reaches it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from livemigration.base.text import counted, one_line, some
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM, SERVICES
from livemigration.facts.virtual_disks import (
    PHYSICAL_DRIVES,
    VIRTUAL_DISKS,
    VirtualDisk,
)
from livemigration.facts.windows import WINDOWS_SERVER_2012_R2
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.clustered_machines import (
    CLUSTERED_MACHINES,
    Standing,
    clustered_machines,
)
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.machine_files import (
    detach_disks,
    eject_media,
    keep_shared_disks,
    move_files,
)
from livemigration.verdict.machine_files import Place, has_extension, is_guest_disc, place_of
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import (
    MIGRATE_IN_VMM,
    MIGRATE_VMS,
    TROUBLESHOOT_LIVE_MIGRATION,
)
from livemigration.verdict.scope import is_cluster_node, scope_of
from livemigration.verdict.views import FactsView
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    NO_MACHINE,
    Machine,
    is_to_stay,
    machines_of,
)

_SHOWN = {Place.CLUSTER: "on a cluster shared volume", Place.SHARE: "on a share"}


def _names(machines: Iterable[Machine]) -> tuple[str, ...]:
    return tuple(each.name for each in machines)


@check(
    "LM701",
    needs=(*MACHINE_FACTS, VIRTUAL_DISKS, PHYSICAL_DRIVES, OPERATING_SYSTEM),
    may_need=(*MACHINE_EVIDENCE, DOMAIN_MEMBERSHIP),
    refs=(TROUBLESHOOT_LIVE_MIGRATION,),
)
def test_no_virtual_machine_has_a_disc_that_stays_behind(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """No virtual machine has a disc in its DVD drive that only this host reaches.

    Why: the other host opens the same path. Where the image is not there, the move ends with
    0xC03A0014, in VMM with error 11028; a DVD drive of this host is on no other.

    Fails: a machine that is not off has an image on a local path of the host in its drive, or the
    DVD drive of the host. The disc of the integration services, which each host up to Server 2012
    R2 has, does not count on those.

    Warns: the image is on a cluster shared volume or on a share: not every host has to reach it.

    Does not apply: the host has no virtual machine, or only such as are to stay by the policy.
    """
    machines, stay = _to_move(host, policy)
    if not machines:
        yield _nothing(stay)
        return
    media = _media(host)
    found = [(each, media[each.identifier]) for each in machines if media[each.identifier]]
    lost = [(each, left) for each, had in found if not each.is_off and (left := _local(had))]
    repair = eject_media(
        machine_of(host, vmm),
        [(each.name, each.identifier, path) for each, left in lost for path in left],
    )
    for each, left in lost:
        yield fail(
            f"{each.name} has in its DVD drive: {some(map(_shown, left), at_most=3)}.",
            "No disc, or one that every host reaches.",
            repair,
        )
    reached = list(_reached(found, {each.identifier for each, _ in lost}))
    yield from reached
    if not (lost or reached):
        yield ok(f"{counted(len(machines), 'virtual machine')}, and no disc stays behind.")
    off = [each for each, had in found if each.is_off and _local(had)]
    if off:
        yield note(f"Off, with a disc that the host to run on has to reach: {some(_names(off))}.")
    yield from _staying(stay)


def _to_move(host: FactsView, policy: Policy) -> tuple[list[Machine], list[Machine]]:
    """Return the machines of a host that may move, and those that the policy lets stay."""
    machines = machines_of(host)
    stay = [each for each in machines if is_to_stay(each, policy)]
    return [each for each in machines if each not in stay], stay


def _nothing(stay: Collection[Machine], replicas: Collection[Machine] = ()) -> Finding:
    if replicas:
        return not_applicable(f"It has only replicas: {some(_names(replicas))}.")
    if stay:
        return not_applicable(f"It has only machines that are to stay: {some(_names(stay))}.")
    return not_applicable(NO_MACHINE)


def _staying(machines: Collection[Machine]) -> Iterator[Finding]:
    if machines:
        yield note(f"To stay, by the policy, and not judged: {some(_names(machines))}.")


# Of the path of a disc: the DVD drive of the host.
_DRIVE = ""


def _media(host: FactsView) -> Mapping[str, list[str]]:
    """Return the paths of the discs in the drives of each machine that may stay behind."""
    found: dict[str, list[str]] = defaultdict(list)
    old = host[OPERATING_SYSTEM].build <= WINDOWS_SERVER_2012_R2
    for disc in host[VIRTUAL_DISKS]:
        if disc.is_disc and not (old and is_guest_disc(disc.file)):
            found[disc.owner].append(disc.file)
    for drive in host[PHYSICAL_DRIVES]:
        if drive.is_dvd:
            found[drive.owner].append(_DRIVE)
    return found


def _local(paths: Iterable[str]) -> list[str]:
    return [each for each in paths if place_of(each) is Place.LOCAL]


def _shown(path: str) -> str:
    return one_line(path, limit=120) if path != _DRIVE else "the DVD drive of this host"


def _reached(
    found: Iterable[tuple[Machine, Sequence[str]]], failed: Collection[str]
) -> Iterator[Finding]:
    for each, paths in found:
        if each.is_off or each.identifier in failed:
            continue
        for path in paths[:1]:
            yield warn(
                f"{each.name} has an image {_SHOWN[place_of(path)]} in its DVD drive: "
                f"{_shown(path)}.",
                "No disc. The move fails where the other host may not open it.",
            )


@check(
    "LM702",
    needs=(*MACHINE_FACTS, VIRTUAL_DISKS, PHYSICAL_DRIVES, SERVICES),
    may_need=(*MACHINE_EVIDENCE, *CLUSTERED_MACHINES),
    refs=(MIGRATE_IN_VMM, MIGRATE_VMS),
)
def test_the_disks_of_each_virtual_machine_can_move(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """The disks of each virtual machine of the host can go where the machine goes.

    Why: a disk of the host itself stays where it is, a disk that several machines share moves
    inside its cluster alone, and files that only one node reaches keep a clustered machine on it.
    Which disk a differencing disk builds upon is not examined.

    Fails: a machine that is not off has a disk of a host outside clusters (pass-through); or shares
    a disk with others and may leave its cluster; or is a role of the cluster with its configuration
    or a disk on neither a cluster shared volume nor a share.

    Warns: a role of the cluster has a pass-through disk, which VMM does not move; or a backup, a
    merge of disks or the end of a checkpoint is in progress.

    Does not apply: the host has no virtual machine, or only replicas and such as are to stay by the
    policy.
    """
    machines, stay = _to_move(host, policy)
    judged = [each for each in machines if not each.is_replica]
    if not judged:
        yield _nothing(stay, machines)
        return
    files = _disks(host)
    crosses = not scope_of(host, policy).in_cluster
    shared = [each for each in judged if crosses and any(map(_is_shared, files[each.identifier]))]
    names = _names(_on(shared))
    for each in _on(shared):
        yield fail(
            f"{each.name} shares a disk with other machines, and may leave its cluster.",
            "Its disks are its own, or it moves inside its cluster alone.",
            keep_shared_disks(machine_of(host, vmm), names),
        )
    busy = [(each, why) for each in _on(judged) if (why := _busy(each, files[each.identifier]))]
    for each, why in busy:
        yield warn(f"{each.name}: {why}.", "Try again after it: a move begun before that fails.")
    passed = _passed_through(host, judged)
    local = [each for each in judged if _is_local(each, files[each.identifier])]
    stuck = list(_bound(host, vmm, _on(passed), _on(local)))
    yield from stuck
    if not (names or busy or stuck):
        yield ok(f"{counted(len(judged), 'virtual machine')}, and no disk stays behind.")
    if off := dict.fromkeys(_names(each for each in (*shared, *passed) if each.is_off)):
        yield note(f"Off, and with disks that could not move while it runs: {some(off)}.")
    yield from _staying(stay)


_SHARED, _AFTER_CHECKPOINT = (".vhds",), (".avhdx", ".avhd")
# Of OperationalStatus (windows-facts-2.md section 11).
_MERGES = {32770: "a checkpoint of it is being deleted", 32772: "its disks are being merged"}


def _on(machines: Iterable[Machine]) -> list[Machine]:
    return [each for each in machines if not each.is_off]


def _disks(host: FactsView) -> Mapping[str, list[VirtualDisk]]:
    found: dict[str, list[VirtualDisk]] = defaultdict(list)
    for each in host[VIRTUAL_DISKS]:
        if not each.is_disc:
            found[each.owner].append(each)
    return found


def _is_shared(disk: VirtualDisk) -> bool:
    return disk.shared is True or has_extension(disk.file, *_SHARED)


def _busy(machine: Machine, disks: Iterable[VirtualDisk]) -> str:
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
    return f"it runs from {_shown(file)} and has no checkpoint, so that a merge of its disks is due"


def _passed_through(host: FactsView, machines: Iterable[Machine]) -> list[Machine]:
    owners = {each.owner for each in host[PHYSICAL_DRIVES] if not (each.is_dvd or each.is_memory)}
    return [each for each in machines if each.identifier in owners]


def _is_local(machine: Machine, disks: Iterable[VirtualDisk]) -> bool:
    paths = (machine.settings.configuration_root, *(each.file for each in disks))
    return any(place_of(each) is Place.LOCAL for each in paths if each)


def _bound(
    host: FactsView, vmm: FactsView, passed: Sequence[Machine], local: Sequence[Machine]
) -> Iterator[Finding]:
    """Yield what is wrong with disks that depends on whether their machine is a role."""
    if not is_cluster_node(host[SERVICES]):
        local = ()
    if not (passed or local):
        return
    standings, machine = _standings(host, (*passed, *local)), machine_of(host, vmm)
    repair = detach_disks(machine, _names(passed))
    for each in passed:
        observed = f"{each.name} has a disk of this host (pass-through)."
        standing = standings[each.identifier]
        if standing is Standing.OUTSIDE:
            yield fail(observed, "Each of its disks is a file.", repair)
        elif standing is Standing.CLUSTERED:
            yield warn(observed, "Each of its disks is a file: VMM does not move it else.", repair)
        else:
            yield warn(observed, f"Each of its disks is a file. {_NOT_KNOWN}", repair)
    repair = move_files(machine, _names(local))
    for each in local:
        observed = f"Files of {each.name} are where only this node reaches them."
        if standings[each.identifier] is Standing.CLUSTERED:
            yield fail(observed, "They are on a cluster shared volume or a share.", repair)
        elif standings[each.identifier] is Standing.UNKNOWN:
            yield warn(observed, f"A role has them on a shared volume. {_NOT_KNOWN}")


_NOT_KNOWN = "Whether it is a role of the cluster is not known."


def _standings(host: FactsView, machines: Iterable[Machine]) -> Mapping[str, Standing]:
    known = tuple(each.identifier for each in machines)
    if not is_cluster_node(host[SERVICES]):
        return dict.fromkeys(known, Standing.OUTSIDE)
    found = clustered_machines(host)
    return {each: found.standing(each) for each in known}
