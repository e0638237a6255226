"""A run laid out as results.json has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from operator import attrgetter
from typing import Any

from livemigration.base import codec
from livemigration.facts.model import Subject
from livemigration.inventory.demands import Demands
from livemigration.run.evidence.model import Evidence, NetworkEvidence, TargetFacts
from livemigration.run.layout.entries import Checks
from livemigration.run.layout.sections import LAID_OUT
from livemigration.run.layout.tables import Entry, Table
from livemigration.run.layout.templates import Cell
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Result
from livemigration.run.run import HostSummary, Run
from livemigration.verdict.findings import Fix, Reference

# What a line says of a result beside its outcome.
_OF_THE_LINE = frozenset({"entry", "state", "seconds", "refs"})
_OUTCOME = attrgetter(
    *(each.name for each in fields(Result) if each.name not in {"entry", "state", "seconds"})
)

# Where an entry or a result stands: which check, and which line.
_Place = tuple[int, int]


def document_of(run: Run) -> dict[str, Any]:
    """Return the document of a results.json: the same for the same run."""
    return {
        name: list(each) if isinstance(each, Iterator) else each
        for name, each in parts_of(run).items()
    }


def parts_of(run: Run) -> dict[str, Any]:
    """Return the document of a results.json, in which long lists are made while they are read."""
    bare = replace(
        run,
        hosts=(),
        plan=(),
        results=(),
        evidence=_without_targets(run.evidence),
        network=None,
        demands=_without_exchanges(run.demands),
    )
    document = {name: each for name, each in codec.to_json(bare).items() if name not in LAID_OUT}
    network, evidence = document.pop("network"), document.pop("evidence")
    if run.demands is not None:
        document["demands"]["exchanges"] = exchanges_of(run.demands)
    if run.evidence is not None:
        evidence |= _facts(run.evidence.targets)
    if run.network is not None:
        network = _network(run.network)
    return {**document, **_Lines(run).sections(), "network": network, "evidence": evidence}


def _without_targets(evidence: Evidence | None) -> Evidence | None:
    return None if evidence is None else replace(evidence, targets=())


def _without_exchanges(demands: Demands | None) -> Demands | None:
    return None if demands is None else replace(demands, exchanges=())


def _cell(entry: Entry) -> list[Any]:
    return [entry.number, *entry.own_values()]


def exchanges_of(demands: Demands) -> dict[str, Any]:
    """Return with whom hosts exchange VMs: hosts that do so among each other are named once."""
    groups: dict[tuple[str, ...], int] = {}
    # A group that its hosts share is looked at once.
    members: dict[int, frozenset[str]] = {}
    numbers: dict[int, int] = {}
    hosts: list[list[Any]] = []
    for host, peers in demands.exchanges:
        key = id(peers)
        if key not in members:
            members[key] = frozenset(peers)
        if host in members[key]:
            if key not in numbers:
                numbers[key] = groups.setdefault(peers, len(groups))
            hosts.append([host, numbers[key]])
        else:
            hosts.append([host, list(peers)])
    return {"groups": [list(each) for each in groups], "hosts": hosts}


def _network(network: NetworkEvidence) -> dict[str, Any]:
    table = Table()
    entries = [
        (host.name, table.add(host.name, codec.to_brief_json(host))) for host in network.hosts
    ]
    return {
        "templates": table.templates(),
        "hosts": [{"name": name, "shown": _cell(entry)} for name, entry in entries],
    }


def _facts(targets: Iterable[TargetFacts]) -> dict[str, Any]:
    table = Table()
    lines = [
        (each, [table.add(each.target, codec.to_brief_json(fact)) for fact in each.facts])
        for each in targets
    ]
    return {
        "facts": table.templates(),
        "targets": [
            {
                "kind": each.kind.value,
                "target": each.target,
                "facts": [_cell(entry) for entry in entries],
                **({"left_out": list(each.left_out)} if each.left_out else {}),
            }
            for each, entries in lines
        ],
    }


@dataclass
class _Line:
    """What is known of one target: keys of checks, in the order of the table."""

    name: str
    kind: Subject
    summary: HostSummary | None = None
    planned: set[str] = field(default_factory=set)
    results: dict[str, tuple[Result, Entry]] = field(default_factory=dict)
    node_ids: dict[str, str] = field(default_factory=dict)


class _Lines:
    """The plan and the results of a run, by target."""

    def __init__(self, run: Run) -> None:
        self._hosts = [_Line(each.name, Subject.HOST, each) for each in run.hosts]
        self._others: list[_Line] = []
        self._of: dict[tuple[Subject, str], list[int]] = {}
        for at, line in enumerate(self._hosts):
            self._of.setdefault((line.kind, line.name), []).append(at)
        self._checks = Checks()
        self._fixes = Table()
        self._fixed: dict[tuple[str, Fix], Entry] = {}
        self._outcomes: dict[str, Table] = {}
        self._brief: dict[tuple[object, ...], Entry] = {}
        self._same: dict[tuple[str, tuple[object, ...]], Entry] = {}
        self._refs: dict[str, tuple[Reference, ...]] = {}
        plan = [self._plan(entry) for entry in run.plan]
        results = self._results(run, plan)
        self._order = _order(plan, results)

    def sections(self) -> dict[str, Any]:
        """Return the sections of plan, results and hosts."""
        lines = [*self._hosts, *self._others]
        return {
            "checks": {key: self._check(key, entry) for key, entry in self._checks.entries()},
            "fixes": self._fixes.templates(),
            "hosts": ({**codec.to_json(each.summary), **self._shown(each)} for each in self._hosts),
            "others": (
                {"kind": each.kind.value, "name": each.name, **self._shown(each)}
                for each in self._others
            ),
            "seconds": (
                [each.name, *(each.results[key][0].seconds for key in self._keys(each))]
                for each in lines
                if each.results
            ),
            "order": self._order,
        }

    def _keys(self, line: _Line) -> list[str]:
        return sorted(line.results, key=self._checks.rank)

    def _check(self, key: str, entry: PlanEntry) -> dict[str, Any]:
        table = self._outcomes.get(key)
        about = codec.to_json(entry)
        del about["target"]
        return {
            **about,
            "refs": [codec.to_json(each) for each in self._refs.get(key, ())],
            "outcomes": [self._with_fixes(each) for each in table.templates()] if table else [],
        }

    def _shown(self, line: _Line) -> dict[str, Any]:
        keys = self._keys(line)
        shown: dict[str, Any] = {
            "results": {
                key: [result.state.value, *_cell(entry)]
                for key in keys
                for result, entry in (line.results[key],)
            }
        }
        if line.planned != line.results.keys():
            shown["planned"] = sorted(line.planned, key=self._checks.rank)
        if line.node_ids:
            shown["node_ids"] = {
                key: line.node_ids[key] for key in sorted(line.node_ids, key=self._checks.rank)
            }
        return shown

    def _plan(self, entry: PlanEntry) -> _Place:
        """Take an entry in; return its place."""
        key, node_id = self._checks.key_of(entry)
        at, line = self._line(entry, key, node_id, planned=True)
        line.planned.add(key)
        return self._checks.rank(key), at

    def _results(self, run: Run, plan: Sequence[_Place]) -> list[_Place]:
        """Take the results in, most of which have the order of the plan; return their places."""
        places, planned, keys = [], zip(run.plan, plan, strict=True), self._checks.keys
        entry, place = next(planned, (None, (0, 0)))
        for result in run.results:
            if result.entry is entry:
                key, line = keys[place[0]], self._numbered(place[1])
                if key in line.results or line.node_ids:
                    place = self._result(result)
                else:
                    line.results[key] = result, self._outcome(key, result)
                places.append(place)
                entry, place = next(planned, (None, place))
            else:
                places.append(self._result(result))
        return places

    def _result(self, result: Result) -> _Place:
        """Take a result in; return its place."""
        key, node_id = self._checks.key_of(result.entry)
        at, line = self._line(result.entry, key, node_id, planned=False)
        line.results[key] = result, self._outcome(key, result)
        return self._checks.rank(key), at

    def _outcome(self, key: str, result: Result) -> Entry:
        """Take in what a result says beside its line; most say what others have said in full."""
        # What is one object is equal: to compare findings takes long.
        findings, refs = id(result.findings), id(result.refs)
        brief = key, findings, refs, result.red, result.reason, result.blocked_by
        known = self._brief.get(brief)
        if known is not None:
            return known
        whole = key, _OUTCOME(result)
        known = self._same.get(whole)
        if known is None:
            known = self._of_texts(key, result)
            target = result.entry.target
            fixes = (self._fix(target, each.fix) for each in result.findings if each.fix)
            if not any(each.names_target for each in (known, *fixes)):
                self._same[whole] = self._brief[brief] = known
        else:
            self._brief[brief] = known
        return known

    def _of_texts(self, key: str, result: Result) -> Entry:
        target = result.entry.target
        document = codec.to_brief_json(result, without=_OF_THE_LINE)
        if self._refs.setdefault(key, result.refs) != result.refs:
            document["refs"] = [codec.to_json(each) for each in result.refs]
        cell = Cell(target)
        for finding, shown in zip(result.findings, document.get("findings", ()), strict=True):
            if finding.fix is not None:
                del shown["fix"]
        template = cell.template(document)
        for finding, shown in zip(result.findings, template.get("findings", ()), strict=True):
            if finding.fix is not None:
                fix = self._fix(target, finding.fix)
                shown["fix"] = [fix.number, *map(cell.place_of, fix.values)]
        return self._outcomes.setdefault(key, Table()).enter(template, cell)

    def _fix(self, target: str, fix: Fix) -> Entry:
        known = self._fixed.get((target, fix))
        if known is None:
            known = self._fixes.add(target, codec.to_brief_json(fix))
            self._fixed[target, fix] = known
        return known

    def _line(
        self, entry: PlanEntry, key: str, node_id: str | None, *, planned: bool
    ) -> tuple[int, _Line]:
        """Return the first line of a target that can take an entry, and its number."""
        whose = entry.target_kind, entry.target
        numbers = self._of.get(whose)
        if numbers is None:
            numbers = self._of[whose] = []
        for at in numbers:
            line = self._numbered(at)
            taken = key in line.planned if planned else key in line.results
            if not taken and line.node_ids.get(key, node_id) == node_id:
                break
        else:
            at = len(self._hosts) + len(self._others)
            line = _Line(entry.target, entry.target_kind)
            self._others.append(line)
            numbers.append(at)
        if node_id is not None:
            line.node_ids[key] = node_id
        return at, line

    def _numbered(self, at: int) -> _Line:
        hosts = len(self._hosts)
        return self._hosts[at] if at < hosts else self._others[at - hosts]

    def _with_fixes(self, outcome: dict[str, Any]) -> dict[str, Any]:
        """Return an outcome whose fixes have only those values that differ in the table."""
        for finding in outcome.get("findings", ()):
            if "fix" in finding:
                number, *values = finding["fix"]
                own = self._fixes.differing(number)
                finding["fix"] = [number, *(values[at] for at in own)]
        return outcome


def _order(plan: list[_Place], results: list[_Place]) -> dict[str, Any]:
    """Return what has another order than that of the checks, and of the lines for each."""
    found = {}
    in_turn = sorted(plan)
    if in_turn != plan:
        found["plan"] = _numbers(plan, in_turn)
    if results != plan and expected_order(plan, results) != results:
        found["results"] = _numbers(results, sorted(results))
    return found


def _numbers(places: Sequence[_Place], in_turn: Sequence[_Place]) -> list[int]:
    at = {place: number for number, place in enumerate(in_turn)}
    return [at[place] for place in places]


def expected_order(plan: Sequence[_Place], results: Sequence[_Place]) -> list[_Place]:
    """Return the places of results in the order of the plan, and then those that it lacks."""
    known = set(results)
    planned = [place for place in plan if place in known]
    return [*planned, *sorted(known.difference(planned))]
