"""Fixes of how many virtual machines move at once, and how."""

from __future__ import annotations

from livemigration.base.text import counted, one_line
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.quoting import quote
from livemigration.verdict.fixes.script import (
    PRECONDITION,
    FixTarget,
    console,
    opening,
    refuse,
    set_host,
    setting_unchanged,
)
from livemigration.verdict.references import LIVE_MIGRATION_LIMIT, SET_UP_HOSTS

# The policy's words, those of Set-SCVMHost, and those of the VMM console and of Set-VMHost.
VMM_OPTIONS = {"tcpip": "Standard", "compression": "UseCompression", "smb": "UseSmbTransport"}
SHOWN = {"tcpip": "TCP/IP", "compression": "Compression", "smb": "SMB"}
_FLAGS = {"tcpip": (False, False), "compression": (True, False), "smb": (False, True)}

Flags = tuple[bool, bool]


def _set_option(machine: FixTarget, observed: Flags, wanted: str) -> tuple[str, ...]:
    compression, smb = (f"${each}".casefold() for each in observed)
    return (
        *setting_unchanged(machine, "EnableCompression", compression),
        *setting_unchanged(machine, "EnableSmbTransport", smb),
        set_host(f"-MigrationPerformanceOption {quote(VMM_OPTIONS[wanted])}"),
    )


def performance_option(machine: FixTarget, observed: Flags, now: str, wanted: str) -> Fix:
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
    cause = Cause(
        title=f"Set the performance option of {HOSTS} to {SHOWN[wanted]}",
        wrong=f"The performance option is not {SHOWN[wanted]}, which the policy asks for",
        word="performance",
        why="Compression costs processor time, SMB needs RDMA to be worth it: a move may take "
        "longer than planned.",
        values=(("Set to", SHOWN[now]), ("The policy asks for", SHOWN[wanted])),
    )
    return Fix(
        key="performance-option",
        summary=cause.order(machine.name),
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
        cause=cause,
    )


def more_migrations(machine: FixTarget, observed: int, wanted: int) -> Fix:
    """Return how to let more virtual machines move at once on one host."""
    name = "MaximumActiveVirtualSystemMigration"
    cause = _too_few(f"Let {HOSTS} {_move(wanted)}", "", observed, wanted)
    return Fix(
        key="simultaneous-migrations",
        summary=cause.order(machine.name),
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
        cause=cause,
    )


def _move(wanted: int) -> str:
    return f"move {counted(wanted, 'virtual machine')} at once"


def _too_few(title: str, whose: str, observed: int, wanted: int) -> Cause:
    limit = f"The limit of simultaneous live migrations{whose}"
    return Cause(
        title=title,
        wrong=f"{limit} is zero" if not observed else f"{limit} is below {wanted}",
        word="limit too low" if observed else "limit is zero",
        why="A move beyond the limit waits, so the window takes longer."
        if observed
        else "At zero nothing moves.",
        values=(("At once", str(observed)), ("The policy asks for", str(wanted))),
    )


_COST = (
    "More migrations at once share one network: on storage networks (S2D, RDMA) they can starve "
    "storage."
)


def _set_limit(machine: FixTarget, cluster: str, observed: int, wanted: int) -> tuple[str, ...]:
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


def more_in_cluster(machine: FixTarget, cluster: str, observed: int, wanted: int) -> Fix:
    """Return how to let more virtual machines move at once in a cluster.

    The cluster pushes its value to every node, so that a node's own would not stay.
    """
    name = one_line(cluster)
    title = f"Let {name}, the cluster of {HOSTS}, {_move(wanted)}"
    cause = _too_few(title, " of the cluster", observed, wanted)
    return Fix(
        key="cluster-migrations",
        summary=cause.order(machine.name),
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
        cause=cause,
    )
