"""Fixes of what keeps the virtual machines of other hosts from one host."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.quoting import comment, quote
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION, VM_VERSIONS

_SHOWN = 80


def have_switches(
    machine: FixTarget, switches: Sequence[str], users: Collection[str], own: Sequence[str]
) -> Fix:
    """Return how to get virtual switches of names that other hosts use.

    Args:
        machine: the host that lacks them.
        switches: their names.
        users: who is connected to the first of them elsewhere, for a sentence.
        own: the switches that the host has.
    """
    names = some(one_line(each, limit=_SHOWN) for each in switches)
    cause = Cause(
        title=f"Give {HOSTS} the virtual switches that machines of other hosts use",
        wrong="A virtual switch that machines of other hosts use is missing",
        word="switch missing",
        why="Hyper-V looks for the switch by its name. Those machines cannot move to this host.",
        values=(("Missing", names), ("Used by", some(users, 3))),
    )
    name = one_line(machine.name)
    console = f"Hyper-V Manager > {name} > Virtual Switch Manager"
    if machine.vmm:
        console = f"VMM console, Fabric > Servers > {name} > Properties > Virtual Switches"
    there = some(one_line(each, limit=_SHOWN) for each in own) if own else "none"
    return Fix(
        key="virtual-switches",
        summary=f"Give {name} the virtual switch {names}.",
        console=(
            (
                f"Switches that {name} has: {there}. Where one of them is to the same network and "
                f"only its name differs, rename it in {console}: virtual machines stay connected."
            ),
            (
                f"Where none is, add an external switch of the name {names} there, with the "
                "teaming and VLANs of the other hosts. Add a logical switch of VMM as such, never "
                "by hand."
            ),
        ),
        commands=(
            comment(f"The switches of {name}, and the adapters that may carry a new one:"),
            f"Get-VMSwitch -ComputerName {quote(machine.name)}",
            f"Get-NetAdapter -CimSession {quote(machine.name)} -Physical",
            "# Then, for each switch, one of two lines, completed by hand: rename, or add.",
            *(line for each in switches for line in _named(machine, each)),
        ),
        undo=(
            "# A switch that was renamed gets its name back; one that was added is removed in the",
            "# same console, while nothing is connected to it.",
            f"Get-VMSwitch -ComputerName {quote(machine.name)}",
            *(_rename(machine, quote(each), "'<its name before>'") for each in switches),
        ),
        cost="To rename costs nothing. A new external switch interrupts its adapter for some "
        "seconds.",
        source=TROUBLESHOOT_LIVE_MIGRATION,
        cause=cause,
    )


def _named(machine: FixTarget, switch: str) -> tuple[str, str]:
    return (
        _rename(machine, "'<its name>'", quote(switch)),
        (
            f"# New-VMSwitch -ComputerName {quote(machine.name)} -Name {quote(switch)} "
            "-NetAdapterName '<adapter>' -AllowManagementOS $true"
        ),
    )


def _rename(machine: FixTarget, before: str, after: str) -> str:
    """Return a command that waits, as a comment, for a person to complete it."""
    return f"# Rename-VMSwitch -ComputerName {quote(machine.name)} -Name {before} -NewName {after}"


def same_versions(machine: FixTarget, version: str, runs: str, users: Collection[str]) -> Fix:
    """Return what to do about virtual machines of a version that a host does not run.

    Args:
        machine: the host.
        version: the version, for a sentence.
        runs: the versions that the host runs, for a sentence.
        users: the machines, for a sentence.
    """
    name = one_line(machine.name)
    cause = Cause(
        title=f"Keep off {HOSTS} the machines whose version it does not run, or upgrade them",
        wrong="Virtual machines of other hosts have a version that does not run here",
        word="version",
        why="A virtual machine of such a version does not move to this host, and does not start on "
        "it.",
        values=(("Version", version), ("Runs here", runs)),
    )
    return Fix(
        key="configuration-versions",
        summary=f"Decide where the virtual machines of version {version} go: not to {name}.",
        console=(
            (
                f"Where {version} is older than {runs}: on the host where they are, shut down "
                f"{some(users, 4)}, and upgrade each with Update-VMVersion -Name, as far as that "
                "host goes (Get-VMHostSupportedVersion)."
            ),
            (
                "Where it is newer, nothing lowers it: move them to hosts of their own release, "
                f"or bring {name} to it."
            ),
            (
                f"Where they are not meant to move to {name}, put the hosts into groups of their "
                "own in the inventory."
            ),
        ),
        cost="Update-VMVersion has no way back, and needs each virtual machine shut down: downtime "
        "of the machine, not of the host.",
        source=VM_VERSIONS,
        cause=cause,
    )
