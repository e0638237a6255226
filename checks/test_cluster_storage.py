"""What a cluster stores its virtual machines on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from livemigration.base.text import counted, one_line, some
from livemigration.facts.cluster_groups import CLUSTER_RESOURCES, ClusterResource
from livemigration.facts.cluster_storage import (
    CLUSTER_SHARED_VOLUMES,
    STORAGE_JOBS,
    STORAGE_POOLS,
    STORAGE_VIRTUAL_DISKS,
    STORAGE_VOLUMES,
    StorageJob,
    StorageObject,
    StorageVolume,
)
from livemigration.facts.host import SERVICES
from livemigration.inventory.policy import Policy
from livemigration.verdict.check import check
from livemigration.verdict.cluster_membership import (
    REST_OF_MEMBERSHIP,
    Membership,
    membership_of,
)
from livemigration.verdict.drain import for_the_drain, is_to_be_drained
from livemigration.verdict.findings import Finding, fail, ok, warn
from livemigration.verdict.fixes.cluster_storage import (
    bring_back,
    wait_for_storage,
    wait_for_volumes,
)
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import SHARED_VOLUME_STATES, STORAGE_MAINTENANCE
from livemigration.verdict.shared_volumes import VolumeState, state_of_volume
from livemigration.verdict.views import BlockedError, FactsView, GroupView

_OFFLINE, _FAILED = 3, 4
_FINISHED = (7, 8, 9, 10)
_HEALTHY = 0
_HEALTH = {1: "warning", 2: "unhealthy"}
_USABLE = "Every node of the cluster can use it."
_AT_REST = "No storage job runs, and every pool and virtual disk is healthy."


@check(
    "LM604",
    needs=(SERVICES,),
    may_need=(
        *REST_OF_MEMBERSHIP,
        CLUSTER_SHARED_VOLUMES,
        CLUSTER_RESOURCES,
        STORAGE_VOLUMES,
        STORAGE_JOBS,
        STORAGE_POOLS,
        STORAGE_VIRTUAL_DISKS,
    ),
    refs=(SHARED_VOLUME_STATES, STORAGE_MAINTENANCE),
)
def test_the_storage_of_the_cluster_is_well(
    host: FactsView, vmm: FactsView, policy: Policy, group: GroupView
) -> Iterator[Finding]:
    """The shared volumes of the cluster can be used, and its storage is at rest.

    Why: a virtual machine moves to a node only where that node sees its volume; and a node that is
    taken away while Storage Spaces Direct rebuilds can take volumes offline.

    Fails: a shared volume is not accessible, dismounted, or its disk has failed; of Storage Spaces
    Direct, a storage job runs, or a pool or a virtual disk is not healthy, and the node is to be
    drained.

    Warns: a shared volume is in redirected access (ReFS always is, which is right), in maintenance
    or in backup; of Storage Spaces Direct the same, where the node is not to be drained.

    Does not apply: a host outside clusters.
    """
    drained = is_to_be_drained(host, policy, group)
    storage = _Storage(host, membership_of(host), machine_of(host, vmm), drained=drained)
    weighs, blocked = False, None
    for part in (storage.volumes, storage.disks, storage.spaces):
        try:
            for finding in part():
                weighs = weighs or bool(finding.expected)
                yield finding
        except BlockedError as error:
            blocked = blocked or error
    if blocked is not None:
        raise blocked
    if not weighs:
        yield ok(storage.summary())


class _Storage:
    """The storage of a node's cluster, in parts that each may not be known."""

    def __init__(
        self, host: FactsView, own: Membership, machine: FixTarget, *, drained: bool
    ) -> None:
        self._host, self._own, self._machine = host, own, machine
        self._drained = drained

    def summary(self) -> str:
        """Return what was looked at, where all of it is well."""
        number = len(self._host[CLUSTER_SHARED_VOLUMES])
        said = f"{counted(number, 'shared volume')} can be used" if number else "no shared volume"
        return f"{one_line(self._own.cluster.name or '')}: {said}{self._of_spaces()}."

    def _of_spaces(self) -> str:
        return ", and its storage is at rest" if self._own.cluster.storage_spaces_direct else ""

    def volumes(self) -> Iterator[Finding]:
        """Yield what is said of shared volumes, those of one state together.

        Raises:
            BlockedError: the cluster shows none, though disks of it are such; or what decides of
                one is not known.
        """
        found = self._host[CLUSTER_SHARED_VOLUMES]
        if not found and (disks := [each.name for each in self._shared_disks()]):
            raise BlockedError(
                "",
                f"The cluster shows this account no shared volume, though {some(disks)} are such.",
                "Compare with what Get-ClusterSharedVolume shows on the host.",
            )
        by_state = defaultdict(list)
        unread = None
        for each in found:
            try:
                by_state[state_of_volume(each, self._file_system)].append(each.name)
            except BlockedError as error:
                unread = unread or error
        for state in reversed(VolumeState):
            if paths := by_state.get(state):
                yield from self._judged(state, paths)
        if unread is not None:
            raise unread

    def _file_system(self, volume: str) -> StorageVolume | None:
        return next((each for each in self._host[STORAGE_VOLUMES] if each.volume == volume), None)

    def _judged(self, state: VolumeState, paths: Sequence[str]) -> Iterator[Finding]:
        if state is VolumeState.WELL:
            return
        if state is VolumeState.UNKNOWN:
            raise BlockedError(
                "",
                f"The cluster does not say whether it can be used: {some(paths)}.",
                "Compare with what Get-ClusterSharedVolumeState shows on the host.",
            )
        observed = f"{some(paths)}: {'it' if len(paths) == 1 else 'each'} {state.value}."
        if state.fails:
            yield fail(observed, _USABLE, bring_back(self._machine, paths))
        else:
            yield warn(
                observed,
                "It is accessed directly, and no backup of it is in progress.",
                wait_for_volumes(self._machine, paths),
            )

    def disks(self) -> Iterator[Finding]:
        """Yield what is said of the disks under shared volumes."""
        for state, said, judged in ((_FAILED, "has failed", fail), (_OFFLINE, "is offline", warn)):
            names = [one_line(each.name) for each in self._shared_disks() if each.state == state]
            if names:
                yield judged(
                    f"The disk of a shared volume {said}: {some(names)}.",
                    "It is online.",
                    bring_back(self._machine, names),
                )

    def _shared_disks(self) -> tuple[ClusterResource, ...]:
        return tuple(each for each in self._host[CLUSTER_RESOURCES] if each.shared_volume)

    def spaces(self) -> Iterator[Finding]:
        """Yield what is said of Storage Spaces Direct, where the cluster has it.

        Raises:
            BlockedError: the account sees no pool of it; or the node is to be drained, and what is
                not stated decides.
        """
        if not self._own.cluster.storage_spaces_direct:
            return
        pools = [each for each in self._host[STORAGE_POOLS] if not each.primordial]
        parts = (*pools, *self._host[STORAGE_VIRTUAL_DISKS])
        jobs = [each for each in self._host[STORAGE_JOBS] if each.state not in _FINISHED]
        known = [_job(each) for each in jobs if each.state is not None]
        known += [_ill(each) for each in parts if each.health in _HEALTH]
        unknown = [_job(each) for each in jobs if each.state is None]
        unknown += [_ill(each) for each in parts if each.health not in {_HEALTHY, *_HEALTH}]
        name = one_line(self._own.cluster.name or "")
        if known or (unknown and not self._drained):
            told = [*known, *unknown]
            yield for_the_drain(
                f"The storage of {name} is not at rest: {some(told)}.",
                _AT_REST,
                wait_for_storage(self._machine, told),
                drained=self._drained,
            )
        elif unknown:
            raise BlockedError(
                "",
                f"Whether the storage of {name} is at rest is not known: {some(unknown)}.",
                "Compare with what Get-StorageJob, Get-StoragePool and Get-VirtualDisk show.",
            )
        if not pools:
            raise BlockedError(
                "",
                "The cluster has Storage Spaces Direct, and Windows shows this account no pool.",
                "Run with an account that is in Administrators of the host.",
            )


def _job(job: StorageJob) -> str:
    percent = "" if job.percent is None else f" ({job.percent} %)"
    if job.state is None:
        percent = " (state not known)"
    return f"job {one_line(job.name, 60) or 'without a name'}{percent}"


def _ill(part: StorageObject) -> str:
    health = _HEALTH.get(part.health, "health not known") if part.health else "health not known"
    return f"{one_line(part.name, 60)} ({health})"
