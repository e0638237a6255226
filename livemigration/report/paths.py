"""Where migration traffic goes inside clusters, in words: clusters with equal networks together.

That a move takes the next network where the first is down follows from the order
(windows-facts-2.md 12.2); that no event tells of it is all that is known, as none is documented.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from livemigration.base.addresses import Subnet
from livemigration.base.text import counted, listed, one_of, some
from livemigration.report.naming import Names
from livemigration.run.paths import MigrationPath, NetworkOfPath, Use

_SUBNETS = 3
_NODES = 4
REFUSED = "refused (0x13AB)"
_SILENTLY = "no documented event tells of it"


@dataclass(frozen=True)
class Way:
    """Pairs of nodes that use one network. `network` is its place; None: they have none in common.

    `because` are those of their nodes that cannot use an earlier one.
    """

    network: int | None
    pairs: int
    because: tuple[str, ...]


@dataclass(frozen=True)
class PathKind:
    """A path that these clusters have in common, with the subnets of each network in all of them.

    Clusters of which a node differs from the others stand alone.
    """

    clusters: tuple[str, ...]
    path: MigrationPath
    subnets: tuple[tuple[Subnet, ...], ...]
    names: Names

    @property
    def used(self) -> tuple[NetworkOfPath, ...]:
        """The networks that live migration may use, in order."""
        return tuple(each for each in self.path.networks if each.use is Use.USED)

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """Over which network how many pairs of nodes move virtual machines, in order."""
        return tuple(_ways(self.path.nodes, self.used))

    @property
    def tells(self) -> bool:
        """Whether there is more to see than the order of the networks."""
        fallen = any(each.network != 0 for each in self.ways)
        silent = any(each.silent for each in self.used)
        return fallen or silent or not self.used or bool(self.path.doubt) or bool(self._better)

    @property
    def _better(self) -> tuple[NetworkOfPath, ...]:
        """The networks after the first that are less than it for management and clients."""
        if self.path.doubt or not self.used or not _shared(self.used[0]):
            return ()
        return tuple(each for each in self.used[1:] if _shared(each) < _shared(self.used[0]))

    @property
    def sentence(self) -> str:
        """Where the traffic goes."""
        if not self.used:
            return self._nowhere()
        if self.path.doubt:
            return f"Over {one_of(each.name for each in self.used)}{self.path.doubt}."
        if not self.ways:
            return f"Over {self.used[0].name}; no two nodes take part."
        if [each.network for each in self.ways] == [None]:
            return f"Nowhere: no two nodes have a network in common, and a move is {self._last}."
        if [each.network for each in self.ways] == [0]:
            return f"Over {self._undisturbed()}."
        return f"{'; '.join(self._parts())}."

    def _undisturbed(self) -> str:
        first, *others = self.used
        name = first.name
        if self._better:
            name += f", which {'has the default gateway' if first.gateway else 'carries clients'}"
        if not others:
            return f"{name}; where that is down, a move is {self._last}"
        after = listed(each.name for each in others)
        return f"{name}; where that is down, over {after}: {_SILENTLY}"

    def _nowhere(self) -> str:
        unoffered = [each.name for each in self.path.networks if each.use is Use.NOT_OFFERED]
        if unoffered:
            are = "is" if len(unoffered) == 1 else "are"
            return (
                f"Probably nowhere: {some(unoffered)} {are} not for the cluster's use, and no "
                "other network is left."
            )
        return f"Nowhere: every network is excluded, and a move is {REFUSED}."

    @property
    def _last(self) -> str:
        return "led by rules that are not documented" if self.path.bridged else REFUSED

    def _parts(self) -> Iterator[str]:
        total = sum(each.pairs for each in self.ways)
        for way in self.ways:
            of = f"{way.pairs} of {counted(total, 'pair')} of nodes"
            where = f" (with {self.short(way.because)})" if way.because else ""
            if way.network is None:
                yield f"{of}{where} have no network in common: {self._last}"
            elif way.network == 0:
                yield f"Over {self.used[0].name}: {of}"
            else:
                yield f"fallen back to {self.used[way.network].name}: {of}{where}, {_SILENTLY}"

    def short(self, nodes: Iterable[str]) -> str:
        """Return nodes for a sentence."""
        return some((self.names.short(each) for each in nodes), _NODES)

    def taken(self, place: int) -> bool:
        """Whether any two nodes use the network in a place."""
        return any(each.network == place for each in self.ways)

    def falls_at(self, place: int) -> tuple[str, ...]:
        """Return the nodes because of which moves go past the network in a place to another."""
        passed = [each for each in self.ways if each.network is not None and each.network > place]
        return self._unable(passed, place)

    @property
    def refused_at_last(self) -> tuple[str, ...]:
        """The nodes of which another one shares no network."""
        return tuple(node for each in self.ways if each.network is None for node in each.because)

    def _unable(self, passed: Iterable[Way], place: int) -> tuple[str, ...]:
        unusable = dict(self.used[place].unusable)
        return tuple(
            dict.fromkeys(node for each in passed for node in each.because if node in unusable)
        )

    def subnets_of(self, place: int) -> str:
        """Return the subnets of a network in all of the clusters."""
        return some(self.subnets[place], _SUBNETS)

    def order_of(self, place: int) -> str:
        """Return when a network is used, in a word."""
        network = self.path.networks[place]
        if network.use is not Use.USED:
            return str(network.use.value)
        if self.path.doubt:
            return "not known"
        return "first" if place == 0 else f"{place + 1}."

    def purpose_of(self, place: int) -> str:
        """Return what else a network is for."""
        network = self.path.networks[place]
        told = (
            (network.gateway, "default gateway"),
            (network.clients, "clients"),
            (network.own_traffic, "the cluster's own traffic"),
        )
        found = [what for there, what in told if there]
        return listed(found) if found else ""

    def nodes_of(self, place: int) -> str:
        """Return which nodes can use a network, and which do not listen on it."""
        network = self.path.networks[place]
        if network.use is not Use.USED:
            return ""
        without = "; ".join(f"not {self.names.short(n)}: {why}" for n, why in network.unusable)
        said = [without or "all of them"]
        if network.silent:
            said.append(f"no listener: {self.short(network.silent)}")
        return "; ".join(said)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What else there is to know, a sentence each."""
        path = self.path
        said = []
        if any(each.silent for each in self.used):
            said.append(
                "A node without a listener on a network refuses moves over it; whether they then "
                "take the next network is not documented."
            )
        if path.unread:
            said.append(f"The listeners of {self.short(path.unread)} were not read.")
        if path.unlisted:
            nodes = "the nodes" if path.unlisted == path.nodes else self.short(path.unlisted)
            said.append(f"No listener is listed on {nodes}.")
        if path.away:
            said.append(f"Taking no part in the cluster: {self.short(path.away)}.")
        lists = [f"{each.kind} on {self.short(each.nodes)}" for each in path.lists]
        if lists and len(self.clusters) == 1:
            said.append(
                f"The nodes' own lists ({'; '.join(lists)}) count for moves out of the cluster and "
                "into it, not inside it."
            )
        return tuple(said)


