"""A run read from the document of a results.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import chain
from typing import Any, TypeVar

from livemigration.base import codec
from livemigration.inventory.demands import Demands
from livemigration.run.evidence.model import (
    Evidence,
    Fact,
    NetworkEvidence,
    NetworkHost,
    TargetFacts,
)
from livemigration.run.layout.entries import node_id_parts
from livemigration.run.layout.sections import (
    LAID_OUT,
    ExchangesSection,
    FactsSection,
    HostLine,
    NetworkSection,
    OtherLine,
    Sections,
)
from livemigration.run.layout.templates import Expansion
from livemigration.run.layout.writing import expected_order
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Result, State
from livemigration.run.run import HostSummary, Run
from livemigration.verdict.findings import Fix

T = TypeVar("T")

_Place = tuple[int, int]

# All texts of a file together, once values are in their places: more than any fleet has.
MOST_CHARACTERS = 1 << 30
_STATES = {each.value: each for each in State}
_OF_AN_ENTRY = tuple(each.name for each in fields(PlanEntry))
_OF_A_RESULT = tuple(each.name for each in fields(Result))
_OF_A_HOST = tuple(each.name for each in fields(HostSummary))


def run_of(document: dict[str, Any]) -> Run:
    """Return the run that a document lays out.

    Raises:
        ValueError: the document does not fit; the message names the first place that does not.
    """
    expansion = Expansion(MOST_CHARACTERS)
    plain = {**document, **dict.fromkeys(LAID_OUT, ()), "network": None}
    evidence, demands, network = (document.get(name) for name in ("evidence", "demands", "network"))
    if isinstance(evidence, dict):
        plain["evidence"] = {**evidence, "targets": ()}
    if isinstance(demands, dict):
        plain["demands"] = {**demands, "exchanges": ()}
    run: Run = codec.from_json(Run, plain)
    lines = _Lines(codec.from_json(Sections, document), expansion)
    return replace(
        run,
        hosts=lines.hosts(),
        plan=lines.plan(),
        results=lines.results(),
        network=None if network is None else _network(network, expansion),
        evidence=_with_targets(run.evidence, evidence, expansion),
        demands=with_exchanges(run.demands, demands),
    )


def _filled(
    kind: type[T], templates: Sequence[Any], cell: Sequence[Any], target: str, expansion: Expansion
) -> T:
    """Return the value of a cell: the number of a template, and values for its places."""
    if not cell:
        raise ValueError("there is no number of a template")
    template = _numbered(templates, cell[0])
    return codec.from_json(kind, expansion.of(template, target, cell[1:]))


def _numbered(templates: Sequence[Any], number: Any) -> Any:
    if type(number) is not int or not 0 <= number < len(templates):
        raise ValueError(f"there is no template {str(number)[:20]}")
    return templates[number]


def _network(document: Any, expansion: Expansion) -> NetworkEvidence:
    section: NetworkSection = _in("network", codec.from_json, NetworkSection, document)
    templates = section.templates
    return NetworkEvidence(
        tuple(
            _in(
                f"network.{each.name}",
                _filled,
                NetworkHost,
                templates,
                each.shown,
                each.name,
                expansion,
            )
            for each in section.hosts
        )
    )


def _with_targets(
    evidence: Evidence | None, document: Any, expansion: Expansion
) -> Evidence | None:
    if evidence is None:
        return None
    section: FactsSection = _in("evidence", codec.from_json, FactsSection, document)
    return replace(
        evidence,
        targets=tuple(
            TargetFacts(
                line.kind,
                line.target,
                tuple(
                    _in(
                        f"evidence.{line.target}",
                        _filled,
                        Fact,
                        section.facts,
                        cell,
                        line.target,
                        expansion,
                    )
                    for cell in line.facts
                ),
                line.left_out,
            )
            for line in section.targets
        ),
    )


def with_exchanges(demands: Demands | None, document: Any) -> Demands | None:
    """Return demands with whom hosts exchange VMs, as a document of them has it.

    Raises:
        ValueError: it is not what `exchanges_of` lays out.
    """
    if demands is None:
        return None
    section: ExchangesSection = _in(
        "demands.exchanges", codec.from_json, ExchangesSection, document.get("exchanges")
    )
    exchanges = []
    for host, peers in section.hosts:
        if isinstance(peers, int):
            group = _in(f"demands.exchanges.{host}", _numbered, section.groups, peers)
            exchanges.append((host, group))
        else:
            exchanges.append((host, peers))
    return replace(demands, exchanges=tuple(exchanges))


def _in(where: str, act: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns, or say where in the document it cannot."""
    try:
        return act(*arguments)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None


