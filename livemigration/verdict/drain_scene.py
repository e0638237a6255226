"""What a drain of one host is asked of: the hosts that could take its machines, and who goes where.

Hosts of which something that decides could not be read stay in it, as destinations that are not
known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any

from livemigration.base.text import one_line
from livemigration.facts.directory import DIRECTORY_CONTROLLERS
from livemigration.facts.model import FactGroup, Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtual_disks import VIRTUAL_DISKS, VirtualDisk
from livemigration.facts.vmm_disks import VMM_DISKS
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.verdict.cluster_membership import membership_of
from livemigration.verdict.clustered_machines import node_name
from livemigration.verdict.disk_records import Records, records_of, size_of
from livemigration.verdict.drain_controllers import Controllers, label_of
from livemigration.verdict.drain_judged import KnownMoves
from livemigration.verdict.drain_residents import OF_RESIDENTS, Resident, residents_of
from livemigration.verdict.drain_room import NO_VOLUMES, OF_ROOM, DiskRoom, Room, room_of
from livemigration.verdict.exchange import Exchange, exchange_of
from livemigration.verdict.exchange_circles import Standing as Alone
from livemigration.verdict.exchange_circles import are_mates
from livemigration.verdict.exchange_circles import place_of as place_of_host
from livemigration.verdict.fault_domains import (
    NO_DOMAIN,
    OF_FAULT_DOMAINS,
    FaultDomain,
    fault_domain_of,
)
from livemigration.verdict.machine_disks import disks_of
from livemigration.verdict.machine_files import Place, place_of
from livemigration.verdict.move_answers import Standing
from livemigration.verdict.moves import MOVE_FACTS
from livemigration.verdict.nodes_outside import nodes_outside
from livemigration.verdict.views import BlockedError, FactsView, GroupView, InapplicableError
from livemigration.verdict.virtual_machines import Machine, machines_of

# What is read of every host that has a part in a drain.
OF_DRAINS: tuple[FactGroup[Any], ...] = tuple(
    dict.fromkeys(
        (
            *OF_RESIDENTS,
            *OF_ROOM,
            VIRTUAL_DISKS,
            VMM_DISKS,
            DIRECTORY_CONTROLLERS,
            *MOVE_FACTS,
            *OF_FAULT_DOMAINS,
        )
    )
)
_READABLE = frozenset(each.name for each in OF_DRAINS)
# Of one machine: the disks in each place in which it has files.
_Files = Mapping[Place, Sequence[VirtualDisk]]
_NO_REQUEST = DrainRequest()


class Way(Enum):
    """Whether a machine can go to a host."""

    OPEN = "open"
    # Open, and something is to be said against it.
    WARNED = "warned"
    # Not known.
    UNKNOWN = "unknown"
    CLOSED = "closed"


@dataclass(frozen=True)
class Judgement:
    """Whether a machine can go to a host, with the cause in few words where there is one.

    `assumed`: the two are only assumed to exchange virtual machines. `with_disks`: its disks are
    copied along.
    """

    way: Way
    cause: str = ""
    assumed: bool = False
    with_disks: bool = False


_WAYS = {
    Standing.ALLOWED: Way.OPEN,
    Standing.WARNED: Way.WARNED,
    Standing.UNKNOWN: Way.UNKNOWN,
    Standing.REFUSED: Way.CLOSED,
    Standing.NOT_MEANT: Way.CLOSED,
}


@dataclass(frozen=True)
class Unread:
    """Why the machines of a host could not be read."""

    reason: str


class _Residents:
    """The machines of each host, read once for all hosts that are asked about."""

    def __init__(self, _: RunFacts) -> None:
        self._known: dict[str, tuple[Resident, ...] | Unread] = {}

    def of(self, host: FactsView) -> tuple[Resident, ...] | Unread:
        """Return the machines of a host, or why they could not be read."""
        if host.name not in self._known:
            try:
                self._known[host.name] = residents_of(host)
            except (BlockedError, InapplicableError) as error:
                self._known[host.name] = Unread(error.reason)
        return self._known[host.name]


class Scene:
    """One host that is to be emptied, and the others.

    Args:
        host: reads OF_DRAINS.
        policy: of the host.
        group: the hosts of the run, and what is asked of drains.

    Raises:
        BlockedError: with whom the host exchanges machines could not be read.
    """

    def __init__(self, host: FactsView, policy: Policy, group: GroupView) -> None:
        self.host, self.policy, self.group = host, policy, group
        self.request = group.drain or _NO_REQUEST
        self.exchange: Exchange = exchange_of(host, policy, group, *OF_ROOM[:1])
        known: KnownMoves = group.facts.once(KnownMoves)
        self._moves = known.of(host.name, policy, group.exchanges)
        self._residents: _Residents = group.facts.once(_Residents)

    @cached_property
    def residents(self) -> tuple[Resident, ...]:
        """The machines that have to leave.

        Raises:
            BlockedError: they could not be read.
        """
        found = self._residents.of(self.host)
        return residents_of(self.host) if isinstance(found, Unread) else found

    @cached_property
    def resting(self) -> tuple[Machine, ...]:
        """The machines of the host that are off or saved, so that they need no place.

        Raises:
            BlockedError: they could not be read.
        """
        return tuple(each for each in machines_of(self.host) if each.is_off or each.is_saved)

    @cached_property
    def unseen(self) -> tuple[str, ...]:
        """The hosts of which nothing, or not enough, is known to say whether they take machines."""
        exchange = self.exchange
        return tuple(dict.fromkeys((*exchange.unseen, *exchange.unplaced, *self._outside())))

    def _outside(self) -> Iterator[str]:
        """Yield the nodes of its cluster that may take machines and are not in the inventory."""
        try:
            own = membership_of(self.host)
        except InapplicableError:
            return
        except BlockedError:
            yield "another node of its cluster"
            return
        for each in nodes_outside(self.host.name, own, self.group.facts):
            yield one_line(each.name)

    @cached_property
    def declared(self) -> bool:
        """Whether anything declares with whom the host exchanges machines."""
        return any(part.declared for part in self.exchange.parts)

    @cached_property
    def down(self) -> tuple[str, ...]:
        """The hosts that are down by then."""
        return tuple(each for each in self.others if each in self.request.without)

    @cached_property
    def others(self) -> tuple[str, ...]:
        """The other hosts with which it exchanges machines, or may.

        Those that were looked at come first, in the order of the facts, then those that were not,
        in that of the inventory, and then nodes of its cluster that are not in the inventory.
        """
        known = {name for part in self.exchange.parts for name in part.seen.peers}
        known.update(self.unseen)
        known.discard(self.host.name)
        order = dict.fromkeys((*self.group.sheets, *self.group.facts.not_looked_at, *self.unseen))
        return tuple(each for each in order if each in known)

    def room(self, name: str) -> Room:
        """Return what a host could take."""
        if name not in self._rooms:
            there = name in self.group.sheets
            self._rooms[name] = room_of(self._view(name)) if there else Room(None)
        return self._rooms[name]

    def disk_room(self, name: str) -> DiskRoom:
        """Return what a host has for disks that move along; of a cluster's volumes nothing."""
        return self.room(name).disk if self._is_alone(name) else NO_VOLUMES

    @cached_property
    def _rooms(self) -> dict[str, Room]:
        return {}

    def runs(self, name: str) -> tuple[Resident, ...] | Unread:
        """Return the machines of another host, or why they could not be read."""
        if name not in self.group.sheets:
            return Unread(f"{one_line(name)} was not looked at")
        return self._residents.of(self._view(name))

    def judged(self, resident: Resident, name: str) -> Judgement:
        """Return whether a machine can go to a host."""
        if self.request.to and name not in self.request.to:
            return Judgement(Way.CLOSED, "--to names others")
        if name in self.unseen or name not in self.group.sheets:
            return Judgement(Way.UNKNOWN, self._why_unseen(name))
        found = self._moves.judged(resident, name)
        cause = f"{found.cause} ({found.check})" if found.check else found.cause
        way = _WAYS[found.standing]
        # Of two of which nobody knows how they stand to each other, no check says anything.
        assumed = not found.declared and not (way is Way.UNKNOWN and not found.check)
        if way in {Way.OPEN, Way.WARNED}:
            if self.room(name).free is None:
                return Judgement(Way.UNKNOWN, "its free memory could not be read", assumed)
            if self._storage_moves(resident, name):
                return self._with_disks(
                    Judgement(way, cause, assumed, with_disks=True), resident, name
                )
        return Judgement(way, cause, assumed)

    def _why_unseen(self, name: str) -> str:
        if name in self.exchange.unplaced:
            return "whether the two exchange virtual machines is not known"
        return "it was not looked at"

    def hosts_of_nodes(self, nodes: Iterable[str]) -> frozenset[str]:
        """Return the hosts of the run that are these nodes, by their NetBIOS names in lower case.

        Of one that is none of the others nothing is to be said.
        """
        return frozenset(self._nodes[each] for each in nodes if each in self._nodes)

    @cached_property
    def _nodes(self) -> Mapping[str, str]:
        known = (self.host.name, *(each for each in self.others if each in self.group.sheets))
        return {node_name(self._view(each)).casefold(): each for each in known}

    def domain_of(self, name: str) -> FaultDomain:
        """Return in which fault domain of its cluster a host is."""
        if name not in self._domains:
            there = name in self.group.sheets
            self._domains[name] = fault_domain_of(self._view(name)) if there else NO_DOMAIN
        return self._domains[name]

    @cached_property
    def _domains(self) -> dict[str, FaultDomain]:
        return {}

    def moves_last(self, resident: Resident) -> bool:
        """Whether a machine is moved after all others."""
        return self.runs_vmm(resident) or self.is_controller(resident)

    def runs_vmm(self, resident: Resident) -> bool:
        """Whether a machine is a VMM server, by its name."""
        return label_of(resident.machine.name) in self._servers

    def is_controller(self, resident: Resident) -> bool:
        """Whether a machine is a domain controller, by its name."""
        known: Controllers = self.group.facts.once(Controllers)
        return known.is_one(resident.machine.name)

    @cached_property
    def _servers(self) -> frozenset[str]:
        facts = self.group.facts
        names = (*facts.vmms, *(each.name for each in facts.listed_vmms))
        return frozenset(label_of(each) for each in names if each)

    def _view(self, name: str) -> FactsView:
        return FactsView(self.group.sheets[name], _READABLE)

    def _storage_moves(self, resident: Resident, name: str) -> bool:
        """Whether files of a machine have to move as well, as the other host does not see them."""
        places = self._files(resident).keys()
        if Place.LOCAL in places:
            return True
        return Place.CLUSTER in places and not self._are_mates(resident.host, name)

    def disk_of(self, resident: Resident) -> int | None:
        """Return what has to be free where the disks of a machine move, in MB; None: not known."""
        machine = resident.machine
        if machine.settings.checkpoints != 0 or machine.settings.in_backup:
            # What else of checkpoints is copied, VMM does not list.
            return None
        files = self._files(resident)
        moved = [each for place in (Place.LOCAL, Place.CLUSTER) for each in files.get(place, ())]
        return size_of(moved, self._records(resident.host))

    def _records(self, host: str) -> Records | None:
        if host not in self._known_records:
            self._known_records[host] = records_of(self._view(host))
        return self._known_records[host]

    @cached_property
    def _known_records(self) -> dict[str, Records | None]:
        return {}

    def _with_disks(self, found: Judgement, resident: Resident, name: str) -> Judgement:
        """Return what is said of a machine whose disks move, by what is known of them."""
        if unknown := self._unknown_of_disks(resident, name):
            cause = f"its disks move along, and {unknown}"
            return replace(found, way=Way.UNKNOWN, cause=cause)
        return found

    def _unknown_of_disks(self, resident: Resident, name: str) -> str:
        """Return what is not known of disks that move, as a clause; empty: nothing."""
        if not self._is_alone(name):
            return "onto which volume of its cluster is not known"
        if self.disk_of(resident) is None:
            return "how large they are is not known"
        return (
            "" if self.disk_room(name).one_volume is not None else "how much is free is not known"
        )

    def _is_alone(self, name: str) -> bool:
        """Whether a host is known to be in no cluster."""
        sheet = self.group.sheets.get(name)
        return sheet is not None and place_of_host(sheet).standing is Alone.ALONE

    def _are_mates(self, host: str, other: str) -> bool:
        """Whether two hosts are known to be nodes of one cluster, which see the same volumes."""
        here, there = (place_of_host(self.group.sheets[each]) for each in (host, other))
        return are_mates(here, there) is True

    def _files(self, resident: Resident) -> _Files:
        """Return where the files of a machine are: of each place the disks there."""
        if resident.host not in self._known_files:
            found = _files_of(self._view(resident.host), self.runs(resident.host))
            self._known_files[resident.host] = found
        return self._known_files[resident.host].get(resident.machine.identifier, {})

    @cached_property
    def _known_files(self) -> dict[str, Mapping[str, _Files]]:
        return {}


def _files_of(host: FactsView, runs: tuple[Resident, ...] | Unread) -> Mapping[str, _Files]:
    """Return where the files of the machines of a host are, by their GUIDs."""
    if isinstance(runs, Unread) or not isinstance(host.outcome(VIRTUAL_DISKS), Gathered):
        return {}
    disks = disks_of(host)
    return {each.machine.identifier: _by_place(each, disks) for each in runs}


def _by_place(resident: Resident, disks: Mapping[str, list[VirtualDisk]]) -> _Files:
    machine = resident.machine
    found: dict[Place, list[VirtualDisk]] = defaultdict(list)
    if root := machine.settings.configuration_root:
        # Its settings are small beside any disk.
        found[place_of(root)] += ()
    for disk in disks[machine.identifier]:
        found[place_of(disk.file)].append(disk)
    return found
