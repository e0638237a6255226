"""The picture of a cluster's migration path: a line for each network, the first used on top."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.report.paths import REFUSED, PathKind
from livemigration.run.paths import Use

_STEP = 46
_NAME = 32
_BELOW = 34


@dataclass(frozen=True)
class Rung:
    """A network as it is drawn: where, how, and what happens below it; `bold`: it happens now."""

    y: int
    name: str
    style: str
    below: str = ""
    bold: bool = False


@dataclass(frozen=True)
class Ladder:
    """The picture of a path."""

    rungs: tuple[Rung, ...]

    @property
    def high(self) -> int:
        """Its height."""
        return len(self.rungs) * _STEP + 8


def ladder_of(kind: PathKind) -> Ladder:
    """Return the picture of a path."""
    used = len(kind.used)
    rungs = []
    for place, network in enumerate(kind.path.networks):
        below, bold = "", False
        if network.use is Use.USED:
            style = _style(kind, place)
            below, bold = _below(kind, place, used)
            name = network.name if kind.path.doubt else f"{place + 1} {network.name}"
        else:
            style, name = "out", f"{network.name}: {network.use.value}"
        rungs.append(Rung(place * _STEP + 24, _cut(name, _NAME), style, below, bold))
    return Ladder(tuple(rungs))


def _style(kind: PathKind, place: int) -> str:
    if kind.path.doubt or not kind.taken(place):
        return "later"
    return "first" if place == 0 else "taken"


def _below(kind: PathKind, place: int, used: int) -> tuple[str, bool]:
    """Return what becomes of a move that finds a network down, and whether it happens now."""
    if kind.path.doubt:
        return "? which is first is not known" if place < used - 1 else "", False
    if place < used - 1:
        if falls := kind.falls_at(place):
            return _cut(f"\u2193 falls back now: {kind.short(falls)}", _BELOW), True
        return "\u2193 falls back, no event is documented", False
    if kind.path.bridged:
        return "\u2193 then: not documented", False
    if alone := kind.refused_at_last:
        return _cut(f"\u2193 refused now: {kind.short(alone)}", _BELOW), True
    return f"\u2193 then {REFUSED}", False


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}\u2026"
