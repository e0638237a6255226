"""A check on one target, as a pytest item."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any

import pytest

from livemigration.check import Check
from livemigration.facts.model import Subject
from livemigration.inventory import Inventory
from livemigration.results import PlanEntry


class CheckItem(pytest.Item):
    """One check on one target. It has no fixtures: facts are gathered before any item runs."""

    def __init__(self, *, check: Check, target: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.check = check
        self.target = target
        self.add_marker(pytest.mark.livemigration)
        self.add_marker(getattr(pytest.mark, check.area))
        self.extra_keyword_matches.add(check.identifier)

    @property
    def entry(self) -> PlanEntry:
        """This item as an entry of the plan."""
        return PlanEntry(
            node_id=self.nodeid,
            check=self.check.identifier,
            title=self.check.title,
            area=self.check.area,
            target_kind=self.check.target,
            target=self.target,
        )

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
    for target in targets:
        own = f"{name}[{target}]"
        # pytest reads an id that it made of the name differently from one that it kept for --lf.
        node_id = f"{collector.nodeid}::{own}"
        yield CheckItem.from_parent(collector, name=own, nodeid=node_id, check=check, target=target)
