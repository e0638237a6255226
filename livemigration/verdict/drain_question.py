"""The question of placement that a drain of one host is, and its answer with the names given back.

It is asked more than once where that tells more: without hosts that are only assumed to exchange
machines with this one and with them, and as if hosts whose machines could not be read had room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from livemigration.base.text import one_line
from livemigration.placement.each_host import not_after
from livemigration.placement.effort import Effort
from livemigration.placement.explanation import explained
from livemigration.placement.explanation_text import changes, lines
from livemigration.placement.ladder import answer
from livemigration.placement.model import Answer, Host, Machine, Question, Verdict
from livemigration.verdict.drain_names import Numbered
from livemigration.verdict.drain_residents import Resident
from livemigration.verdict.drain_scene import Judgement, Scene, Unread, Way
from livemigration.verdict.virtual_machines import is_to_stay

# What is tried to say of a second host that it cannot be emptied as well: else nothing is said.
_SOON = Effort(
    orders=4,
    rounds=30,
    nodes=20,
    cases=20,
    steps=5_000,
    others=10,
    swap_hosts=4,
    swap_nodes=5,
    swap_sets=1,
    swap_orders=200,
)
# Of hosts among more than this, none is asked for as a second one.
_MOST_FOR_A_SECOND = 16
_ONLY_ASSUMED = "it is only assumed to exchange machines with this one"
_FITS = frozenset({Verdict.FITS, Verdict.FITS_WITH_SWAPS})


@dataclass(frozen=True)
class DrainAnswer:
    """Whether a host can be emptied, with the names of hosts and machines.

    `leaving` are the machines that have to leave it, and those of hosts that are down; `staying`
    those that are shut down with it. `by_assumption`: the answer takes hosts that are only assumed
    to exchange machines with this one. `unread` says why it depends on what other hosts run.
    `then_stuck` are hosts that could not be emptied as well, once this one is: as far as that was
    shown. `explained` says of machines without a place why they have none, and `helps` what alone
    would make it fit, a sentence each.
    `residents` are all machines that were read, by the keys that the answer has.
    """

    answer: Answer
    leaving: tuple[Resident, ...]
    staying: tuple[Resident, ...] = ()
    by_assumption: bool = False
    unread: tuple[str, ...] = ()
    then_stuck: tuple[str, ...] = ()
    explained: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    residents: Mapping[str, Resident] = field(default_factory=dict)

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

    of: Mapping[str, Judgement]

    def taken(self, way: Way, *, assumed: bool) -> frozenset[str]:
        """Return the hosts to which it has a way; `assumed`: also by assumption."""
        return frozenset(
            name
            for name, each in self.of.items()
            if each.way is way and (assumed or not each.assumed)
        )

    @cached_property
    def with_disks(self) -> frozenset[str]:
        """The hosts to which its disks move along, as far as it is known that they can."""
        ways = {Way.OPEN, Way.WARNED}
        return frozenset(n for n, each in self.of.items() if each.with_disks and each.way in ways)

    def closed(self, *, assumed: bool) -> Iterator[tuple[str, str]]:
        """Yield the hosts to which it has no way, with the cause."""
        for name, each in self.of.items():
            if each.way is Way.CLOSED:
                yield name, each.cause
            elif each.assumed and not assumed:
                yield name, _ONLY_ASSUMED


def _soon(question: Question) -> Answer:
    return answer(question, effort=_SOON)


class _Asked:
    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._hosts = (scene.host.name, *scene.others)
        self._drained = frozenset((scene.host.name, *scene.down))
        self._targets = tuple(each for each in scene.others if each not in self._drained)
        self._runs = {name: scene.runs(name) for name in scene.others}
        self._ways: dict[str, _Ways] = {}

    def answered(self) -> DrainAnswer:
        found, assumed = self._best()
        unread: tuple[str, ...] = ()
        if found.verdict is Verdict.DOES_NOT_FIT and (
            unread := (*self._unread_others, *self._split_volumes)
        ):
            hopeful = answer(self._question(assumed=assumed, hopeful=True))
            if hopeful.verdict is Verdict.DOES_NOT_FIT:
                unread = ()
            else:
                found = replace(found, verdict=Verdict.UNKNOWN)
        named = self._numbered.named(found)
        explained, helps = self._explained(found, assumed=assumed)
        return DrainAnswer(
            named,
            tuple(each for each in self._leaving if not self._stays(each)),
            tuple(each for each in self._leaving if self._stays(each)),
            by_assumption=assumed and bool(self._leaving),
            unread=unread,
            then_stuck=self._then_stuck(assumed=assumed) if found.verdict in _FITS else (),
            explained=explained,
            helps=helps,
            residents=self._machines,
        )

    def _best(self) -> tuple[Answer, bool]:
        """Return the answer, and whether it takes hosts that are only assumed to exchange."""
        certain = self._answer(assumed=False)
        if certain.verdict in _FITS or not self._any_assumed:
            return certain, False
        with_assumed = self._answer(assumed=True)
        if with_assumed.verdict in _FITS or not self._scene.declared:
            return with_assumed, True
        # Where not even those would do, that the declared ones do not is what is to be said.
        return certain, False

    def _answer(self, *, assumed: bool) -> Answer:
        """Return the answer; where all other machines may remain is asked first, and costs less."""
        found = answer(self._question(assumed=assumed, others_move=False))
        if found.verdict is Verdict.FITS:
            return found
        return answer(self._question(assumed=assumed))

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
        found = (self._runs[name] for name in self._targets)
        return tuple(each.reason for each in found if isinstance(each, Unread))

    @cached_property
    def _split_volumes(self) -> tuple[str, ...]:
        """What may be free for disks beyond the volume with most, on hosts to which disks move."""
        ways = (self._ways_of(each) for each in self._machines.values())
        filled = {name for each in ways for name in each.with_disks}
        rooms = [(name, self._scene.room(name)) for name in self._targets if name in filled]
        return tuple(
            f"Whether disks have room on {one_line(name)} depends on which of its volumes they go "
            "to"
            for name, room in rooms
            if room.one_volume != room.all_volumes
        )

    @cached_property
    def _machines(self) -> Mapping[str, Resident]:
        return {each.key: each for each in (*self._leaving, *self._known(self._targets))}

    @cached_property
    def _numbered(self) -> Numbered:
        names = {key: each.name for key, each in self._machines.items()}
        return Numbered(self._hosts, names)

    def _stays(self, resident: Resident) -> bool:
        return is_to_stay(resident.machine, self._scene.policy)

    def _ways_of(self, resident: Resident) -> _Ways:
        if resident.key not in self._ways:
            scene = self._scene
            others = (each for each in self._targets if each != resident.host)
            self._ways[resident.key] = _Ways(
                {name: scene.judged(resident, name) for name in others}
            )
        return self._ways[resident.key]

    @property
    def _any_assumed(self) -> bool:
        ways = (each for leaving in self._leaving for each in self._ways_of(leaving).of.values())
        return any(each.assumed and each.way is not Way.CLOSED for each in ways)

    def _question(
        self, *, assumed: bool, others_move: bool = True, hopeful: bool = False
    ) -> Question:
        """Return the question.

        Args:
            assumed: whether hosts that are only assumed to exchange machines count.
            others_move: whether machines of other hosts may make room.
            hopeful: whether hosts whose machines could not be read have room for all, and disks
                are spread over all volumes of a host.
        """
        enough = 1 + sum(each.memory for each in self._machines.values())
        leaving = {each.key for each in self._leaving}
        machines = tuple(
            self._machine(each, assumed=assumed, moves=others_move or key in leaving)
            for key, each in self._machines.items()
        )
        hosts = (self._host(name, enough, hopeful=hopeful) for name in self._hosts)
        filled = {name for each in machines if each.disk for name in each.storage_moves_to}
        return Question(
            # Hosts that no disk goes to are alike, however much is free on their volumes.
            hosts=tuple(e if e.name in filled else replace(e, disk_free=None) for e in hosts),
            machines=machines,
            drained=self._numbered.hosts(self._drained),
            stays=frozenset(
                self._numbered.key(each.key) for each in self._leaving if self._stays(each)
            ),
        )

    def _host(self, name: str, enough: int, *, hopeful: bool) -> Host:
        room = self._scene.room(name)
        unread = isinstance(self._runs.get(name), Unread)
        # One of which nothing is known may have room for all: its pairs are not known.
        free = enough if room.free is None or (hopeful and unread) else room.free
        disk = room.all_volumes if hopeful else room.one_volume
        return Host(self._numbered.host(name), free, min(room.reserve, free), disk)

    def _machine(self, resident: Resident, *, assumed: bool, moves: bool) -> Machine:
        wishes = resident.wishes
        found = Machine(
            key=self._numbered.key(resident.key),
            name=self._numbered.machine(resident.key),
            host=self._numbered.host(resident.host),
            memory=resident.memory,
            allowed=frozenset(),
            apart=wishes.apart,
            prefers_apart=wishes.prefers_apart,
            prefers_with=wishes.prefers_with,
            priority=wishes.priority,
        )
        if not moves or self._stays(resident):
            return found
        ways, hosts = self._ways_of(resident), self._numbered.hosts
        warned = hosts(ways.taken(Way.WARNED, assumed=assumed))
        return replace(
            found,
            allowed=hosts(ways.taken(Way.OPEN, assumed=assumed)) | warned,
            unknown=hosts(ways.taken(Way.UNKNOWN, assumed=assumed)),
            warned=warned,
            disk=(self._scene.disk_of(resident) or 0) if ways.with_disks else 0,
            storage_moves_to=hosts(ways.with_disks),
            refused={
                self._numbered.host(name): cause for name, cause in ways.closed(assumed=assumed)
            },
            preferred=hosts(self._scene.hosts_of_nodes(wishes.preferred)),
            last=self._scene.moves_last(resident),
        )

    def _then_stuck(self, *, assumed: bool) -> tuple[str, ...]:
        """Return the hosts of which it is shown soon that they could not be emptied as well."""
        if not 1 < len(self._targets) <= _MOST_FOR_A_SECOND or self._unread_others:
            return ()
        question = self._question(assumed=assumed)
        host, others = (
            self._numbered.host(self._scene.host.name),
            self._numbered.hosts(self._targets),
        )
        return self._numbered.named(not_after(question, host, others, _soon))

    def _explained(
        self, found: Answer, *, assumed: bool
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return why machines have no place, and what alone would help."""
        if found.verdict is not Verdict.DOES_NOT_FIT:
            return (), ()
        why = explained(self._question(assumed=assumed), found)
        helps = tuple(changes(why))
        told = tuple(each for each in lines(why) if each not in helps)
        # The first one says what the others are.
        return self._numbered.named(told), self._numbered.named(helps[1:])