def _shared(network: NetworkOfPath) -> int:
    """How much else a network is for: the default gateway weighs more than clients."""
    return 2 * network.gateway + network.clients


def kinds_of(paths: Iterable[MigrationPath], names: Names) -> tuple[PathKind, ...]:
    """Return the paths of a run, each kind once: those first that have something to tell."""
    found: dict[object, list[MigrationPath]] = {}
    for path in paths:
        found.setdefault(_likeness(path), []).append(path)
    kinds = [_kind(alike, names) for alike in found.values()]
    return tuple(sorted(kinds, key=lambda each: (not each.tells, -len(each.clusters))))


def _kind(alike: list[MigrationPath], names: Names) -> PathKind:
    first = alike[0]
    return PathKind(
        tuple(each.cluster for each in alike),
        first,
        tuple(
            tuple(dict.fromkeys(s for each in alike for s in each.networks[place].subnets))
            for place in range(len(first.networks))
        ),
        names,
    )


def _likeness(path: MigrationPath) -> object:
    """Return what paths have in common that are drawn as one."""
    differs = any(each.unusable or each.silent for each in path.networks)
    if differs or path.away or path.unread:
        return path
    networks = ((n.name, n.use, n.clients, n.gateway, n.own_traffic) for n in path.networks)
    lists = frozenset(each.kind for each in path.lists)
    mute = path.unlisted if path.unlisted != path.nodes else "all"
    return (tuple(networks), path.doubt, path.bridged, lists, mute, len(path.nodes) > 1)


def _ways(nodes: Iterable[str], used: tuple[NetworkOfPath, ...]) -> Iterator[Way]:
    without = [frozenset(node for node, _ in each.unusable) for each in used]
    pairs: dict[int | None, int] = {}
    because: dict[int | None, dict[str, None]] = {}
    for pair in combinations(nodes, 2):
        place = next((at for at, out in enumerate(without) if not out & set(pair)), None)
        pairs[place] = pairs.get(place, 0) + 1
        before = without[:place]
        own = (node for node in pair if any(node in out for out in before))
        because.setdefault(place, {}).update(dict.fromkeys(own))
    for place in sorted(pairs, key=lambda each: len(used) if each is None else each):
        yield Way(place, pairs[place], tuple(because[place]))
