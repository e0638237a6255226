"""The ladder: the answer to a question, by the cheapest step that decides it.

Every plan is carried out on paper before it is believed, and every "no" has a witness that was
checked in whole numbers. What is neither shown nor refuted is undecided.
"""

from __future__ import annotations

from dataclasses import replace

from livemigration.placement.deciding import (
    EXACT,
    Decision,
    Tools,
    decided,
    refuted,
)
from livemigration.placement.effort import DEFAULT, Effort
from livemigration.placement.in_place import places_of
from livemigration.placement.latest import latest
from livemigration.placement.least import least_unplaced
from livemigration.placement.making_room import with_few
from livemigration.placement.model import (
    Answer,
    Machine,
    Move,
    Pair,
    Proof,
    Question,
    Verdict,
    Witness,
)
from livemigration.placement.packing import Packing, Placed, everything, leaving
from livemigration.placement.quality import preferred
from livemigration.placement.replay import fault
from livemigration.placement.solver import installed
from livemigration.placement.swaps import Swapped, plan_of, swapped
from livemigration.placement.witness import by_sums, hall

INSTALL = "Install livemigration[drain] and ask again: its exact solver decides more."
EASE = "Free memory on a destination, or shut a machine down, and ask again."


def answer(question: Question, *, effort: Effort = DEFAULT) -> Answer:
    """Return whether all machines of the drained hosts have a place elsewhere, all at once.

    Where pairs are not known, the question is decided twice: with them forbidden, and, where that
    is no plan, with them allowed. The same question always gets the same answer.
    """
    tools = Tools(effort, installed() if effort.solver else None)
    certain = _with_unknown(question, allowed=False)
    found = _answered(certain, tools)
    if certain == question:
        return found
    if found.verdict not in {Verdict.FITS, Verdict.FITS_WITH_SWAPS}:
        found = _unless(found, _answered(_with_unknown(question, allowed=True), tools))
    return _of(question, found)


def _with_unknown(question: Question, *, allowed: bool) -> Question:
    """Return the question with pairs that are not known forbidden, or allowed but avoided."""

    def known(machine: Machine) -> Machine:
        more = machine.unknown if allowed else frozenset[str]()
        return replace(
            machine,
            allowed=machine.allowed | more,
            warned=machine.warned | more,
            unknown=frozenset(),
        )

    machines = tuple(known(each) if each.unknown else each for each in question.machines)
    return replace(question, machines=machines)


def _unless(forbidden: Answer, allowed: Answer) -> Answer:
    """Return what two answers come to: pairs that are not known forbidden, and allowed."""
    if allowed.verdict is Verdict.DOES_NOT_FIT:
        return allowed
    if allowed.verdict is Verdict.UNDECIDED:
        return replace(forbidden, verdict=Verdict.UNDECIDED, witness=None, advice=allowed.advice)
    return replace(
        allowed, verdict=Verdict.UNKNOWN, unplaced=forbidden.unplaced, witness=forbidden.witness
    )


def _of(question: Question, found: Answer) -> Answer:
    """Return an answer in the machines of the question as it was asked."""
    machines = {each.key: each for each in question.machines}
    plan = tuple(replace(each, machine=machines[each.machine.key]) for each in found.plan)
    witness = found.witness and replace(
        found.witness, machines=tuple(machines[each.key] for each in found.witness.machines)
    )
    return replace(
        found,
        plan=plan,
        unplaced=tuple(machines[each.key] for each in found.unplaced),
        witness=witness,
        open=tuple(
            Pair(each.machine, each.destination)
            for each in plan
            if each.destination in each.machine.unknown
        ),
    )


def _answered(question: Question, tools: Tools) -> Answer:
    """Return the answer where every pair is known."""
    packing = leaving(question)
    decision = _decided(question, packing, tools)
    solver = tools.solver.name if tools.solver and decision.asked else ""
    if decision.placed is not None:
        plan = _chosen(question, packing, decision.placed, tools)
        return Answer(
            Verdict.FITS,
            plan,
            step=decision.step,
            breaks_reserve=broken_reserves(question, plan),
            solver=solver,
        )
    return _without_places(question, packing, decision, tools)


