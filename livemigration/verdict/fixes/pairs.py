"""Fixes of what keeps the virtual machines of other hosts from one host."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from livemigration.base.text import listed, one_line, some
from livemigration.verdict.configuration_versions import Stand
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
        users: who is connected to them elsewhere, for a sentence.
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
        console = f"the VMM console > Fabric > Servers > {name} > Properties > Virtual Switches"
    return Fix(
        key="virtual-switches",
        summary=f"Give {name} {_the(switches)} {names}.",
        console=(
            *_renamed(own, console),
            (
                f"{'Else, add' if own else 'Add'} external switches in {console}: {names}, with "
                "the teaming and VLANs of the other hosts. Add a logical switch of VMM as such, "
                "never by hand."
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


def _the(switches: Sequence[str]) -> str:
    return "the virtual switch" if len(switches) == 1 else "the virtual switches"


def _renamed(own: Sequence[str], console: str) -> tuple[str, ...]:
    if not own:
        return ()
    there = some(one_line(each, limit=_SHOWN) for each in own)
    return (
        (
            "Where a switch that it has is to the same network and only its name differs, rename "
            f"it in {console}: virtual machines stay connected. It has {there}."
        ),
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


@dataclass(frozen=True)
class Strange:
    """Versions that a host does not run, and the machines that have them, for a sentence."""

    stand: Stand
    versions: Sequence[str]
    users: Collection[str]


def same_versions(machine: FixTarget, strange: Sequence[Strange], runs: str) -> Fix:
    """Return what to do about virtual machines of versions that a host does not run.

    Args:
        machine: the host.
        strange: the versions, one entry for each way in which they stand to those that it runs.
        runs: the versions that the host runs, for a sentence.
    """
    name = one_line(machine.name)
    version = listed(version for each in strange for version in each.versions)
    upgradable = any(each.stand is not Stand.NEWER for each in strange)
    cause = Cause(
        title=f"Decide where virtual machines go whose version does not run on {HOSTS}",
        wrong="Virtual machines of other hosts have a version that does not run here",
        word="version",
        why="A virtual machine of such a version does not move to this host, and does not start on "
        "it.",
        values=(("Version", version), ("Runs here", runs)),
    )
    return Fix(
        key="configuration-versions",
        summary=f"Decide where the virtual machines go whose version does not run on {name}.",
        console=(
            *(line for each in strange for line in _versions(each, name, runs)),
            (
                f"Where they are not meant to move to {name}, put the hosts into groups of their "
                "own in the inventory."
            ),
        ),
        cost="Update-VMVersion has no way back, and needs each virtual machine shut down: downtime "
        "of the machine, not of the host."
        if upgradable
        else "",
        source=VM_VERSIONS,
        cause=cause,
    )


def _versions(strange: Strange, name: str, runs: str) -> Iterator[str]:
    who, versions = some(strange.users, 4), listed(strange.versions)
    upgrade = "upgrade each with Update-VMVersion -Name, as far as that host goes"
    if strange.stand is Stand.OLDER:
        yield (
            f"Older than {runs}: {versions}. On the host where they are, shut down {who}, and "
            f"{upgrade} (Get-VMHostSupportedVersion)."
        )
    elif strange.stand is Stand.NEWER:
        yield (
            f"Newer than {runs}, and nothing lowers a version: {versions}. Move to hosts of the "
            f"same release, or bring {name} to it: {who}."
        )
    else:
        yield (
            f"See which version it is, on the host where they are (Get-VM | Format-Table Name, "
            f"Version): {who}. Where it is older than {runs}, shut down, and {upgrade}; nothing "
            "lowers a newer one."
        )
