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


def twins(machines: Iterable[Named]) -> Twins | None:
    """Return the first machine that is listed already; None where each is listed once.

    One machine: the same name or address, an address that is another's name, two that give
    themselves one name, or a first label beside the full name that it begins (hv01 beside
    hv01.contoso.com), unless each is reached at an address of its own.
    """
    known: dict[object, int] = {}
    short: dict[str, int] = {}
    labels: dict[str, list[int]] = {}
    addresses: list[Address | None] = []
    for place, machine in enumerate(machines):
        addresses.append(address_of(machine.address or machine.name))
        for identifier in _identifiers(machine):
            if (first := known.setdefault(identifier, place)) != place:
                return Twins(place, first, f"both are {identifier}")
        for label, is_short in _labels(machine):
            beside = labels.get(label, []) if is_short else []
            if label in short:
                beside = [short[label], *beside]
            for first in beside:
                if first != place and not _apart(addresses[first], addresses[place]):
                    why = f"both may be {label} (where they are two, give each its address)"
                    return Twins(place, first, why)
            labels.setdefault(label, []).append(place)
            if is_short:
                short.setdefault(label, place)
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
