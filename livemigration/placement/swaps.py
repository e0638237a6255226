"""Plans in which other machines make room first.

Those that make room are moved before all others: the machines of a drained host free nothing that
is a destination, so that nothing is gained by moving them earlier.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from livemigration.placement.deciding import Tools
from livemigration.placement.model import Machine, Move, Question
from livemigration.placement.order import ordered
from livemigration.placement.packing import Packing, Placed, between
from livemigration.placement.program import Program, Row, program
from livemigration.placement.replay import fault
from livemigration.placement.solver import Solver


@dataclass(frozen=True)
class Swapped:
    """A plan with machines that make room."""

    plan: tuple[Move, ...]
    # Whether none with fewer of them is possible, as far as the solver says.
    fewest: bool

    @property
    def relocations(self) -> int:
        """How many machines make room."""
        return sum(each.relocates for each in self.plan)


def swapped(question: Question, packing: Packing, placed: Placed, tools: Tools) -> Swapped | None:
    """Return a plan with relocations, for a question that was not found to fit without.

    Args:
        question: what is asked.
        packing: its leaving machines.
        placed: places for as many of them as have one.
        tools: what may be used.
    """
    simple = _one_each(question, packing, placed, tools)
    if simple and simple.relocations == 1:
        return simple
    hosts = _hosts(question, packing, placed, tools.effort.swap_hosts)
    every = len(hosts) == len(question.targets)
    if tools.solver is None or (simple and not every):
        return simple
    found = _solved(question, between(question, hosts), tools, tools.solver)
    if found is None:
        return simple
    fewest = found.fewest and every
    if simple and simple.relocations <= found.relocations:
        return replace(simple, fewest=fewest and simple.relocations == found.relocations)
    return replace(found, fewest=fewest)


def _hosts(question: Question, packing: Packing, placed: Placed, most: int) -> frozenset[str]:
    """Return hosts between which machines make room: those with the most free memory.

    Half of them may be such that something without a place may go to.
    """
    free = sorted(question.targets, key=lambda each: (-each.free, each.name))
    wanted = {
        packing.hosts[host]
        for item, found in zip(packing.items, placed, strict=True)
        if found is None
        for host in _possible(packing, item.machine)
    }
    first = [each.name for each in free if each.name in wanted][: most // 2]
    return frozenset([*first, *(each.name for each in free if each.name not in first)][:most])


def _possible(packing: Packing, machine: Machine) -> list[int]:
    # Also those that are too full for it now.
    return [number for number, name in enumerate(packing.hosts) if name in machine.allowed]


def _plan(
    question: Question, relocations: list[Move], places: dict[str, str], tools: Tools
) -> tuple[Move, ...] | None:
    """Return the plan of both, in an order; None where no order is found or it does not replay."""
    first = ordered(question, relocations, tools.effort.swap_orders)
    if first is None:
        return None
    then = plan_of(question, places)
    plan = (*first, *then)
    return None if fault(question, plan) else plan


def plan_of(question: Question, places: dict[str, str]) -> tuple[Move, ...]:
    """Return the moves to places: high priority first, and those that are last at the end.

    Targets only fill, so that any order is possible.
    """
    machines = sorted(
        (each for each in question.leaving if each.key in places),
        key=lambda each: (each.last, -each.priority, each.name, each.key),
    )
    return tuple(Move(each, each.host, places[each.key]) for each in machines)


def _one_each(question: Question, packing: Packing, placed: Placed, tools: Tools) -> Swapped | None:
    """Return a plan in which one machine makes room for each that has no place."""
    places = {
        item.machine.key: packing.hosts[host]
        for item, host in zip(packing.items, placed, strict=True)
        if host is not None
    }
    free = {each.name: each.free for each in question.targets}
    for item in packing.items:
        if item.machine.key in places:
            free[places[item.machine.key]] -= item.machine.memory
    relocations: list[Move] = []
    without = [item.machine for item in packing.items if item.machine.key not in places]
    for machine in sorted(without, key=lambda each: (-each.memory, each.name, each.key)):
        for move in _ways(question, free, machine, {each.machine.key for each in relocations}):
            tried = {**places, machine.key: move.source}
            if _possible_so_far(question, [*relocations, move], tried):
                break
        else:
            return None
        relocations.append(move)
        places = tried
        free[move.destination] -= move.machine.memory
        free[move.source] += move.machine.memory - machine.memory
    plan = _plan(question, relocations, places, tools)
    return Swapped(plan, fewest=len(relocations) == 1) if plan else None


def _ways(
    question: Question, free: dict[str, int], machine: Machine, gone: set[str]
) -> Iterator[Move]:
    """Yield relocations that leave memory for a machine: the smallest first, to the emptiest."""
    residents = sorted(
        (
            each
            for each in question.machines
            if each.host in free
            and each.key not in gone
            and each.host in machine.allowed
            and free[each.host] + each.memory >= machine.memory
        ),
        key=lambda each: (each.memory, each.name, each.key),
    )
    for each in residents:
        for name in sorted(each.allowed & free.keys(), key=lambda name: (-free[name], name)):
            if free[name] < each.memory:
                break
            if name != each.host:
                yield Move(each, each.host, name, relocates=True)


def _possible_so_far(question: Question, relocations: list[Move], places: dict[str, str]) -> bool:
    placed_only = replace(
        question,
        stays=question.stays | {each.key for each in question.leaving if each.key not in places},
    )
    return not fault(placed_only, (*relocations, *plan_of(question, places)))


def _solved(question: Question, packing: Packing, tools: Tools, solver: Solver) -> Swapped | None:
    """Return the plan with the fewest relocations that the solver finds and that has an order."""
    rules = _rules(packing, each_alone=False)
    if len(rules.columns) > tools.effort.columns:
        return None
    solved = solver.solve(rules, tools.effort.swap_nodes)
    if solved is None:
        return None
    relocations, places = _moves(packing, rules, solved.values)
    plan = _plan(question, relocations, places, tools)
    if plan:
        return Swapped(plan, fewest=solved.best)
    return _another(question, packing, tools, solver)


def _another(question: Question, packing: Packing, tools: Tools, solver: Solver) -> Swapped | None:
    """Return a plan with another set of relocations than those that have no order."""
    rules = _rules(packing, each_alone=True)
    for _ in range(tools.effort.swap_sets):
        solved = solver.solve(rules, tools.effort.swap_nodes)
        if solved is None:
            return None
        relocations, places = _moves(packing, rules, solved.values)
        plan = _plan(question, relocations, places, tools)
        if plan:
            return Swapped(plan, fewest=False)
        rules = replace(rules, rows=(*rules.rows, _not_again(packing, rules, solved.values)))
    return None


def _home(packing: Packing, rules: Program, column: int) -> int | None:
    return packing.items[rules.kinds[rules.columns[column].kind].items[0]].home


def _rules(packing: Packing, *, each_alone: bool) -> Program:
    """Return the program in which all have a place, and each that is not at home costs one."""
    keys = {item.machine.key: number for number, item in enumerate(packing.items, start=1)}

    def alike(machine: Machine) -> int:
        item = packing.items[keys[machine.key] - 1]
        if item.home is None:
            return -1
        return len(packing.hosts) + keys[machine.key] if each_alone else item.home

    rules = program(packing, alike)
    columns = tuple(each._replace(most=0) if each.host is None else each for each in rules.columns)
    made = replace(rules, columns=columns)
    costs = tuple(
        float(_home(packing, made, number) not in {None, column.host})
        for number, column in enumerate(columns)
    )
    return replace(made, costs=costs)


def _not_again(packing: Packing, rules: Program, values: tuple[int, ...]) -> Row:
    """Return the rule that the machines that make room are not just these, to these hosts."""
    factors, count = [], 0
    for number, column in enumerate(rules.columns):
        home = _home(packing, rules, number)
        if home is None or column.host in {None, home}:
            continue
        chosen = bool(values[number])
        count += chosen
        factors.append((number, 1 if chosen else -1))
    return Row(tuple(factors), count - 1)


def _moves(
    packing: Packing, rules: Program, values: tuple[int, ...]
) -> tuple[list[Move], dict[str, str]]:
    relocations, places = [], {}
    for item, host in zip(packing.items, rules.placed(packing, values), strict=True):
        if host is None or host == item.home:
            continue
        machine, name = item.machine, packing.hosts[host]
        if item.home is None:
            places[machine.key] = name
        else:
            relocations.append(Move(machine, machine.host, name, relocates=True))
    return relocations, places
