"""Whether each host can be emptied in its turn, and which two of them not at once.

A host that cannot be emptied with all others there cannot be with one of them down: its pairs are
not asked. Nor are two hosts that have no destination in common and are none to each other, and
that need nobody to make room: both are as they are alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from livemigration.placement.asking import CAN, Ask, can, without
from livemigration.placement.briefly import verdict
from livemigration.placement.model import Answer, Question, Verdict

# Pairs that are asked: all of 45 hosts that take from each other.
MOST_PAIRS = 1_000


@dataclass(frozen=True)
class Alone:
    """The answer for one host, with all others there."""

    host: str
    answer: Answer


@dataclass(frozen=True)
class Together:
    """Two hosts that can be emptied one by one, and not both at once, or perhaps not."""

    first: str
    second: str
    # "Does not fit" is proven; "undecided" and "unknown" are what they say.
    verdict: Verdict


@dataclass(frozen=True)
class EachHost:
    """What became of each host and of their pairs."""

    alone: tuple[Alone, ...]
    together: tuple[Together, ...] = ()
    # Pairs that were asked, and those that were left out because there were so many.
    asked: int = 0
    skipped: int = 0


def each_host(
    question: Question,
    hosts: Iterable[str],
    ask: Ask,
    *,
    most_pairs: int = MOST_PAIRS,
) -> EachHost:
    """Return whether each host can be emptied, and which pairs not at once.

    Args:
        question: how everything is; its drained hosts are those that are down all the time.
        hosts: those that are emptied in turn.
        ask: answers whether hosts can be emptied.
        most_pairs: how many pairs are asked; those that need most memory come first.
    """
    alone = tuple(Alone(each, ask(without(question, each))) for each in sorted(set(hosts)))
    answers = {each.host: each.answer for each in alone if can(each.answer)}
    reach = _reach(question, answers)
    pairs = [
        (first, second)
        for first, second in combinations(answers, 2)
        if not _independent(answers[first], answers[second], reach[first], reach[second])
    ]
    needed = Counter[str]()
    for each in question.machines:
        needed[each.host] += each.memory
    pairs.sort(key=lambda pair: (-needed[pair[0]] - needed[pair[1]], pair))
    chosen = sorted(pairs[:most_pairs])
    together = tuple(_not_together(question, chosen, ask))
    return EachHost(alone, together, len(chosen), len(pairs) - len(chosen))


def not_after(question: Question, host: str, others: Iterable[str], ask: Ask) -> tuple[str, ...]:
    """Return the others that cannot be emptied as well while a host is down: proven of each."""
    down = without(question, host)
    both = ((each, without(down, each)) for each in sorted(set(others)))
    return tuple(each for each, asked in both if verdict(asked, ask) is Verdict.DOES_NOT_FIT)


def _reach(question: Question, hosts: Iterable[str]) -> Mapping[str, frozenset[str]]:
    """Return each host with every destination of its machines."""
    found = {each: {each} for each in hosts}
    for machine in question.machines:
        if machine.host in found:
            found[machine.host] |= machine.allowed | machine.unknown
    return {host: frozenset(each) for host, each in found.items()}


def _independent(
    first: Answer, second: Answer, reach: frozenset[str], other: frozenset[str]
) -> bool:
    simple = first.verdict is second.verdict is Verdict.FITS
    return simple and reach.isdisjoint(other)


def _not_together(
    question: Question, pairs: Sequence[tuple[str, str]], ask: Ask
) -> Iterator[Together]:
    for first, second in pairs:
        both = replace(question, drained=question.drained | {first, second})
        found = verdict(both, ask)
        if found not in CAN:
            yield Together(first, second, found)
