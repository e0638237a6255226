"""What a virtual machine has that decides where it can go, or whether anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from livemigration.base.text import one_line
from livemigration.facts.connection_pools import CONNECTION_POOLS
from livemigration.facts.host import DOMAIN_MEMBERSHIP, OPERATING_SYSTEM, SERVICES
from livemigration.facts.host_guardian import GUARDIAN_CERTIFICATES, HOST_GUARDIAN
from livemigration.facts.virtual_devices import (
    FIBRE_CHANNEL_CONNECTIONS,
    GPU_PARTITION_SETTINGS,
    GPU_PARTITIONS,
    PARTITIONABLE_GPUS,
    PASSED_THROUGH_DEVICES,
)
from livemigration.facts.virtual_disks import PHYSICAL_DRIVES, VIRTUAL_DISKS
from livemigration.facts.virtual_ports import VIRTUAL_PORTS
from livemigration.facts.virtual_security import VIRTUAL_SECURITY
from livemigration.facts.virtualization import VIRTUAL_SWITCHES
from livemigration.facts.vmm_disks import VMM_DISKS
from livemigration.facts.windows import WINDOWS_SERVER_2025
from livemigration.verdict.clustered_machines import CLUSTERED_MACHINES
from livemigration.verdict.clustered_machines import Standing as InCluster
from livemigration.verdict.disk_records import bases_of, is_unread, records_of
from livemigration.verdict.machine_devices import inner_switches, partitions_of, unconfirmed_of
from livemigration.verdict.machine_disks import (
    disks_of,
    has_local_files,
    is_shared,
    local_paths,
    media_of,
    passed_through,
    standings_of,
    unseen_bases,
    what_disks_do,
)
from livemigration.verdict.machine_roles import machines_of_node
from livemigration.verdict.machine_states import fails_over, what_goes_on
from livemigration.verdict.move_answers import (
    NOTHING_SAID,
    End,
    MachineQuestion,
    Moving,
    Said,
    Standing,
    missing_of,
    worst,
)
from livemigration.verdict.scope import is_cluster_node, scope_of
from livemigration.verdict.views import FactsView
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    Machine,
    is_to_stay,
    machines_of,
)
from livemigration.verdict.vm_destinations import sans_of, takes_partitions
from livemigration.verdict.vm_keys import (
    Keeper,
    Opening,
    keeper_of,
    opens_shielded,
    opens_with_certificates,
)

_MACHINES = (*MACHINE_FACTS, *MACHINE_EVIDENCE, DOMAIN_MEMBERSHIP)


def _live(host: FactsView) -> list[Machine]:
    """Return the machines of a host that may run, so that a move is a live migration."""
    return [each for each in machines_of(host) if not (each.is_off or each.is_saved)]


def _moving(end: End) -> list[Machine]:
    """Return the machines that are not off and not to stay by the policy."""
    machines = machines_of(end.host)
    return [each for each in machines if not (each.is_off or is_to_stay(each, end.policy))]


class _OfItself(MachineQuestion):
    """What a machine has that decides by itself, wherever it goes."""

    of_pair = False

    def of_machine(self, moving: Moving[Said, None]) -> Said:
        """Return what was found of the machine."""
        return moving.need

    def _told(self, found: Iterable[tuple[str, Said]]) -> dict[str, Said]:
        """Return the worst of what was found of each machine."""
        by_machine: dict[str, list[Said]] = {}
        for machine, said in found:
            by_machine.setdefault(machine, []).append(said)
        return {machine: worst(each) for machine, each in by_machine.items()}


class Discs(_OfItself):
    """Whether a disc in a machine's drive stays behind."""

    check = "LM701"
    groups = (*_MACHINES, VIRTUAL_DISKS, PHYSICAL_DRIVES, OPERATING_SYSTEM)

    def needs(self, end: End) -> Mapping[str, Said]:
        """Return what is said of the discs of each machine."""
        media, found = media_of(end.host), {}
        for each in _moving(end):
            had = media[each.identifier]
            if local_paths(had):
                cause = "a disc in its drive that only the source reaches"
                found[each.identifier] = self.said(Standing.REFUSED, cause)
            elif had:
                cause = "a disc in its drive that not every host has to reach"
                found[each.identifier] = self.said(Standing.WARNED, cause)
        return found


@dataclass(frozen=True)
class _Disks:
    """What is said of a machine's disks anywhere, and where it may leave its cluster with them.

    `based`: one of them builds upon one of its cluster.
    """

    anywhere: Said
    shared: bool
    based: bool


