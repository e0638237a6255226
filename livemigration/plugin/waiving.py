"""The waivers of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from livemigration.facts.model import Subject
from livemigration.inventory.inventory import Inventory
from livemigration.inventory.policy import Policy
from livemigration.plugin.items import CheckItem
from livemigration.run.result import Result
from livemigration.run.waivers import file
from livemigration.run.waivers.apply import waive
from livemigration.run.waivers.model import Waiver
from livemigration.run.waivers.resolve import resolve
from livemigration.run.waivers.roots import signed_roots
from livemigration.verdict.loader import checks_folder, load_checks


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
        opt_in={each.check.identifier for each in known if each.check.opt_in is not None},
    )


def waived(
    result: Result,
    signed: Iterable[Result],
    waivers: Sequence[Waiver],
    now: datetime,
    policy: Policy,
) -> Result:
    """Return what a result is once waivers count; `signed` are those of its target they name."""
    roots = signed_roots(signed, waivers, now).get(result.entry.target, ())
    return waive(result, waivers, now, roots, warnings_count=policy.fail_on == "warning")


def signed_items(
    items: Iterable[CheckItem], waivers: Sequence[Waiver]
) -> dict[str, tuple[CheckItem, ...]]:
    """Return the items that waivers name, by their targets."""
    pairs = {pair for each in waivers for pair in each.pairs}
    found: dict[str, tuple[CheckItem, ...]] = {}
    for item in items:
        if (item.check.identifier, item.target) in pairs:
            found[item.target] = (*found.get(item.target, ()), item)
    return found
