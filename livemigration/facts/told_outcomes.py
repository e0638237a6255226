"""A host's outcomes as a file tells them, each made when it is asked for.

Of most hosts few are asked for, where one host is judged. What a file says of a value beside it is
kept as text until then; that it can be read was seen before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from livemigration.facts.model import Gathered, GatherFailure, NotGathered, Outcome, Vantage

# A value and what it lacks, which is nothing; or what became of a group without one.
Told = tuple[Any, str] | Outcome[Any]


@dataclass(frozen=True, slots=True)
class Places:
    """At which place each group is told of, and from where its value was seen, if it has one.

    Hosts that are told of alike in this have the same object.
    """

    of: Mapping[str, int]
    vantages: Mapping[str, Vantage]


class ToldOutcomes(Mapping[str, Outcome[Any]]):
    """The outcomes of a host, by group name.

    Args:
        places: where each group is told of.
        told: what is told at each place.
        seconds: how long each value took, as JSON; empty: there is none.
        moments: when each ended, as ISO 8601; None: the file does not say.
    """

    __slots__ = ("_moments", "_places", "_seconds", "_told")

    def __init__(
        self, places: Places, told: list[Told], seconds: list[str], moments: list[str | None]
    ) -> None:
        self._places, self._told, self._seconds, self._moments = places, told, seconds, moments

    def get(self, key: str, default: Any = None) -> Any:
        """Return what became of a group; of one that nobody asked for, the default."""
        at = self._places.of.get(key)
        if at is None:
            return default
        found = self._told[at]
        if type(found) is not tuple:
            return found
        made = told_of(found[0], self._places.vantages[key], self._seconds[at], self._moments[at])
        # Its text is not kept beside it.
        self._told[at], self._seconds[at], self._moments[at] = made, "", None
        return made

    def __getitem__(self, key: str) -> Outcome[Any]:
        if key not in self._places.of:
            raise KeyError(key)
        found: Outcome[Any] = self.get(key)
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._places.of

    def __iter__(self) -> Iterator[str]:
        return iter(self._places.of)

    def __len__(self) -> int:
        return len(self._places.of)

    @property
    def failures(self) -> dict[str, GatherFailure]:
        """What could not be gathered, without making what was."""
        if NotGathered not in map(type, self._told):
            return {}
        return _failures_in((name, self._told[at]) for name, at in self._places.of.items())


def told_of(value: Any, vantage: Vantage, seconds: str, moment: str | None) -> Gathered[Any]:
    """Return a value as gathered, of how long it took as JSON, and when it ended as ISO 8601."""
    ended = datetime.fromisoformat(moment) if moment else None
    return Gathered(value, vantage, float(seconds), ended)


def failures_of(outcomes: Mapping[str, Outcome[Any]]) -> dict[str, GatherFailure]:
    """Return what could not be gathered of a machine, by group name."""
    if isinstance(outcomes, ToldOutcomes):
        return outcomes.failures
    return _failures_in(outcomes.items())


def _failures_in(outcomes: Iterable[tuple[str, object]]) -> dict[str, GatherFailure]:
    return {name: each.failure for name, each in outcomes if isinstance(each, NotGathered)}
