"""The ladder for one packing: the cheapest step that decides it, and nothing that is not shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from livemigration.placement import cases, greedy, search, witness
from livemigration.placement.effort import Effort
from livemigration.placement.model import Machine, Proof, Witness
from livemigration.placement.packing import Filling, Packing, Placed
from livemigration.placement.program import Program, program
from livemigration.placement.solver import Solver

# The steps that find places; one that finds a proof is named by the proof.
GREEDY, EXACT, SEARCH = "greedy", "exact", "search"


@dataclass(frozen=True)
class Tools:
    """What may be used: how much of it, and the solver if there is one."""

    effort: Effort
    solver: Solver | None


@dataclass(frozen=True)
class Decision:
    """Places for all items, or a witness that there are none, or neither."""

    step: str = ""
    placed: Placed | None = None
    witness: Witness | None = None
    # Whether the solver was asked.
    asked: bool = False


def decided(packing: Packing, believed: Callable[[Placed], bool], tools: Tools) -> Decision:
    """Decide whether all items of a packing have a place at once.

    Args:
        packing: what needs a place.
        believed: whether places are what they seem, when they are carried out on paper.
        tools: what may be used.
    """
    found = witness.by_sums(packing)
    if found:
        return Decision(found.proof.value, witness=found)
    for placed in greedy.attempts(packing):
        if None not in placed and believed(placed):
            return Decision(GREEDY, placed)
    found = witness.hall(packing)
    if found:
        return Decision(found.proof.value, witness=found)
    exact = _exactly(packing, believed, tools)
    if exact.step:
        return exact
    return _searched(packing, believed, tools, asked=exact.asked)


def refuted(packing: Packing, tools: Tools) -> Witness | None:
    """Return a witness that not all items of a packing have a place at once, if one is found."""
    found = witness.by_sums(packing) or witness.hall(packing)
    if found:
        return found
    asked = _programmed(packing, tools)
    if asked:
        proof, _ = _by_cases(packing, *asked, tools.effort.cases)
        if proof:
            return proof
    return _searched(packing, lambda _: False, tools, asked=False).witness


def _programmed(packing: Packing, tools: Tools) -> tuple[Program, Solver] | None:
    """Return the program of a packing and the solver, if there is one and it is not too large."""
    if tools.solver is None:
        return None
    if sum(len(each.candidates) for each in packing.kinds) > tools.effort.columns:
        return None
    return program(packing), tools.solver


def _exactly(packing: Packing, believed: Callable[[Placed], bool], tools: Tools) -> Decision:
    asked = _programmed(packing, tools)
    if asked is None:
        return Decision()
    rules, solver = asked
    # One relaxation refutes most of what cannot be; the search for places would take far longer.
    proof, placed = _by_cases(packing, rules, solver, 1)
    if proof is None and placed is None:
        solved = solver.solve(rules, tools.effort.nodes)
        placed = rules.placed(packing, solved.values) if solved else None
        if placed is None or None in placed or not believed(placed):
            proof, placed = _by_cases(packing, rules, solver, tools.effort.cases)
    if proof:
        return Decision(proof.proof.value, witness=proof, asked=True)
    if placed and believed(placed):
        return Decision(EXACT, placed, asked=True)
    return Decision(asked=True)


def _by_cases(
    packing: Packing, rules: Program, solver: Solver, most: int
) -> tuple[Witness | None, Placed | None]:
    found = cases.divided(packing, rules, solver, most)
    if not found.refuted:
        return None, found.placed
    proof = Proof.WEIGHTS if found.cases == 1 else Proof.CASES
    machines = tuple(each.machine for each in packing.items)
    return Witness(proof, machines, packing.hosts, nodes=found.cases), None


def _searched(
    packing: Packing, believed: Callable[[Placed], bool], tools: Tools, *, asked: bool
) -> Decision:
    if len(packing.items) > tools.effort.machines:
        return Decision(asked=asked)
    found = search.searched(packing, tools.effort.steps)
    if found.placed and believed(found.placed):
        return Decision(SEARCH, found.placed, asked=asked)
    if not found.complete or found.placed:
        return Decision(asked=asked)
    machines = tuple(each.machine for each in packing.items)
    proof = Witness(Proof.SEARCH, machines, packing.hosts, nodes=found.steps)
    return Decision(proof.proof.value, witness=proof, asked=asked)


def least_unplaced(packing: Packing, tools: Tools) -> Placed:
    """Return places for all but the least: few of high priority, then few MB without a place.

    Without a solver it is the best that the quick ways find.
    """
    found = [_kept(packing, each) for each in greedy.attempts(packing)]
    asked = _programmed(packing, tools)
    if asked:
        whole = 1 + sum(each.machine.memory for each in packing.items)

        def cost(machine: Machine) -> float:
            return machine.priority + machine.memory / whole

        weighed = program(packing, lambda machine: machine.priority, cost)
        solved = asked[1].solve(weighed, tools.effort.nodes)
        if solved:
            found.append(_kept(packing, weighed.placed(packing, solved.values)))

    def worth(placed: Placed) -> tuple[int, int]:
        without = [
            item.machine for item, host in zip(packing.items, placed, strict=True) if host is None
        ]
        return sum(each.priority for each in without), sum(each.memory for each in without)

    return min(found, key=worth)


def _kept(packing: Packing, placed: Placed) -> Placed:
    """Return what of places there really is; what does not fit has none."""
    filling = Filling(packing)
    kept: Placed = []
    for item, host in zip(packing.items, placed, strict=True):
        fits = host is not None and host in item.candidates and filling.takes(item, host)
        kept.append(host if fits else None)
        if fits and host is not None:
            filling.put(item, host)
    return kept
