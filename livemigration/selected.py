"""What a run looked at, held against everything that it could have looked at."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache

from livemigration.check import Check
from livemigration.explain.loaded import load_checks
from livemigration.facts.model import Subject
from livemigration.inventory import Inventory
from livemigration.results import LeftOut, PlanEntry
from livemigration.shipped import CHECKS, shipped


@cache
def suite_checks() -> Mapping[str, Subject]:
    """Return the checks that every run of the suite makes: those that no option must ask for."""
    return {each.identifier: each.target for each in whole_suite() if each.opt_in is None}


@cache
def whole_suite() -> tuple[Check, ...]:
    """Return every check of the suite, also those that an option must ask for."""
    return tuple(each.check for each in load_checks(shipped(CHECKS)))


def made_on_none(suite: Iterable[Check], made: Collection[str], gate: str) -> tuple[Check, ...]:
    """Return the checks of a suite that a run makes on no machine, beside those `made`.

    At a gate nothing is asked of VMM, which the gate itself says.
    """
    return tuple(
        each
        for each in suite
        if each.identifier not in made
        and not (gate and (each.target is Subject.VMM or each.opt_in is not None))
    )


def left_out_of(
    plan: Sequence[PlanEntry],
    checks: Mapping[str, Subject],
    *,
    without: Collection[str] = (),
    machines: Iterable[tuple[Subject, str]] = (),
) -> tuple[LeftOut, ...]:
    """Return the checks that are not planned for machines that the plan names.

    Args:
        plan: what will be checked.
        checks: what there is to be checked, with what each is about.
        without: checks that the site does not have, which is told elsewhere.
        machines: more machines than the plan names.
    """
    known = dict.fromkeys((*((each.target_kind, each.target) for each in plan), *machines))
    planned = {(each.check, each.target) for each in plan}
    found = []
    for check, kind in sorted(checks.items()):
        if check in without:
            continue
        there = [name for subject, name in known if subject is kind]
        targets = tuple(name for name in there if (check, name) not in planned)
        if targets:
            every = len(targets) == len(there)
            found.append(LeftOut(check, len(targets), () if every else targets))
    return tuple(found)


def pairs_of(left_out: Iterable[LeftOut]) -> int:
    """Return how many checks of one machine each these are."""
    return sum(each.number for each in left_out)


def lab_of(inventory: Inventory) -> str:
    """Return the fleet that stands in for machines, by its name alone; empty where none does."""
    fleet = inventory.lab_fleet
    return "" if fleet is None else fleet.replace("\\", "/").rpartition("/")[2]
