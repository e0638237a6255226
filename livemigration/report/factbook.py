"""The facts of a run as a page shows them: each group once per machine, with an anchor."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.evidence.model import Evidence, Fact, FactState, Source, TargetFacts
from livemigration.facts.model import Subject
from livemigration.results import PlanEntry, Run


@dataclass(frozen=True)
class Shown:
    """A fact group of one machine, where it comes from, and its anchor on the page."""

    anchor: str
    fact: Fact
    source: Source


@dataclass(frozen=True)
class Unread:
    """Groups that could not be read, or that a machine cannot have, for one reason."""

    anchor: str
    state: FactState
    reason: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """The facts of one machine. `left_out` are the titles of groups that did not fit."""

    kind: Subject
    name: str
    shown: tuple[Shown, ...]
    unread: tuple[Unread, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A link to a fact group."""

    title: str
    anchor: str


class FactBook:
    """What can be unfolded: the facts of each machine, and those behind each result."""

    def __init__(self, run: Run) -> None:
        evidence = run.evidence or Evidence()
        self._sources = {each.group: each for each in evidence.sources}
        self._groups = {each.check: each.groups for each in evidence.checks}
        self._anchors: dict[tuple[Subject, str, str], str] = {}
        self._facts = {
            (each.kind, each.target): self._facts_of(number, each)
            for number, each in enumerate(evidence.targets, 1)
        }
        self._servers = {host.name: host.vmm for host in run.network.hosts} if run.network else {}

    def of(self, kind: Subject, name: str) -> Facts | None:
        """Return the facts of a machine, None where it has none to show."""
        return self._facts.get((kind, name))

    def besides(self, told: set[tuple[Subject, str]]) -> tuple[Facts, ...]:
        """Return the facts of every other machine."""
        return tuple(facts for target, facts in self._facts.items() if target not in told)

    def behind(self, entry: PlanEntry) -> tuple[Link, ...]:
        """Return links to the facts that the check of an entry reads."""
        links = []
        for group in self._groups.get(entry.check, ()):
            source = self._sources.get(group)
            of_server = source is not None and source.subject is Subject.VMM
            target = (entry.target_kind, entry.target)
            if of_server and entry.target_kind is Subject.HOST:
                target = (Subject.VMM, self._servers.get(entry.target, ""))
            anchor = self._anchors.get((*target, group))
            if source is not None and anchor is not None:
                links.append(Link(source.title, anchor))
        return tuple(links)

    def _facts_of(self, number: int, facts: TargetFacts) -> Facts:
        shown: list[Shown] = []
        unread: dict[tuple[FactState, tuple[str, ...]], list[str]] = {}
        for fact in facts.facts:
            if fact.state is FactState.GATHERED:
                anchor = f"lm-fact-{number}-{len(shown) + 1}"
                shown.append(Shown(anchor, fact, self._source(facts, fact.group)))
                self._anchors[facts.kind, facts.target, fact.group] = anchor
            else:
                unread.setdefault((fact.state, fact.lines), []).append(fact.group)
        return Facts(
            facts.kind,
            facts.target,
            tuple(shown),
            tuple(
                self._unread(facts, f"lm-unread-{number}-{place}", state, lines, groups)
                for place, ((state, lines), groups) in enumerate(unread.items(), 1)
            ),
            tuple(self._source(facts, group).title for group in facts.left_out),
        )

    def _unread(
        self,
        facts: TargetFacts,
        anchor: str,
        state: FactState,
        lines: tuple[str, ...],
        groups: list[str],
    ) -> Unread:
        for group in groups:
            self._anchors[facts.kind, facts.target, group] = anchor
        titles = tuple(self._source(facts, group).title for group in groups)
        return Unread(anchor, state, " ".join(lines), titles)

    def _source(self, facts: TargetFacts, group: str) -> Source:
        return self._sources.get(group, Source(group, group, facts.kind))
