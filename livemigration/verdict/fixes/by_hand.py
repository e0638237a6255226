"""Fixes that a person does, and those after which virtual machines have moved while off.

None of it is scripted: it takes a machine down, or a decision, and a person says when.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from livemigration.base.text import counted, one_line, some
from livemigration.verdict.findings import Cause, Fix, Reference
from livemigration.verdict.fixes.quoting import quote_list
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import TROUBLESHOOT_LIVE_MIGRATION

MACHINES = "Virtual machines"


def which(names: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Return what a cause tells of the machines of one host."""
    return ((MACHINES, some(names)),)


def by_hand(
    machine: FixTarget,
    cause: Cause,
    *,
    key: str,
    console: tuple[str, ...],
    cost: str = "",
    alternative: str = "",
    source: Reference,
) -> Fix:
    """Return a fix of one host that its cause tells, and that a person does step by step."""
    return Fix(
        key=key,
        summary=cause.order(machine.name),
        console=console,
        cost=cost,
        alternative=alternative,
        source=source,
        cause=cause,
    )


def move_while_off(
    machine: FixTarget,
    names: Sequence[str],
    cause: Cause,
    *,
    key: str,
    source: Reference = TROUBLESHOOT_LIVE_MIGRATION,
) -> Fix:
    """Return how to move machines of a host that do not move while they run, or to leave them."""
    name = one_line(machine.name)
    return by_hand(
        machine,
        cause,
        key=key,
        console=(
            shut_down(machine, names),
            "Move the virtual machines while they are off, and start them on the other host.",
            f"To undo it, before the move, on {name}: {piped(names, 'Start-VM')}",
        ),
        cost=down(names),
        alternative=leave(machine),
        source=source,
    )


def shut_down(machine: FixTarget, names: Sequence[str]) -> str:
    """Return the step that shuts machines of a host down."""
    return f"Shut the guests down, on {one_line(machine.name)}: {piped(names, 'Stop-VM')}"


def leave(machine: FixTarget) -> str:
    """Return the other way: the machines stay, and are off meanwhile."""
    return f"Leave them on {one_line(machine.name)}, and shut them down for the window."


def down(names: Sequence[str]) -> str:
    """Return what it costs machines to be moved while they are off."""
    machines = "It is" if len(names) == 1 else f"{counted(len(names), 'virtual machine')} are"
    return f"{machines} down from the shutdown until the start on the other host."


def piped(names: Sequence[str], command: str) -> str:
    """Return a line of PowerShell that gives these machines to a command, and no others.

    Hyper-V's cmdlets take what -Name and -VMName say for a pattern ("Start-VM -Name Test*", by
    their pages), and people do name machines `app*` or `db[1]`.
    """
    return f"Get-VM | Where-Object {{ {quote_list(names)} -contains $_.Name }} | {command}"