def _decided(question: Question, packing: Packing, tools: Tools) -> Decision:
    def believed(placed: Placed) -> bool:
        return not fault(question, plan_of(question, places_of(packing, placed)))

    return decided(packing, believed, tools)


def _chosen(question: Question, packing: Packing, placed: Placed, tools: Tools) -> tuple[Move, ...]:
    def decide(narrower: Question) -> dict[str, str] | None:
        narrow = leaving(narrower)
        found = _decided(narrower, narrow, tools)
        return None if found.placed is None else places_of(narrow, found.placed)

    first = places_of(packing, placed)
    better = plan_of(question, preferred(question, first, decide))
    return better if not fault(question, better) else plan_of(question, first)


def broken_reserves(question: Question, plan: tuple[Move, ...]) -> tuple[str, ...]:
    """Return the hosts that a plan leaves with less free memory than their reserve."""
    free = {each.name: each.free for each in question.hosts}
    for move in plan:
        free[move.destination] -= move.machine.memory
        if move.relocates:
            free[move.source] += move.machine.memory
    filled = {move.destination for move in plan}
    return tuple(
        each.name
        for each in question.targets
        if each.name in filled and free[each.name] < each.reserve
    )


def _without_places(
    question: Question, packing: Packing, decision: Decision, tools: Tools
) -> Answer:
    """Return the answer where no places were found as long as all other machines remain."""
    whole = everything(question)
    solver = tools.solver.name if tools.solver else ""
    # The cheapest first: proofs by sums, then one or two machines that make room, then the rest.
    proof = _by_sums(whole, decision)
    few = None if proof else with_few(question, decision.weights, tools)
    if few:
        return _making_room(question, few, decision, solver)
    placed = least_unplaced(packing, decision, tools)
    unplaced = tuple(
        item.machine for item, host in zip(packing.items, placed, strict=True) if host is None
    )
    proof = proof or _for_all_plans(whole, packing, decision, tools)
    if proof:
        proof = replace(proof, relocations=True)
        return Answer(
            Verdict.DOES_NOT_FIT,
            unplaced=unplaced,
            step=proof.proof.value,
            witness=proof,
            solver=solver,
        )
    found = swapped(question, packing, placed, tools)
    if found:
        return _making_room(question, found, decision, solver)
    advice = EASE if tools.solver else INSTALL
    return Answer(Verdict.UNDECIDED, unplaced=unplaced, solver=solver, advice=advice)


def _making_room(question: Question, found: Swapped, decision: Decision, solver: str) -> Answer:
    """Return the answer of a plan that was looked for where no places were found without it."""
    broken = broken_reserves(question, found.plan)
    if not found.relocations:
        # The solver came to a plan without them on its second way.
        return Answer(Verdict.FITS, found.plan, step=EXACT, breaks_reserve=broken, solver=solver)
    return Answer(
        Verdict.FITS_WITH_SWAPS,
        latest(question, found.plan),
        step="swaps",
        witness=decision.witness,
        breaks_reserve=broken,
        solver=solver,
        fewest=found.fewest and decision.witness is not None,
    )


def _by_sums(whole: Packing, decision: Decision) -> Witness | None:
    """Return a witness by sums that holds for plans with relocations as well."""
    plain = decision.witness
    # What makes room changes no sum of all; and what is not refuted without it is not with it.
    if plain is None or plain.proof is Proof.SUM:
        return plain
    return by_sums(whole) or hall(whole)


def _for_all_plans(
    whole: Packing, packing: Packing, decision: Decision, tools: Tools
) -> Witness | None:
    """Return a witness of any kind that holds for plans with relocations as well."""
    if decision.witness is None:
        return None
    return refuted(whole, tools) if len(whole.items) > len(packing.items) else decision.witness
