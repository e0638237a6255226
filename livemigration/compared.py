"""What a comparison with other hosts says where some of them were not looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from livemigration.findings import Finding, Level, note
from livemigration.fixes.quoting import some
from livemigration.policy import Policy
from livemigration.views import BlockedError

_NEXT_STEP = "Run without --limit and without another selection of hosts."
_SAID = (Level.WARNING, Level.FAIL)


def not_looked_at(hosts: Sequence[str]) -> str:
    """Return which hosts of the migration group were not looked at, and how many, as a clause."""
    if len(hosts) == 1:
        return f"1 host of its migration group was not looked at: {some(hosts)}"
    return f"{len(hosts)} hosts of its migration group were not looked at: {some(hosts)}"


def undecided(hosts: Sequence[str], why: str) -> BlockedError:
    """Return the error of a comparison that hosts which were not looked at would decide."""
    return BlockedError("", f"{why}: {not_looked_at(hosts)}.", _NEXT_STEP)


def with_what_is_missing(
    found: Sequence[Finding], hosts: Sequence[str], policy: Policy
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
    clause = not_looked_at(hosts)
    yield note(f"{clause[0].upper()}{clause[1:]}.")
