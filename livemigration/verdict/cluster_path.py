"""The networks on which a cluster moves virtual machines, in the order in which it uses them.

Sources: windows-facts-2.md 12.2. The order is MigrationNetworkOrder; without one it follows from
the metrics, and the network of the cluster's own traffic comes last. What Server 2025 does without
an order is not documented.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from livemigration.base.addresses import Address, Subnet, is_usable
from livemigration.base.text import listed, one_line
from livemigration.facts.cluster import ClusterMigrationNetworks, ClusterNetwork
from livemigration.facts.cluster_interfaces import INTERFACE_UP, ClusterInterface
from livemigration.facts.cluster_nodes import node_key

# Its selection differs from earlier releases, in a way that is not documented.
SELECTS_OTHERWISE = 26100
_NO_ROLE, _CLUSTER_AND_CLIENT = 0, 3
_NOT_KNOWN = -1
_INTERFACE_STATES = {
    0: "unavailable",
    1: "failed",
    2: "unreachable",
    _NOT_KNOWN: "of unknown state",
}
_SHOWN_AT_MOST = 6


@dataclass(frozen=True)
class PathNetwork:
    """A network of a cluster, and which node has which addresses on it, by the nodes' keys.

    `states` are those of the nodes' interfaces: of several of one node, the best.
    """

    network: ClusterNetwork
    addresses: Mapping[str, tuple[Address, ...]]
    states: Mapping[str, int]

    @property
    def name(self) -> str:
        """Its name, for a sentence."""
        return one_line(self.network.name)

    @property
    def carries_clients(self) -> bool:
        """Whether clients use it as well (inferred from PowerShell's names of the roles)."""
        return self.network.role == _CLUSTER_AND_CLIENT

    @property
    def is_offered(self) -> bool:
        """Whether the cluster uses it at all; live migration is not offered others (inferred)."""
        return self.network.role != _NO_ROLE

    @property
    def subnets(self) -> tuple[Subnet, ...]:
        """Its subnets, without link-local ones, which every network has."""
        own = (*((self.network.subnet,) if self.network.subnet else ()), *self.network.subnets)
        return tuple(dict.fromkeys(each for each in own if not each.is_link_local))

    @property
    def has_two_subnets(self) -> bool:
        """Whether it spans two subnets of one address family."""
        versions = [each.version for each in self.subnets]
        return len(versions) != len(set(versions))

    def has_interface_of(self, node: str) -> bool:
        """Whether a node has an interface to it, up or not."""
        return node_key(node) in self.states

    def is_up_on(self, node: str) -> bool:
        """Whether a node's interface to it is up."""
        return self.states.get(node_key(node)) == INTERFACE_UP

    def is_unknown_on(self, node: str) -> bool:
        """Whether the cluster does not say if a node's interface to it is up."""
        return self.states.get(node_key(node)) == _NOT_KNOWN

    def contains(self, address: Address) -> bool:
        """Whether an address is in one of its subnets."""
        return any(each.version == address.version and address in each for each in self.subnets)

    def trouble_of(self, node: str) -> str:
        """Return why a node cannot use it, for a sentence; empty where it can."""
        if self.is_up_on(node):
            return ""
        state = self.states.get(node_key(node))
        return "no interface" if state is None else _word(state)

    def of_node(self, node: str) -> str:
        """Return the network and a node's addresses on it, for a sentence."""
        key = node_key(node)
        known = self.addresses.get(key, ())
        own = [each for each in known if is_usable(each)] or list(known)
        if trouble := self.trouble_of(node):
            return f"{self.name} ({trouble})"
        return f"{self.name} ({listed(own)})" if own else self.name


def _word(state: int) -> str:
    return f"its interface is {_INTERFACE_STATES.get(state, f'in state {state}')}"


@dataclass(frozen=True)
class ClusterPath:
    """The migration path of a cluster.

    `networks` are those that live migration may use, first the one that is used first; `excluded`
    those that it must not use; `unoffered` those that the cluster does not use at all. `ordered`:
    the cluster has an order of its own. `doubt`: why their order is not known, for the end of a
    sentence; empty where it is what a source says.
    """

    networks: tuple[PathNetwork, ...]
    excluded: tuple[PathNetwork, ...]
    unoffered: tuple[PathNetwork, ...]
    ordered: bool
    doubt: str
    own: ClusterNetwork | None = None

    def up_on(self, node: str) -> tuple[PathNetwork, ...]:
        """Return the networks that a node can use, in order."""
        return tuple(each for each in self.networks if each.is_up_on(node))

    def shared(self, node: str, other: str) -> bool:
        """Whether two nodes have a network in common that live migration may use."""
        return any(each.is_up_on(other) for each in self.up_on(node))

    def of_node(self, node: str) -> str:
        """Return the path as a node has it: in order, with its addresses."""
        own = [each.of_node(node) for each in self.up_on(node)]
        shown = own[:_SHOWN_AT_MOST]
        more = len(own) - len(shown)
        return ", then ".join(shown) + (f", and {more} more" if more else "")


def path_of(
    networks: Sequence[ClusterNetwork],
    interfaces: Iterable[ClusterInterface],
    settings: ClusterMigrationNetworks,
    build: int,
) -> ClusterPath:
    """Return the migration path of a cluster whose newest node has this build."""
    excluded, order = set(map(_identifier, settings.excluded)), settings.order
    places = {_identifier(each): place for place, each in reversed(list(enumerate(order)))}
    found = _with_interfaces(networks, interfaces)
    allowed = [each for each in found if _identifier(each.network.identifier) not in excluded]
    offered = [each for each in allowed if each.is_offered]
    ordered = any(_identifier(each.network.identifier) in places for each in offered)
    own = _own_traffic(networks)
    inside = [place for place, each in enumerate(offered) if each.network is own]

    def rank(place: int) -> tuple[int, bool, int]:
        each = offered[place].network
        last = place in inside
        return (places.get(_identifier(each.identifier), len(order)), last, each.metric or 0)

    ranked = tuple(offered[place] for place in sorted(range(len(offered)), key=rank))
    return ClusterPath(
        networks=ranked,
        excluded=tuple(each for each in found if each not in allowed),
        unoffered=tuple(each for each in allowed if not each.is_offered),
        ordered=ordered,
        doubt="" if ordered or len(ranked) == 1 else _doubt(build, own),
        own=own,
    )


def _doubt(build: int, own: ClusterNetwork | None) -> str:
    """Return why the order of networks without one of the cluster's own is not known."""
    if build >= SELECTS_OTHERWISE:
        return ", in an order that is not documented for Server 2025"
    return ", in an order that is not known" if own is None else ""


def _identifier(text: str) -> str:
    return text.strip().strip("{}").casefold()


def _own_traffic(networks: Iterable[ClusterNetwork]) -> ClusterNetwork | None:
    """Return the network of the cluster's own traffic: the least metric; None: not known."""
    used = [each for each in networks if each.role != _NO_ROLE]
    metrics = [each.metric for each in used if each.metric is not None]
    if not used or len(metrics) < len(used):
        return None
    return min(used, key=lambda each: each.metric or 0)


def _with_interfaces(
    networks: Iterable[ClusterNetwork], interfaces: Iterable[ClusterInterface]
) -> list[PathNetwork]:
    by_network: dict[str, list[ClusterInterface]] = {}
    for each in interfaces:
        by_network.setdefault(each.network.casefold(), []).append(each)
    return [_path_network(each, by_network.get(each.name.casefold(), ())) for each in networks]


def _path_network(network: ClusterNetwork, own: Iterable[ClusterInterface]) -> PathNetwork:
    addresses: dict[str, tuple[Address, ...]] = {}
    states: dict[str, int] = {}
    for each in own:
        key = node_key(each.node)
        addresses[key] = (*addresses.get(key, ()), *each.addresses)
        states[key] = max(states.get(key, each.state), each.state)
    return PathNetwork(network, addresses, states)
