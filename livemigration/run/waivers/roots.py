"""Failures that the repair of another one mends, for which somebody signed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from livemigration.run.result import Result, State
from livemigration.run.waivers.model import Waiver
from livemigration.verdict.findings import Finding, Level


@dataclass(frozen=True)
class SignedRoot:
    """A failure that a waiver in force names. `mends` are the keys of its repairs."""

    check: str
    mends: frozenset[str]
    waiver: Waiver


def signed_roots(
    results: Iterable[Result], waivers: Iterable[Waiver], now: datetime
) -> dict[str, tuple[SignedRoot, ...]]:
    """Return what was signed for among results, by target, whether waived yet or still red."""
    known = tuple(waivers)
    found: dict[str, tuple[SignedRoot, ...]] = {}
    for result in results:
        if not (result.red or result.state is State.WAIVED):
            continue
        waiver = longest(result, known)
        mends = frozenset(each.fix.key for each in _telling(result) if each.fix is not None)
        if waiver is not None and now < waiver.ends and mends:
            root = SignedRoot(result.entry.check, mends, waiver)
            target = result.entry.target
            found[target] = (*found.get(target, ()), root)
    return found


def longest(result: Result, waivers: Iterable[Waiver]) -> Waiver | None:
    """Return the waiver that names a result and lasts longest, expired or not."""
    pair = result.entry.check, result.entry.target
    covering = (each for each in waivers if pair in each.covered)
    return max(covering, key=lambda each: each.ends, default=None)


def root_of(
    result: Result, roots: Iterable[SignedRoot], *, warnings_count: bool = False
) -> SignedRoot | None:
    """Return the root whose repair mends a failure of the same machine, with all that is wrong.

    A check with a lower number comes first: causes come before what follows from them. Of several
    roots that are needed, the one whose waiver ends first is returned; None: it is not signed for.

    Args:
        result: the failure, waived or still red.
        roots: what was signed for of its target.
        warnings_count: whether the policy makes warnings red.
    """
    before = [each for each in roots if each.check < result.entry.check]
    used = []
    for finding in _telling(result, warnings_count=warnings_count):
        key = finding.fix.key if finding.fix is not None else None
        root = next((each for each in before if key in each.mends), None)
        if root is None:
            return None
        used.append(root)
    return min(used, key=lambda each: each.waiver.ends, default=None)


def _telling(result: Result, *, warnings_count: bool = False) -> tuple[Finding, ...]:
    """Return the findings that make a result red."""
    levels = {Level.FAIL, Level.WARNING} if warnings_count else {Level.FAIL}
    found = tuple(each for each in result.findings if each.level in levels)
    return found or tuple(each for each in result.findings if each.level is Level.WARNING)
