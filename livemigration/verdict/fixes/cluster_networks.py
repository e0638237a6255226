"""Fixes of the networks on which a cluster moves virtual machines.

They are properties of the cluster's resource type "Virtual Machine", never of a node: each node
follows (windows-facts-2.md 12.2).
"""

from __future__ import annotations

from collections.abc import Sequence

from livemigration.base.text import listed, one_line, some
from livemigration.facts.cluster import EXCLUDED_NETWORKS, NETWORK_ORDER
from livemigration.verdict.cluster_path import PathNetwork
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.quoting import quote
from livemigration.verdict.fixes.script import PRECONDITION, FixTarget, opening, refuse
from livemigration.verdict.references import CLUSTER_MIGRATION_NETWORKS

_PRECONDITION = f"{PRECONDITION} The failover clustering cmdlets must be installed as well."
_COST = "It holds for every node of the cluster, from the next migration on. Nothing restarts."
_WHERE = (
    "In Failover Cluster Manager, open {cluster} > Networks > Live Migration Settings; what is set "
    "there holds for every node, {host} among them."
)


def _changes(
    machine: FixTarget, cluster: str, parameter: str, before: Sequence[str], after: Sequence[str]
) -> tuple[str, ...]:
    """Return the lines that change a parameter that still has a value, to another."""
    was, becomes = ";".join(before), ";".join(after)
    change = f"$type | Set-ClusterParameter -Name {quote(parameter)}"
    return (
        *opening(machine),
        "Import-Module -Name 'FailoverClusters'",
        f"$type = Get-ClusterResourceType -Cluster {quote(cluster)} -Name 'Virtual Machine'",
        (
            f"$now = @($type | Get-ClusterParameter | Where-Object {{ $_.Name -eq "
            f"{quote(parameter)} }} | ForEach-Object {{ $_.Value }}) -join ';'"
        ),
        refuse(machine, f"$now -ne {quote(was)}", f"{parameter} is no longer as observed"),
        f"{change} -Value {quote(becomes)}" if becomes else f"{change} -Delete",
    )


def prefer_network(
    machine: FixTarget,
    cluster: str,
    before: Sequence[str],
    networks: Sequence[PathNetwork],
) -> Fix:
    """Return how to have a cluster use its networks in this order.

    Args:
        machine: the node.
        cluster: the cluster's name, as it states it.
        before: MigrationNetworkOrder as it was read.
        networks: the networks in the order that is wanted, the best first.
    """
    name, first = one_line(cluster), networks[0].name
    after = [each.network.identifier for each in networks]
    cause = Cause(
        title=f"Put another network first for live migration of {HOSTS}",
        wrong="Live migration prefers the network of management and clients",
        word="wrong network",
        why="Virtual machines move over the network that everything else needs, while one for them "
        "is up. The moves are slow, and what else uses that network suffers.",
        values=(("Comes first", some(_first_two(networks))),),
    )
    return Fix(
        key="cluster-network-order",
        summary=f"Put {first} first for live migration in the cluster {name} of "
        f"{one_line(machine.name)}.",
        console=(
            _WHERE.format(cluster=name, host=one_line(machine.name)),
            f"Move the networks into this order: {listed(each.name for each in networks)}.",
        ),
        precondition=_PRECONDITION,
        commands=_changes(machine, cluster, NETWORK_ORDER, before, after),
        undo=_changes(machine, cluster, NETWORK_ORDER, after, before),
        cost=_COST,
        alternative="Leave it where management is meant to carry live migration, as on hosts with "
        "one converged network.",
        source=CLUSTER_MIGRATION_NETWORKS,
        cause=cause,
    )


def _first_two(networks: Sequence[PathNetwork]) -> tuple[str, ...]:
    return tuple(each.name for each in networks[1:2])


