"""Small pictures of numbers: the hosts by state as a bar, and earlier runs as bars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.report.html.standing import SIGNS, Tally
from livemigration.run.run import Earlier

_WIDE = 1000
_GAP = 3
_STEP, _BAR, _HIGH = 44, 32, 40
# Two runs besides this one show a direction.
_LEAST = 2


@dataclass(frozen=True)
class Trend:
    """How many hosts were not ready, the oldest run first and this one last, and their picture."""

    numbers: tuple[int, ...]
    svg: str


def bar_svg(tally: Tally) -> str:
    """Return the hosts by what they count as, in parts of one bar."""
    drawn, at = [], 0.0
    for key, number in tally.parts:
        width = number / tally.total * _WIDE
        drawn.append(
            f'<rect class="f-{SIGNS[key][2]}" x="{at:.1f}" y="0" '
            f'width="{max(width - _GAP, 1):.1f}" height="8"></rect>'
        )
        at += width
    return (
        f'<svg viewBox="0 0 {_WIDE} 8" width="600" height="8" preserveAspectRatio="none" '
        f'aria-hidden="true" focusable="false">{"".join(drawn)}</svg>'
    )


def trend_of(earlier: Sequence[Earlier], now: int) -> Trend | None:
    """Return the earlier runs and this one; None where too few are known."""
    if len(earlier) < _LEAST:
        return None
    numbers = (*(each.not_ready for each in earlier), now)
    most = max(*numbers, 1)
    bars = []
    for place, number in enumerate(numbers):
        height = max(number / most * (_HIGH - 4), 1)
        tone = "bad" if place == len(numbers) - 1 and number else "line"
        bars.append(
            f'<rect class="f-{tone}" x="{place * _STEP}" y="{_HIGH - height:.1f}" '
            f'width="{_BAR}" height="{height:.1f}"></rect>'
        )
    width = len(numbers) * _STEP
    said = ", ".join(map(str, numbers))
    return Trend(
        numbers,
        f'<svg class="trend" viewBox="0 0 {width} {_HIGH}" width="{width}" height="{_HIGH}" '
        f'role="img" aria-label="{said}">{"".join(bars)}</svg>',
    )
