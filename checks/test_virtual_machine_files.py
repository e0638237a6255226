"""What the virtual machines of a host have in their drives, and who reaches it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from livemigration.base.text import counted, some
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM, SERVICES
from livemigration.facts.virtual_disks import (
    PHYSICAL_DRIVES,
    VIRTUAL_DISKS,
)
from livemigration.facts.vmm_disks import VMM_DISKS
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.clustered_machines import (
    CLUSTERED_MACHINES,
    Standing,
)
from livemigration.verdict.disk_records import Bases, bases_of, is_unread, records_of
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.machine_files import (
    detach_disks,
    eject_media,
    keep_shared_disks,
    merge_disks,
    move_files,
)
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.machine_disks import (
    disks_of,
    has_local_files,
    is_shared,
    local_paths,
    media_of,
    passed_through,
    shown_path,
    standings_of,
    unseen_bases,
    what_disks_do,
)
from livemigration.verdict.machine_files import Place, place_of
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import (
    MIGRATE_IN_VMM,
    MIGRATE_VMS,
    TROUBLESHOOT_LIVE_MIGRATION,
)
from livemigration.verdict.scope import is_cluster_node, scope_of
from livemigration.verdict.views import BlockedError, FactsView
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
    media = media_of(host)
    found = [(each, media[each.identifier]) for each in machines if media[each.identifier]]
    lost = [(each, left) for each, had in found if not each.is_off and (left := local_paths(had))]
    repair = eject_media(
        machine_of(host, vmm),
        [(each.name, each.identifier, path) for each, left in lost for path in left],
    )
    for each, left in lost:
        yield fail(
            f"{each.name} has in its DVD drive: {some(map(shown_path, left), at_most=3)}.",
            "No disc, or one that every host reaches.",
            repair,
        )
    reached = list(_reached(found, {each.identifier for each, _ in lost}))
    yield from reached
    if not (lost or reached):
        yield ok(f"{counted(len(machines), 'virtual machine')}, and no disc stays behind.")
    off = [each for each, had in found if each.is_off and local_paths(had)]
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


def _reached(
    found: Iterable[tuple[Machine, Sequence[str]]], failed: Collection[str]
) -> Iterator[Finding]:
    for each, paths in found:
        if each.is_off or each.identifier in failed:
            continue
        for path in paths[:1]:
            yield warn(
                f"{each.name} has an image {_SHOWN[place_of(path)]} in its DVD drive: "
                f"{shown_path(path)}.",
                "No disc. The move fails where the other host may not open it.",
            )


@check(
    "LM702",
    needs=(*MACHINE_FACTS, VIRTUAL_DISKS, PHYSICAL_DRIVES, SERVICES),
    may_need=(*MACHINE_EVIDENCE, *CLUSTERED_MACHINES, VMM_DISKS),
    refs=(MIGRATE_IN_VMM, MIGRATE_VMS),
)
def test_the_disks_of_each_virtual_machine_can_move(
    host: FactsView, vmm: FactsView, policy: Policy
) -> Iterator[Finding]:
    """The disks of each virtual machine of the host can go where the machine goes.

    Why: a disk of the host itself stays where it is, a disk that several machines share moves
    inside its cluster alone, and files that only one node reaches keep a clustered machine on it.
    The disk upon which a differencing disk builds is not moved with it; which that is, VMM tells.

    Fails: a machine that is not off has a disk of a host outside clusters (pass-through); or shares
    a disk with others and may leave its cluster; or is a role of the cluster with its configuration
    or a disk on neither a cluster shared volume nor a share; or has a disk that builds upon one of
    the host alone, or upon one of a cluster that it may leave.

    Warns: a role of the cluster has a pass-through disk, which VMM does not move; or a backup, a
    merge of disks or the end of a checkpoint is in progress.

    Blocked: VMM was asked upon what the disks build, and could not say it.

    Does not apply: the host has no virtual machine, or only replicas and such as are to stay by the
    policy.
    """
    machines, stay = _to_move(host, policy)
    judged = [each for each in machines if not each.is_replica]
    if not judged:
        yield _nothing(stay, machines)
        return
    files = disks_of(host)
    crosses = not scope_of(host, policy).in_cluster
    shared = [each for each in judged if crosses and any(map(is_shared, files[each.identifier]))]
    names = _names(_on(shared))
    for each in _on(shared):
        yield fail(
            f"{each.name} shares a disk with other machines, and may leave its cluster.",
            "Its disks are its own, or it moves inside its cluster alone.",
            keep_shared_disks(machine_of(host, vmm), names),
        )
    busy = [
        (each, why) for each in _on(judged) if (why := what_disks_do(each, files[each.identifier]))
    ]
    for each, why in busy:
        yield warn(f"{each.name}: {why}.", "Try again after it: a move begun before that fails.")
    passed = passed_through(host, judged)
    local = [each for each in judged if has_local_files(each, files[each.identifier])]
    stuck = list(_bound(host, vmm, _on(passed), _on(local)))
    yield from stuck
    records = records_of(host)
    bases = [(e.name, bases_of(files[e.identifier], records)) for e in _on(judged)]
    based = list(_based(machine_of(host, vmm), bases, crosses=crosses))
    yield from based
    if not (names or busy or stuck or based):
        _block_where_bases_are_not_known(host, bases)
        yield ok(f"{counted(len(judged), 'virtual machine')}, and no disk stays behind.")
    if off := dict.fromkeys(_names(each for each in (*shared, *passed) if each.is_off)):
        yield note(f"Off, and with disks that could not move while it runs: {some(off)}.")
    if unlisted := [name for name, each in bases if each.unlisted]:
        yield note(f"VMM has no record of all disks, so what they build upon: {some(unlisted)}.")
    yield from _staying(stay)


def _based(
    machine: FixTarget, bases: Iterable[tuple[str, Bases]], *, crosses: bool
) -> Iterator[Finding]:
    """Yield which machines have disks that build upon one that their next host does not see."""
    found = ((name, unseen_bases(each.files, crosses=crosses)) for name, each in bases)
    lost = [(name, files[0]) for name, files in found if files]
    repair = merge_disks(machine, tuple(name for name, _ in lost))
    for name, file in lost:
        yield fail(
            f"{name} has a disk that builds upon {shown_path(file)}, which stays behind.",
            "A disk builds upon none, or upon one that every host reaches.",
            repair,
        )


def _block_where_bases_are_not_known(host: FactsView, bases: Collection[tuple[str, Bases]]) -> None:
    """Raise BlockedError where a disk builds upon another, or may, and nobody knows which."""
    if bases and is_unread(host):
        # Raises, as it could not be read.
        host[VMM_DISKS]
    if unnamed := [name for name, each in bases if each.unnamed]:
        raise BlockedError(
            "",
            f"A disk builds upon another one, and VMM does not say where that is: {some(unnamed)}.",
            "Run Get-VHD for their disks on the host, and compare ParentPath with what other hosts "
            "reach.",
        )


def _on(machines: Iterable[Machine]) -> list[Machine]:
    return [each for each in machines if not each.is_off]


def _bound(
    host: FactsView, vmm: FactsView, passed: Sequence[Machine], local: Sequence[Machine]
) -> Iterator[Finding]:
    """Yield what is wrong with disks that depends on whether their machine is a role."""
    if not is_cluster_node(host[SERVICES]):
        local = ()
    if not (passed or local):
        return
    standings, machine = standings_of(host, (*passed, *local)), machine_of(host, vmm)
    repair = detach_disks(machine, _names(passed))
    for each in passed:
        observed = f"{each.name} has a disk of this host (pass-through)."
        standing = standings[each.identifier]
        if standing is Standing.OUTSIDE:
            yield fail(observed, "Each of its disks is a file.", repair)
        elif standing is Standing.CLUSTERED:
            yield warn(
                observed, "Each of its disks is a file: otherwise VMM does not move it.", repair
            )
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
