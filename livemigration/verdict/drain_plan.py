"""The plan of a drain as it is kept in results and shown: moves in order, proof, and estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.base.text import one_line
from livemigration.facts.model import FactSheet, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.exchanging import Exchanges
from livemigration.inventory.policy import Policy
from livemigration.placement.afterwards import turned
from livemigration.placement.estimate import Estimate, Slot
from livemigration.placement.estimate_text import rows, told
from livemigration.placement.model import Answer, Move, Verdict
from livemigration.placement.solver import installed
from livemigration.placement.transfers import transfers_of
from livemigration.verdict.drain_controllers import unread
from livemigration.verdict.drain_question import DrainAnswer, answered
from livemigration.verdict.drain_residents import Resident
from livemigration.verdict.drain_rules import against_rules
from livemigration.verdict.drain_scene import OF_DRAINS, Scene
from livemigration.verdict.drain_time import OF_TIME, time_of
from livemigration.verdict.views import BlockedError, FactsView, GroupView

# What a plan is made of, of each host that has a part in it.
OF_PLANS = tuple(dict.fromkeys((*OF_DRAINS, *OF_TIME)))
_READABLE = frozenset(each.name for each in OF_PLANS)


@dataclass(frozen=True)
class PlannedMove:
    """One move of a plan; memory and disk in MB, times in seconds from its beginning.

    `identifier` is the machine's GUID. `relocates`: the machine is of a host that is not emptied,
    and makes room. `against` is what checks warn of. It starts and ends no earlier than the first
    two times, and by the estimate no later than the others; None: no upper bound is known. `lane`
    is the place at its destination that it takes, from 0. It waits until every move of another
    `stage` before it is done. `disk` is what of its disks is copied along.
    """

    machine: str
    identifier: str
    source: str
    destination: str
    memory: int
    relocates: bool = False
    against: str = ""
    earliest_start: float = 0.0
    earliest_end: float = 0.0
    latest_start: float | None = None
    latest_end: float | None = None
    lane: int = 0
    stage: int = 0
    disk: int = 0


@dataclass(frozen=True)
class PlanTime:
    """How long a plan takes, in seconds, by an estimate; `high` is None where none is known.

    `text` is that as a sentence; `inputs` are what it is made of, each with a label.
    """

    low: float
    high: float | None
    text: str
    inputs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class PlanProof:
    """Why there is no plan: by what it is proven, and for which machines and hosts; MB.

    `making_room`: it holds also where machines of other hosts make room.
    """

    by: str
    machines: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    needed: int = 0
    free: int = 0
    making_room: bool = False


@dataclass(frozen=True)
class DrainPlan:
    """Whether a host can be emptied, and how.

    `leaving` is how many machines have to leave. `by_assumption`: it takes hosts that are only
    assumed to exchange machines with it; `declared`: anything declares with whom it does. `staying`
    are shut down with it. `unplaced` are machines without a place, `explained` says why, and
    `helps` what alone would make it fit. `step` is what decided, `solver` the exact one that was at
    hand, whether or not it was needed. `open` is what is not known and decides. `then_stuck` could
    not be emptied as well, once it is. By their names, VMM runs in `last`, and
    `controllers` are domain controllers: both are moved after all others. So they are in
    `last_making_room` and `controllers_making_room`, which are of hosts that are not emptied, but
    for what needs their place. `controllers_unread` is why it is not known which are. `resting`
    are off or saved, and need no place.
    `without_spanning` are destinations on which no machine may span NUMA nodes, so that there may
    be less room than is free; `reserve_unread` those of which could not be read what VMM or the
    cluster keeps free. `taken_apart` are the affinity rules that keep machines on one node and that
    the plan does not keep, each with where they are then; `brought_together` those that keep them
    on different nodes where that can be, `across_domains` in one fault domain, and
    `within_a_domain` in different ones; `not_weighed` are of another kind, or it is not known in
    which fault domains nodes are.
    `back` is how long the way back takes: each move the other way, the last one first.
    """

    host: str
    verdict: Verdict
    leaving: int
    declared: bool = True
    by_assumption: bool = False
    moves: tuple[PlannedMove, ...] = ()
    staying: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    controllers: tuple[str, ...] = ()
    controllers_unread: str = ""
    last_making_room: tuple[str, ...] = ()
    controllers_making_room: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()
    explained: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    step: str = ""
    solver: str = ""
    proof: PlanProof | None = None
    breaks_reserve: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    advice: str = ""
    then_stuck: tuple[str, ...] = ()
    resting: tuple[str, ...] = ()
    without_spanning: tuple[str, ...] = ()
    reserve_unread: tuple[str, ...] = ()
    taken_apart: tuple[str, ...] = ()
    brought_together: tuple[str, ...] = ()
    across_domains: tuple[str, ...] = ()
    within_a_domain: tuple[str, ...] = ()
    not_weighed: tuple[str, ...] = ()
    time: PlanTime | None = None
    back: PlanTime | None = None

    @property
    def fits(self) -> bool:
        """Whether there is a plan."""
        return self.verdict in {Verdict.FITS, Verdict.FITS_WITH_SWAPS}


def plan_of(
    facts: RunFacts,
    host: str,
    policy: Policy,
    exchanges: Exchanges = None,
    drain: DrainRequest | None = None,
) -> DrainPlan:
    """Return the plan by which a host is emptied, or why there is none.

    Args:
        facts: of the run, or of a facts file.
        host: its name.
        policy: of the host.
        exchanges: the hosts with which the inventory says that it exchanges machines; None: it
            says nothing.
        drain: what is asked of drains; None: nothing beyond this host.

    Raises:
        BlockedError: what it runs, or with whom it exchanges that, could not be read.
        InapplicableError: it cannot have virtual machines.
    """
    known: _Plans = facts.once(_Plans)
    return known.of(host, policy, exchanges, drain)


class _Plans:
    """The plans of a run, each made once: a check tells it, and the results keep it."""

    def __init__(self, facts: RunFacts) -> None:
        self._facts = facts
        self._known: dict[object, DrainPlan | BlockedError] = {}

    def of(
        self,
        host: str,
        policy: Policy,
        exchanges: Exchanges,
        drain: DrainRequest | None,
    ) -> DrainPlan:
        key = host, policy, exchanges, drain
        if key not in self._known:
            try:
                self._known[key] = _made(self._facts, host, policy, exchanges, drain)
            except BlockedError as error:
                self._known[key] = error
        found = self._known[key]
        if isinstance(found, BlockedError):
            raise BlockedError(found.by, found.reason, found.next_step)
        return found


def _made(
    facts: RunFacts,
    host: str,
    policy: Policy,
    exchanges: Exchanges,
    drain: DrainRequest | None,
) -> DrainPlan:
    scene = Scene(view_of(facts, host), policy, GroupView(facts, exchanges, drain))
    return plan_by(facts, scene, answered(scene))


def plan_by(facts: RunFacts, scene: Scene, found: DrainAnswer) -> DrainPlan:
    """Return the plan that an answer is, for the host of its scene."""
    answer, host = found.answer, scene.host.name
    time, back = _times(facts, answer, host)
    filled = dict.fromkeys(each.destination for each in answer.plan)
    against = against_rules(found, scene.domain_of)
    return DrainPlan(
        host=host,
        verdict=answer.verdict,
        leaving=len(found.leaving),
        declared=scene.declared,
        by_assumption=found.by_assumption,
        moves=_moves(scene, found, time),
        staying=tuple(each.machine.name for each in found.staying),
        last=tuple(each.machine.name for each in found.leaving if scene.runs_vmm(each)),
        controllers=tuple(each.machine.name for each in found.leaving if scene.is_controller(each)),
        controllers_unread=unread(scene.host),
        last_making_room=tuple(e.machine.name for e in found.making_room if scene.runs_vmm(e)),
        controllers_making_room=tuple(
            each.machine.name for each in found.making_room if scene.is_controller(each)
        ),
        unplaced=tuple(each.name for each in answer.unplaced),
        explained=found.explained,
        helps=found.helps,
        step=answer.step,
        solver=_solver(),
        proof=_proof(answer),
        breaks_reserve=answer.breaks_reserve,
        open=tuple(_open(scene, found)),
        advice=answer.advice,
        then_stuck=found.then_stuck,
        resting=tuple(each.name for each in scene.resting),
        without_spanning=tuple(each for each in filled if not scene.room(each).spans),
        reserve_unread=tuple(each for each in filled if not scene.room(each).reserve_read),
        taken_apart=against.taken_apart,
        brought_together=against.brought_together,
        across_domains=against.across_domains,
        within_a_domain=against.within_a_domain,
        not_weighed=against.not_weighed,
        time=_time(time) if found.fits and found.leaving else None,
        back=_time(back) if found.fits and found.leaving else None,
    )


def _times(facts: RunFacts, answer: Answer, host: str) -> tuple[Estimate, Estimate]:
    """Return how long a plan takes, and the way back."""
    names = dict.fromkeys(name for m in answer.plan for name in (m.source, m.destination))
    views = {name: view_of(facts, name) for name in names}
    out, back = transfers_of(answer.plan), transfers_of(turned(answer.plan))
    return time_of(out, views, host), time_of(back, views, host)


def _solver() -> str:
    solver = installed()
    return solver.name if solver is not None else ""


def view_of(facts: RunFacts, name: str) -> FactsView:
    """Return a host as a plan reads it; one without facts has nothing to read."""
    return FactsView(facts.hosts.get(name) or FactSheet(Subject.HOST, name, {}), _READABLE)


def _moves(scene: Scene, found: DrainAnswer, time: Estimate) -> tuple[PlannedMove, ...]:
    pairs = zip(found.answer.plan, time.slots, strict=True)
    return tuple(_move(scene, found.residents, move, slot) for move, slot in pairs)


def _move(scene: Scene, residents: Mapping[str, Resident], move: Move, slot: Slot) -> PlannedMove:
    resident = residents[move.machine.key]
    warned = move.destination in move.machine.warned
    return PlannedMove(
        machine=resident.machine.name,
        identifier=resident.machine.identifier,
        source=move.source,
        destination=move.destination,
        memory=move.machine.memory,
        relocates=move.relocates,
        against=scene.judged(resident, move.destination).cause if warned else "",
        earliest_start=round(slot.start_low, 1),
        earliest_end=round(slot.end_low, 1),
        latest_start=None if slot.start_high is None else round(slot.start_high, 1),
        latest_end=None if slot.end_high is None else round(slot.end_high, 1),
        lane=slot.lane,
        stage=slot.transfer.stage,
        disk=move.disk,
    )


def _proof(answer: Answer) -> PlanProof | None:
    witness = answer.witness
    if witness is None:
        return None
    return PlanProof(
        witness.proof.value,
        tuple(each.name for each in witness.machines),
        witness.hosts,
        witness.needed,
        witness.free,
        witness.relocations,
    )


def _open(scene: Scene, found: DrainAnswer) -> list[str]:
    """Return what is not known and decides, a sentence each; nothing, where it does not."""
    told = [each if each.endswith(".") else f"{each}." for each in found.unread]
    for pair in found.answer.open:
        resident = found.residents[pair.machine.key]
        cause = scene.judged(resident, pair.destination).cause
        told.append(f"{resident.machine.name} to {one_line(pair.destination)}: {cause}.")
    return told


def _time(estimate: Estimate) -> PlanTime:
    return PlanTime(
        round(estimate.low, 1),
        None if estimate.high is None else round(estimate.high, 1),
        told(estimate),
        tuple(rows(estimate)),
    )
