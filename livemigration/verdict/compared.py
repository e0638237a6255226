"""What a comparison with other hosts says where some of them were not looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from livemigration.base.text import some
from livemigration.inventory.policy import Policy
from livemigration.verdict.findings import Finding, Level, note
from livemigration.verdict.views import BlockedError

_NEXT_STEP = "Run without --limit and without another selection of hosts."
_SAID = (Level.WARNING, Level.FAIL)


NOBODY = "No other host of this run exchanges virtual machines with this one."


def not_looked_at(hosts: Collection[str]) -> str:
    """Return which hosts of the migration group were not looked at, and how many, as a clause."""
    if len(hosts) == 1:
        return f"1 host of its migration group was not looked at: {some(hosts)}"
    return f"{len(hosts)} hosts of its migration group were not looked at: {some(hosts)}"


def nobody_compared(unseen: Collection[str]) -> str:
    """Return that hosts which may be peers were not looked at, and no other host is one."""
    return (
        "No host that exchanges virtual machines with this one could be compared; "
        f"{not_looked_at(unseen)}."
    )


def undecided(hosts: Collection[str], why: str) -> BlockedError:
    """Return the error of a comparison that hosts which were not looked at would decide."""
    return BlockedError("", f"{why}: {not_looked_at(hosts)}.", _NEXT_STEP)


def with_what_is_missing(
    found: Sequence[Finding], hosts: Collection[str], policy: Policy
) -> Iterator[Finding]:
    """Yield the findings of a comparison, and a note of the hosts that were not looked at.

    Raises:
        BlockedError: they could add a warning, and the policy lets warnings fail.
    """
    yield from found
    if not hosts:
        return
    if policy.fail_on == "warning" and not any(each.level in _SAID for each in found):
        raise undecided(hosts, "The policy lets warnings fail, and they may be the cause of one")
    # It begins with a number, as a sentence may.
    yield note(f"{not_looked_at(hosts)}.")
