"""Who can go where: for any two hosts of a run, and any virtual machine, what the checks say.

Worked out from facts and policies by the functions that the checks themselves use. Nothing is
worked out for all pairs: of each host there is a key for each check, and what two keys come to is
kept. So it costs a step for each host, and one for each two classes of equals that are asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from livemigration.facts.model import FactGroup, FactSheet, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.exchanging import Exchanges
from livemigration.inventory.policy import Policy
from livemigration.verdict.exchange import EXCHANGE, Peers
from livemigration.verdict.move_answers import (
    NOTHING_SAID,
    End,
    Judged,
    Link,
    MachineQuestion,
    Moving,
    Pair,
    PairQuestion,
    Question,
    Said,
    Standing,
    worst,
)
from livemigration.verdict.move_delegation import Reach
from livemigration.verdict.move_questions import DELEGATION, OF_MACHINES, OF_PAIRS, QUESTIONS
from livemigration.verdict.move_relations import Relations
from livemigration.verdict.one_failure import one_failure_a_cause
from livemigration.verdict.views import BlockedError, FactsView, GroupView, InapplicableError
from livemigration.verdict.virtual_machines import Machine, machines_of

T = TypeVar("T")

# The checks that it speaks for.
MOVE_CHECKS = frozenset(each.check for each in QUESTIONS)
# What has to be gathered for it: a check that asks declares it.
MOVE_FACTS: tuple[FactGroup[Any], ...] = tuple(
    {group.name: group for each in QUESTIONS for group in (*each.groups, *EXCHANGE)}.values()
)
_DECLARED = frozenset(each.name for each in MOVE_FACTS)


@dataclass(frozen=True)
class Unread:
    """A key that could not be read; `check` is the one that says why, empty: none."""

    check: str


class _Absent:
    """The key of what does not exist on a host."""


_ABSENT = _Absent()


@dataclass
class _Known:
    """What was worked out of one host."""

    end: End
    sources: dict[Question, Hashable] = field(default_factory=dict)
    destinations: dict[Question, Hashable] = field(default_factory=dict)
    needs: dict[Question, Mapping[str, Hashable] | Unread] = field(default_factory=dict)
    sends: int | None = None
    receives: int | None = None
    different: dict[Question, tuple[Hashable, ...] | Unread] = field(default_factory=dict)


class Moves:
    """What the checks say of moves between the hosts of a run; answered as it is asked.

    Args:
        facts: of the run.
        policy_of: returns the policy of a host.
        exchanges_of: returns what the inventory says of with whom a host exchanges virtual
            machines.
    """

    def __init__(
        self,
        facts: RunFacts,
        policy_of: Callable[[str], Policy],
        exchanges_of: Callable[[str], Exchanges],
    ) -> None:
        self._facts = facts.once(one_failure_a_cause).believed
        self._policy_of, self._exchanges_of = policy_of, exchanges_of
        self._known: dict[str, _Known] = {}
        self._said: dict[Hashable, Said] = {}
        self._keys: dict[Hashable, int] = {}
        self._relations = Relations(self._facts, lambda host: self._of(host).end)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that were looked at."""
        return tuple(self._facts.hosts)

    def machines(self, host: str) -> tuple[Machine, ...]:
        """Return the virtual machines of a host.

        Raises:
            BlockedError: they could not be read, or the account may not see them.
        """
        return machines_of(self._of(host).end.host)

    def partners(self, host: str) -> tuple[str, ...]:
        """Return the hosts with which a host exchanges virtual machines, in the order of the run.

        Those that are only assumed to are among them, and those of which it is not known whether
        they do; no host that was not looked at.
        """
        return self._relations.partners(host)

    def between(self, source: str, destination: str) -> Judged:
        """Return what is said of whatever moves from one host to another."""
        link = self.link(source, destination)
        if isinstance(link, Judged):
            return link
        return _judged(self._whole(source, destination, link), link)

    def of_machine(self, source: str, machine: str, destination: str) -> Judged:
        """Return what is said of a virtual machine of a host, by its GUID; `between` is part of it.

        Of one that is off nothing is said that only a live migration needs.
        """
        link = self.link(source, destination)
        if isinstance(link, Judged):
            return link
        said = [self._whole(source, destination, link)]
        for question in OF_MACHINES:
            if _asks(question, link):
                needs = self._needs(question, source)
                if isinstance(needs, Unread):
                    said.append(_unread_need(question, needs))
                elif (need := needs.get(machine.upper())) is not None:
                    said.append(self._of_need(question, need, destination, link))
        return _judged(worst(said), link)

    def needs_of(self, source: str, machine: str) -> Hashable:
        """Return what is asked for a virtual machine of a host: of equals, the same is said."""
        needs = (self._needs(question, source) for question in OF_MACHINES)
        guid = machine.upper()
        return tuple(None if isinstance(each, Unread) else each.get(guid) for each in needs)

    def of_pair(self, source: str, destination: str) -> Judged:
        """Return what is said of all that may move: the worst of `between` and of each machine.

        What a machine has that keeps it from going anywhere is no part of it: that is no question
        of two hosts.
        """
        link = self.link(source, destination)
        if isinstance(link, Judged):
            return link
        whole = self._whole(source, destination, link)
        found = worst((whole, *self._of_needs(source, destination, link)))
        return _judged(found, link, some=found is not whole)

    def link(self, source: str, destination: str) -> Link | Judged:
        """Return how two hosts stand to each other; Judged: that is all there is to say."""
        return self._relations.link(source, destination)

    def parts(self, host: str) -> tuple[Peers, ...] | None:
        """Return with whom a host exchanges virtual machines; None: that could not be read."""
        return self._relations.parts(host)

    def source_key(self, question: Question, host: str) -> Hashable:
        """Return what a host is compared by as the one that sends."""
        keys = self._of(host).sources
        if question not in keys:
            keys[question] = self._read(question.source, host)
        return keys[question]

    def destination_key(self, question: Question, host: str) -> Hashable:
        """Return what a host is compared by as the one that receives."""
        keys = self._of(host).destinations
        if question not in keys:
            keys[question] = self._read(question.destination, host)
        return keys[question]

    def different_needs(
        self, question: MachineQuestion, host: str
    ) -> tuple[Hashable, ...] | Unread:
        """Return what the machines of a host need, each need once."""
        known = self._of(host).different
        if question not in known:
            needs = self._needs(question, host)
            different = needs if isinstance(needs, Unread) else tuple(dict.fromkeys(needs.values()))
            known[question] = different
        return known[question]

    def likeness(self, host: str) -> Hashable:
        """Return in what hosts are equals: what is said of moves is the same for equal ones.

        Whom accounts reach is told by `reach`: each account names hosts by themselves.
        """
        circles = tuple((id(each.seen.circle), each.declared) for each in self.parts(host) or ())
        keys = tuple(
            (self.source_key(each, host), self.destination_key(each, host))
            for each in self._telling
        )
        needs = tuple(
            found if isinstance(found, Unread) else frozenset(found)
            for found in (self.different_needs(e, host) for e in OF_MACHINES if e.of_pair)
        )
        reach = self.reach(host)
        reached = reach.likeness if isinstance(reach, Reach) else reach
        return circles, self._exchanges_of(host), self._relations.place(host), keys, needs, reached

    @cached_property
    def _telling(self) -> tuple[Question, ...]:
        """The questions by whose keys hosts differ; what no machine needs is none of them."""
        return tuple(
            each
            for each in QUESTIONS
            if (each.of_classes if isinstance(each, PairQuestion) else self._matters(each))
        )

    def _matters(self, question: Question) -> bool:
        return (
            isinstance(question, MachineQuestion)
            and question.of_pair
            and any(self.different_needs(question, each) for each in self._facts.hosts)
        )

    def reach(self, host: str) -> Hashable:
        """Return whom the account of a host reaches (Reach), or what is known in its place."""
        return self.source_key(DELEGATION, host)

    def _of(self, host: str) -> _Known:
        if host not in self._known:
            group = GroupView(self._facts, self._exchanges_of(host))
            vmm = FactsView(self._facts.vmm_of(host), _DECLARED)
            end = End(FactsView(self._sheet(host), _DECLARED), vmm, self._policy_of(host), group)
            self._known[host] = _Known(end)
        return self._known[host]

    def _sheet(self, host: str) -> FactSheet:
        return self._facts.hosts.get(host) or FactSheet(Subject.HOST, host, {})

    def _read(self, key: Callable[[End], T], host: str) -> T | Unread | _Absent:
        try:
            return key(self._of(host).end)
        except BlockedError as error:
            return Unread(error.by)
        except InapplicableError:
            return _ABSENT

    def _needs(self, question: MachineQuestion, host: str) -> Mapping[str, Hashable] | Unread:
        known = self._of(host).needs
        if question not in known:
            found = self._read(question.needs, host)
            known[question] = {} if isinstance(found, _Absent) else found
        return known[question]

    def _whole(self, source: str, destination: str, link: Link) -> Said:
        """Return the worst that is said of whatever moves: kept for hosts that are equals."""
        asked = self._number_of(source, sends=True), self._number_of(destination, sends=False), link
        if asked not in self._said:
            self._said[asked] = worst(
                self._between(question, source, destination, link)
                for question in OF_PAIRS
                if question.of_classes
            )
        # Accounts name hosts, and come after what is said of classes.
        reach = self._between(DELEGATION, source, destination, link)
        return worst((self._said[asked], reach))

    def _number_of(self, host: str, *, sends: bool) -> int:
        """Return the number of a host's keys: equal keys have the same, and are hashed once."""
        known = self._of(host)
        number = known.sends if sends else known.receives
        if number is None:
            read = self.source_key if sends else self.destination_key
            keys = tuple(read(each, host) for each in OF_PAIRS if each.of_classes)
            number = self._keys.setdefault(keys, len(self._keys))
            if sends:
                known.sends = number
            else:
                known.receives = number
        return number

    def _between(self, question: PairQuestion, source: str, destination: str, link: Link) -> Said:
        if not _asks(question, link):
            return NOTHING_SAID
        sent = self.source_key(question, source)
        received = self.destination_key(question, destination)
        said = _where_read(question, sent, received)
        if said is None:
            said = question.between(Pair(sent, received, link))
        return _doubted(question, said, link)

    def _of_needs(self, source: str, destination: str, link: Link) -> Iterator[Said]:
        for question in OF_MACHINES:
            if question.of_pair and _asks(question, link):
                needs = self.different_needs(question, source)
                if isinstance(needs, Unread):
                    yield _unread_need(question, needs)
                else:
                    yield from (self._of_need(question, e, destination, link) for e in needs)

    def _of_need(
        self, question: MachineQuestion, need: Hashable, destination: str, link: Link
    ) -> Said:
        received = self.destination_key(question, destination)
        asked = question, "need", need, received, link
        if asked not in self._said:
            said = _where_read(question, need, received)
            if said is None:
                said = question.of_machine(Moving(need, received, link))
            self._said[asked] = _doubted(question, said, link)
        return self._said[asked]


