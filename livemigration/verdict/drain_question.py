"""The question of placement that a drain of one host is, and its answer with the names given back.

It is asked more than once where that tells more: without hosts that are only assumed to exchange
machines with this one and with them, and as if hosts whose machines could not be read had room.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from livemigration.placement.effort import Effort
from livemigration.placement.ladder import answer
from livemigration.placement.model import Answer, Host, Machine, Question, Verdict
from livemigration.verdict.drain_names import Numbered
from livemigration.verdict.drain_residents import Resident
from livemigration.verdict.drain_scene import Judgement, Scene, Unread, Way
from livemigration.verdict.virtual_machines import is_to_stay

# What is tried to say of a second host that it cannot be emptied as well: else nothing is said.
_SOON = Effort(nodes=20, cases=20, steps=5_000, swap_hosts=4, swap_sets=1, swap_orders=200)
# Of hosts among more than this, none is asked for as a second one.
_MOST_FOR_A_SECOND = 64
_FITS = frozenset({Verdict.FITS, Verdict.FITS_WITH_SWAPS})


@dataclass(frozen=True)
class DrainAnswer:
    """Whether a host can be emptied, with the names of hosts and machines.

    `leaving` are the machines that have to leave it, and those of hosts that are down; `staying`
    those that are shut down with it. `by_assumption`: the answer takes hosts that are only assumed
    to exchange machines with this one. `unread` says why it depends on what other hosts run.
    `then_stuck` are hosts that could not be emptied as well, once this one is: as far as that was
    shown. `causes` say of each machine without a place why a host is none for it.
    """

    answer: Answer
    leaving: tuple[Resident, ...]
    staying: tuple[Resident, ...] = ()
    by_assumption: bool = False
    unread: tuple[str, ...] = ()
    then_stuck: tuple[str, ...] = ()
    causes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def fits(self) -> bool:
        """Whether there is a plan."""
        return self.answer.verdict in _FITS


def answered(scene: Scene) -> DrainAnswer:
    """Return whether the host of a scene can be emptied.

    Raises:
        BlockedError: its machines could not be read, or what a cluster wants of them.
    """
    return _Asked(scene).answered()


@dataclass(frozen=True)
class _Ways:
    """Where one machine can go: judged once, whatever is asked then."""

    resident: Resident
    of: Mapping[str, Judgement]

    def taken(self, way: Way, *, assumed: bool) -> frozenset[str]:
        """Return the hosts to which it has a way; `assumed`: or only by assumption."""
        return frozenset(
            name
            for name, each in self.of.items()
            if each.way is way and (assumed or not each.assumed)
        )


class _Asked:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._hosts = (scene.host.name, *scene.others)
        self._drained = frozenset((scene.host.name, *scene.down))
        self._runs = {name: scene.runs(name) for name in scene.others}

    def answered(self) -> DrainAnswer:
        staying = tuple(
            each for each in self._leaving if is_to_stay(each.machine, self._scene.policy)
        )
        found, assumed = self._best()
        unread: tuple[str, ...] = ()
        if found.verdict is Verdict.DOES_NOT_FIT and (unread := self._unread_others):
            hopeful = answer(self._question(assumed=assumed, hopeful=True))
            if hopeful.verdict is Verdict.DOES_NOT_FIT:
                unread = ()
            else:
                found = replace(found, verdict=Verdict.UNKNOWN)
        return DrainAnswer(
            self._numbered.named(found),
            tuple(each for each in self._leaving if each not in staying),
            staying,
            by_assumption=assumed and bool(self._leaving),
            unread=unread,
            then_stuck=self._then_stuck(assumed=assumed) if found.verdict in _FITS else (),
            causes=self._causes({each.key for each in self._numbered.named(found).unplaced}),
        )

    def _best(self) -> tuple[Answer, bool]:
        """Return the answer, and whether it takes hosts that are only assumed to exchange."""
        certain = answer(self._question(assumed=False))
        if certain.verdict in _FITS or not self._any_assumed:
            return certain, False
        with_assumed = answer(self._question(assumed=True))
        if with_assumed.verdict in _FITS or not self._scene.declared:
            return with_assumed, True
        # Where not even those would do, that the declared ones do not is what is to be said.
        return certain, False

    @cached_property
    def _leaving(self) -> tuple[Resident, ...]:
        """The machines of the host, and those that hosts which are down ran by these facts."""
        return (*self._scene.residents, *self._known(self._scene.down))

    def _known(self, hosts: Iterable[str]) -> Iterator[Resident]:
        for name in hosts:
            found = self._runs[name]
            if not isinstance(found, Unread):
                yield from found

    @cached_property
    def _unread_others(self) -> tuple[str, ...]:
        """Why it is not known what hosts run that could take machines."""
        return tuple(
            each.reason
            for name, each in self._runs.items()
            if isinstance(each, Unread) and name not in self._drained
        )

    @cached_property
    def _machines(self) -> Mapping[str, Resident]:
        rest = (each for each in self._scene.others if each not in self._drained)
        return {each.key: each for each in (*self._leaving, *self._known(rest))}

    @cached_property
    def _numbered(self) -> Numbered:
        names = {key: each.machine.name for key, each in self._machines.items()}
        return Numbered(self._hosts, names)

    @cached_property
    def _ways(self) -> Mapping[str, _Ways]:
        targets = [each for each in self._scene.others if each not in self._drained]
        return {
            key: _Ways(
                each,
                {
                    name: self._scene.judged(each, name)
                    for name in targets
                    if name != each.host
                },
            )
            for key, each in self._machines.items()
        }

    @property
    def _any_assumed(self) -> bool:
        ways = (each for ways in self._ways.values() for each in ways.of.values())
        return any(each.assumed and each.way is not Way.CLOSED for each in ways)

    def _question(self, *, assumed: bool, hopeful: bool = False) -> Question:
        """Return the question.

        Args:
            assumed: whether hosts that are only assumed to exchange machines count.
            hopeful: whether hosts whose machines could not be read have room for all.
        """
        enough = 1 + sum(each.memory for each in self._machines.values())
        return Question(
            hosts=tuple(self._host(name, enough, hopeful=hopeful) for name in self._hosts),
            machines=tuple(self._machine(each, assumed=assumed) for each in self._ways.values()),
            drained=self._numbered.hosts(self._drained),
            stays=frozenset(
                self._numbered.key(each.key)
                for each in self._leaving
                if is_to_stay(each.machine, self._scene.policy)
            ),
        )

    def _host(self, name: str, enough: int, *, hopeful: bool) -> Host:
        room = self._scene.room(name)
        unread = isinstance(self._runs.get(name), Unread)
        # One of which nothing is known may have room for all: its pairs are not known.
        free = enough if room.free is None or (hopeful and unread) else room.free
        return Host(self._numbered.host(name), free, min(room.reserve, free))

    def _machine(self, ways: _Ways, *, assumed: bool) -> Machine:
        each, hosts = ways.resident, self._numbered.hosts
        warned = ways.taken(Way.WARNED, assumed=assumed)
        wishes = each.wishes
        stays = is_to_stay(each.machine, self._scene.policy) and each.host not in self._drained
        return Machine(
            key=self._numbered.key(each.key),
            name=self._numbered.machine(each.key),
            host=self._numbered.host(each.host),
            memory=each.memory,
            allowed=frozenset()
            if stays
            else hosts(ways.taken(Way.OPEN, assumed=assumed) | warned),
            unknown=frozenset() if stays else hosts(ways.taken(Way.UNKNOWN, assumed=assumed)),
            warned=frozenset() if stays else hosts(warned),
            apart=wishes.apart,
            prefers_apart=wishes.prefers_apart,
            preferred=hosts(self._scene.hosts_of_nodes(wishes.preferred)),
            priority=wishes.priority,
            last=self._scene.moves_last(each),
        )

    def _then_stuck(self, *, assumed: bool) -> tuple[str, ...]:
        """Return the hosts of which it is shown soon that they could not be emptied as well."""
        targets = [each for each in self._scene.others if each not in self._drained]
        if not 1 < len(targets) <= _MOST_FOR_A_SECOND:
            return ()
        question = self._question(assumed=assumed)
        return tuple(
            name
            for name in targets
            if not isinstance(self._runs[name], Unread)
            and not self._unread_others
            and answer(
                replace(question, drained=question.drained | {self._numbered.host(name)}),
                effort=_SOON,
            ).verdict
            is Verdict.DOES_NOT_FIT
        )

    def _causes(self, keys: Iterable[str]) -> Mapping[str, Mapping[str, str]]:
        """Return why hosts take not, of each of these machines: of what closes them, the cause."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for key in keys:
            for name, each in self._ways[key].of.items():
                if each.way is Way.CLOSED or each.assumed:
                    cause = each.cause or "it is only assumed to exchange machines with this one"
                    found[key][name] = cause
        return found