class _Lines:
    """The plan and the results of a run, read from its lines. A place is a check and a line."""

    def __init__(self, sections: Sections, expansion: Expansion) -> None:
        self._sections, self._expansion = sections, expansion
        self._lines: list[HostLine | OtherLine] = [*sections.hosts, *sections.others]
        self._keys = list(sections.checks)
        self._fixes: dict[tuple[Any, ...], Fix] = {}
        self._common = {
            key: {name: getattr(check, name) for name in _OF_AN_ENTRY}
            for key, check in sections.checks.items()
        }
        self._node_ids = {
            key: _in(f"checks.{key}.node_id", node_id_parts, each.node_id)
            for key, each in sections.checks.items()
        }
        self._shared: dict[tuple[str, int], dict[str, Any]] = {}
        self._entries: dict[_Place, PlanEntry] = {}
        planned, found = self._places()
        self._planned = _in_order("plan", planned, sections.order.plan)
        known = expected_order(self._planned, found)
        if sections.order.results is not None:
            known = _in_order("results", found, sections.order.results)
        self._found = known
        self._seconds = dict(self._timed())

    def hosts(self) -> tuple[HostSummary, ...]:
        """Return the hosts of the run."""
        return tuple(
            HostSummary(**{name: getattr(each, name) for name in _OF_A_HOST})
            for each in self._sections.hosts
        )

    def plan(self) -> tuple[PlanEntry, ...]:
        """Return the plan."""
        return tuple(self._entry(place) for place in self._planned)

    def results(self) -> tuple[Result, ...]:
        """Return the results."""
        return tuple(self._result(place) for place in self._found)

    def _places(self) -> tuple[list[_Place], list[_Place]]:
        """Return the places of plan and results, in the order of the checks, and lines for each."""
        ranks = {key: rank for rank, key in enumerate(self._keys)}
        planned: list[list[_Place]] = [[] for _ in ranks]
        found: list[list[_Place]] = [[] for _ in ranks]
        for at, line in enumerate(self._lines):
            own = line.results if line.planned is None else dict.fromkeys(line.planned)
            for keys, places in ((own, planned), (line.results, found)):
                for key in keys:
                    if key not in ranks:
                        raise ValueError(f"{line.name}: there is no check {key[:40]}")
                    places[ranks[key]].append((ranks[key], at))
        return list(chain.from_iterable(planned)), list(chain.from_iterable(found))

    def _timed(self) -> Iterator[tuple[_Place, Any]]:
        lines = [(at, line) for at, line in enumerate(self._lines) if line.results]
        if len(lines) != len(self._sections.seconds):
            raise ValueError("seconds: there is not one line for each with results")
        ranks = {key: rank for rank, key in enumerate(self._keys)}
        for (at, line), (name, *seconds) in zip(lines, self._sections.seconds, strict=True):
            if name != line.name or len(seconds) != len(line.results):
                raise ValueError(f"seconds: they are not those of {line.name}")
            for rank, each in zip(
                sorted(map(ranks.__getitem__, line.results)), seconds, strict=True
            ):
                yield (rank, at), each

    def _entry(self, place: _Place) -> PlanEntry:
        known = self._entries.get(place)
        if known is None:
            key, line = self._keys[place[0]], self._lines[place[1]]
            common = self._common[key]
            node_id = line.node_ids.get(key)
            if node_id is None:
                node_id = line.name.join(self._node_ids[key])
            known = PlanEntry(**{**common, "target": line.name, "node_id": node_id})
            self._entries[place] = known
        return known

    def _result(self, place: _Place) -> Result:
        key, line = self._keys[place[0]], self._lines[place[1]]
        found: Result = _in(f"{line.name} {key}", self._of_cell, key, line.results[key], place)
        return found

    def _of_cell(self, key: str, cell: Sequence[Any], place: _Place) -> Result:
        if len(cell) < 2 or not isinstance(cell[0], str) or cell[0] not in _STATES:
            raise ValueError("it does not begin with a state, and the number of an outcome")
        entry, state = self._entry(place), _STATES[cell[0]]
        shared = self._shared.get((key, cell[1])) if type(cell[1]) is int else None
        if shared is not None:
            return Result(
                **{**shared, "entry": entry, "state": state, "seconds": self._seconds[place]}
            )
        check = self._sections.checks[key]
        outcome = _numbered(check.outcomes, cell[1])
        document = {
            "refs": check.refs,
            **self._with_fixes(self._expansion.of(outcome, entry.target, cell[2:]), entry.target),
            "entry": entry,
            "state": state,
            "seconds": self._seconds[place],
        }
        result: Result = codec.from_json(Result, document)
        if _is_the_same_for_all(outcome):
            self._shared[key, cell[1]] = {name: getattr(result, name) for name in _OF_A_RESULT}
        return result

    def _with_fixes(self, outcome: dict[str, Any], target: str) -> dict[str, Any]:
        """Return an outcome with the fixes that it names by their numbers and values."""
        findings = outcome.get("findings")
        for finding in findings if isinstance(findings, list) else ():
            cell = finding.get("fix") if isinstance(finding, dict) else None
            if isinstance(cell, list):
                finding["fix"] = self._fix(cell, target)
        return outcome

    def _fix(self, cell: list[Any], target: str) -> Fix:
        # The type of a number is part of it: 1 is 1.0, and True.
        key = (
            target,
            *((type(each), each) for each in cell if isinstance(each, str | int | float)),
        )
        known = self._fixes.get(key)
        if known is None:
            known = _in("fixes", _filled, Fix, self._sections.fixes, cell, target, self._expansion)
            self._fixes[key] = known
        return known


def _is_the_same_for_all(outcome: dict[str, Any]) -> bool:
    """Whether an outcome has neither a place nor a fix, so that it is read once."""
    text = json.dumps(outcome)
    return "{#" not in text and '"fix"' not in text


def _in_order(what: str, places: list[_Place], order: Sequence[int] | None) -> list[_Place]:
    """Return places in an order that is not their own."""
    if order is None:
        return places
    if sorted(order) != list(range(len(places))):
        raise ValueError(f"order.{what}: it does not name each place once")
    return [places[each] for each in order]
