"""A plan as a chart over time: a row for each place on a host, a bar for each machine.

A bar is the slow run, a mark in it the soonest end; without an upper bound it is the fast run, and
open to the right. What it shows stands in the table as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from livemigration.placement.estimate_text import lasting, size
from livemigration.placement.plan_document import Kind, PlanDocument, PlannedMove
from livemigration.report.drain.text import between, names_of
from livemigration.report.drain.words import answer_of
from livemigration.report.text import plain

_WIDE, _LEFT, _ROW, _HEAD = 960, 150, 22, 26
_TICKS = 8
_STEPS = (1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400)
_LETTER = 6.5
_NAME = 22
STYLE = (
    "text{font:12px sans-serif;fill:#1b2028}.gl{stroke:#dfe3e8}.gb{fill:#cfe0f7;stroke:#0a58ca}"
    ".gr{fill:#fff6e0;stroke:#875000;stroke-dasharray:4 2}.gm{stroke:#1b2028;stroke-width:2}"
)


@dataclass(frozen=True)
class _Bar:
    move: PlannedMove
    row: int
    begin: float
    end: float


def gantt(plan: PlanDocument, *, alone: bool = False) -> str:
    """Return the chart of a plan as SVG; empty where nothing moves.

    Args:
        plan: the plan.
        alone: whether it is a file of its own, which brings its style.
    """
    if not plan.moves:
        return ""
    names = names_of(plan)
    rows = sorted({(each.to, each.slot) for each in plan.moves})
    places = {row: place for place, row in enumerate(rows)}
    bars = [_bar(each, places[each.to, each.slot]) for each in plan.moves]
    whole = max((each.end for each in bars), default=0.0) or 1.0
    high = _HEAD + len(rows) * _ROW + 4
    said = _text(answer_of(plan, names))
    labels = ((names.short(to), slot) for to, slot in rows)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="gantt" viewBox="0 0 {_WIDE} {high}" '
        f'width="{_WIDE}" height="{high}" role="img" aria-label="{said}">'
    )
    style = f"<title>{said}</title><style>{STYLE}</style>" if alone else ""
    parts = (
        head,
        style,
        *_grid(whole, high),
        *_labels(labels),
        *(_drawn(each, whole, names.short(each.move.to)) for each in bars),
        "</svg>",
    )
    return "".join(parts)


def _bar(move: PlannedMove, row: int) -> _Bar:
    if move.t_hi is None or move.begin_hi is None:
        return _Bar(move, row, move.t_lo, move.done_lo)
    return _Bar(move, row, move.begin_hi, move.t_hi)


def _grid(whole: float, high: int) -> Iterator[str]:
    step = next((each for each in _STEPS if whole / each <= _TICKS), _STEPS[-1])
    at = 0
    while at <= whole:
        x = _x(at, whole)
        yield f'<path class="gl" d="M{x:.1f} {_HEAD - 6}V{high}"></path>'
        if x < _WIDE - 40:
            yield f'<text x="{x + 2:.1f}" y="14">{lasting(at)}</text>'
        at += step


def _labels(rows: Iterable[tuple[str, int]]) -> Iterator[str]:
    for place, (name, slot) in enumerate(rows):
        y = _HEAD + place * _ROW + 15
        yield f'<text x="0" y="{y}">{_text(_cut(name, _NAME - 3))} {slot + 1}</text>'


def _drawn(bar: _Bar, whole: float, to: str) -> str:
    move, begin, end = bar.move, _x(bar.begin, whole), _x(bar.end, whole)
    width, y = max(end - begin, 2), _HEAD + bar.row * _ROW
    relocates = move.kind is Kind.RELOCATE
    said = f"{move.n}. {move.vm} to {to}, {size(move.memory)}, {between(move)}"
    kind = "gr" if relocates else "gb"
    shape = (
        f'<g><title>{_text(said)}</title><rect class="{kind}" x="{begin:.1f}" y="{y}" '
        f'width="{width:.1f}" height="{_ROW - 4}"></rect>'
    )
    found = [shape]
    if move.t_hi is not None:
        soonest = min(max(_x(move.done_lo, whole), begin), end)
        found.append(f'<path class="gm" d="M{soonest:.1f} {y + _ROW - 9}v5"></path>')
    label = _cut(f"{move.n} {move.vm}", int((width - 8) / _LETTER))
    if label:
        found.append(f'<text x="{begin + 4:.1f}" y="{y + 14}">{_text(label)}</text>')
    return "".join((*found, "</g>"))


def _x(seconds: float, whole: float) -> float:
    return _LEFT + seconds / whole * (_WIDE - _LEFT - 2)


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return f"{text[: length - 1]}\u2026" if length > 1 else ""


def _text(text: str) -> str:
    return escape(plain(text))
