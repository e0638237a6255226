"""Four quick ways to find places, none of which shows that there are none."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from livemigration.placement.packing import Filling, Item, Packing, Placed

_SEED = 1
# By how much a machine may count as smaller than it is.
_SMALLEST = 0.7


def attempts(packing: Packing) -> Iterator[Placed]:
    """Yield places as each way finds them; None where it finds none.

    Those with few candidates or large ones come first, and go to the host with the least or the
    most room that is left.
    """
    numbers = range(len(packing.items))

    def memory(number: int) -> int:
        return packing.items[number].machine.memory

    def choice(number: int) -> int:
        return len(packing.items[number].candidates)

    constrained = sorted(numbers, key=lambda each: (choice(each), -memory(each), each))
    largest = sorted(numbers, key=lambda each: (-memory(each), choice(each), each))
    for order in (constrained, largest):
        for most in (False, True):
            yield _filled(packing, order, most=most)


def varied(packing: Packing, count: int) -> Iterator[Placed]:
    """Yield places as so many orders find them in which large ones come roughly first."""
    random = Random(_SEED)  # noqa: S311 - the same orders each time, no secret
    numbers = range(len(packing.items))
    for turn in range(count):
        size = {
            each: packing.items[each].machine.memory * random.uniform(_SMALLEST, 1)
            for each in numbers
        }
        order = [each for _, each in sorted((-size[each], each) for each in numbers)]
        yield _filled(packing, order, most=bool(turn % 2))


def _filled(packing: Packing, order: list[int], *, most: bool) -> Placed:
    filling = Filling(packing)
    placed: Placed = [None] * len(order)
    for number in order:
        item = packing.items[number]
        host = _host(filling, item, most=most)
        if host is not None:
            filling.put(item, host)
            placed[number] = host
    return placed


def _host(filling: Filling, item: Item, *, most: bool) -> int | None:
    possible = [each for each in item.candidates if filling.takes(item, each)]
    if not possible:
        return None
    if most:
        return max(possible, key=lambda each: (filling.memory[each], -each))
    return min(possible, key=lambda each: (filling.memory[each], each))
