"""Many pairs of hosts as few statements: hosts that have the same partners are one class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """Pairs of each of some hosts with each of others; with no others, of any two of them."""

    hosts: tuple[str, ...]
    others: tuple[str, ...] = ()


def grouped(pairs: Iterable[tuple[str, str]]) -> Iterator[Group]:
    """Yield groups in which each of the pairs is once, and nothing else."""
    partners: dict[str, set[str]] = defaultdict(set)
    for first, second in pairs:
        partners[first].add(second)
        partners[second].add(first)
    classes: list[list[str]] = []
    for host in sorted(partners):
        for known in classes:
            if partners[host] - {known[0]} == partners[known[0]] - {host}:
                known.append(host)
                break
        else:
            classes.append([host])
    for number, known in enumerate(classes):
        # In a class, either any two are a pair or none are.
        if len(known) > 1 and known[1] in partners[known[0]]:
            yield Group(tuple(known))
        others = [
            each for later in classes[number + 1 :] for each in later if each in partners[known[0]]
        ]
        if others:
            yield Group(tuple(known), tuple(sorted(others)))
