"""The plan of a run and its results as its journal has them: what many hosts share stands once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

from livemigration.base import codec
from livemigration.base.codec import compact
from livemigration.inventory.demands import Demands
from livemigration.run.layout.reading import with_exchanges
from livemigration.run.layout.writing import exchanges_of
from livemigration.run.plan import PlanEntry
from livemigration.run.record import Beginning
from livemigration.run.result import Result
from livemigration.verdict.findings import Finding, Reference

# What a result says beside whose it is, how long it took, and what its check rests on.
_SAID = tuple(each.name for each in fields(Result) if each.name not in {"entry", "seconds", "refs"})
_said = attrgetter(*_SAID)
_BESIDES = frozenset({"entry", "seconds", "refs"})


def document_of(beginning: Beginning) -> Any:
    """Return the JSON of what a run is before it begins."""
    bare = replace(beginning, plan=(), demands=replace(beginning.demands, exchanges=()))
    document = codec.to_json(bare)
    document["plan"] = _plan(beginning.plan)
    document["demands"]["exchanges"] = exchanges_of(beginning.demands)
    return document


def beginning_of(document: Any) -> Beginning:
    """Return what a run is before it begins.

    Raises:
        ValueError, KeyError, TypeError: the document is not what `document_of` returns.
    """
    plan, demands = document["plan"], document["demands"]
    bare = {**document, "plan": (), "demands": {**demands, "exchanges": ()}}
    beginning: Beginning = codec.from_json(Beginning, bare)
    read: Demands | None = with_exchanges(beginning.demands, demands)
    if read is None:
        raise ValueError("it has no demands")
    return replace(beginning, plan=tuple(_entries(plan)), demands=read)


def _plan(plan: Sequence[PlanEntry]) -> dict[str, Any]:
    """Return each test once, with the number of the list of its targets."""
    lists: dict[tuple[str, ...], int] = {}
    tests = []
    for test, entries in groupby(plan, _test_of):
        targets = tuple(each.target for each in entries)
        tests.append([*test[:-1], test[-1].value, lists.setdefault(targets, len(lists))])
    return {"targets": [list(each) for each in lists], "tests": tests}


def _test_of(entry: PlanEntry) -> tuple[Any, ...]:
    """Return what the entries of one test have in common; the id of a test of another form."""
    suffix = f"[{entry.target}]"
    has_form = entry.node_id.endswith(suffix)
    test = entry.node_id.removesuffix(suffix)
    return test, has_form, entry.check, entry.title, entry.area, entry.target_kind


def _entries(document: Any) -> Iterator[PlanEntry]:
    targets = document["targets"]
    for test, has_form, check, title, area, kind, number in document["tests"]:
        for target in targets[number]:
            node_id = f"{test}[{target}]" if has_form else test
            entry = {"node_id": node_id, "check": check, "title": title, "area": area}
            yield codec.from_json(PlanEntry, {**entry, "target_kind": kind, "target": target})


class ResultLines:
    """The lines of results: what one says is written where it is said for the first time.

    Args:
        plan: of the run.
    """

    def __init__(self, plan: Sequence[PlanEntry]) -> None:
        self._plan = plan
        # Of the result that comes next, where the order is that of the plan, as mostly it is.
        self._next = 0
        self._said: dict[Any, int] = {}
        # The findings stay, which keeps others from their place.
        self._brief: dict[Any, tuple[int, tuple[Finding, ...]]] = {}
        self._refs: dict[tuple[Reference, ...], int] = {}
        # Those of the last result, which most have as well: they are of its check.
        self._last: tuple[tuple[Reference, ...] | None, int] = None, 0

    def of(self, result: Result) -> Iterator[tuple[str, str]]:
        """Yield the kind and the content, as JSON, of each line that tells a result."""
        place = self._place_of(result.entry)
        if place is None:
            yield "result", compact(codec.to_json(result))
            return
        same, refs = self._last
        if same is not result.refs:
            known = self._refs.get(result.refs)
            refs = len(self._refs) if known is None else known
            self._refs[result.refs] = refs
            self._last = result.refs, refs
            if known is None:
                yield "refs", compact(codec.to_json(result.refs, tuple[Reference, ...]))
        # Findings that many have are mostly one object, and to compare them takes long.
        brief = result.state, result.red, id(result.findings), result.reason, result.blocked_by
        met = self._brief.get(brief)
        if met is not None:
            said = met[0]
        else:
            key = _said(result)
            number = self._said.get(key)
            if number is None:
                number = self._said[key] = len(self._said)
                document = codec.to_brief_json(result, _BESIDES) | {"state": result.state.value}
                yield "said", compact(document)
            said = number
            self._brief[brief] = said, result.findings
        yield "result", f"[{place},{result.seconds!r},{said},{refs}]"

    def _place_of(self, entry: PlanEntry) -> int | None:
        """Return where the plan has an entry; None: it has none such."""
        place: int | None = self._next
        if self._next >= len(self._plan) or self._plan[self._next] is not entry:
            place = self._places.get(entry.node_id)
        if place is None or (self._plan[place] is not entry and self._plan[place] != entry):
            return None
        self._next = place + 1
        return place

    @cached_property
    def _places(self) -> dict[str, int]:
        return {each.node_id: place for place, each in enumerate(self._plan)}


class ReadResults:
    """Results read from such lines, one after the other."""

    def __init__(self, plan: Sequence[PlanEntry]) -> None:
        self._plan = plan
        self._said: list[Any] = []
        self._refs: list[tuple[Reference, ...]] = []

    def take(self, kind: str, content: Any) -> Result | None:
        """Return the result that a line tells; None where it is for others that follow.

        Raises:
            ValueError, KeyError, TypeError: the line is none of `ResultLines`.
        """
        if kind == "refs":
            self._refs.append(codec.from_json(tuple[Reference, ...], content))
        elif kind == "said":
            self._said.append(content)
        elif isinstance(content, dict):
            result: Result = codec.from_json(Result, content)
            return result
        else:
            place, seconds, said, refs = content
            return self._result(place, seconds, said, refs)
        return None

    def _result(self, place: int, seconds: float, said: int, refs: int) -> Result:
        try:
            entry, content, rests_on = self._plan[place], self._said[said], self._refs[refs]
        except IndexError:
            raise ValueError("it tells what no line before it says") from None
        if not isinstance(content, Result):
            content = codec.from_json(Result, {**content, "entry": codec.to_json(entry)})
            self._said[said] = content
        result: Result = replace(content, entry=entry, seconds=seconds, refs=rests_on)
        return result
