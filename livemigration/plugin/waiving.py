"""The waivers of a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from livemigration.explain.loaded import checks_folder, load_checks
from livemigration.facts.model import Subject
from livemigration.inventory import Inventory
from livemigration.waivers import file
from livemigration.waivers.model import Waiver
from livemigration.waivers.resolve import resolve


def waivers_of(
    path: Path, inventory: Inventory, collected: Mapping[str, Subject], now: datetime
) -> tuple[Waiver, ...]:
    """Return the waivers of a file, held against the whole inventory and every check.

    Args:
        path: the file.
        inventory: with every host, whatever the run selects.
        collected: the checks that pytest found, which need not be all.
        now: when the run began.

    Raises:
        UsageError: the file is not usable, or a waiver in it is not.
    """
    folder = checks_folder()
    known = load_checks(folder) if folder is not None else ()
    return resolve(
        file.load(path),
        label=str(path),
        inventory=inventory,
        checks={**{each.check.identifier: each.check.target for each in known}, **collected},
        now=now,
    )
