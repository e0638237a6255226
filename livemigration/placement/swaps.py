"""Plans in which other machines make room first.

Those that make room are moved before all others: the machines of a drained host free nothing that
is a destination, so that nothing is gained by moving them earlier.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from livemigration.placement.deciding import Tools
from livemigration.placement.effort import Effort
from livemigration.placement.model import Machine, Move, Question
from livemigration.placement.order import ordered
from livemigration.placement.packing import Packing, Placed, between
from livemigration.placement.program import Program, Row, program
from livemigration.placement.replay import fault
from livemigration.placement.solver import Solver

# How many others make room for one machine where that is tried one after the other.
_MOST_FOR_ONE = 4


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
    remaining = _with_last_in_place(question)
    if remaining != question and (found := _swapped(remaining, packing, placed, tools)):
        # With those that are to be moved last it may be fewer: what is spared matters more.
        return replace(found, fewest=found.relocations <= 1)
    return _swapped(question, packing, placed, tools)


def _with_last_in_place(question: Question) -> Question:
    """Return the question in which those that are to be moved last make no room."""
    machines = (
        replace(each, allowed=frozenset[str]())
        if each.last and each.host not in question.drained
        else each
        for each in question.machines
    )
    return replace(question, machines=tuple(machines))


def _swapped(question: Question, packing: Packing, placed: Placed, tools: Tools) -> Swapped | None:
    simple = _one_by_one(question, packing, placed, tools)
    if simple and simple.relocations == 1:
        return simple
    if tools.solver is None:
        return simple
    made, every = _narrowed(question, packing, placed, tools.effort)
    if made is None or (simple and not every):
        return simple
    found = _solved(question, made, tools, tools.solver)
    if found is None:
        return simple
    fewest = found.fewest and every
    if simple and simple.relocations <= found.relocations:
        return replace(simple, fewest=fewest and simple.relocations == found.relocations)
    return replace(found, fewest=fewest)


def _narrowed(
    question: Question, packing: Packing, placed: Placed, effort: Effort
) -> tuple[Packing | None, bool]:
    """Return a packing with so many hosts that make room as the effort allows; whether all do."""
    most = min(effort.swap_hosts, len(question.targets))
    while most > 1:
        made = between(question, _hosts(question, packing, placed, most))
        if sum(len(each.candidates) for each in made.items) <= effort.swap_pairs:
            return made, most == len(question.targets)
        most = most * 3 // 4
    return None, False


def _hosts(question: Question, packing: Packing, placed: Placed, most: int) -> frozenset[str]:
    """Return hosts between which machines make room: those with the most free memory.

    Half of them may be such that something without a place may go to.
    """
    free = sorted(question.targets, key=lambda each: (-each.free, each.name))
    # Also those that are too full for it now.
    wanted = set[str]().union(
        *(
            item.machine.allowed
            for item, found in zip(packing.items, placed, strict=True)
            if found is None
        )
    )
    first = [each.name for each in free if each.name in wanted][: max(1, most // 2)]
    return frozenset([*first, *(each.name for each in free if each.name not in first)][:most])


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


def _one_by_one(
    question: Question, packing: Packing, placed: Placed, tools: Tools
) -> Swapped | None:
    """Return a plan in which others make room for each that has no place, one after the other."""
    places = {
        item.machine.key: packing.hosts[host]
        for item, host in zip(packing.items, placed, strict=True)
        if host is not None
    }
    free = {each.name: each.free for each in question.targets}
    for item in packing.items:
        if item.machine.key in places:
            free[places[item.machine.key]] -= item.machine.memory
    made = _Made(question, places, free)
    without = [item.machine for item in packing.items if item.machine.key not in places]
    for machine in sorted(without, key=lambda each: (-each.memory, each.name, each.key)):
        if not made.room_for(machine):
            return None
    plan = _plan(question, made.relocations, made.places, tools)
    return Swapped(plan, fewest=len(made.relocations) == 1) if plan else None


class _Made:
    """Room that was made so far, and what is free after the whole plan."""

    def __init__(self, question: Question, places: dict[str, str], free: dict[str, int]) -> None:
        self._question, self.places, self._free = question, places, free
        self.relocations: list[Move] = []
        self._residents: dict[str, list[Machine]] = {name: [] for name in free}
        for each in sorted(question.machines, key=lambda each: (each.memory, each.name, each.key)):
            if each.host in free:
                self._residents[each.host].append(each)

    def room_for(self, machine: Machine) -> bool:
        """Make room for a machine, by as few others as quickly found, and place it."""
        hosts = sorted(
            machine.allowed & self._free.keys(), key=lambda name: (-self._free[name], name)
        )
        for count in range(_MOST_FOR_ONE + 1):
            for name in hosts:
                moves = self._evicted(machine, name, count)
                if moves is not None and self._taken(machine, name, moves):
                    return True
        return False

    def _evicted(self, machine: Machine, name: str, count: int) -> list[Move] | None:
        """Return so many relocations off a host that leave memory for a machine, if there are."""
        lack, gone = (
            machine.memory - self._free[name],
            {each.machine.key for each in self.relocations},
        )
        free, moves = dict(self._free), list[Move]()
        for left in range(count, 0, -1):
            # The smallest of which so many suffice, or else the largest that has somewhere to go.
            residents = [each for each in self._residents[name] if each.key not in gone]
            enough = [each for each in residents if each.memory * left >= lack]
            for resident in (*enough, *reversed(residents[: len(residents) - len(enough)])):
                there = _emptiest(free, resident, name)
                if there:
                    break
            else:
                return None
            moves.append(Move(resident, name, there, relocates=True))
            gone.add(resident.key)
            free[there] -= resident.memory
            lack -= resident.memory
        return moves if lack <= 0 else None

    def _taken(self, machine: Machine, name: str, moves: list[Move]) -> bool:
        places = {**self.places, machine.key: name}
        relocations = [*self.relocations, *moves]
        if not _possible_so_far(self._question, relocations, places):
            return False
        self.places, self.relocations = places, relocations
        for move in moves:
            self._free[move.destination] -= move.machine.memory
            self._free[move.source] += move.machine.memory
        self._free[name] -= machine.memory
        return True


def _emptiest(free: dict[str, int], machine: Machine, source: str) -> str | None:
    possible = [
        name
        for name in machine.allowed & free.keys()
        if name != source and free[name] >= machine.memory
    ]
    return min(possible, key=lambda name: (-free[name], name)) if possible else None


def _possible_so_far(question: Question, relocations: list[Move], places: dict[str, str]) -> bool:
    placed_only = replace(
        question,
        stays=question.stays | {each.key for each in question.leaving if each.key not in places},
    )
    return not fault(placed_only, (*relocations, *plan_of(question, places)))


def _solved(question: Question, packing: Packing, tools: Tools, solver: Solver) -> Swapped | None:
    """Return the plan with the fewest relocations that the solver finds and that has an order."""
    rules = _rules(packing, each_alone=False)
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
    keys = {item.machine.key: number for number, item in enumerate(packing.items)}

    def alike(machine: Machine) -> int:
        item = packing.items[keys[machine.key]]
        if item.home is None:
            return -1
        return keys[machine.key] if each_alone else item.home

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
