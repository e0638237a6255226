"""The migration network for a drawing and its table: identical hosts together, bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from livemigration.evidence.model import Attachment, Attempt, Network, NetworkHost, Reached

MAX_NODES = 24
MAX_SUBNETS = 8
MAX_LANES = 40
UNKNOWN_SUBNET = "subnet unknown"
OTHER_SUBNETS = "other subnets"
MANAGEMENT = "management"
MIGRATION = "migration"
FOREIGN = "not the host's own"
UNKNOWN_USE = "use not known"


@dataclass(frozen=True)
class Lane:
    """What the VMM server met on one subnet of a node; `reached` is None where nothing was tried.

    `hosts` counts the hosts of the node for which it holds. `addresses` are given for one host.
    `foreign` says that they are none of the host's, whatever its name resolves to.
    """

    subnet: str
    roles: tuple[str, ...]
    ports: tuple[int, ...] = ()
    reached: Reached | None = None
    code: int = 0
    hosts: int = 1
    addresses: tuple[str, ...] = ()
    foreign: bool = False

    @property
    def outcome(self) -> str:
        """What became of it, in words."""
        if self.reached is None:
            return "no connection tried"
        code = f" ({self.code})" if self.code else ""
        return f"{self.reached.value}{code}"


@dataclass(frozen=True)
class Place:
    """Where hosts belong: their cluster, and their groups in the inventory."""

    cluster: str
    groups: tuple[str, ...]

    @property
    def title(self) -> str:
        """The place in words."""
        cluster = f"Cluster {self.cluster}" if self.cluster else "No cluster known"
        groups = f"group {', '.join(self.groups)}" if self.groups else "no group"
        return f"{cluster} · {groups}"


@dataclass(frozen=True)
class Node:
    """Hosts that are drawn as one. `alike` says that they differ in their addresses only."""

    names: tuple[str, ...]
    place: Place
    state: str
    lanes: tuple[Lane, ...]
    problem: str = ""
    alike: bool = True
    lanes_left_out: int = 0


@dataclass(frozen=True)
class Picture:
    """Everything that is drawn. `merged` says that hosts that are not alike share a node."""

    vmm: str
    nodes: tuple[Node, ...]
    subnets: tuple[tuple[str, tuple[str, ...]], ...]
    merged: bool
    hosts: int


def pictures_of(network: Network, states: Mapping[str, str]) -> tuple[Picture, ...]:
    """Return a picture per VMM server. `states` says of each host whether it is ready."""
    managed: dict[str, list[NetworkHost]] = {}
    for host in network.hosts:
        managed.setdefault(host.vmm, []).append(host)
    return tuple(_picture(vmm, hosts, states) for vmm, hosts in managed.items())


def _picture(vmm: str, hosts: Sequence[NetworkHost], states: Mapping[str, str]) -> Picture:
    nodes = _alike([_node(host, states.get(host.name, "not checked")) for host in hosts])
    merged = len(nodes) > MAX_NODES
    if merged:
        nodes = _by_place(nodes)
    if len(nodes) > MAX_NODES:
        nodes = _with_a_rest(nodes)
    nodes = sorted((_bounded(node) for node in nodes), key=lambda node: node.place.title)
    subnets = _subnets(nodes)
    return Picture(vmm, tuple(nodes), subnets, merged, len(hosts))


def _node(host: NetworkHost, state: str) -> Node:
    return Node(
        (host.name,),
        Place(host.cluster, tuple(sorted(host.groups))),
        state,
        tuple(_lanes(host)),
        host.problem,
        lanes_left_out=host.attachments_left_out + host.attempts_left_out,
    )


def _lanes(host: NetworkHost) -> Iterable[Lane]:
    roles: dict[str, Counter[str]] = {}
    own: dict[str, list[str]] = {}
    for each in host.attachments:
        subnet = str(each.subnet)
        roles.setdefault(subnet, Counter()).update(_roles(each))
        own.setdefault(subnet, []).append(str(each.address))
    tried: dict[tuple[str, Reached, int, bool], list[Attempt]] = {}
    for attempt in host.attempts:
        subnet = str(attempt.subnet) if attempt.subnet is not None else UNKNOWN_SUBNET
        key = (subnet, attempt.reached, attempt.code, attempt.foreign)
        tried.setdefault(key, []).append(attempt)
    for subnet in dict.fromkeys((*own, *(key[0] for key in tried))):
        words = tuple(roles.get(subnet, ())) if host.attachments else (UNKNOWN_USE,)
        met = [(key, made) for key, made in tried.items() if key[0] == subnet]
        for (_, reached, code, foreign), made in sorted(met, key=lambda item: item[0][2:]):
            ports = tuple(sorted({each.port for each in made}))
            addresses = tuple(dict.fromkeys(str(each.address) for each in made))
            used = (FOREIGN,) if foreign else words
            yield Lane(subnet, used, ports, reached, code, addresses=addresses, foreign=foreign)
        if subnet in own and all(key[3] for key, _ in met):
            yield Lane(subnet, words, addresses=tuple(own[subnet]))


def _roles(each: Attachment) -> Iterable[str]:
    if each.management:
        yield MANAGEMENT
    if each.migration:
        yield MIGRATION


def _alike(nodes: Sequence[Node]) -> list[Node]:
    """Put hosts together that differ in nothing but their addresses."""
    found: dict[Node, list[Node]] = {}
    for node in nodes:
        lanes = tuple(replace(lane, addresses=()) for lane in node.lanes)
        found.setdefault(replace(node, names=(), lanes=lanes, problem=""), []).append(node)
    return [_together(group, alike=True) for group in found.values()]


def _together(nodes: Sequence[Node], *, alike: bool) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    lanes: dict[Lane, int] = {}
    for node in nodes:
        for lane in node.lanes:
            key = replace(lane, addresses=(), hosts=1)
            lanes[key] = lanes.get(key, 0) + lane.hosts
    problems = [node.problem for node in nodes if node.problem]
    return replace(
        nodes[0],
        names=tuple(name for node in nodes for name in node.names),
        lanes=tuple(replace(lane, hosts=hosts) for lane, hosts in lanes.items()),
        problem=problems[0] if problems else "",
        alike=alike,
        lanes_left_out=max(node.lanes_left_out for node in nodes),
    )


def _by_place(nodes: Sequence[Node]) -> list[Node]:
    found: dict[tuple[Place, str], list[Node]] = {}
    for node in nodes:
        found.setdefault((node.place, node.state), []).append(node)
    return [_together(group, alike=len(group) == 1) for group in found.values()]


def _with_a_rest(nodes: Sequence[Node]) -> list[Node]:
    """Keep the largest nodes that are not ready, then the largest; the rest becomes one node."""
    ranked = sorted(nodes, key=lambda node: (node.state == "ready", -len(node.names)))
    rest = _together(ranked[MAX_NODES - 1 :], alike=False)
    states = {node.state for node in ranked[MAX_NODES - 1 :]}
    words = states.pop() if len(states) == 1 else "some of them not ready"
    place = Place("", ("others",))
    return [*ranked[: MAX_NODES - 1], replace(rest, place=place, state=words)]


def _bounded(node: Node) -> Node:
    if len(node.lanes) <= MAX_LANES:
        return node
    ranked = sorted(node.lanes, key=lambda lane: -lane.hosts)
    left_out = node.lanes_left_out + len(node.lanes) - MAX_LANES
    return replace(node, lanes=tuple(ranked[:MAX_LANES]), lanes_left_out=left_out)


def _subnets(nodes: Sequence[Node]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the subnets on most hosts, with all that they are for; the rest is one."""
    hosts: Counter[str] = Counter()
    roles: dict[str, dict[str, None]] = {}
    for node in nodes:
        for lane in node.lanes:
            hosts[lane.subnet] += lane.hosts
            purposes = (role for role in lane.roles if role in {MANAGEMENT, MIGRATION})
            roles.setdefault(lane.subnet, {}).update(dict.fromkeys(purposes))
    ranked = [subnet for subnet, _ in hosts.most_common()]
    if len(ranked) > MAX_SUBNETS:
        ranked = [*ranked[: MAX_SUBNETS - 1], OTHER_SUBNETS]
    return tuple((subnet, tuple(roles.get(subnet, ()))) for subnet in ranked)
