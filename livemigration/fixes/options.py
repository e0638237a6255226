"""Repairs of how many virtual machines move at once, and how."""

from __future__ import annotations

from livemigration.findings import Fix
from livemigration.fixes.quoting import one_line, quote
from livemigration.fixes.script import (
    PRECONDITION,
    Machine,
    console,
    opening,
    refuse,
    set_host,
    setting_unchanged,
)
from livemigration.references import LIVE_MIGRATION_LIMIT, SET_UP_HOSTS

# The policy's words, those of Set-SCVMHost, and those of the VMM console and of Set-VMHost.
VMM_OPTIONS = {"tcpip": "Standard", "compression": "UseCompression", "smb": "UseSmbTransport"}
SHOWN = {"tcpip": "TCP/IP", "compression": "Compression", "smb": "SMB"}
_FLAGS = {"tcpip": (False, False), "compression": (True, False), "smb": (False, True)}

Flags = tuple[bool, bool]


def _set_option(machine: Machine, observed: Flags, wanted: str) -> tuple[str, ...]:
    compression, smb = (f"${each}".casefold() for each in observed)
    return (
        *setting_unchanged(machine, "EnableCompression", compression),
        *setting_unchanged(machine, "EnableSmbTransport", smb),
        set_host(f"-MigrationPerformanceOption {quote(VMM_OPTIONS[wanted])}"),
    )


def performance_option(machine: Machine, observed: Flags, now: str, wanted: str) -> Fix:
    """Return how to change the performance option.

    Args:
        machine: the host.
        observed: EnableCompression and EnableSmbTransport as the host has them.
        now: the option that they amount to.
        wanted: the option that the policy asks for.
    """
    undo = (*opening(machine), *_set_option(machine, _FLAGS[wanted], now))
    if observed == (True, True):
        undo = ("# Before the change, both flags were set. VMM has no name for that.", *undo)
    return Fix(
        key="performance-option",
        summary=f"Set the performance option of {one_line(machine.name)} to {SHOWN[wanted]}.",
        console=console(
            machine, f"Under Performance options, select {SHOWN[wanted]}, on each host alike."
        ),
        precondition=PRECONDITION,
        commands=(*opening(machine), *_set_option(machine, observed, wanted)),
        undo=undo,
        cost="SMB needs a network with RDMA, and port 445 between the hosts."
        if wanted == "smb"
        else "",
        source=SET_UP_HOSTS,
    )


def more_migrations(machine: Machine, observed: int, wanted: int) -> Fix:
    """Return how to let more virtual machines move at once on one host."""
    name = "MaximumActiveVirtualSystemMigration"
    return Fix(
        key="simultaneous-migrations",
        summary=f"Let {one_line(machine.name)} move {wanted} at once.",
        console=console(machine, f"Set Maximum simultaneous live migrations to {wanted}."),
        precondition=PRECONDITION,
        commands=(
            *opening(machine),
            *setting_unchanged(machine, name, str(observed)),
            set_host(f"-LiveMigrationMaximum {wanted}"),
        ),
        undo=(
            *opening(machine),
            *setting_unchanged(machine, name, str(wanted)),
            set_host(f"-LiveMigrationMaximum {observed}"),
        ),
        cost=_COST,
        source=SET_UP_HOSTS,
    )


_COST = (
    "More migrations at once share one network: on storage networks (S2D, RDMA) they can starve "
    "storage."
)


def _set_limit(machine: Machine, cluster: str, observed: int, wanted: int) -> tuple[str, ...]:
    return (
        *opening(machine),
        "Import-Module -Name 'FailoverClusters'",
        f"$cluster = Get-Cluster -Name {quote(cluster)}",
        refuse(
            machine,
            f"$cluster.MaximumParallelMigrations -ne {observed}",
            "MaximumParallelMigrations of its cluster is no longer as observed",
        ),
        f"$cluster.MaximumParallelMigrations = {wanted}",
    )


def more_in_cluster(machine: Machine, cluster: str, observed: int, wanted: int) -> Fix:
    """Return how to let more virtual machines move at once in a cluster.

    The cluster pushes its value to every node, so that a node's own would not stay.
    """
    name = one_line(cluster)
    return Fix(
        key="cluster-migrations",
        summary=f"Let {name}, the cluster of {one_line(machine.name)}, move {wanted} at once.",
        console=(
            (
                f"On {one_line(machine.name)} or another node, change the property "
                f"MaximumParallelMigrations of the cluster {name} to {wanted}."
            ),
            "Do not change the nodes: the cluster sets its value on each of them.",
        ),
        precondition=f"{PRECONDITION} The failover clustering cmdlets must be installed as well.",
        commands=_set_limit(machine, cluster, observed, wanted),
        undo=_set_limit(machine, cluster, wanted, observed),
        cost=_COST,
        source=LIVE_MIGRATION_LIMIT,
    )
