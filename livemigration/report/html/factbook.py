"""The facts of a run as a page shows them: what was read of each machine, behind its checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from livemigration.facts.model import Subject
from livemigration.run.evidence.model import Evidence, Fact, FactState, Source, TargetFacts
from livemigration.run.plan import PlanEntry
from livemigration.run.run import Run


@dataclass(frozen=True)
class Shown:
    """A fact group of one machine, and where it comes from."""

    fact: Fact
    source: Source


@dataclass(frozen=True)
class Unread:
    """Groups that could not be read, or that a machine cannot have, for one reason."""

    state: FactState
    reason: str
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Facts of one machine. `left_out` are the titles of groups that did not fit."""

    kind: Subject
    name: str
    shown: tuple[Shown, ...] = ()
    unread: tuple[Unread, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """How many there are to unfold."""
        return len(self.shown) + len(self.unread)


class FactBook:
    """What can be unfolded: the facts behind the checks of each machine."""

    def __init__(self, run: Run) -> None:
        evidence = run.evidence or Evidence()
        self._sources = {each.group: each for each in evidence.sources}
        self._groups = {each.check: each.groups for each in evidence.checks}
        self._targets = {(each.kind, each.target): each for each in evidence.targets}

    @property
    def servers(self) -> tuple[Facts, ...]:
        """The facts of what is no host: the VMM servers."""
        return tuple(
            self._facts(each, {fact.group for fact in each.facts})
            for (kind, _), each in self._targets.items()
            if kind is not Subject.HOST
        )

    def behind(self, kind: Subject, name: str, entries: Iterable[PlanEntry]) -> Facts:
        """Return the facts of a machine that the checks of some entries read, each once."""
        target = self._targets.get((kind, name))
        if target is None:
            return Facts(kind, name)
        read = {group for entry in entries for group in self._groups.get(entry.check, ())}
        return self._facts(target, read)

    def _facts(self, target: TargetFacts, wanted: set[str]) -> Facts:
        shown: list[Shown] = []
        unread: dict[tuple[FactState, tuple[str, ...]], list[str]] = {}
        for fact in target.facts:
            if fact.group not in wanted:
                continue
            source = self._source(target.kind, fact.group)
            if fact.state is FactState.GATHERED:
                shown.append(Shown(fact, source))
            else:
                unread.setdefault((fact.state, fact.lines), []).append(source.title)
        return Facts(
            target.kind,
            target.target,
            tuple(shown),
            tuple(
                Unread(state, " ".join(lines), tuple(titles))
                for (state, lines), titles in unread.items()
            ),
            tuple(
                self._source(target.kind, each).title for each in target.left_out if each in wanted
            ),
        )

    def _source(self, kind: Subject, group: str) -> Source:
        return self._sources.get(group, Source(group, group, kind))
