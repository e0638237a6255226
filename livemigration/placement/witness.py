"""Proofs that there is no plan, each checked in whole numbers."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

from livemigration.placement.model import Machine, Proof, Witness
from livemigration.placement.packing import Packing
from livemigration.placement.program import Program

# Weights of a solver are floating; these many bits of each are kept.
_BITS = 44


def by_sums(packing: Packing) -> Witness | None:
    """Return a proof by machines without a candidate, or by the sum of all machines."""
    return _no_candidate(packing) or _sum(packing)


def _no_candidate(packing: Packing) -> Witness | None:
    without = tuple(each.machine for each in packing.items if not each.candidates)
    needed = sum(each.memory for each in without)
    return Witness(Proof.NO_CANDIDATE, without, needed=needed) if without else None


def _sum(packing: Packing) -> Witness | None:
    machines = tuple(each.machine for each in packing.items)
    needed, free = _needed(machines), sum(packing.memory)
    if needed <= free:
        return None
    return Witness(Proof.SUM, machines, packing.hosts, needed, free)


def _needed(machines: Sequence[Machine]) -> int:
    return sum(each.memory for each in machines)


def hall(packing: Packing) -> Witness | None:
    """Return machines that need more than all hosts that any of them may go to.

    Which machines those are follows from the largest flow of memory to where it may go: those
    from which no more can flow, and the hosts that are full of them.
    """
    groups: dict[tuple[int, ...], list[Machine]] = {}
    for item in packing.items:
        groups.setdefault(item.candidates, []).append(item.machine)
    hosts_of = list(groups)
    supply = [_needed(each) for each in groups.values()]
    reached = _stuck(hosts_of, supply, packing.memory)
    if reached is None:
        return None
    machines = tuple(each for number in sorted(reached) for each in groups[hosts_of[number]])
    hosts = sorted({host for number in reached for host in hosts_of[number]})
    needed, free = _needed(machines), sum(packing.memory[each] for each in hosts)
    # A check of the flow: what it says has to be so in plain sums.
    if needed <= free:
        return None
    return Witness(Proof.HALL, machines, tuple(packing.hosts[each] for each in hosts), needed, free)


def _stuck(
    hosts_of: list[tuple[int, ...]], supply: list[int], room: Sequence[int]
) -> set[int] | None:
    """Return the groups that are reached from one whose memory does not flow away; else None."""
    left, free = list(supply), list(room)
    flow: dict[tuple[int, int], int] = {}
    filled: list[dict[int, None]] = [{} for _ in room]
    for start in range(len(hosts_of)):
        while left[start]:
            way, reached = _way(start, hosts_of, flow, filled, free)
            if way is None:
                return reached
            # From each host but the last, the next group takes back what it has there.
            back = [(group, host) for (_, host), (group, _) in pairwise(way)]
            amount = min([left[start], free[way[-1][1]], *(flow[each] for each in back)])
            for each in back:
                flow[each] -= amount
            for group, host in way:
                flow[group, host] = flow.get((group, host), 0) + amount
                filled[host][group] = None
            left[start] -= amount
            free[way[-1][1]] -= amount
    return None


def _way(
    start: int,
    hosts_of: list[tuple[int, ...]],
    flow: dict[tuple[int, int], int],
    filled: list[dict[int, None]],
    free: list[int],
) -> tuple[list[tuple[int, int]] | None, set[int]]:
    """Return a way to a host with room, and the groups that were reached on the search for it.

    Each step of it is a group and the host that takes of it; the next group gives up what it has
    on that host.
    """
    came: dict[int, tuple[int, int] | None] = {start: None}
    seen: set[int] = set()
    queue = deque([start])
    while queue:
        group = queue.popleft()
        for host in hosts_of[group]:
            if host in seen:
                continue
            seen.add(host)
            if free[host]:
                way = [(group, host)]
                step = came[group]
                while step is not None:
                    way.append(step)
                    step = came[step[0]]
                return way[::-1], set(came)
            for other in filled[host]:
                if other not in came and flow[other, host]:
                    came[other] = (group, host)
                    queue.append(other)
    return None, set(came)


def contradicts(
    program: Program,
    duals: Sequence[float],
    lower: Sequence[int],
    upper: Sequence[int],
) -> bool:
    """Whether the rules, times these weights, show that some machine has no place.

    Columns are within bounds, and each weight is rounded to a fraction of two. With whatever
    weights, what the sum of the rules cannot reach is not possible: only what they show depends on
    them, and never whether it is true.
    """
    weights = []
    for row, dual in zip(program.rows, duals, strict=True):
        weight = round(dual * (1 << _BITS))
        weights.append(weight if row.exact else min(0, weight))
    least = sum(weight * row.limit for weight, row in zip(weights, program.rows, strict=True))
    share = [0] * len(program.columns)
    for weight, row in zip(weights, program.rows, strict=True):
        if weight:
            for column, factor in row.factors:
                share[column] -= weight * factor
    for number, where in enumerate(program.columns):
        # Every machine has a place: of those without one, there is none.
        if where.host is not None:
            each = share[number]
            least += each * (lower[number] if each > 0 else upper[number])
    return least > 0


def overweight(packing: Packing, weights: Sequence[int]) -> bool:
    """Whether items, each of a weight, weigh more than the hosts can take by their memory.

    The most that a host can take is counted in whole numbers. With whatever weights, that is true:
    only what they show depends on them.
    """
    most: dict[tuple[int, ...], list[tuple[int, int]]] = {}
    total = 0
    for host, memory in enumerate(packing.memory):
        may = tuple(n for n, item in enumerate(packing.items) if host in item.candidates)
        if may not in most:
            most[may] = least_memory(packing, weights, may, max(packing.memory))
        total += max((weight for weight, least in most[may] if least <= memory), default=0)
    return sum(weights) > total


def least_memory(
    packing: Packing, weights: Sequence[int], may: Sequence[int], enough: int
) -> list[tuple[int, int]]:
    """Return each weight that some of the items come to, with the least memory of such.

    Args:
        packing: what needs a place.
        weights: of its items.
        may: the numbers of those that count.
        enough: MB beyond which nothing matters.
    """
    least = {0: 0}
    for number in may:
        weight, memory = weights[number], packing.items[number].machine.memory
        if weight <= 0:
            continue
        for reached, needed in list(least.items()):
            more, with_it = reached + weight, needed + memory
            if with_it <= enough and with_it < least.get(more, enough + 1):
                least[more] = with_it
    return list(least.items())
