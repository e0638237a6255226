"""The networks on which a cluster moves virtual machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livemigration.base.addresses import Address
from livemigration.base.text import counted, listed, some
from livemigration.facts.cluster import (
    CLUSTER_MIGRATION_NETWORKS,
    ClusterMigrationNetworks,
)
from livemigration.facts.host import SERVICES
from livemigration.facts.model import Gathered
from livemigration.facts.network import ROUTES, default_gateways
from livemigration.verdict.check import check
from livemigration.verdict.cluster_membership import (
    ONE_NODE,
    REST_OF_MEMBERSHIP,
    Membership,
    membership_of,
)
from livemigration.verdict.cluster_path import ClusterPath, PathNetwork
from livemigration.verdict.findings import Finding, fail, not_applicable, note, ok, warn
from livemigration.verdict.fixes.cluster_networks import (
    allow_networks,
    bring_up,
    join_networks,
    prefer_network,
)
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.node_path import (
    OF_THE_PATH,
    apart_from,
    block_unless_it_takes_part,
    block_where_not_known,
    lacking_common_network,
    path_of_node,
    taking_part,
)
from livemigration.verdict.readings import machine_of
from livemigration.verdict.references import CLUSTER_MIGRATION_NETWORKS as NETWORK_ORDER
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION
from livemigration.verdict.views import FactsView

_ALLOWED_AND_UP = "A network that live migration may use is up on this node."


@check(
    "LM601",
    needs=(SERVICES,),
    may_need=(
        *REST_OF_MEMBERSHIP,
        *OF_THE_PATH,
        ROUTES,
    ),
    refs=(NETWORK_ORDER, TROUBLESHOOT_LIVE_MIGRATION),
)
def test_the_cluster_has_a_network_for_live_migration(
    host: FactsView, vmm: FactsView
) -> Iterator[Finding]:
    """The cluster moves virtual machines over a network that is meant for it.

    Why: inside a cluster, its own networks decide, in its own order, whatever the node's settings
    are. What was excluded years ago, or an order that begins with management, shows at night.

    Fails: every network is excluded from live migration; or none that may be used is up on this
    node (0x13AB).

    Warns: the network that is used first has the default gateway or carries clients, while another
    one that may be used is up. So does a node that shares no such network with another one at its
    site, before Server 2025. Without an order, the network of the cluster's own traffic comes last;
    what Server 2025 does then is not documented.

    Does not apply: a host outside clusters, and a cluster of one node.
    """
    own = membership_of(host)
    if own.is_alone:
        yield not_applicable(ONE_NODE)
        return
    block_unless_it_takes_part(host, own)
    settings, path = host[CLUSTER_MIGRATION_NETWORKS], path_of_node(host, own)
    machine, node = machine_of(host, vmm), own.node.name
    block_where_not_known(own, path)
    if not path.up_on(node):
        yield _nothing_to_use(machine, own, path, settings)
        return
    found = [
        *_preferred(host, machine, own, path, settings),
        *_without_common_network(machine, own, path),
    ]
    if not found:
        yield ok(f"Live migration uses {path.of_node(node)}{path.doubt}.")
    yield from found
    yield from _notes(own, path, told=not found)


def _nothing_to_use(
    machine: FixTarget, own: Membership, path: ClusterPath, settings: ClusterMigrationNetworks
) -> Finding:
    """Say why no network can be used on this node."""
    name, node = own.cluster.name or "", own.node.name
    useful = [each for each in path.excluded if each.is_offered]
    everywhere = [each for each in useful if all(each.is_up_on(n.name) for n in taking_part(own))]
    if not path.networks:
        repair = allow_networks(machine, name, settings.excluded, everywhere[:1])
        excluded = f"{some(each.name for each in path.excluded)} are excluded"
        if path.unoffered:
            # That these are not offered is inferred, so it fails no host on its own.
            return warn(
                f"Of the cluster's networks, {some(each.name for each in path.unoffered)} "
                f"{'is' if len(path.unoffered) == 1 else 'are'} not for the cluster's use, which "
                f"live migration is probably not offered{f'; {excluded}' if useful else ''}.",
                _ALLOWED_AND_UP,
                repair,
            )
        return fail(
            f"Every network of the cluster is excluded from live migration: "
            f"{some(each.name for each in path.excluded)}. A move is refused (0x13AB).",
            _ALLOWED_AND_UP,
            repair,
        )
    down = tuple(each.of_node(node) for each in path.networks)
    return fail(
        f"Of the networks that live migration may use, none is up on this node: {some(down)}. A "
        "move is refused (0x13AB).",
        _ALLOWED_AND_UP,
        bring_up(machine, name, down),
    )


def _preferred(
    host: FactsView,
    machine: FixTarget,
    own: Membership,
    path: ClusterPath,
    settings: ClusterMigrationNetworks,
) -> Iterator[Finding]:
    """Warn where the network of management or clients is used before another one."""
    if path.doubt:
        return
    gateways = _gateways(host)
    first, *others = path.up_on(own.node.name)
    gateway = _has(first, gateways)
    if not gateway and not first.carries_clients:
        return
    better = [
        each
        for each in others
        if not _has(each, gateways) and (gateway or not each.carries_clients)
    ]
    # One that leads to no other node is no way for a virtual machine.
    better = [each for each in better if any(each.is_up_on(n.name) for n in own.others)]
    if not better:
        return
    which = "has the default gateway" if gateway else "carries clients"
    why = (
        "it comes first in the cluster's order"
        if path.ordered
        else "no order is set, and the network of the cluster's own traffic then comes last"
    )
    wanted = (*better, *(each for each in path.networks if each not in better))
    yield warn(
        f"Live migration will use the management network: {first.name}, which {which}, before "
        f"{listed(each.name for each in better)}; {why}.",
        f"{better[0].name} comes first: it is up, and live migration may use it.",
        prefer_network(machine, own.cluster.name or "", settings.order, wanted),
    )


def _gateways(host: FactsView) -> tuple[Address, ...]:
    """Return the next hops of the host's default routes; none where they cannot be read."""
    routes = host.outcome(ROUTES)
    return default_gateways(routes.value) if isinstance(routes, Gathered) else ()


