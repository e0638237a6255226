"""A check on one target, as a pytest item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import pytest

from livemigration.facts.model import Subject
from livemigration.inventory.inventory import Inventory
from livemigration.plugin.compat_many import Family, LeanItem
from livemigration.run.plan import PlanEntry
from livemigration.verdict.check import Check


@dataclass(frozen=True, slots=True, eq=False)
class CheckFamily(Family):
    """A check of one module: what it has in common on all targets.

    `places` holds where it is written, from pytest's root, once somebody asked.
    """

    check: Check
    places: list[tuple[str, int | None]] = field(default_factory=list)


class CheckItem(LeanItem):
    """One check on one target. It has no fixtures: facts are gathered before any item runs."""

    __slots__ = ("_entry",)
    family: CheckFamily
    _entry: PlanEntry

    @property
    def check(self) -> Check:
        """The check."""
        return self.family.check

    @property
    def location(self) -> tuple[str, int | None, str]:
        """Where the check is written, from pytest's root: worked out once for all its targets."""
        places = self.family.places
        if not places:
            path, line, _ = super().location
            places.append((path, line))
        return *places[0], f"{self.check.identifier} {self.target}"

    @property
    def entry(self) -> PlanEntry:
        """This item as an entry of the plan: always the same."""
        try:
            return self._entry
        except AttributeError:
            check = self.check
            self._entry = PlanEntry(
                node_id=self.nodeid,
                check=check.identifier,
                title=check.title,
                area=check.area,
                target_kind=check.target,
                target=self.target,
            )
            return self._entry

    def runtest(self) -> None:
        """Refuse to run outside the plugin's own protocol."""
        raise RuntimeError("checks run only under the plugin's own protocol")

    def reportinfo(self) -> tuple[PathLike[str] | str, int | None, str]:
        """Return where the check is written, and its name for reports."""
        code = self.check.function.__code__
        # Where a site's module only hands the check on, the line is another file's.
        line = code.co_firstlineno if self.path == Path(code.co_filename) else None
        return self.path, line, f"{self.check.identifier} {self.target}"


def make_items(
    collector: pytest.Collector,
    name: str,
    check: Check,
    inventory: Inventory,
    hosts: tuple[str, ...],
) -> Iterator[CheckItem]:
    """Yield one item per target of a check."""
    targets = hosts
    if check.target is Subject.VMM:
        targets = tuple(each.name for each in inventory.servers_of(hosts))
    family = CheckFamily(
        parent=collector,
        name=name,
        markers=(pytest.mark.livemigration.mark, getattr(pytest.mark, check.area).mark),
        keywords=frozenset({check.identifier}),
        check=check,
    )
    for target in targets:
        yield CheckItem.of(family, target)
