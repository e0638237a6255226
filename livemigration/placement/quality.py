"""Of the plans that are possible, one that people would choose. No verdict depends on it.

First it keeps reserves, then it avoids warned pairs: both are decided as exactly as the question
itself. Then preferred owners and machines that had better be apart or together, and then hosts that
are not filled unevenly: as far as quick steps come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from livemigration.placement.model import Machine, Question
from livemigration.placement.packing import Filling, Packing, Placed, leaving

# Decides a question: places for its leaving machines by the names of hosts, or None.
Decide = Callable[[Question], dict[str, str] | None]


def preferred(question: Question, places: dict[str, str], decide: Decide) -> dict[str, str]:
    """Return better places of the leaving machines, by their keys, than those found first."""
    for narrower in _narrower(question):
        packing = leaving(narrower)
        spread = _spread(narrower, packing)
        if None not in spread:
            return _named(packing, spread)
        # Where quick steps do not come to it, what decided the question decides this as well.
        found = decide(narrower) if narrower != question else places
        if found:
            return _improved(narrower, packing, found)
    return places


def _narrower(question: Question) -> Iterator[Question]:
    """Yield the question with less allowed than it has, the strictest first; itself last."""
    kept = replace(
        question,
        hosts=tuple(replace(each, free=each.free - each.reserve) for each in question.hosts),
    )
    seen: list[Question] = []
    for each in (_unwarned(kept), kept, _unwarned(question), question):
        if each not in seen:
            seen.append(each)
            yield each


def _unwarned(question: Question) -> Question:
    machines = tuple(
        replace(each, allowed=each.allowed - each.warned, warned=frozenset())
        if each.warned
        else each
        for each in question.machines
    )
    return replace(question, machines=machines)


def _named(packing: Packing, placed: Placed) -> dict[str, str]:
    return {
        item.machine.key: packing.hosts[host]
        for item, host in zip(packing.items, placed, strict=True)
        if host is not None
    }


class _Spread:
    """Machines put where they are best, one after the other."""

    def __init__(self, question: Question, packing: Packing) -> None:
        self.packing, self.filling = packing, Filling(packing)
        numbers = {each: number for number, each in enumerate(packing.hosts)}
        # All that a host could hold, for how full it is.
        self._whole = [max(1, each) for each in packing.memory]
        domains = {each.name: each.domain for each in question.hosts}
        self._domains = [domains[each] for each in packing.hosts]
        # How many machines of a group are on a host, by its number, or in a domain, by its name.
        self._apart: Counter[tuple[int | str, str]] = Counter()
        self._with: Counter[tuple[int | str, str]] = Counter()
        for machine in question.machines:
            if machine.host in numbers:
                number = numbers[machine.host]
                self._whole[number] += machine.memory
                self._count(machine, number, 1)

    def _count(self, machine: Machine, host: int, sign: int) -> None:
        for counts, groups in (
            (
                self._apart,
                self._groups(host, machine.prefers_apart, machine.prefers_apart_by_domain),
            ),
            (self._with, self._groups(host, machine.prefers_with, machine.prefers_with_by_domain)),
        ):
            for each in groups:
                counts[each] += sign

    def _groups(
        self, host: int, of_host: frozenset[str], of_domain: frozenset[str]
    ) -> Iterator[tuple[int | str, str]]:
        """Yield groups of a machine, each with where its others count for a host."""
        yield from ((host, each) for each in of_host)
        if domain := self._domains[host]:
            yield from ((domain, each) for each in of_domain)

    def put(self, number: int, host: int, sign: int = 1) -> None:
        item = self.packing.items[number]
        self.filling.put(item, host, sign)
        self._count(item.machine, host, sign)

    def dislike(self, number: int, host: int) -> tuple[int, int, int]:
        """Return how little a host is wanted for an item that is not on it."""
        machine, name = self.packing.items[number].machine, self.packing.hosts[host]
        other = bool(machine.preferred) and name not in machine.preferred
        return (int(name in machine.warned), int(other), self._against(machine, host))

    def _against(self, machine: Machine, host: int) -> int:
        """Return how many there it had better be apart from, less those it had better be with."""
        apart = self._groups(host, machine.prefers_apart, machine.prefers_apart_by_domain)
        together = self._groups(host, machine.prefers_with, machine.prefers_with_by_domain)
        return sum(self._apart[each] for each in apart) - sum(self._with[each] for each in together)

    def fullness(self, host: int, more: int = 0) -> float:
        """Return which part of a host is used, with so many MB more."""
        return 1 - (self.filling.memory[host] - more) / self._whole[host]

    def best(self, number: int) -> int | None:
        """Return the best host of those that take an item."""
        item = self.packing.items[number]
        possible = [each for each in item.candidates if self.filling.takes(item, each)]
        memory = item.machine.memory
        if not possible:
            return None
        return min(
            possible,
            key=lambda each: (self.dislike(number, each), self.fullness(each, memory), each),
        )


def _spread(question: Question, packing: Packing) -> Placed:
    spread = _Spread(question, packing)
    items = packing.items
    order = sorted(
        range(len(items)),
        key=lambda each: (len(items[each].candidates), -items[each].machine.memory, each),
    )
    placed: Placed = [None] * len(items)
    for number in order:
        host = spread.best(number)
        if host is not None:
            spread.put(number, host)
            placed[number] = host
    return placed


def _improved(question: Question, packing: Packing, places: dict[str, str]) -> dict[str, str]:
    """Return places after each machine was taken out once and put where it is best."""
    spread = _Spread(question, packing)
    hosts = [packing.hosts.index(places[item.machine.key]) for item in packing.items]
    for number, host in enumerate(hosts):
        spread.put(number, host)
    for number, host in enumerate(hosts):
        spread.put(number, host, -1)
        better = spread.best(number)
        hosts[number] = host if better is None else better
        spread.put(number, hosts[number])
    return _named(packing, list(hosts))
