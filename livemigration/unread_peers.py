"""Why a check of one host is blocked by what could not be read of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from livemigration.facts.model import FactGroup, NotGathered
from livemigration.fixes.quoting import some
from livemigration.views import BlockedError, GroupView


def unread_peers(group: GroupView, names: Sequence[str], *groups: FactGroup[Any]) -> BlockedError:
    """Return the error of a check that needs these groups of others, by the check that says why.

    Args:
        group: the hosts of the run.
        names: the other hosts, of each of which one of the groups was not gathered.
        groups: what is needed of them, which the check must declare.
    """
    failures = [
        (name, outcome.failure)
        for name in names
        for each in groups
        if isinstance(outcome := group.outcome(name, each), NotGathered)
    ]
    name, failure = next((each for each in failures if each[1].root), failures[0])
    said = f"{failure.root} of {name} says why" if failure.root else failure.sentence.rstrip(".")
    return BlockedError(
        failure.root,
        f"What is needed of {some(names)} could not be read: {said}.",
        f"Mend what {failure.root} says of {name} first." if failure.root else failure.next_step,
    )
