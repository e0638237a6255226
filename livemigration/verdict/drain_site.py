"""Hosts that are taken down one after the other: each is asked as a drain of it alone is.

What differs is where the moves of earlier steps left the machines, and what is free then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from livemigration.placement.afterwards import after
from livemigration.placement.model import Answer, Host, Machine, Move, Question
from livemigration.verdict.drain_earlier import NOTHING_MOVED, Earlier
from livemigration.verdict.drain_question import Asking, DrainAnswer
from livemigration.verdict.drain_residents import Resident, groups_of
from livemigration.verdict.drain_scene import Scene, Unread


class Scenes:
    """The scenes of hosts that exchange machines with each other, and all that these hosts run.

    Args:
        scenes: one for each host that is to be taken down; the machines of each can be read.
    """

    def __init__(self, scenes: Iterable[Scene]) -> None:
        self._asking = {each.host.name: Asking(each) for each in scenes}
        self._answers: dict[object, DrainAnswer] = {}

    def scene_of(self, host: str) -> Scene:
        """Return the scene of a host that is to be taken down."""
        return self._asking[host].scene

    def found(self, host: str, earlier: Earlier) -> DrainAnswer:
        """Return whether a host can be emptied after earlier moves; asked once."""
        key = host, tuple((each.machine.key, each.destination) for each in earlier.moves)
        if key not in self._answers:
            self._answers[key] = self._asking[host].briefly(earlier)
        return self._answers[key]

    def behind(self, answer: Answer) -> DrainAnswer:
        """Return all that was said with an answer."""
        return next(each for each in self._answers.values() if each.answer is answer)

    @cached_property
    def residents(self) -> Mapping[str, Resident]:
        """All machines that could be read, by their keys."""
        return {each.key: each for runs in self._runs.values() for each in runs}

    @cached_property
    def _runs(self) -> Mapping[str, tuple[Resident, ...]]:
        found: dict[str, tuple[Resident, ...]] = {}
        for scene in self._all:
            found[scene.host.name] = scene.residents
            for name in scene.others:
                runs = scene.runs(name)
                if not isinstance(runs, Unread):
                    found.setdefault(name, runs)
        return found

    @property
    def _all(self) -> Iterator[Scene]:
        return (each.scene for each in self._asking.values())

    @cached_property
    def question(self) -> Question:
        """Where every machine is, and what is free; where they may go, each scene says."""
        enough = 1 + sum(each.memory for each in self.residents.values())
        known = {name: scene for scene in self._all for name in (scene.host.name, *scene.others)}
        return Question(
            hosts=tuple(_host(scene, name, enough) for name, scene in known.items()),
            machines=tuple(map(_machine, self.residents.values())),
            drained=frozenset(name for scene in self._all for name in scene.down),
        )


def _host(scene: Scene, name: str, enough: int) -> Host:
    room, disk = scene.room(name), scene.disk_room(name)
    free = enough if room.free is None else room.free
    return Host(name, free, disk_free=disk.one_volume)


def _machine(resident: Resident) -> Machine:
    return Machine(
        key=resident.key,
        name=resident.name,
        host=resident.host,
        memory=resident.memory,
        allowed=frozenset(),
        apart=groups_of(resident.wishes.apart),
    )


class DrainSite:
    """How everything is after earlier moves, for an order of hosts."""

    def __init__(
        self, scenes: Scenes, earlier: Earlier = NOTHING_MOVED, question: Question | None = None
    ) -> None:
        self._scenes, self._earlier = scenes, earlier
        self._question = scenes.question if question is None else question

    @property
    def question(self) -> Question:
        """Where every machine is."""
        return self._question

    def asked(self, host: str) -> Answer:
        """Return whether a host can be emptied as everything is."""
        return self._scenes.found(host, self._earlier).answer

    def then(self, moves: Sequence[Move]) -> DrainSite:
        """Return how everything is after moves."""
        earlier = self._earlier.then(moves, self._scenes.residents)
        return DrainSite(self._scenes, earlier, after(self._question, moves))
