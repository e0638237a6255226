"""Where each host stands: the word and the state by which a page counts, filters and finds it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.facts.model import Subject
from livemigration.report.grouping import TargetView, View
from livemigration.report.repairs import ToMend
from livemigration.run.result import State
from livemigration.run.run import Run

BAD, UNSEEN, WAIVED, WARN, READY, NEW = "bad", "unseen", "waived", "warn", "ready", "new"
# What a host counts as, worst first: the sign, the words for one and for many, the tone.
SIGNS = {
    BAD: ("✕", "not ready", "bad"),
    "unknown": ("?", "not judged", "warn"),
    WAIVED: ("w", "waived", "new"),
    WARN: ("!", "warned", "warn"),
    READY: ("✓", "ready", "ok"),
    NEW: ("+", "new", "new"),
    UNSEEN: ("\N{EN DASH}", "partly examined", "off"),
}


@dataclass(frozen=True)
class Standing:
    """One host: what it counts as, what it can be filtered and found by, and a word for why.

    `counts` is one of the keys of `SIGNS`; `tags` are all that hold; `keys` are what it is found by
    besides its name, in lower case.
    """

    name: str
    counts: str
    tags: tuple[str, ...]
    word: str
    groups: tuple[str, ...]
    keys: str

    @property
    def tone(self) -> str:
        """The colour of its word."""
        return SIGNS[self.counts][2]


@dataclass(frozen=True)
class Tally:
    """How many hosts count as what; `parts` add up to all of them, `also` do not."""

    total: int
    parts: tuple[tuple[str, int], ...]
    also: tuple[tuple[str, int], ...]


def standings(run: Run, view: View, mend: ToMend) -> dict[str, Standing]:
    """Return where each host stands, in the order of the inventory."""
    newly = newly_failing(run)
    groups = {host.name: host.groups for host in run.hosts}
    words: dict[str, str] = {}
    for repair in mend.repairs:
        for name in repair.names if repair.kind is Subject.HOST else ():
            words.setdefault(name, repair.word)
    telling: dict[str, list[str]] = {}
    for result in run.results:
        if result.entry.target_kind is Subject.HOST and result.state not in _QUIET:
            telling.setdefault(result.entry.target, []).append(result.entry.check)
    return {
        host.name: _standing(
            host, words, telling.get(host.name, []), groups.get(host.name, ()), newly
        )
        for host in view.hosts
    }


_QUIET = {State.PASS, State.NOT_APPLICABLE}


def newly_failing(run: Run) -> frozenset[str]:
    """Return the hosts with a new failure that had none in the earlier run."""
    if run.drift is None or run.drift.started is None:
        return frozenset()
    before = {each.target for each in (*run.drift.still, *run.drift.fixed, *run.drift.unjudged)}
    return frozenset(each.target for each in run.drift.new) - before


def tally(known: Mapping[str, Standing]) -> Tally:
    """Return how many hosts count as what."""
    counts = Counter(each.counts for each in known.values())
    tags = Counter(tag for each in known.values() for tag in each.tags)
    return Tally(
        len(known),
        tuple((key, counts[key]) for key in SIGNS if counts[key]),
        tuple((key, tags[key]) for key in (NEW, UNSEEN) if tags[key]),
    )


def _standing(
    host: TargetView,
    words: Mapping[str, str],
    checks: list[str],
    groups: tuple[str, ...],
    newly: frozenset[str],
) -> Standing:
    counts, word = _counts(host, words)
    tags = [counts]
    if host.undecided:
        tags.append(UNSEEN)
    if host.name in newly:
        tags.append(NEW)
    keys = " ".join((*groups, *sorted(set(checks)))).casefold()
    return Standing(host.name, counts, tuple(tags), word, groups, keys)


def _counts(host: TargetView, words: Mapping[str, str]) -> tuple[str, str]:
    if host.failing:
        return BAD, words.get(host.name, "fails")
    if host.undecided:
        return "unknown", "not judged"
    if host.waived:
        return WAIVED, "waived"
    if host.warnings:
        return WARN, "warning"
    return READY, "ready"