class Disks(MachineQuestion):
    """Whether the disks of a machine go where it goes."""

    check = "LM702"
    groups = (*_MACHINES, VIRTUAL_DISKS, PHYSICAL_DRIVES, SERVICES, *CLUSTERED_MACHINES, VMM_DISKS)
    of_pair = False

    def needs(self, end: End) -> Mapping[str, _Disks]:
        """Return what is said of the disks of each machine."""
        host, files = end.host, disks_of(end.host)
        judged = [each for each in _moving(end) if not each.is_replica]
        crosses = not scope_of(host, end.policy).in_cluster
        passed = {each.identifier for each in passed_through(host, judged)}
        node = is_cluster_node(host[SERVICES])
        local = {e.identifier for e in judged if node and has_local_files(e, files[e.identifier])}
        tied = [each for each in judged if each.identifier in passed | local]
        standings = standings_of(host, tied) if tied else {}
        records, found = records_of(host), {}
        for each in judged:
            guid, said = each.identifier, []
            if guid in passed:
                said.append(self._passed(standings[guid]))
            if guid in local:
                said.append(self._local(standings[guid]))
            if why := what_disks_do(each, files[guid]):
                said.append(self.said(Standing.WARNED, why))
            bases = bases_of(files[guid], records)
            if unseen_bases(bases.files, crosses=False):
                said.append(
                    self.said(Standing.REFUSED, "a disk that builds upon one of the source")
                )
            elif bases.unnamed or is_unread(host):
                said.append(self.said(Standing.UNKNOWN, "what its disks build upon is not known"))
            shared = crosses and any(map(is_shared, files[guid]))
            based = crosses and bool(unseen_bases(bases.files, crosses=True))
            found[guid] = _Disks(worst(said), shared, based)
        return found

    def _passed(self, standing: InCluster) -> Said:
        how = Standing.REFUSED if standing is InCluster.OUTSIDE else Standing.WARNED
        return self.said(how, "a disk of the source itself (pass-through)")

    def _local(self, standing: InCluster) -> Said:
        cause = "files where only the source reaches them"
        if standing is InCluster.CLUSTERED:
            return self.said(Standing.REFUSED, cause)
        warned = standing is InCluster.UNKNOWN
        return self.said(Standing.WARNED, cause) if warned else NOTHING_SAID

    def of_machine(self, moving: Moving[_Disks, None]) -> Said:
        """Return what is said of the disks, on the way to a host of its cluster or not."""
        if moving.link.mates:
            return moving.need.anywhere
        standing = Standing.REFUSED if moving.link.mates is False else Standing.UNKNOWN
        said = [moving.need.anywhere]
        if moving.need.shared:
            said.append(self.said(standing, "a disk that it shares with other machines"))
        if moving.need.based:
            said.append(self.said(standing, "a disk that builds upon one of its cluster"))
        return worst(said)


class Devices(_OfItself):
    """Whether a device ties a machine to its host."""

    check = "LM703"
    groups = (
        *_MACHINES,
        OPERATING_SYSTEM,
        PASSED_THROUGH_DEVICES,
        GPU_PARTITION_SETTINGS,
        GPU_PARTITIONS,
        PHYSICAL_DRIVES,
        VIRTUAL_PORTS,
        VIRTUAL_SECURITY,
        VIRTUAL_SWITCHES,
    )

    def needs(self, end: End) -> Mapping[str, Said]:
        """Return what is said of the devices of each machine that may run."""
        live = {each.identifier for each in _live(end.host)}
        told = self._told(self._found(end.host))
        return {machine: said for machine, said in told.items() if machine in live}

    def _found(self, host: FactsView) -> Iterator[tuple[str, Said]]:
        device = self.said(Standing.REFUSED, "a PCI Express device of the source (DDA)")
        for each in host[PASSED_THROUGH_DEVICES]:
            yield each.owner, device
        yield from self._partitions(host)
        for switch in inner_switches(host):
            cause = f"on the {switch.kind.value} switch {one_line(switch.name, 60)}"
            for owner in switch.owners:
                yield owner, self.said(Standing.WARNED, cause)
        for what, owners in unconfirmed_of(host, machines_of(host)):
            for owner in owners:
                yield owner, self.said(Standing.WARNED, f"it {what.value}")

    def _partitions(self, host: FactsView) -> Iterator[tuple[str, Said]]:
        owners = {each.owner for each in host[GPU_PARTITION_SETTINGS]}
        if not owners:
            return
        if host[OPERATING_SYSTEM].build < WINDOWS_SERVER_2025:
            old = self.said(Standing.REFUSED, "a GPU partition, before Windows Server 2025")
            yield from ((each, old) for each in owners)
            return
        found = partitions_of(host)
        fixed = self.said(Standing.REFUSED, "a GPU partition that cannot be moved live")
        yield from ((each, fixed) for each in found.fixed)
        unstated = self.said(Standing.WARNED, "a GPU partition that may not be moved live")
        yield from ((each, unstated) for each in found.unstated)


class Gpus(MachineQuestion):
    """Whether the destination has a GPU that takes the partition of a machine."""

    check = "LM703"
    groups = (
        *_MACHINES,
        OPERATING_SYSTEM,
        GPU_PARTITION_SETTINGS,
        GPU_PARTITIONS,
        PARTITIONABLE_GPUS,
    )

    def destination(self, end: End) -> bool | None:
        """Return whether it has such a GPU; None: it does not state it."""
        return takes_partitions(end.host)

    def needs(self, end: End) -> Mapping[str, bool]:
        """Return the machines with a partition that may leave."""
        host = end.host
        live = {each.identifier for each in _live(host)}
        owners = [each.owner for each in host[GPU_PARTITION_SETTINGS] if each.owner in live]
        if not owners or host[OPERATING_SYSTEM].build < WINDOWS_SERVER_2025:
            return {}
        fixed = partitions_of(host).fixed
        return {each: True for each in owners if each not in fixed}

    def of_machine(self, moving: Moving[bool, bool | None]) -> Said:
        """Return that the destination has none."""
        lacks = "the destination has no GPU that takes its partition"
        if moving.destination is None:
            unstated = "the destination does not state whether a GPU takes its partition"
            return self.said(Standing.WARNED, unstated)
        return self.refused_if(lacks if moving.destination is False else "")


