"""What one machine failed to answer for one reason, told as one failure. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from livemigration.base.text import counted
from livemigration.facts.host import SERVICES
from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    GatherFailure,
    NotGathered,
    Outcome,
    Subject,
    Vantage,
)
from livemigration.facts.registry import GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.told_outcomes import failures_of
from livemigration.verdict.blocking import NOT_ASKED

# The check that reports it as its own finding where the services of a host could not be read.
_SERVICES_CHECK = "LM302"
_MOST_NAMED = 3

_Cause = tuple[FailureKind, int | None]
_Failures = Mapping[str, GatherFailure]


def one_failure_a_cause(facts: RunFacts) -> RunFacts:
    """Return facts in which what one machine failed to answer for one reason is one failure."""
    hosts = {name: one_failure_each(sheet) for name, sheet in facts.hosts.items()}
    vmms = {name: one_failure_each(sheet) for name, sheet in facts.vmms.items()}
    changed = any(hosts[name] is not sheet for name, sheet in facts.hosts.items()) or any(
        vmms[name] is not sheet for name, sheet in facts.vmms.items()
    )
    return replace(facts, hosts=hosts, vmms=vmms) if changed else facts


def one_failure_each(sheet: FactSheet) -> FactSheet:
    """Return a sheet in which failures of one kind and code have the same words.

    What another check reports already is left alone, and what the VMM server failed to say of a
    host is never the host's own failure. Where messages were not answered in time, that a
    machine's whole time passed is what follows from it, and the same cause.
    """
    open_failures = _open(sheet)
    late = {
        _of_vmm(name): failure.code
        for name, failure in open_failures
        if failure.kind is FailureKind.TIMED_OUT
    }
    found: dict[tuple[bool, _Cause], dict[str, GatherFailure]] = defaultdict(dict)
    for name, failure in open_failures:
        side, cause = _of_vmm(name), (failure.kind, failure.code)
        if failure.kind is FailureKind.DEADLINE and side in late:
            cause = (FailureKind.TIMED_OUT, late[side])
        found[side, cause][name] = failure
    merged: dict[str, Outcome[Any]] = {}
    for (of_vmm, _), failures in found.items():
        if len(failures) > 1 or _is_reported(failures):
            told = NotGathered(_merged(sheet, failures, of_vmm=of_vmm))
            merged.update(dict.fromkeys(failures, told))
    return replace(sheet, outcomes={**sheet.outcomes, **merged}) if merged else sheet


def _open(sheet: FactSheet) -> list[tuple[str, GatherFailure]]:
    """Return the failures that no check reports yet, in the order in which facts are asked for."""
    failures = {
        name: failure
        for name, failure in failures_of(sheet.outcomes).items()
        if not failure.root and not _of_directory(name)
    }
    if not failures:
        return []
    # The same words come from a facts file, in which the groups may stand in another order.
    ordered = [each for each in GROUPS if each in failures]
    ordered += sorted(each for each in failures if each not in GROUPS)
    return [(name, failures[name]) for name in ordered]


def _of_vmm(name: str) -> bool:
    group = GROUPS.get(name)
    return group is not None and group.vantage is Vantage.VMM and group.subject is Subject.HOST


def _of_directory(name: str) -> bool:
    """Whether a directory says it, whose failures have the same words for all of its hosts."""
    group = GROUPS.get(name)
    return group is not None and group.vantage is Vantage.DIRECTORY


def _merged(sheet: FactSheet, failures: _Failures, *, of_vmm: bool) -> GatherFailure:
    first = next(iter(failures.values()))
    first = next((e for e in failures.values() if e.kind is FailureKind.TIMED_OUT), first)
    steps = list(dict.fromkeys(each.next_step for each in failures.values()))
    same = "" if len(steps) == 1 or _is_late(first) else " Do the same for what else is named here."
    return replace(
        first,
        tried=_tried(sheet, failures, of_vmm=of_vmm),
        came_back=_first_few([first.came_back, *(e.came_back for e in failures.values())], "; "),
        next_step=first.next_step + same,
        root=_SERVICES_CHECK if _is_reported(failures) else "",
    )


def _is_reported(failures: _Failures) -> bool:
    """Whether the check of the services says it: not where nobody asked for them."""
    services = failures.get(SERVICES.name)
    return services is not None and services.kind not in NOT_ASKED


def _is_late(failure: GatherFailure) -> bool:
    return failure.kind in {FailureKind.TIMED_OUT, FailureKind.DEADLINE}


def _tried(sheet: FactSheet, failures: _Failures, *, of_vmm: bool) -> str:
    tried = list(dict.fromkeys(each.tried for each in failures.values()))
    if len(tried) == 1:
        return tried[0]
    if of_vmm:
        # The words are the same for every host of the server that failed.
        first, *others = tried
        return _first_few([first, *(f"{each[:1].lower()}{each[1:]}" for each in others)], "; ")
    titles = [GROUPS[name].title if name in GROUPS else name for name in failures]
    return f"Reading {_first_few(titles, ', ')} of {sheet.name}"


def _first_few(texts: Sequence[str], between: str) -> str:
    """Return texts once each; of many the first, and how many more there are."""
    known = list(dict.fromkeys(texts))
    more = len(known) - _MOST_NAMED
    if more > 0:
        return f"{between.join(known[:_MOST_NAMED])} and {counted(more, 'other')}"
    return between.join(known)
