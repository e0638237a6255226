"""Which hosts exchange virtual machines with each other, as seen from either of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from livemigration.facts.model import NotGathered
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.circles import Circle
from livemigration.verdict.exchange import EXCHANGE, Peers
from livemigration.verdict.exchange_circles import Place, are_mates, place_of
from livemigration.verdict.move_answers import End, Judged, Link, Standing
from livemigration.verdict.move_nodes import state_seen_by
from livemigration.verdict.views import BlockedError, InapplicableError


class _Relation(Enum):
    """Whether a host has another one as a peer."""

    DECLARED = "declared"
    ASSUMED = "assumed"
    NOT_KNOWN = "not known"
    NONE = "none"


@dataclass(frozen=True)
class _Member:
    """A host, with whom it exchanges virtual machines (None: not read), and where it stands."""

    end: End
    parts: tuple[Peers, ...] | None
    place: Place


class Relations:
    """How the hosts of a run stand to each other.

    Args:
        facts: of the run.
        end_of: returns a host as an end of moves.
    """

    def __init__(self, facts: RunFacts, end_of: Callable[[str], End]) -> None:
        self._facts, self._end_of = facts, end_of
        self._members: dict[str, _Member] = {}

    def parts(self, host: str) -> tuple[Peers, ...] | None:
        """Return with whom a host exchanges virtual machines; None: that could not be read."""
        return self._of(host).parts

    def place(self, host: str) -> Place:
        """Return where a host stands."""
        return self._of(host).place

    def _of(self, host: str) -> _Member:
        if host not in self._members:
            end = self._end_of(host)
            self._members[host] = _Member(end, _parts_of(end), place_of(end.host.sheet))
        return self._members[host]

    def partners(self, host: str) -> tuple[str, ...]:
        """Return the hosts with which a host exchanges virtual machines, in the order of the run.

        Those that are only assumed to are among them, and those of which it is not known whether
        they do; no host that was not looked at.
        """
        parts = self.parts(host)
        if parts is None:
            return tuple(each for each in self._facts.hosts if each != host)
        found = {each for part in parts for each in _all_of(part.seen.circle)}
        # Whose own policy narrows with whom it exchanges them may still be seen by others.
        found |= {each for circle in self._seen_in[host] for each in self._viewers[circle]}
        found |= self._without_parts
        found &= self._numbers.keys() - {host}
        return tuple(sorted(found, key=self._numbers.__getitem__))

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        return {host: number for number, host in enumerate(self._facts.hosts)}

    @cached_property
    def _without_parts(self) -> frozenset[str]:
        return frozenset(each for each in self._facts.hosts if self._of(each).parts is None)

    @cached_property
    def _viewers(self) -> Mapping[Circle, Sequence[str]]:
        """The hosts that see each circle."""
        found: dict[Circle, list[str]] = defaultdict(list)
        for host in self._facts.hosts:
            for part in self._of(host).parts or ():
                found[part.seen.circle].append(host)
        return found

    @cached_property
    def _seen_in(self) -> Mapping[str, Sequence[Circle]]:
        """The circles in which each host is seen."""
        found: dict[str, list[Circle]] = defaultdict(list)
        for circle in self._viewers:
            for host in _all_of(circle):
                found[host].append(circle)
        return found

    def link(self, source: str, destination: str) -> Link | Judged:
        """Return how two hosts stand to each other; Judged: that is all there is to say."""
        relation = self._relation(source, destination)
        if relation is _Relation.NONE:
            return Judged(Standing.NOT_MEANT, declared=False)
        if relation is _Relation.NOT_KNOWN:
            return self._unplaced(source, destination)
        mates = are_mates(self._of(source).place, self._of(destination).place)
        return Link(declared=relation is _Relation.DECLARED, mates=mates)

    def _unplaced(self, source: str, destination: str) -> Judged:
        """Return what is said of two hosts that may or may not exchange virtual machines.

        A node whose cluster service does not run shows no cluster, and the other nodes list it.
        """
        ends = [self._of(each).end for each in (source, destination)]
        for at, which in ((1, "destination"), (0, "source")):
            if state := state_seen_by(ends[1 - at].host, ends[at].host):
                return Judged(Standing.REFUSED, "LM602", f"the {which} is {state}")
        check = next(filter(None, map(_why_unplaced, ends)), "")
        cause = "whether the two exchange virtual machines is not known"
        return Judged(Standing.UNKNOWN, check, cause, declared=False)

    def _relation(self, one: str, other: str) -> _Relation:
        """Return whether one of two hosts has the other as a peer, by either of them."""
        found = self._seen_by(one, other), self._seen_by(other, one)
        return next(each for each in _Relation if each in found)

    def _seen_by(self, host: str, other: str) -> _Relation:
        parts = self._of(host).parts
        if parts is None:
            return _Relation.NOT_KNOWN
        circles = [(part.seen.circle, part.declared) for part in parts]
        for circle, declared in circles:
            if other in circle.of_peers.places:
                return _Relation.DECLARED if declared else _Relation.ASSUMED
        if any(other in each for circle, _ in circles for each in _open_of(circle)):
            return _Relation.NOT_KNOWN
        return _Relation.NONE


def _all_of(circle: Circle) -> tuple[str, ...]:
    return (*circle.peers, *circle.unplaced, *circle.unseen)


def _open_of(circle: Circle) -> tuple[Container[str], Container[str]]:
    return circle.of_unplaced.places, circle.of_unseen.places


def _parts_of(end: End) -> tuple[Peers, ...] | None:
    try:
        return end.exchange().parts
    except BlockedError:
        return None
    except InapplicableError:
        return ()


def _why_unplaced(end: End) -> str:
    """Return the check that says why it is not known of a host what it belongs to."""
    for group in EXCHANGE:
        outcome = end.host.outcome(group)
        if isinstance(outcome, NotGathered):
            return outcome.failure.root
    return ""