def _has(network: PathNetwork, gateways: Sequence[Address]) -> bool:
    return any(network.contains(each) for each in gateways)


def _without_common_network(
    machine: FixTarget, own: Membership, path: ClusterPath
) -> Iterator[Finding]:
    """Warn where this node shares no network for live migration with another at its site."""
    names = tuple(each.name for each in lacking_common_network(own, path))
    if not names:
        return
    yield warn(
        f"This node shares no network for live migration with {some(names)}.",
        "Before Server 2025, two nodes need a network in common that live migration may use.",
        join_networks(machine, own.cluster.name or "", names),
    )


def _notes(own: Membership, path: ClusterPath, *, told: bool) -> Iterator[Finding]:
    """Yield what is worth knowing of the path, behind what it comes to.

    `told`: the path is in the first finding already.
    """
    if not told:
        yield note(f"Live migration uses {path.of_node(own.node.name)}.")
    if path.excluded:
        names = some(each.of_node(own.node.name) for each in path.excluded)
        yield note(f"Excluded from live migration: {names}.")
    if apart := list(apart_from(own, path)):
        names = some(each.name for each in apart)
        yield note(f"Live migration has no network in common with {names}.")
    elif not any(all(each.is_up_on(n.name) for n in taking_part(own)) for each in path.networks):
        yield note("Each pair of nodes shares a network for live migration; none is common to all.")
    for each in path.networks:
        if each.has_two_subnets:
            yield note(
                f"The network {each.name} has {counted(len(each.subnets), 'subnet')}: "
                f"{some(each.subnets)}."
            )
