"""An order in which hosts can be emptied and taken down one after the other, by their facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from livemigration.facts.model import FactSheet, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest
from livemigration.placement.afterwards import after
from livemigration.placement.estimate import Estimate
from livemigration.placement.ladder import answer
from livemigration.placement.model import Host, Machine, Question
from livemigration.placement.rolling import Rolling, rolled
from livemigration.placement.rolling import Way as Back
from livemigration.placement.transfers import Transfer, transfers_in, transfers_of
from livemigration.verdict.drain_plan import OF_PLANS
from livemigration.verdict.drain_residents import Resident
from livemigration.verdict.drain_scene import Judgement, Scene, Unread, Way
from livemigration.verdict.drain_time import time_of
from livemigration.verdict.views import BlockedError, FactsView, GroupView, InapplicableError
from livemigration.verdict.virtual_machines import is_to_stay

_READABLE = frozenset(each.name for each in OF_PLANS)


@dataclass(frozen=True)
class StepTimes:
    """How long a step's moves take: those that empty its host, and those that bring back."""

    out: Estimate
    back: Estimate


@dataclass(frozen=True)
class HostOrder:
    """An order of hosts that exchange machines with each other.

    `times` has one for each step. `stays` are machines that are shut down, by their host.
    `by_assumption`: nothing declares with whom they exchange machines. `back` is how long the way
    back takes when all hosts are back. `identifiers` are the GUIDs of machines by their keys.
    """

    rolling: Rolling
    times: tuple[StepTimes, ...]
    stays: Mapping[str, tuple[str, ...]]
    back: Estimate
    identifiers: Mapping[str, str]
    by_assumption: bool = False


@dataclass(frozen=True)
class Unasked:
    """A host of which nothing can be said, with the reason."""

    host: str
    reason: str


@dataclass(frozen=True)
class Orders:
    """The orders of hosts, one for each set that exchanges machines, and what was not asked."""

    orders: tuple[HostOrder, ...]
    unasked: tuple[Unasked, ...] = ()


def orders_of(
    facts: RunFacts, demands: Demands, request: DrainRequest, way: Back = Back.LEAVE
) -> Orders:
    """Return in which order hosts can be taken down.

    Args:
        facts: of a run or a facts file.
        demands: what their site demands, with whom they exchange machines.
        request: its hosts are to be taken down, one after the other.
        way: what becomes of a host's machines when it is back.
    """
    left, orders, unasked = list(request.hosts), [], []
    while left:
        name = left[0]
        try:
            state = _State(facts, demands, request, name)
            own = [each for each in left if each in state.hosts]
            readable = [each for each in own if each not in state.unread]
            unasked += [Unasked(each, state.unread[each]) for each in own if each in state.unread]
            orders.append(state.ordered(readable, way))
        except (BlockedError, InapplicableError) as error:
            own, unasked = [name], [*unasked, Unasked(name, error.reason)]
        left = [each for each in left if each not in own]
    return Orders(tuple(orders), tuple(unasked))


