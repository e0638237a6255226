"""What a person does where a host cannot be emptied, or not in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livemigration.base.text import one_line, some
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand, which
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import MAINTENANCE_MODE

_MOST_STEPS = 12


def make_room(machine: FixTarget, names: Sequence[str], helps: Sequence[str]) -> Fix:
    """Return how machines without a place get one.

    Args:
        machine: the host.
        names: the machines.
        helps: what alone would give all of them a place, a sentence each.
    """
    cause = Cause(
        title=f"Make room elsewhere for the virtual machines of {HOSTS}",
        wrong="Virtual machines have no place on any other host",
        word="no place",
        why="A drain stops at the first of them, or leaves it where it is.",
        values=which(names),
    )
    return by_hand(
        machine,
        cause,
        key="drain-no-place",
        console=(
            *_one_of(helps),
            (
                f"On {one_line(machine.name)}, compare: "
                "Get-VM | Sort-Object MemoryAssigned | Format-Table Name, State, MemoryAssigned"
            ),
            "Shut a machine down from inside it, and only where its users know.",
            "Name under stays in the policy what is to be shut down with the host, then run again.",
        ),
        cost="A machine that is shut down is away for its users.",
        source=MAINTENANCE_MODE,
    )


def _one_of(helps: Sequence[str]) -> Iterator[str]:
    """Yield the step that does one of the things that help."""
    if helps:
        yield f"Do one of these, each of which is enough: {' '.join(helps[:_MOST_STEPS])}"


def longer_window(machine: FixTarget, inputs: Sequence[tuple[str, str]]) -> Fix:
    """Return what to do where a drain does not end within its window.

    Args:
        machine: the host.
        inputs: of the estimate, each with a label.
    """
    told = dict(inputs)
    steps = [told[each] for each in ("Depends on", "One more") if each in told]
    cause = Cause(
        title=f"Give the drain of {HOSTS} more time, or less to do",
        wrong="A drain takes longer than its window",
        word="too long",
        why="The host would not be empty when the work on it is to begin.",
        values=(("Takes", some([told.get("Takes", "")])),),
    )
    return by_hand(
        machine,
        cause,
        key="drain-too-long",
        console=(
            *steps,
            "Begin the drain before the window: it moves machines while they run.",
            "Shut down before it what need not run meanwhile, and name it under stays.",
        ),
        source=MAINTENANCE_MODE,
    )
