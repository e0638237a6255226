"""What a run looked at, held against everything that it could have looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from livemigration.base.shipped import CHECKS, shipped
from livemigration.facts.model import Subject
from livemigration.inventory.inventory import Inventory
from livemigration.run.not_examined import OptIn
from livemigration.run.plan import LeftOut, PlanEntry
from livemigration.verdict.check import Check
from livemigration.verdict.loader import load_checks


@cache
def suite_checks() -> Mapping[str, Subject]:
    """Return the checks that every run of the suite makes: those that no option must ask for."""
    return {each.identifier: each.target for each in whole_suite() if each.opt_in is None}


@cache
def whole_suite() -> tuple[Check, ...]:
    """Return every check of the suite, also those that an option must ask for."""
    return tuple(each.check for each in load_checks(shipped(CHECKS)))


@cache
def asked_by_host() -> frozenset[str]:
    """Return the checks that are made on those hosts alone for which they are asked."""
    return frozenset(each.identifier for each in whole_suite() if each.is_asked_by_host)


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


@dataclass(frozen=True)
class UnselectedChecks:
    """Checks that are made on no target, and those that an option would have asked for."""

    checks: tuple[str, ...] = ()
    opt_ins: tuple[OptIn, ...] = ()


def unselected(
    made: Collection[str], gate: str, asked_for: Callable[[str], bool]
) -> UnselectedChecks:
    """Return what a run leaves out of the suite's checks, whatever kept them from being collected.

    A path or a node id on the command line keeps whole modules from being collected, so the suite's
    own folder is read.

    Args:
        made: the checks that it makes, and those that its folder of checks does not have.
        gate: the gate that it is at; empty: none.
        asked_for: whether an option was given that asks for a check.
    """
    checks: list[str] = []
    opt_ins: list[OptIn] = []
    for check in made_on_none(whole_suite(), made, gate):
        if check.opt_in is not None and not asked_for(check.opt_in):
            opt_ins.append(OptIn(check.identifier, check.opt_in))
        else:
            checks.append(check.identifier)
    return UnselectedChecks(tuple(checks), tuple(opt_ins))


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