class _State:
    """The hosts that exchange machines with one of those that are to be taken down."""

    def __init__(self, facts: RunFacts, demands: Demands, request: DrainRequest, name: str) -> None:
        self._facts, self._demands = facts, demands
        # Nothing keeps any of them from taking machines while it is up.
        asked = replace(request, hosts=())
        group = GroupView(facts, demands.exchanges_of(name), asked)
        self._scene = Scene(self._view(name), demands.policy_of(name), group)
        self.hosts = (name, *self._scene.others)
        self._runs = {name: self._scene.residents}
        self.unread: dict[str, str] = {}
        for other in self._scene.others:
            found = self._scene.runs(other)
            if isinstance(found, Unread):
                self.unread[other] = found.reason
            else:
                self._runs[other] = found

    def ordered(self, hosts: Sequence[str], way: Back) -> HostOrder:
        """Return the order of these hosts."""
        question = self._question(hosts)
        found = rolled(question, hosts, answer, way=way)
        times = []
        for each in found.steps:
            out = self._time(transfers_of(each.answer.plan), each.host)
            question = after(question, each.answer.plan)
            times.append(StepTimes(out, self._time(transfers_in(question, each.back), each.host)))
            question = after(question, each.back)
        return HostOrder(
            found,
            tuple(times),
            {
                host: tuple(each.machine.name for each in self._staying(self._runs[host]))
                for host in hosts
            },
            self._time(transfers_in(question, found.way_back), self.hosts[0]),
            {each.key: each.machine.identifier for runs in self._runs.values() for each in runs},
            by_assumption=not self._scene.declared,
        )

    def _question(self, hosts: Iterable[str]) -> Question:
        residents = [each for runs in self._runs.values() for each in runs]
        enough = 1 + sum(each.memory for each in residents)
        staying = {each.key for host in hosts for each in self._staying(self._runs[host])}
        return Question(
            hosts=tuple(self._host(name, enough) for name in self.hosts),
            machines=tuple(map(self._machine, residents)),
            drained=frozenset(self._scene.down),
            stays=frozenset(staying),
        )

    def _host(self, name: str, enough: int) -> Host:
        room = self._scene.room(name)
        # Where nothing is known of a host, nothing is known of the way to it either.
        free = enough if room.free is None else room.free
        return Host(name, free, min(room.reserve, free))

    def _machine(self, resident: Resident) -> Machine:
        wishes = resident.wishes
        ways: dict[Way, set[str]] = {each: set() for each in Way}
        if not self._stays(resident):
            for name, way in self._ways(resident):
                ways[way].add(name)
        return Machine(
            key=resident.key,
            name=resident.machine.name,
            host=resident.host,
            memory=resident.memory,
            allowed=frozenset(ways[Way.OPEN] | ways[Way.WARNED]),
            unknown=frozenset(ways[Way.UNKNOWN]),
            warned=frozenset(ways[Way.WARNED]),
            apart=wishes.apart,
            prefers_apart=wishes.prefers_apart,
            prefers_with=wishes.prefers_with,
            preferred=self._scene.hosts_of_nodes(wishes.preferred),
            priority=wishes.priority,
            last=self._scene.moves_last(resident),
        )

    def _ways(self, resident: Resident) -> Iterator[tuple[str, Way]]:
        for name in self.hosts:
            if name != resident.host:
                judged = self._scene.judged(resident, name)
                # One that is only assumed counts where nothing is declared at all.
                if not judged.assumed or not self._scene.declared:
                    yield name, _before(judged)

    def _stays(self, resident: Resident) -> bool:
        return is_to_stay(resident.machine, self._demands.policy_of(resident.host))

    def _staying(self, residents: Iterable[Resident]) -> Iterator[Resident]:
        return filter(self._stays, residents)

    def _time(self, transfers: Sequence[Transfer], host: str) -> Estimate:
        ends = (name for each in transfers for name in (each.source, each.destination))
        # Beside those that take part, the one whose cluster may set a limit.
        views = {name: self._view(name) for name in dict.fromkeys((*ends, host))}
        return time_of(transfers, views, host)

    def _view(self, name: str) -> FactsView:
        sheet = self._facts.hosts.get(name) or FactSheet(Subject.HOST, name, {})
        return FactsView(sheet, _READABLE)


def _before(judged: Judgement) -> Way:
    """Return a way as it is before the first host is down: how disks fill up is not followed."""
    open_ = judged.way in {Way.OPEN, Way.WARNED}
    return Way.UNKNOWN if judged.with_disks and open_ else judged.way


def whole(orders: Orders, part: Callable[[Estimate], float | None]) -> float | None:
    """Return how long all moves of all orders take, one step after the other; None: not known."""
    found = [
        part(each)
        for order in orders.orders
        for times in order.times
        for each in (times.out, times.back)
        if each.slots
    ]
    return None if None in found else sum(each for each in found if each is not None)
