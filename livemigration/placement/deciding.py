"""The ladder for one packing: the cheapest step that decides it, and nothing that is not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from livemigration.placement import cases, greedy, loads, search, witness
from livemigration.placement.effort import Effort
from livemigration.placement.exchanges import gathered
from livemigration.placement.full_hosts import filled
from livemigration.placement.model import Proof, Witness
from livemigration.placement.packing import Filling, Packing, Placed
from livemigration.placement.program import Program, program
from livemigration.placement.solver import Solver

# The steps that find places; one that finds a proof is named by the proof.
GREEDY, EXCHANGES, FULL_HOSTS = "greedy", "exchanges", "full hosts"
EXACT, SEARCH = "exact", "search"


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
    # Of each item, where they are the witness.
    weights: tuple[int, ...] | None = None
    # Whether the solver was asked.
    asked: bool = False
    # The best that it found within its nodes, where it did not end.
    partial: Placed | None = None


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
    attempts = list(greedy.attempts(packing))
    for placed in attempts:
        if None not in placed and believed(placed):
            return Decision(GREEDY, placed)
    found = witness.hall(packing)
    if found:
        return Decision(found.proof.value, witness=found)
    quick = _exchanging(packing, attempts, believed) or _filled(packing, believed, tools.effort)
    if quick:
        return quick
    exact = _exactly(packing, believed, tools)
    return exact if exact.step else _searched(packing, believed, tools, exact)


def _exchanging(
    packing: Packing, attempts: Iterable[Placed], believed: Callable[[Placed], bool]
) -> Decision | None:
    """Return places that exchanges make of one of the attempts."""
    for placed in attempts:
        exchanged = gathered(packing, placed)
        if exchanged and believed(exchanged):
            return Decision(EXCHANGES, exchanged)
    return None


def quickly(packing: Packing, effort: Effort) -> Placed | None:
    """Return places for all items, to be replayed, by the one step that finds most for its cost."""
    if len(packing.items) <= effort.machines:
        return filled(packing, effort.sets, effort.few_orders).placed
    return next((each for each in greedy.attempts(packing) if None not in each), None)


def _filled(
    packing: Packing, believed: Callable[[Placed], bool], effort: Effort
) -> Decision | None:
    """Return what filling one host after the other comes to; None where that is nothing."""
    if len(packing.items) > effort.machines:
        return None
    found = filled(packing, effort.sets, effort.orders)
    if found.placed and believed(found.placed):
        return Decision(FULL_HOSTS, found.placed)
    if not found.complete or found.placed:
        return None
    return _every_way(packing, found.steps)


def _every_way(packing: Packing, steps: int) -> Decision:
    machines = tuple(each.machine for each in packing.items)
    proof = Witness(Proof.SEARCH, machines, packing.hosts, nodes=steps)
    return Decision(proof.proof.value, witness=proof)


def refuted(packing: Packing, tools: Tools) -> Witness | None:
    """Return a witness that not all items have a place at once, beyond sums, if one is found."""
    asked = programmed(packing, tools)
    if asked:
        proof, _ = _by_cases(packing, *asked, tools.effort)
        if proof:
            return proof
    return _searched(packing, lambda _: False, tools, Decision()).witness


def programmed(packing: Packing, tools: Tools) -> tuple[Program, Solver] | None:
    """Return the program of a packing and the solver, if there is one and it is not too large."""
    if tools.solver is None:
        return None
    if sum(len(each.candidates) for each in packing.kinds) > tools.effort.columns:
        return None
    return program(packing), tools.solver


def _exactly(packing: Packing, believed: Callable[[Placed], bool], tools: Tools) -> Decision:
    asked = programmed(packing, tools)
    # One relaxation refutes most of what cannot be; the search for places would take far longer.
    once = replace(tools.effort, cases=1)
    proof, placed = _by_cases(packing, *asked, once) if asked else (None, None)
    if proof:
        return Decision(proof.proof.value, witness=proof, asked=True)
    if placed and believed(placed):
        return Decision(EXACT, placed, asked=True)
    varied = list(greedy.varied(packing, tools.effort.attempts))
    weighed = _by_loads(packing, varied, asked[1], tools.effort) if asked else None
    if weighed:
        return weighed
    # It may well be possible: more attempts cost less than the solver.
    exchanged = _exchanging(packing, varied, believed)
    if exchanged or asked is None:
        return exchanged or Decision()
    return _solved(packing, *asked, believed, tools.effort)


def _by_loads(
    packing: Packing, begun: Iterable[Placed], solver: Solver, effort: Effort
) -> Decision | None:
    """Return a proof by what hosts can take at most of machines that are weighed."""
    if len(packing.items) > effort.machines:
        return None
    weights = loads.weights(packing, begun, solver, effort.rounds)
    if weights is None:
        return None
    machines = tuple(each.machine for each in packing.items)
    proof = Witness(Proof.LOADS, machines, packing.hosts)
    return Decision(proof.proof.value, witness=proof, weights=weights, asked=True)


def _solved(
    packing: Packing,
    rules: Program,
    solver: Solver,
    believed: Callable[[Placed], bool],
    effort: Effort,
) -> Decision:
    solved = solver.solve(rules, effort.nodes)
    placed = rules.placed(packing, solved.values) if solved else None
    if placed and None not in placed and believed(placed):
        return Decision(EXACT, placed, asked=True)
    nearly = kept(packing, placed) if placed else None
    exchanged = _exchanging(packing, [nearly], believed) if nearly else None
    if exchanged:
        return replace(exchanged, step=EXACT, asked=True)
    if solved and not solved.best:
        return Decision(asked=True, partial=nearly)
    proof, placed = _by_cases(packing, rules, solver, effort)
    if proof:
        return Decision(proof.proof.value, witness=proof, asked=True)
    if placed and believed(placed):
        return Decision(EXACT, placed, asked=True)
    return Decision(asked=True)


def _by_cases(
    packing: Packing, rules: Program, solver: Solver, effort: Effort
) -> tuple[Witness | None, Placed | None]:
    numbers = sum(len(each.factors) for each in rules.rows)
    most = max(1, min(effort.cases, effort.numbers // max(1, numbers)))
    found = cases.divided(packing, rules, solver, most)
    if not found.refuted:
        return None, found.placed
    proof = Proof.WEIGHTS if found.cases == 1 else Proof.CASES
    machines = tuple(each.machine for each in packing.items)
    return Witness(proof, machines, packing.hosts, nodes=found.cases), None


def _searched(
    packing: Packing, believed: Callable[[Placed], bool], tools: Tools, before: Decision
) -> Decision:
    """Return what our own search comes to; what came before it, where it comes to nothing."""
    if len(packing.items) > tools.effort.machines:
        return before
    found = search.searched(packing, tools.effort.steps)
    if found.placed and believed(found.placed):
        return replace(before, step=SEARCH, placed=found.placed)
    if not found.complete or found.placed:
        return before
    proof = _every_way(packing, found.steps)
    return replace(before, step=proof.step, witness=proof.witness)


def kept(packing: Packing, placed: Placed) -> Placed:
    """Return what of places there really is; what does not fit has none."""
    filling = Filling(packing)
    kept: Placed = []
    for item, host in zip(packing.items, placed, strict=True):
        fits = host is not None and host in item.candidates and filling.takes(item, host)
        kept.append(host if fits else None)
        if fits and host is not None:
            filling.put(item, host)
    return kept
