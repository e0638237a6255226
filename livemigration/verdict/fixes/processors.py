"""What to do about virtual machines that a processor keeps from moving while they run."""

from __future__ import annotations

from collections.abc import Collection

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import PROCESSOR_COMPATIBILITY, TROUBLESHOOT_LIVE_MIGRATION

_DOWNTIME = "Downtime of each virtual machine that is shut down: plan it with whoever runs it."


def one_manufacturer(machine: FixTarget, own: str, others: Collection[str]) -> Fix:
    """Return what to do about hosts of another manufacturer in one group.

    Args:
        machine: the host.
        own: the manufacturer of its processor.
        others: the hosts of another.
    """
    name, theirs = one_line(machine.name), some(others)
    cause = Cause(
        title=f"Keep {HOSTS} apart from hosts with processors of another manufacturer",
        wrong="Its group has processors of another manufacturer",
        word="manufacturers",
        why="No virtual machine moves live between manufacturers, with processor compatibility "
        "neither. One that is off moves.",
        values=(("Processor", own), ("Others", theirs)),
    )
    return Fix(
        key="processor-manufacturers",
        summary=f"Keep {name} apart from {theirs}, or move between them only what is off.",
        console=(
            f"In the inventory, put {name} and {theirs} into groups of their own.",
            (
                "For tonight, move between them only what is off: shut a virtual machine down, "
                f"move it to {name}, start it there."
            ),
        ),
        cost=_DOWNTIME,
        source=PROCESSOR_COMPATIBILITY,
        cause=cause,
    )


def move_while_off(machine: FixTarget, users: Collection[str]) -> Fix:
    """Return how virtual machines come to a host whose processor lacks what they have taken.

    Args:
        machine: the host.
        users: the machines, for a sentence.
    """
    name, told = one_line(machine.name), some(users, 4)
    cause = Cause(
        title=f"Move machines to {HOSTS} while they are off, where the processor has less",
        wrong="Running virtual machines of other hosts have taken more than its processor has",
        word="processor",
        why="What a machine has taken stays with it until it is started anew: till then, "
        "the move is refused (21502).",
        values=(("Machines", told),),
    )
    return Fix(
        key="processor-features",
        summary=f"Shut down {told} for the move to {name}.",
        console=(
            (f"For this window: shut down {told}, then move to {name}, then start there."),
            (
                "For good: on the host where such a machine is, while it is off, run "
                "Set-VMProcessor -VMName <name> -CompatibilityForMigrationEnabled $true. It then "
                "has what every processor of the manufacturer has, and no more."
            ),
            (
                "Where the processors are of one model, compare BIOS settings, microcode and "
                f"mitigations (Get-SpeculationControlSettings) of {name} with those of the others."
            ),
        ),
        cost=f"{_DOWNTIME} With processor compatibility, applications lose newer instructions; to "
        "undo it, shut down and set it to $false.",
        source=TROUBLESHOOT_LIVE_MIGRATION,
        cause=cause,
    )
