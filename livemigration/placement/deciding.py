"""The ladder for one packing: the cheapest step that decides it, and nothing that is not shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from livemigration.placement import cases, greedy, search, witness
from livemigration.placement.effort import Effort
from livemigration.placement.exchanges import gathered
from livemigration.placement.model import Proof, Witness
from livemigration.placement.packing import Filling, Packing, Placed
from livemigration.placement.program import Program, program
from livemigration.placement.solver import Solver

# The steps that find places; one that finds a proof is named by the proof.
GREEDY, EXCHANGES, EXACT, SEARCH = "greedy", "exchanges", "exact", "search"


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
    exchanged = _exchanging(packing, attempts, believed)
    if exchanged:
        return exchanged
    exact = _exactly(packing, believed, tools)
    if exact.step:
        return exact
    return _searched(packing, believed, tools, exact)


def _exchanging(
    packing: Packing, attempts: Iterable[Placed], believed: Callable[[Placed], bool]
) -> Decision | None:
    """Return places that exchanges make of one of the attempts."""
    for placed in attempts:
        exchanged = gathered(packing, placed)
        if exchanged and believed(exchanged):
            return Decision(EXCHANGES, exchanged)
    return None


def refuted(packing: Packing, tools: Tools) -> Witness | None:
    """Return a witness that not all items of a packing have a place at once, if one is found."""
    found = witness.by_sums(packing) or witness.hall(packing)
    if found:
        return found
    asked = _programmed(packing, tools)
    if asked:
        proof, _ = _by_cases(packing, *asked, tools.effort)
        if proof:
            return proof
    return _searched(packing, lambda _: False, tools, Decision()).witness


def _programmed(packing: Packing, tools: Tools) -> tuple[Program, Solver] | None:
    """Return the program of a packing and the solver, if there is one and it is not too large."""
    if tools.solver is None:
        return None
    if sum(len(each.candidates) for each in packing.kinds) > tools.effort.columns:
        return None
    return program(packing), tools.solver


def _exactly(packing: Packing, believed: Callable[[Placed], bool], tools: Tools) -> Decision:
    asked = _programmed(packing, tools)
    # One relaxation refutes most of what cannot be; the search for places would take far longer.
    once = replace(tools.effort, cases=1)
    proof, placed = _by_cases(packing, *asked, once) if asked else (None, None)
    if proof:
        return Decision(proof.proof.value, witness=proof, asked=True)
    if placed and believed(placed):
        return Decision(EXACT, placed, asked=True)
    # It may well be possible: more attempts cost less than the solver.
    varied = greedy.varied(packing, tools.effort.attempts)
    exchanged = _exchanging(packing, varied, believed)
    if exchanged or asked is None:
        return exchanged or Decision()
    return _solved(packing, *asked, believed, tools.effort)


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
    nearly = _kept(packing, placed) if placed else None
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
    machines = tuple(each.machine for each in packing.items)
    proof = Witness(Proof.SEARCH, machines, packing.hosts, nodes=found.steps)
    return replace(before, step=proof.proof.value, witness=proof)


def least_unplaced(packing: Packing, decision: Decision, tools: Tools) -> Placed:
    """Return places for all but the least: few of high priority, then few MB without a place.

    The first is exact where the solver came to an end. The second is as good as exchanges of two
    machines make it: to prove it takes a solver a hundred times as long.
    """
    found = [_kept(packing, each) for each in greedy.attempts(packing)]
    asked = _programmed(packing, tools)
    if decision.partial:
        found.append(decision.partial)
    elif asked:
        weighed = program(
            packing, lambda machine: machine.priority, lambda machine: float(machine.priority)
        )
        solved = asked[1].solve(weighed, tools.effort.least_nodes)
        if solved:
            found.append(_kept(packing, weighed.placed(packing, solved.values)))

    def worth(placed: Placed) -> tuple[int, int]:
        without = [
            item.machine for item, host in zip(packing.items, placed, strict=True) if host is None
        ]
        return sum(each.priority for each in without), sum(each.memory for each in without)

    return min((_exchanged(packing, each) for each in found), key=worth)


def _exchanged(packing: Packing, placed: Placed) -> Placed:
    """Return places after larger machines took those of smaller ones that matter no more."""
    filling, after = Filling(packing), list(placed)
    for item, host in zip(packing.items, placed, strict=True):
        if host is not None:
            filling.put(item, host)
    waiting = [number for number, host in enumerate(placed) if host is None]
    while waiting:
        number = waiting.pop()
        other = _smaller(packing, filling, after, number)
        if other is None:
            continue
        after[number], after[other] = after[other], None
        waiting.append(other)
    return after


def _smaller(packing: Packing, filling: Filling, placed: Placed, number: int) -> int | None:
    """Return the smallest item in whose place a larger one fits; it is put there."""
    item = packing.items[number]
    for other in sorted(
        (
            each
            for each, host in enumerate(placed)
            if host in item.candidates
            and packing.items[each].machine.memory < item.machine.memory
            and packing.items[each].machine.priority <= item.machine.priority
        ),
        key=lambda each: (packing.items[each].machine.memory, each),
    ):
        host = placed[other]
        if host is None:
            continue
        filling.put(packing.items[other], host, -1)
        if filling.takes(item, host):
            filling.put(item, host)
            return other
        filling.put(packing.items[other], host)
    return None


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
