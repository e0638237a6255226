"""What a comparison does not know of peers, and whether that keeps it from a verdict."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from livemigration.base.text import some
from livemigration.verdict.compared import undecided
from livemigration.verdict.findings import Finding, Level
from livemigration.verdict.names import Joined, Names
from livemigration.verdict.views import BlockedError

SAID = frozenset({Level.WARNING, Level.FAIL})

_NEXT_STEP = (
    "Run with an account that is in Administrators or Hyper-V Administrators of those hosts, "
    "and see what other checks say of them."
)


@dataclass
class Hidden:
    """Which peers, of those that were looked at, may have machines that matter and are not known.

    `why` is what is not known then, as the clause before their names. `any_known` is whether
    there are other peers, of whose machines enough is known.
    """

    why: str
    any_known: bool = False
    _hosts: list[Names] = field(default_factory=list)

    def look_at(self, hosts: Names, *, hides: bool) -> None:
        """Note of hosts whether they hide machines that may matter."""
        if hides:
            self._hosts.append(hosts)
        else:
            self.any_known = True

    @property
    def hosts(self) -> Names:
        """The peers that do."""
        return Joined(self._hosts)


def block_if_undecided(
    found: Sequence[Finding], not_looked_at: Collection[str], hidden: Hidden | None, what: str
) -> None:
    """Raise where what is not known of peers keeps a comparison from a verdict.

    A declared peer that was not looked at blocks unless something fails already: another run can
    look at it. Of one that was looked at and hides its machines a note is enough while those of
    others are known, as no other selection shows more; where all hide them, nothing was compared,
    and it blocks unless something was found already.

    Args:
        found: the findings of the comparison.
        not_looked_at: the declared peers of which that is so.
        hidden: the peers that were looked at and hide their machines; None: machines are no part
            of it.
        what: what is compared, in the plural, as `processors`.

    Raises:
        BlockedError: it does.
    """
    levels = {each.level for each in found}
    if hidden and hidden.hosts and not hidden.any_known and not levels & SAID:
        raise BlockedError("", f"{hidden.why}: {some(hidden.hosts)}.", _NEXT_STEP)
    if not_looked_at and Level.FAIL not in levels:
        raise undecided(
            not_looked_at, f"Their {what} may stop what moves between them and this one"
        )
