"""What to do where VMM itself rates a host zero."""

from __future__ import annotations

from livemigration.base.text import one_line
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes.by_hand import by_hand
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.references import KB_2853203, TROUBLESHOOT_LIVE_MIGRATION

_AGAIN = "Then run the suite again with --stage-vm and this host."


def _where(machine: FixTarget, vm: str) -> str:
    return (
        f"In the VMM console, open Migrate Virtual Machine for {vm}, choose "
        f"{one_line(machine.name)} and read Rating Explanation."
    )


def read_rating(machine: FixTarget, vm: str, *, known_bug: bool) -> Fix:
    """Return how to find the cause of a zero rating; `known_bug`: it may be that of KB 2853203.

    The code alone does not show the KB: a lost listener and a wrong address refuse as well
    (windows-facts.md section 7, item 14).
    """
    name = one_line(machine.name)
    steps = (
        f"Where LM102 fails for {name} in this report, this is KB 2853203: follow its fix. Else "
        "mend what LM201, LM103 and LM203 say of it first."
        if known_bug
        else f"Mend what the other checks say of {name} first: VMM's reasons follow from it."
    )
    cause = Cause(
        title=f"Find out why VMM rates {HOSTS} zero",
        wrong="VMM's rating is zero: a connection was refused (0x8007274D)"
        if known_bug
        else "VMM's rating is zero",
        word="rated zero",
        why="VMM 2012 SP1 was refused while it staged: KB 2853203, a lost listener or a wrong "
        "address."
        if known_bug
        else "The migration wizard shows the same rating, with VMM's own reasons.",
        values=(("Virtual machine", vm),),
    )
    return by_hand(
        machine,
        cause,
        key="vmm-rating",
        console=(_where(machine, vm), steps, _AGAIN),
        source=KB_2853203 if known_bug else TROUBLESHOOT_LIVE_MIGRATION,
    )


def unaffected_refusal(machine: FixTarget, vm: str) -> Fix:
    """Return how to find the cause of 0x8007274D where the release does not have KB 2853203."""
    name = one_line(machine.name)
    cause = Cause(
        title=f"Find out what refuses connections to {HOSTS}",
        wrong="VMM's rating is zero: a connection was refused",
        word="rated zero",
        why="The migration wizard shows the same rating. Something refused the connection that VMM "
        "made for it.",
        values=(("Virtual machine", vm),),
    )
    return by_hand(
        machine,
        cause,
        key="vmm-rating-refused",
        console=(
            _where(machine, vm),
            (
                f"On {name}, run Get-NetTCPConnection -LocalPort 6600 -State Listen. Where nothing "
                "listens, mend LM101, LM103 and LM302 first."
            ),
            f"Where something listens, mend what LM203 and LM305 say of {name}.",
            _AGAIN,
        ),
        source=TROUBLESHOOT_LIVE_MIGRATION,
    )
