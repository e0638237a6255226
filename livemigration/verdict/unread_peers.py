"""Why a check of one host is blocked by what could not be read of others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from livemigration.base.text import some
from livemigration.facts.model import FactGroup, GatherFailure, NotGathered
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.views import BlockedError, GroupView

_NEXT_STEP = "Look at what this run read of them, in its facts.json."


def unread_peers(group: GroupView, names: Collection[str], *groups: FactGroup[Any]) -> BlockedError:
    """Return the error of a check that needs these groups of others, by the check that says why.

    Args:
        group: the hosts of the run.
        names: the other hosts, of each of which one of the groups was not gathered.
        groups: what is needed of them, which the check must declare.
    """
    roots = group.facts.once(_Rooted).among(groups)
    rooted = next((name for name in names if name in roots), None) if roots else None
    failures = _failures(group, names if rooted is None else (rooted,), groups)
    found = next((each for each in failures if rooted is None or each[1].root), None)
    if found is None:
        return BlockedError("", f"What is needed of {some(names)} is not there.", _NEXT_STEP)
    name, failure = found
    said = f"{failure.root} of {name} says why" if failure.root else failure.sentence.rstrip(".")
    return BlockedError(
        failure.root,
        f"What is needed of {some(names)} could not be read: {said}.",
        f"Mend what {failure.root} says of {name} first." if failure.root else failure.next_step,
    )


def _failures(
    group: GroupView, names: Iterable[str], groups: Sequence[FactGroup[Any]]
) -> Iterator[tuple[str, GatherFailure]]:
    for name in names:
        for each in groups:
            outcome = group.outcome(name, each)
            if isinstance(outcome, NotGathered):
                yield name, outcome.failure


class _Rooted:
    """The hosts of a run of which a check says why some of their facts are not there."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._made: dict[tuple[str, ...], frozenset[str]] = {}

    def among(self, groups: Sequence[FactGroup[Any]]) -> frozenset[str]:
        """Return those of which any of these groups was not gathered for such a reason."""
        wanted = tuple(each.name for each in groups)
        if wanted not in self._made:
            self._made[wanted] = frozenset(
                name
                for name, sheet in self._facts.hosts.items()
                for each in map(sheet.outcome, groups)
                if isinstance(each, NotGathered) and each.failure.root
            )
        return self._made[wanted]
