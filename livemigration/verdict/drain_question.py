"""The question of placement that a drain of one host is, and its answer with the names given back.

It is asked more than once where that tells more: without hosts that are only assumed to exchange
machines with this one and with them, and as if hosts whose machines could not be read had room. It
may be asked of what moves made of the facts: where one host is emptied after another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from livemigration.base.text import one_line
from livemigration.placement.each_host import not_after
from livemigration.placement.effort import Effort
from livemigration.placement.explanation import explained
from livemigration.placement.explanation_text import changes, lines
from livemigration.placement.ladder import answer
from livemigration.placement.model import Answer, Host, Machine, Question, Verdict
from livemigration.verdict.drain_earlier import NOTHING_MOVED, Earlier, after_earlier
from livemigration.verdict.drain_names import Numbered
from livemigration.verdict.drain_residents import Resident, groups_of
from livemigration.verdict.drain_scene import Judgement, Scene, Unread, Way
from livemigration.verdict.drain_ways import Ways
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
_FITS = frozenset({Verdict.FITS, Verdict.FITS_WITH_SWAPS})
_WITHOUT_PLAN = frozenset({Verdict.DOES_NOT_FIT, Verdict.UNDECIDED})


@dataclass(frozen=True)
class DrainAnswer:
    """Whether a host can be emptied, with the names of hosts and machines.

    `leaving` are the machines that have to leave it, and those of hosts that are down; `staying`
    those that are shut down with it. `by_assumption`: the answer takes hosts that are only assumed
    to exchange machines with this one. `unread` says why it depends on what other hosts run.
    `then_stuck` are hosts that could not be emptied as well, once this one is: as far as that was
    shown. `explained` says of machines without a place why they have none, and `helps` what alone
    would make it fit, a sentence each.
    `residents` are all machines that were read, by the keys that the answer has, and `places` where
    each of them is before.
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
    places: Mapping[str, str] = field(default_factory=dict)

    @property
    def fits(self) -> bool:
        """Whether there is a plan."""
        return self.answer.verdict in _FITS

    @property
    def making_room(self) -> tuple[Resident, ...]:
        """The machines of other hosts that its plan moves first."""
        return tuple(self.residents[e.machine.key] for e in self.answer.plan if e.relocates)


def answered(scene: Scene) -> DrainAnswer:
    """Return whether the host of a scene can be emptied.

    Raises:
        BlockedError: its machines could not be read, or what a cluster wants of them.
    """
    return _Asked(scene, {}, NOTHING_MOVED).answered(briefly=False)