def _asks(question: Question, link: Link) -> bool:
    return question.inside is None or link.mates in {question.inside, None}


def _where_read(question: Question, *keys: Hashable) -> Said | None:
    """Return what is said where a key could not be read, or does not exist; None: all are there."""
    if any(key is _ABSENT for key in keys):
        return NOTHING_SAID
    for key, which in zip(keys, ("the source", "the destination"), strict=True):
        if isinstance(key, Unread):
            check = key.check or question.check
            return Said(Standing.UNKNOWN, check, f"what is needed of {which} could not be read")
    return None


def _unread_need(question: MachineQuestion, unread: Unread) -> Said:
    """Return what is said where nobody can say what the machines of the source need."""
    if isinstance(question, PairQuestion):
        # Whether that matters is said of the two hosts.
        return NOTHING_SAID
    cause = "what the source's machines need could not be read"
    return Said(Standing.UNKNOWN, unread.check or question.check, cause)


def _doubted(question: Question, said: Said, link: Link) -> Said:
    """Return what is said where it depends on whether two hosts are nodes of one cluster."""
    if question.inside is None or link.mates is not None or said == NOTHING_SAID:
        return said
    cause = "whether both are nodes of one cluster is not known"
    return Said(Standing.UNKNOWN, said.check, cause)


def _judged(said: Said, link: Link, *, some: bool = False) -> Judged:
    return Judged(said.standing, said.check, said.cause, link.declared, some)