def allow_networks(
    machine: FixTarget,
    cluster: str,
    before: Sequence[str],
    allowed: Sequence[PathNetwork],
) -> Fix:
    """Return how to let live migration use networks that it is kept from.

    Args:
        machine: the node.
        cluster: the cluster's name, as it states it.
        before: MigrationExcludeNetworks as it was read.
        allowed: the excluded networks that can carry it; none: somebody must choose.
    """
    name = one_line(cluster)
    names = listed(each.name for each in allowed)
    freed = {each.network.identifier.strip("{} ").casefold() for each in allowed}
    after = [each for each in before if each.strip("{} ").casefold() not in freed]
    cause = Cause(
        title=f"Allow live migration of {HOSTS} a network that is up",
        wrong="Live migration may use no network that is up",
        word="no network",
        why="Without one, every move is refused with 0x13AB: a cluster network is not available "
        "for live migration.",
        values=(("Would do", names),) if allowed else (),
    )
    choose = "Select a network that is up on each node, and leave the others as they are."
    return Fix(
        key="cluster-networks-allowed",
        summary=cause.order(machine.name),
        console=(
            _WHERE.format(cluster=name, host=one_line(machine.name)),
            f"Select {names}: each node has it." if allowed else choose,
        ),
        precondition=_PRECONDITION if allowed else "",
        commands=_changes(machine, cluster, EXCLUDED_NETWORKS, before, after) if allowed else (),
        undo=_changes(machine, cluster, EXCLUDED_NETWORKS, after, before) if allowed else (),
        cost=_COST,
        source=CLUSTER_MIGRATION_NETWORKS,
        cause=cause,
    )


def bring_up(machine: FixTarget, cluster: str, down: Sequence[str]) -> Fix:
    """Return how to bring up a node's interfaces to the networks for live migration.

    Args:
        machine: the node.
        cluster: the cluster's name.
        down: those networks with the state of the node's interface, for a sentence.
    """
    host = one_line(machine.name)
    cause = Cause(
        title=f"Bring up a network for live migration on {HOSTS}",
        wrong="No network that live migration may use is up here",
        word="network down",
        why="A move to or from this node is refused with 0x13AB: a cluster network is not "
        "available for live migration.",
        values=(("Down", some(down, 3)),),
    )
    return by_hand(
        machine,
        cause,
        key="cluster-network-up",
        console=(
            (
                f"On {host}, run Get-ClusterNetworkInterface -Node '{_label(machine.name)}' and "
                f"Get-NetAdapter, and compare with the other nodes of {one_line(cluster)}."
            ),
            f"Mend the adapter, cable, VLAN or address of {some(down)}.",
        ),
        alternative="Allow live migration another network that is up on each node, in Failover "
        "Cluster Manager > Networks > Live Migration Settings.",
        source=CLUSTER_MIGRATION_NETWORKS,
    )


def join_networks(machine: FixTarget, cluster: str, others: Sequence[str]) -> Fix:
    """Return how to give nodes a network in common.

    Args:
        machine: the node.
        cluster: the cluster's name.
        others: the nodes with which it has none.
    """
    host = one_line(machine.name)
    cause = Cause(
        title=f"Give {HOSTS} a network for live migration in common with the other nodes",
        wrong="No network for live migration is common to all nodes",
        word="no common network",
        why="Before Server 2025, a move between nodes without a network in common is refused.",
        values=(("Not with", some(others, 3)),),
    )
    return Fix(
        key="cluster-network-common",
        summary=f"Give {host} and {some(others)} a network for live migration in common.",
        console=(
            (
                f"Run Get-ClusterNetworkInterface -Cluster '{_label(cluster)}', and compare the "
                f"networks of {host} with those of {some(others)}."
            ),
            (
                "Give each node an address in one network that live migration may use, or allow it "
                "one that both have: Failover Cluster Manager > Networks > Live Migration Settings."
            ),
        ),
        alternative="Leave it where the nodes stand at different sites, and declare the sites: "
        "then this is a note.",
        source=CLUSTER_MIGRATION_NETWORKS,
        cause=cause,
    )


def _label(name: str) -> str:
    return one_line(name).partition(".")[0].replace("'", "''")
