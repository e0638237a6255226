"""Of which hosts of a run nobody asked for a group: found once, as every host asks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from livemigration.facts.model import FactGroup, FailureKind, NotGathered
from livemigration.facts.sheets import RunFacts


class Unasked:
    """The hosts of which a group was not asked for; for `RunFacts.once`."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._made: dict[str, frozenset[str]] = {}

    def of(self, groups: Iterable[FactGroup[Any]]) -> frozenset[str]:
        """Return the hosts of which nobody asked for one of these groups at least."""
        return frozenset().union(*map(self._of, groups))

    def _of(self, group: FactGroup[Any]) -> frozenset[str]:
        if group.name not in self._made:
            self._made[group.name] = frozenset(
                name
                for name, sheet in self._facts.hosts.items()
                if isinstance(each := sheet.outcome(group), NotGathered)
                and each.failure.kind is FailureKind.NOT_GATHERED
            )
        return self._made[group.name]
