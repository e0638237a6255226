"""The entries of a plan, each check once: what its entries have in common, and its key."""

from __future__ import annotations

from collections.abc import ItemsView
from dataclasses import fields, replace
from operator import attrgetter
from typing import Any

from livemigration.run.layout.templates import TARGET, Expansion, escaped
from livemigration.run.plan import PlanEntry

# What entries of one check have in common.
_COMMON = attrgetter(
    *(each.name for each in fields(PlanEntry) if each.name not in {"target", "node_id"})
)


class Checks:
    """The checks of a run, in the order in which they come; a key is the check's identifier.

    Entries of one check that differ in more than the target have keys of their own: LM101#2. `keys`
    are all of them, each at the place that `rank` gives.
    """

    def __init__(self) -> None:
        self._keys: dict[tuple[object, str], str] = {}
        self._entries: dict[str, PlanEntry] = {}
        self._ranks: dict[str, int] = {}
        self.keys: list[str] = []
        # What the last entry had in common with others, and its test: most have that of the last.
        self._last: tuple[tuple[Any, ...], str, str] | None = None

    def key_of(self, entry: PlanEntry) -> tuple[str, str | None]:
        """Return the key of an entry, and its node id; None where that follows from the key."""
        end = f"[{entry.target}]"
        if not entry.node_id.endswith(end):
            return self._key(entry, _COMMON(entry), ""), entry.node_id
        test, common, last = entry.node_id[: -len(end)], _COMMON(entry), self._last
        if last is None or last[1] != test or last[0] != common:
            key = self._key(entry, common, f"{escaped(test)}[{TARGET}]")
            last = self._last = common, test, key
        return last[2], None

    def _key(self, entry: PlanEntry, common: tuple[Any, ...], pattern: str) -> str:
        key = self._keys.get((common, pattern))
        if key is None:
            key = self._new(replace(entry, target="", node_id=pattern))
            self._keys[common, pattern] = key
        return key

    def _new(self, common: PlanEntry) -> str:
        key, number = common.check, 2
        while key in self._entries:
            key, number = f"{common.check}#{number}", number + 1
        self._entries[key] = common
        self._ranks[key] = len(self._ranks)
        self.keys.append(key)
        return key

    def rank(self, key: str) -> int:
        """Return where a key stands among the others."""
        return self._ranks[key]

    def entries(self) -> ItemsView[str, PlanEntry]:
        """Return what the entries of each key have in common, without a target."""
        return self._entries.items()


def node_id_parts(pattern: str) -> list[str]:
    """Return what is between the places of the target in the node id of a check.

    Raises:
        ValueError: it has other places than those of the target.
    """
    expansion = Expansion(len(pattern))
    return [expansion.of(each, "", ()) for each in pattern.split(TARGET)]
