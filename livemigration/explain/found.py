"""A code that was found in what was given, and what the catalogue has for it."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.explain.catalogue import lookup
from livemigration.explain.entry import Entry, Kind, canonical

_METHOD_FAILURES = range(0x8000, 0x8020)


@dataclass(frozen=True)
class Found:
    """A code in what was given: as it is written there, and what the catalogue has for it.

    `number` is a 32-bit code where `entries` is empty and `kinds` says what it could be. `source`
    is what logged an event, where the text says so.
    """

    spelling: str
    number: int | None
    kinds: tuple[Kind, ...]
    entries: tuple[Entry, ...]
    source: str = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two findings the same code."""
        known = tuple((e.kind, e.number, e.names) for e in self.entries)
        return known or (self.kinds == (Kind.EVENT,), self.number, self.source)

    @classmethod
    def of(cls, entry: Entry) -> Found:
        """Return an entry that was found by its sentence."""
        return cls(entry.names[0] if entry.names else "", None, (entry.kind,), (entry,))


def numbered(spelling: str, number: int, kinds: tuple[Kind, ...]) -> Found:
    """Return what a number is in each of these kinds."""
    return Found(spelling, number, kinds, lookup(number, kinds))


def windows_code(spelling: str, number: int) -> Found:
    """Return what a 32-bit code of Windows is."""
    kind, small = canonical(number)
    return Found(spelling, number, (kind,), lookup(small, (kind,)))


def method_code(spelling: str, number: int) -> Found | None:
    """Return a return value of Hyper-V that is written as a code: VMM's "(0x8001)" is 32769."""
    return numbered(spelling, number, (Kind.METHOD,)) if number in _METHOD_FAILURES else None