class Asking:
    """The question whether the host of a scene can be emptied, for any number of earlier moves."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._ways: dict[str, Ways] = {}

    def briefly(self, earlier: Earlier) -> DrainAnswer:
        """Return the answer, without what explains a "no" and what comes after a "yes".

        Raises:
            BlockedError: the machines of the host could not be read, or what a cluster wants of
                them.
        """
        return _Asked(self.scene, self._ways, earlier).answered(briefly=True)


def _soon(question: Question) -> Answer:
    return answer(question, effort=_SOON)


class _Asked:
    def __init__(self, scene: Scene, ways: dict[str, Ways], earlier: Earlier) -> None:
        self._scene, self._ways, self._earlier = scene, ways, earlier
        self._hosts = (scene.host.name, *scene.others)
        self._drained = frozenset((scene.host.name, *scene.down))
        self._targets = tuple(each for each in scene.others if each not in self._drained)
        self._runs = {name: scene.runs(name) for name in scene.others}

    def answered(self, *, briefly: bool) -> DrainAnswer:
        found, assumed = self._best()
        unread: tuple[str, ...] = ()
        if found.verdict in _WITHOUT_PLAN and (
            unread := (*self._unread_others, *self._split_volumes)
        ):
            hopeful = answer(self._question(assumed=assumed, hopeful=True)).verdict
            refuted = found.verdict is Verdict.DOES_NOT_FIT
            if hopeful in _FITS or (refuted and hopeful is not Verdict.DOES_NOT_FIT):
                found = replace(found, verdict=Verdict.UNKNOWN)
            else:
                unread = ()
        named = self._numbered.named(found)
        explained, helps = ((), ()) if briefly else self._explained(found, assumed=assumed)
        followed = found.verdict in _FITS and not briefly
        return DrainAnswer(
            named,
            tuple(each for each in self._leaving if not self._stays(each)),
            tuple(each for each in self._leaving if self._stays(each)),
            by_assumption=assumed and bool(self._leaving),
            unread=unread,
            then_stuck=self._then_stuck() if followed else (),
            explained=explained,
            helps=helps,
            residents=self._machines,
            places=self._where,
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
        """The machines of the host now, and those of hosts that are down."""
        return tuple(e for key, e in self._machines.items() if self._where[key] in self._drained)

    @cached_property
    def _where(self) -> Mapping[str, str]:
        """The host of each machine now, by its key."""
        moved = self._earlier.places
        return {key: moved.get(key, each.host) for key, each in self._machines.items()}

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
        if self._earlier.with_disks:
            filled.update(self._targets)
        return tuple(
            f"Whether disks have room on {one_line(name)} depends on which of its volumes they go "
            "to"
            for name in self._targets
            if name in filled and self._is_split(name)
        )

    @cached_property
    def _machines(self) -> Mapping[str, Resident]:
        own = (
            *self._scene.residents,
            *self._known(self._scene.down),
            *self._known(self._targets),
        )
        known = {each.key: each for each in own}
        # Those that earlier moves brought here from hosts beyond these.
        return known | {
            e.key: e for e in self._earlier.brought_to(self._hosts) if e.key not in known
        }

    @cached_property
    def _numbered(self) -> Numbered:
        names = {key: each.name for key, each in self._machines.items()}
        return Numbered(dict.fromkeys((*self._hosts, *self._earlier.hosts)), names)

    def _stays(self, resident: Resident) -> bool:
        return is_to_stay(resident.machine, self._scene.policy)

    def _ways_of(self, resident: Resident) -> Ways:
        if resident.key not in self._ways:
            others = (each for each in self._targets if each != resident.host)
            self._ways[resident.key] = Ways({name: self._judged(resident, name) for name in others})
        return self._ways[resident.key]

    def _judged(self, resident: Resident, name: str) -> Judgement:
        if resident.host not in self._hosts:
            # It came from a host that exchanges no machines with this one.
            return Judgement(Way.UNKNOWN)
        return self._scene.judged(resident, name)

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
        moving = {key for key in self._machines if others_move or key in leaving}
        before = Question(
            hosts=tuple(self._host(name, enough, hopeful=hopeful) for name in self._hosts),
            machines=tuple(
                replace(
                    self._machine(each, assumed=assumed, moves=key in moving),
                    kept_at="" if hopeful else self._kept_at(each),
                )
                for key, each in self._machines.items()
            ),
            drained=self._numbered.hosts(self._drained),
            stays=frozenset(
                self._numbered.key(each.key) for each in self._leaving if self._stays(each)
            ),
        )
        return _of_what_counts(self._now(before, moving))

    def _now(self, before: Question, moving: Collection[str]) -> Question:
        """Return a question after the earlier moves, in which only some machines may move."""
        fixed = {
            key
            for key in self._earlier.residents
            if key in self._machines and (key not in moving or self._stays(self._machines[key]))
        }
        return after_earlier(before, self._earlier, self._numbered, fixed)

    def _kept_at(self, resident: Resident) -> str:
        """Return the host on which what the disks of a machine left is counted for itself alone."""
        if resident.key not in self._earlier.residents:
            return ""
        return self._numbered.host(resident.host) if self._is_split(resident.host) else ""

    def _is_split(self, name: str) -> bool:
        return name in self._hosts and self._scene.disk_room(name).is_split

    def _host(self, name: str, enough: int, *, hopeful: bool) -> Host:
        room, disk = self._scene.room(name), self._scene.disk_room(name)
        unread = isinstance(self._runs.get(name), Unread)
        # One of which nothing is known may have room for all: its pairs are not known.
        free = enough if room.free is None or (hopeful and unread) else room.free
        return Host(
            self._numbered.host(name),
            free,
            room.reserve,
            disk.all_volumes if hopeful else disk.one_volume,
            domain=self._scene.domain_of(name).key,
        )

    def _machine(self, resident: Resident, *, assumed: bool, moves: bool) -> Machine:
        wishes = resident.wishes
        found = Machine(
            key=self._numbered.key(resident.key),
            name=self._numbered.machine(resident.key),
            host=self._numbered.host(resident.host),
            memory=resident.memory,
            allowed=frozenset(),
            apart=groups_of(wishes.apart),
            prefers_apart=groups_of(wishes.rather_apart),
            prefers_with=groups_of(wishes.together),
            prefers_apart_by_domain=groups_of(wishes.apart_by_domain),
            prefers_with_by_domain=groups_of(wishes.together_by_domain),
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

    def _then_stuck(self) -> tuple[str, ...]:
        """Return the hosts of which it is shown soon that they could not be emptied as well.

        Not even to hosts that are only assumed to take their machines.
        """
        if not 1 < len(self._targets) <= _MOST_FOR_A_SECOND or self._unread_others:
            return ()
        question = self._question(assumed=True)
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


def _of_what_counts(question: Question) -> Question:
    """Return a question whose hosts have no more than what counts of them.

    Hosts that no disk goes to are alike, however much is free on their volumes.
    """
    filled = {name for each in question.machines if each.disk for name in each.storage_moves_to}
    hosts = tuple(
        replace(
            each,
            reserve=min(each.reserve, each.free),
            disk_free=each.disk_free if each.name in filled else None,
        )
        for each in question.hosts
    )
    return replace(question, hosts=hosts)
