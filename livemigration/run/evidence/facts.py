"""The facts behind a run's findings: which groups, and their values within bounds."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from livemigration.base import codec
from livemigration.facts.model import (
    FactGroup,
    FactSheet,
    Inapplicable,
    MethodGroup,
    NotGathered,
    Outcome,
    Subject,
    WmiGroup,
)
from livemigration.facts.sheets import RunFacts
from livemigration.run.evidence.model import (
    CheckGroups,
    Evidence,
    Fact,
    FactState,
    Source,
    TargetFacts,
)
from livemigration.run.result import Result, State

MAX_LINES = 40
MAX_LINE = 600
# All values of a run together: results.json and the page stay readable for a thousand hosts.
MAX_CHARACTERS = 1_500_000

Groups = tuple[FactGroup[Any], ...]
# Lines, how many are left out, and whether one of them is cut.
_Bounded = tuple[tuple[str, ...], int, bool]

_TELLING = {State.FAIL, State.WARNING, State.BLOCKED, State.WAIVED, State.INTERNAL_ERROR}


def evidence_of(
    facts: RunFacts,
    results: Sequence[Result],
    checks: Mapping[str, Groups],
    characters: int = MAX_CHARACTERS,
) -> Evidence:
    """Return the facts behind every result that is more than a pass.

    Red results come first, so that what does not fit is missing from lesser ones.

    Args:
        facts: the facts of the run.
        results: what the checks came to.
        checks: the groups that each check may read.
        characters: how much all values together may take.
    """
    needed = _needed(facts, results, checks)
    telling = {
        result.entry.check: checks.get(result.entry.check, ())
        for result in results
        if result.state in _TELLING
    }
    used = {group.name: group for groups in needed.values() for group in groups}
    return Evidence(
        sources=tuple(_source(group) for group in used.values()),
        checks=tuple(
            CheckGroups(check, tuple(group.name for group in groups))
            for check, groups in sorted(telling.items())
        ),
        targets=tuple(_targets(facts, needed, characters)),
    )


def _needed(
    facts: RunFacts, results: Sequence[Result], checks: Mapping[str, Groups]
) -> dict[tuple[Subject, str], dict[FactGroup[Any], None]]:
    """Return the groups to show of each machine, the VMM server first, then what is red."""
    needed: dict[tuple[Subject, str], dict[FactGroup[Any], None]] = {}
    telling = [result for result in results if result.state in _TELLING]
    telling.sort(key=lambda result: (result.entry.target_kind is not Subject.VMM, not result.red))
    for result in telling:
        own = (result.entry.target_kind, result.entry.target)
        server = own
        if result.entry.target_kind is Subject.HOST:
            server = (Subject.VMM, facts.vmm_of(result.entry.target).name)
        for group in checks.get(result.entry.check, ()):
            target = server if group.subject is Subject.VMM else own
            # A gate asks no VMM server: there is none that could be shown.
            if target[1]:
                needed.setdefault(target, {}).setdefault(group)
    return dict(sorted(needed.items(), key=lambda item: item[0][0] is not Subject.VMM))


def _targets(
    facts: RunFacts,
    needed: Mapping[tuple[Subject, str], Iterable[FactGroup[Any]]],
    characters: int,
) -> Iterator[TargetFacts]:
    left, shown = characters, _Shown()
    for (kind, name), groups in needed.items():
        sheet = (facts.vmms if kind is Subject.VMM else facts.hosts).get(name)
        found: list[Fact] = []
        omitted: list[str] = []
        for group in groups:
            fact = fact_of(group, (sheet or FactSheet(kind, name, {})).outcome(group), shown)
            size = sum(map(len, fact.lines))
            if size > left:
                omitted.append(group.name)
                continue
            left -= size
            found.append(fact)
        yield TargetFacts(kind, name, tuple(found), tuple(omitted))


class _Shown:
    """The lines of values, within bounds; of one that several machines have they are made once."""

    def __init__(self) -> None:
        # Each value stays, which keeps another from its place.
        self._known: dict[tuple[str, int], tuple[object, _Bounded]] = {}

    def of(self, group: FactGroup[Any], value: object) -> _Bounded:
        key = group.name, id(value)
        if key not in self._known:
            self._known[key] = value, _bounded(_lines(codec.to_json(value, group.type)))
        return self._known[key][1]


def fact_of(group: FactGroup[Any], outcome: Outcome[Any], shown: _Shown | None = None) -> Fact:
    """Return what became of a group on one machine, within bounds."""
    if isinstance(outcome, NotGathered):
        failure = outcome.failure
        said = f"{failure.sentence}. {failure.next_step}".strip()
        return _without_value(group, FactState.NOT_GATHERED, said)
    if isinstance(outcome, Inapplicable):
        return _without_value(group, FactState.INAPPLICABLE, outcome.reason)
    lines, left_out, cut = (shown or _Shown()).of(group, outcome.value)
    seconds = round(outcome.seconds, 3)
    return Fact(
        group.name,
        FactState.GATHERED,
        lines,
        outcome.vantage,
        seconds,
        left_out,
        cut,
        outcome.at.replace(microsecond=0) if outcome.at is not None else None,
    )


def _without_value(group: FactGroup[Any], state: FactState, why: str) -> Fact:
    line, _, cut = _bounded([why])
    return Fact(group.name, state, line, cut=cut)


def _lines(value: Any) -> list[str]:
    """Return a line per row of a list, a line per member of an object; together they are JSON."""
    if not value:
        return [_json(value)]
    if isinstance(value, dict):
        members = [f"{_json(name)}: {_json(each)}" for name, each in value.items()]
        return _enclosed("{", members, "}")
    return _enclosed("[", [_json(each) for each in value], "]")


def _enclosed(start: str, rows: list[str], end: str) -> list[str]:
    commas = [f" {row}," for row in rows[:-1]]
    return [start, *commas, f" {rows[-1]}", end]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _bounded(lines: list[str]) -> _Bounded:
    kept = lines[:MAX_LINES]
    cut = any(len(line) > MAX_LINE for line in kept)
    return tuple(line[:MAX_LINE] for line in kept), len(lines) - len(kept), cut


def _source(group: FactGroup[Any]) -> Source:
    if isinstance(group, WmiGroup):
        wmi_class = group.query.wmi_class
        return Source(
            group.name,
            group.title,
            group.subject,
            wmi_class.namespace,
            wmi_class.name,
            group.query.wql,
            tuple(each.name for each in wmi_class.properties),
        )
    if isinstance(group, MethodGroup):
        wmi_class = group.method.wmi_class
        return Source(
            group.name,
            group.title,
            group.subject,
            wmi_class.namespace,
            wmi_class.name,
            group.method.title,
        )
    return Source(group.name, group.title, group.subject)
