"""What is said of a move from one host to another, and what the checks are asked for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

from livemigration.base.text import one_line
from livemigration.facts.model import FactGroup
from livemigration.inventory.policy import Policy
from livemigration.verdict.exchange import Exchange, exchange_of
from livemigration.verdict.views import FactsView, GroupView


class Standing(Enum):
    """What a move comes to, from best to worst."""

    ALLOWED = "allowed"
    WARNED = "warned"
    UNKNOWN = "not known"
    REFUSED = "refused"
    NOT_MEANT = "not meant"


_WEIGHT = {standing: place for place, standing in enumerate(Standing)}


@dataclass(frozen=True)
class Said:
    """What one check says of a move, with the cause in few words: a clause without an end."""

    standing: Standing
    check: str = ""
    cause: str = ""


NOTHING_SAID = Said(Standing.ALLOWED)


@dataclass(frozen=True)
class Judged:
    """What all checks say of a move: the worst of it.

    Args:
        standing: what it comes to.
        check: the check that decides; empty: none has anything to say.
        cause: why, in few words: a clause without an end.
        declared: whether the two are declared to exchange virtual machines, by a group of the
            inventory or as nodes of one cluster; else they are only assumed to.
        some: whether it holds of some virtual machines of the source, and not of whatever moves.
    """

    standing: Standing
    check: str = ""
    cause: str = ""
    declared: bool = True
    some: bool = False


def worst(said: Iterable[Said]) -> Said:
    """Return the worst of what is said; of several that are as bad, the first."""
    found = NOTHING_SAID
    for each in said:
        if _WEIGHT[each.standing] > _WEIGHT[found.standing]:
            found = each
    return found


def missing_of(names: Sequence[str], one: str, several: str) -> str:
    """Return that a destination lacks things of these names; empty: it lacks none."""
    if not names:
        return ""
    if len(names) > 1:
        return f"{len(names)} {several} are missing"
    return f'the {one} "{one_line(names[0], 60)}" is missing'


@dataclass(frozen=True)
class Link:
    """How two hosts stand to each other.

    `declared` is that of Judged. `mates`: both are nodes of one cluster; None: that is not known.
    """

    declared: bool
    mates: bool | None


@dataclass(frozen=True)
class End:
    """A host as one end of a move, as a check sees it."""

    host: FactsView
    vmm: FactsView
    policy: Policy
    group: GroupView

    def exchange(self, *groups: FactGroup[Any]) -> Exchange:
        """Return with whom the host exchanges virtual machines; raises as `exchange_of` does."""
        return exchange_of(self.host, self.policy, self.group, *groups)


SourceKey = TypeVar("SourceKey")
DestinationKey = TypeVar("DestinationKey")
Need = TypeVar("Need")


@dataclass(frozen=True)
class Pair(Generic[SourceKey, DestinationKey]):
    """The keys of two hosts, and how they stand to each other."""

    source: SourceKey
    destination: DestinationKey
    link: Link


@dataclass(frozen=True)
class Moving(Generic[Need, DestinationKey]):
    """What a virtual machine needs, and the key of the host that it is to go to."""

    need: Need
    destination: DestinationKey
    link: Link


class Question:
    """What one check is asked of a move.

    Of both hosts a key is worked out, once for each host: hosts with equal keys are equals, and
    moves between equals are judged once. A key that cannot be read makes the move unknown; one of
    what does not exist on a host asks nothing. `check` is the check, `groups` are what the keys
    read. `inside`: whether it is asked of nodes of one cluster alone, or of others alone; None: of
    all. `of_classes`: keys of several hosts are equal, so that it is worth to keep what they come
    to.
    """

    check: str
    groups: tuple[FactGroup[Any], ...]
    inside: bool | None = None
    of_classes: bool = True

    def source(self, end: End) -> Hashable:
        """Return what the host that sends is compared by; raises as reading facts does."""

    def destination(self, end: End) -> Hashable:
        """Return what the host that receives is compared by; raises as reading facts does."""

    def said(self, standing: Standing, cause: str) -> Said:
        """Return what the check says."""
        return Said(standing, self.check, cause)

    def refused_if(self, cause: str) -> Said:
        """Return a refusal, where there is a cause for it."""
        return self.said(Standing.REFUSED, cause) if cause else NOTHING_SAID


class PairQuestion(Question, ABC):
    """What one check is asked of two hosts: what holds for whatever moves between them."""

    @abstractmethod
    def between(self, pair: Pair[Any, Any]) -> Said:
        """Return what is said of moves between hosts of these keys."""


class MachineQuestion(Question, ABC):
    """What one check is asked of a virtual machine that moves.

    `of_pair`: what machines need may be missing on a host, so that it is part of what is said of
    two hosts; else it is said of the machine alone.
    """

    of_pair: bool = True

    @abstractmethod
    def needs(self, end: End) -> Mapping[str, Hashable]:
        """Return what each machine of a host needs, by its GUID in upper case.

        One that needs nothing is left out. Raises as reading facts does.
        """

    @abstractmethod
    def of_machine(self, moving: Moving[Any, Any]) -> Said:
        """Return what is said of a machine on its way to a host of this key."""
