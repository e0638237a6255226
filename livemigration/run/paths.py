"""Over which networks each cluster of a run moves virtual machines, once per cluster.

Which of its networks a cluster uses, and in which order: `verdict/cluster_path.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from livemigration.base.addresses import Address, Subnet
from livemigration.facts.cluster import CLUSTER, CLUSTER_MIGRATION_NETWORKS, CLUSTER_NETWORKS
from livemigration.facts.cluster_interfaces import CLUSTER_INTERFACES
from livemigration.facts.cluster_nodes import (
    CLUSTER_NODES,
    PAUSED,
    UP,
    ClusterNode,
    keys_of_name,
    node_key,
    node_keys,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS
from livemigration.facts.model import FactGroup, FactSheet, Gathered
from livemigration.facts.network import ROUTES, default_gateways
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.cluster_path import (
    SELECTS_OTHERWISE,
    ClusterPath,
    PathNetwork,
    path_of,
)
from livemigration.verdict.networks import select

T = TypeVar("T")


class Use(Enum):
    """Whether live migration inside the cluster uses a network.

    That a network without a role is not offered to live migration is inferred.
    """

    USED = "used"
    EXCLUDED = "excluded"
    NOT_OFFERED = "not offered"


@dataclass(frozen=True)
class NetworkOfPath:
    """A network of a cluster.

    `clients` use it as well; the default gateway of a node is in it (`gateway`); it carries the
    cluster's own traffic (`own_traffic`). `unusable` are nodes that cannot use it, each with the
    reason, and `silent` those that list listeners, and none of them on it.
    """

    name: str
    use: Use
    subnets: tuple[Subnet, ...] = ()
    clients: bool = False
    gateway: bool = False
    own_traffic: bool = False
    unusable: tuple[tuple[str, str], ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnList:
    """How the migration networks of nodes themselves are set; inside the cluster they decide not.

    Moves from and to hosts outside the cluster follow them.
    """

    kind: str
    nodes: tuple[str, ...]


@dataclass(frozen=True)
class MigrationPath:
    """The networks of a cluster: first those that it uses, in its order.

    `nodes` take part in the cluster, and `away` do not; hosts of the run are named as it names
    them. `doubt` says why the order is not known, for the end of a sentence. `bridged`: every node
    is so new that two of them need no network in common. `unread` are nodes whose listeners are not
    known, and `unlisted` those that list none: that a cluster writes one for each address on each
    of its networks is inferred from few hosts, so that this alone says nothing.
    """

    cluster: str
    nodes: tuple[str, ...]
    networks: tuple[NetworkOfPath, ...]
    away: tuple[str, ...] = ()
    doubt: str = ""
    bridged: bool = False
    lists: tuple[OwnList, ...] = ()
    unread: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()


def paths_of(facts: RunFacts) -> tuple[MigrationPath, ...]:
    """Return the path of each cluster of which a host of the run has told it.

    A cluster of one node moves nothing, and has none.
    """
    believed = facts.believed
    clusters: dict[tuple[str, str], dict[str, FactSheet]] = {}
    for name, sheet in believed.hosts.items():
        cluster = _value(sheet, CLUSTER)
        if cluster is not None and cluster.name is not None:
            key = cluster.name.casefold(), believed.domains.get(name, "")
            clusters.setdefault(key, {})[name] = sheet
    found = (_path(sheets) for sheets in clusters.values())
    return tuple(each for each in found if each is not None)


def joined_paths(runs: Iterable[tuple[MigrationPath, ...]]) -> tuple[MigrationPath, ...]:
    """Return the paths of several runs: of one cluster, what the run says that read most of it."""
    found: dict[tuple[str, tuple[str, ...]], MigrationPath] = {}
    for path in (path for run in runs for path in run):
        key = path.cluster.casefold(), tuple(sorted(map(node_key, (*path.nodes, *path.away))))
        known = found.get(key)
        if known is None or _rank(path) < _rank(known):
            found[key] = path
    return tuple(found[key] for key in sorted(found))


def _rank(path: MigrationPath) -> tuple[int, str]:
    return len(path.unread), repr(path)


def _value(sheet: FactSheet, group: FactGroup[T]) -> T | None:
    outcome = sheet.outcome(group)
    return outcome.value if isinstance(outcome, Gathered) else None


def _path(sheets: Mapping[str, FactSheet]) -> MigrationPath | None:
    """Return the path of one cluster by the first of its nodes that tells all of it."""
    for sheet in sheets.values():
        cluster, nodes = _value(sheet, CLUSTER), _value(sheet, CLUSTER_NODES)
        networks, interfaces = _value(sheet, CLUSTER_NETWORKS), _value(sheet, CLUSTER_INTERFACES)
        settings = _value(sheet, CLUSTER_MIGRATION_NETWORKS)
        if not cluster or not nodes or not networks or interfaces is None or settings is None:
            continue
        if len(nodes) == 1:
            return None
        builds = [each.build for each in nodes if each.build is not None]
        found = path_of(networks, interfaces, settings, max(builds, default=0))
        return _Cluster(nodes, sheets, found).told(cluster.name or "")
    return None


class _Cluster:
    """The nodes of a cluster, and what those of them say that are hosts of the run."""

    def __init__(
        self, nodes: Sequence[ClusterNode], sheets: Mapping[str, FactSheet], path: ClusterPath
    ) -> None:
        by_key = {key: name for name, sheet in sheets.items() for key in _keys(name, sheet)}
        self._names = {each.name: by_key.get(node_key(each.name), each.name) for each in nodes}
        self._taking_part = [each for each in nodes if each.state in {UP, PAUSED}]
        self._nodes, self._sheets, self._path = nodes, sheets, path

    def told(self, name: str) -> MigrationPath:
        away = [each for each in self._nodes if each not in self._taking_part]
        path = self._path
        return MigrationPath(
            cluster=name,
            nodes=self._named(self._taking_part),
            networks=(
                *(self._network(each, Use.USED) for each in path.networks),
                *(self._network(each, Use.EXCLUDED) for each in path.excluded),
                *(self._network(each, Use.NOT_OFFERED) for each in path.unoffered),
            ),
            away=self._named(away),
            doubt=path.doubt,
            bridged=all((each.build or 0) >= SELECTS_OTHERWISE for each in self._nodes),
            lists=tuple(self._lists()),
            unread=self._named(e for e in self._taking_part if self._listeners(e) is None),
            unlisted=self._named(e for e in self._taking_part if self._listeners(e) == ()),
        )

    def _named(self, nodes: Iterable[ClusterNode]) -> tuple[str, ...]:
        return tuple(self._names[each.name] for each in nodes)

    def _sheet(self, node: ClusterNode) -> FactSheet | None:
        return self._sheets.get(self._names[node.name])

    def _network(self, network: PathNetwork, use: Use) -> NetworkOfPath:
        used = use is Use.USED
        return NetworkOfPath(
            name=network.name,
            use=use,
            subnets=network.subnets,
            clients=network.carries_clients,
            gateway=any(network.contains(each) for each in self._gateways()),
            own_traffic=network.network is self._path.own,
            unusable=tuple(
                (self._names[each.name], network.trouble_of(each.name))
                for each in (self._taking_part if used else ())
                if not network.is_up_on(each.name)
            ),
            silent=tuple(
                self._names[each.name]
                for each in (self._taking_part if used else ())
                if self._is_silent(network, each)
            ),
        )

    def _is_silent(self, network: PathNetwork, node: ClusterNode) -> bool:
        listeners = self._listeners(node)
        known = network.addresses.get(node_key(node.name), ())
        if not listeners or not known or not network.is_up_on(node.name):
            return False
        return not set(known) & set(listeners)

    def _listeners(self, node: ClusterNode) -> tuple[Address, ...] | None:
        sheet = self._sheet(node)
        service = _value(sheet, LISTENERS) if sheet is not None else None
        return None if service is None else service.listeners

    def _gateways(self) -> Iterator[Address]:
        for sheet in self._sheets.values():
            yield from default_gateways(_value(sheet, ROUTES) or ())

    def _lists(self) -> Iterator[OwnList]:
        found: dict[str, list[str]] = {}
        for each in self._taking_part:
            sheet = self._sheet(each)
            rows = _value(sheet, MIGRATION_NETWORKS) if sheet is not None else None
            if rows is not None:
                found.setdefault(select(rows).kind.value, []).append(self._names[each.name])
        for kind, nodes in found.items():
            yield OwnList(kind, tuple(nodes))


def _keys(name: str, sheet: FactSheet) -> frozenset[str]:
    membership = _value(sheet, DOMAIN_MEMBERSHIP)
    return keys_of_name(name) if membership is None else node_keys(membership)
