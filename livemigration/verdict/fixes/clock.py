"""Fixes of a host's clock."""

from __future__ import annotations

from livemigration.base.text import one_line
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import WINDOWS_TIME


def set_clock(machine: FixTarget, off: str, *, refused: bool, doubtful: bool) -> Fix:
    """Return how to have a domain member ask for the time again.

    Args:
        machine: the host.
        off: by how much its clock is off, as `10 minutes ahead`.
        refused: Kerberos refuses that much.
        doubtful: no other host says which of two clocks is off.
    """
    name = one_line(machine.name)
    cause = Cause(
        title=f"Set the clock of {HOSTS} by the domain",
        wrong="The clock is off by more than Kerberos allows"
        if refused
        else "The clock is off, though not by more than Kerberos allows",
        word="clock",
        why="Kerberos refuses tickets of another machine from five minutes on."
        if refused
        else "At five minutes, Kerberos refuses the tickets of other machines.",
        values=(("The clock is", off),),
    )
    look = "First find out which of the two clocks is off: compare both with a third. "
    return by_hand(
        machine,
        cause,
        key="clock",
        console=(
            (
                f"{look if doubtful else ''}On {name}, see where it gets the time from: "
                "w32tm /query /source names a domain controller. Where many hosts of one domain "
                "are off alike, look at the domain controller with the role of PDC emulator first."
            ),
            (
                "Where it names something else, such as the clock of its own hardware: "
                "w32tm /config /syncfromflags:domhier /update"
            ),
            "Have it ask again, which sets the clock: w32tm /resync /rediscover",
        ),
        cost="Virtual machines that take the time from their host follow its clock.",
        source=WINDOWS_TIME,
    )
