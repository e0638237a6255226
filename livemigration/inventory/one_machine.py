"""Machines of an inventory that its own text shows to be one and the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from livemigration.base.addresses import Address
from livemigration.facts.identity import address_of


class Named(Protocol):
    """A machine with its name, where it is reached, and how it calls itself, as far as is said."""

    @property
    def name(self) -> str:
        """Its name in the inventory."""

    @property
    def address(self) -> str | None:
        """Where it is reached, where that is not its name."""

    @property
    def answers_as(self) -> str | None:
        """The name that it gives itself, where that is not its name."""


@dataclass(frozen=True)
class Twins:
    """Two places of one list that name one machine: the second, the first, and why."""

    place: int
    first: int
    why: str


class Census:
    """Machines that were counted, so that one that is among them already is known.

    One machine: the same name or address, an address that is another's name, two that give
    themselves one name, or a first label beside the full name that it begins (hv01 beside
    hv01.contoso.com), unless each is reached at an address of its own.
    """

    def __init__(self) -> None:
        self._known: dict[object, int] = {}
        self._short: dict[str, int] = {}
        self._labels: dict[str, list[int]] = {}
        self._addresses: list[Address | None] = []

    def among(self, machine: Named) -> tuple[int, str] | None:
        """Return the place of a machine that is counted already, and why it is that one."""
        for identifier in _identifiers(machine):
            if (first := self._known.get(identifier)) is not None:
                return first, f"both are {identifier}"
        own = address_of(machine.address or machine.name)
        for label, is_short in _labels(machine):
            beside = self._labels.get(label, []) if is_short else []
            if label in self._short:
                beside = [self._short[label], *beside]
            for first in beside:
                if not _apart(self._addresses[first], own):
                    why = f"both may be {label} (where they are two, give each its address)"
                    return first, why
        return None

    def count(self, machine: Named) -> int:
        """Count a machine; return its place."""
        place = len(self._addresses)
        self._addresses.append(address_of(machine.address or machine.name))
        for identifier in _identifiers(machine):
            self._known.setdefault(identifier, place)
        for label, is_short in _labels(machine):
            self._labels.setdefault(label, []).append(place)
            if is_short:
                self._short.setdefault(label, place)
        return place


def twins(machines: Iterable[Named]) -> Twins | None:
    """Return the first machine that is listed already; None where each is listed once."""
    census = Census()
    for machine in machines:
        found = census.among(machine)
        place = census.count(machine)
        if found is not None:
            return Twins(place, *found)
    return None


def _identifiers(machine: Named) -> Iterator[object]:
    for text in (machine.name, machine.address, machine.answers_as):
        if text:
            yield address_of(text) or text.casefold()


def _labels(machine: Named) -> Iterator[tuple[str, bool]]:
    """Yield the first label of each of a machine's names, and whether that is all of it."""
    for text in (machine.name, machine.address):
        if text and address_of(text) is None:
            label, _, rest = text.casefold().partition(".")
            yield label, not rest


def _apart(one: Address | None, other: Address | None) -> bool:
    return one is not None and other is not None and one != other