class VirtualSans(MachineQuestion):
    """Whether the destination has the virtual SANs of a machine."""

    check = "LM703"
    groups = (*_MACHINES, FIBRE_CHANNEL_CONNECTIONS, CONNECTION_POOLS)

    def destination(self, end: End) -> frozenset[str]:
        """Return the names of its virtual SANs."""
        return sans_of(end.host)

    def needs(self, end: End) -> Mapping[str, frozenset[str]]:
        """Return the virtual SANs of each machine that may run."""
        live = {each.identifier for each in _live(end.host)}
        found: dict[str, set[str]] = {}
        for each in end.host[FIBRE_CHANNEL_CONNECTIONS]:
            if each.san and each.owner in live:
                found.setdefault(each.owner, set()).add(each.san)
        return {machine: frozenset(each) for machine, each in found.items()}

    def of_machine(self, moving: Moving[frozenset[str], frozenset[str]]) -> Said:
        """Return which virtual SAN the destination lacks."""
        lacking = [each for each in moving.need if each.casefold() not in moving.destination]
        return self.refused_if(missing_of(lacking, "virtual SAN", "virtual SANs"))


@dataclass(frozen=True)
class _Protected:
    """A protected machine, and who keeps the keys of its host."""

    own: Keeper
    shielded: bool


class Protection(MachineQuestion):
    """Whether the destination can open a protected machine."""

    check = "LM704"
    groups = (*_MACHINES, VIRTUAL_SECURITY, HOST_GUARDIAN, GUARDIAN_CERTIFICATES)

    def destination(self, end: End) -> Keeper:
        """Return who keeps its keys."""
        return keeper_of(end.host)

    def needs(self, end: End) -> Mapping[str, _Protected]:
        """Return the machines that may run and are shielded or have a virtual TPM."""
        live = {each.identifier for each in _live(end.host)}
        security = [e for e in end.host[VIRTUAL_SECURITY] if e.owner in live]
        protected = [each for each in security if each.shielded or each.tpm]
        if not protected:
            return {}
        own = keeper_of(end.host)
        return {each.owner: _Protected(own, bool(each.shielded)) for each in protected}

    def of_machine(self, moving: Moving[_Protected, Keeper]) -> Said:
        """Return that it cannot, or that nobody can say."""
        if moving.need.own.by_service:
            opens = opens_shielded(moving.need.own, moving.destination)
            if opens is Opening.YES:
                return NOTHING_SAID
            if moving.need.shielded and opens is Opening.NO:
                cause = "shielded, and the destination has not the same Host Guardian Service"
                return self.said(Standing.REFUSED, cause)
            return self.said(Standing.WARNED, "whether the destination can open it is not known")
        opens = opens_with_certificates(moving.need.own, moving.destination)
        if opens is Opening.LACKS:
            cause = "a virtual TPM, and the destination lacks certificates"
            return self.said(Standing.WARNED, cause)
        unknown = "a virtual TPM, and the destination's certificates are not known"
        return NOTHING_SAID if opens is Opening.YES else self.said(Standing.WARNED, unknown)


class States(_OfItself):
    """Whether a machine is in a state in which it can be moved."""

    check = "LM705"
    groups = _MACHINES

    def needs(self, end: End) -> Mapping[str, Said]:
        """Return what is said of the state of each machine."""
        found = {}
        for each in machines_of(end.host):
            if each.is_replica and not fails_over(each):
                continue
            if each.is_critical:
                cause = "Hyper-V paused it, because its storage is lost or full"
                found[each.identifier] = self.said(Standing.REFUSED, cause)
            elif why := what_goes_on(each):
                found[each.identifier] = self.said(Standing.WARNED, why)
        return found


class Roles(_OfItself):
    """Whether a machine of a node is a role of its cluster, so that the cluster moves it."""

    check = "LM706"
    groups = (*_MACHINES, SERVICES, *CLUSTERED_MACHINES)
    inside = True

    def needs(self, end: End) -> Mapping[str, Said]:
        """Return what is said of each machine that is not off, no replica and not to stay."""
        if not is_cluster_node(end.host[SERVICES]):
            return {}
        known = machines_of_node(end.host, end.policy)
        left = self.said(Standing.WARNED, "it is no role of the cluster")
        cause = "whether it is a role of the cluster is not known"
        unknown = self.said(Standing.UNKNOWN, cause)
        return {
            **{each.identifier: left for each in known.left},
            **{each.identifier: unknown for each in known.unknown},
        }
