"""An order of hosts in words: its steps, and what to wait for between them."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import counted
from livemigration.placement.estimate_text import size
from livemigration.placement.model import Move, Verdict
from livemigration.placement.rolling import LeftOut, Rolling, Step, Way

# What to wait for before a host is taken down.
BEFORE = (
    "Facts are read again and the plan is made anew: memory changes while machines run.",
    "No storage repairs or synchronises itself, and no backup runs.",
)


def emptied(host: str) -> str:
    """Return what to wait for when a host's machines have left."""
    return f"Nothing runs on {host} any more, and it is paused."


def returned(host: str) -> str:
    """Return what to wait for when a host's work is done."""
    return f"{host} is up, no longer paused, and its storage has caught up."


def label(step: Step) -> str:
    """Return what becomes of a host's machines, as a sentence."""
    if step.way is Way.LEAVE:
        return "Leave: its machines stay where they are when it is back."
    back = counted(len(step.back), "move")
    return f"Bring back: before the next host, {back} back ({moved(step.back)})."


def moved(moves: tuple[Move, ...]) -> str:
    """Return how much memory moves carry."""
    return size(sum(each.machine.memory for each in moves))


def lines(rolling: Rolling) -> Iterator[str]:
    """Yield the order, a line for each step and for what is left out."""
    for number, step in enumerate(rolling.steps, start=1):
        swaps = sum(each.relocates for each in step.answer.plan)
        room = f", {counted(swaps, 'machine')} of other hosts first" if swaps else ""
        plan = step.answer.plan
        yield (
            f"{number}. {step.host}: {counted(len(plan), 'move')}, {moved(plan)}{room}. "
            f"{label(step)}"
        )
    for each in rolling.left_out:
        yield f"{each.host} is left out: {why(each)}."


def why(left_out: LeftOut) -> str:
    """Return why a host has no place in an order, as the end of a sentence."""
    return _WHY[left_out.answer.verdict]


def way_back(rolling: Rolling) -> str:
    """Return how everything gets back to where it was, as a sentence."""
    moves = rolling.way_back
    if not moves:
        return "Every machine is where it was then."
    return (
        f"The way back is {counted(len(moves), 'move')}, {moved(moves)}; nothing moves back by "
        "itself. It fits as long as nothing else was put on these hosts: read facts again before."
    )


_WHY = {
    Verdict.DOES_NOT_FIT: "it cannot be emptied, at any place of this order that was tried",
    Verdict.UNDECIDED: "whether it can be emptied is undecided",
    Verdict.UNKNOWN: "whether it can be emptied depends on what is not known",
}
