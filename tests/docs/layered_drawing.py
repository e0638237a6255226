"""Draws who imports whom as SVG: layers from top to bottom, arrows downwards, nothing loaded.

Sugiyama's way, for a graph of some twenty nodes without rings: a node stands below all that point
to it, a long arrow gets a bend in each layer that it crosses, and the layers are put in order by
where their neighbours stand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

_WIDE, _HIGH = 112, 32
_ACROSS, _DOWN = 132, 64
_ROUNDS = 12
# The colours are the drawing's own: it is an image, and does not know the page's.
_STYLE = (
    "rect{fill:#eef2f6;stroke:#455a64}rect.card{fill:#fff;stroke:none}"
    "path{fill:none;stroke:#78909c;stroke-width:1.3}marker path{fill:#78909c;stroke:none}"
    "text{font:14px ui-monospace,Consolas,monospace;text-anchor:middle;fill:#102027}"
)
_HEAD = (
    '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>'
)

Graph = Mapping[str, set[str]]


@dataclass(frozen=True)
class _Layered:
    """Nodes and bends by layer, from left to right, and each arrow as the ones it passes."""

    layers: list[list[str]]
    ways: list[list[str]]


def drawing(graph: Graph) -> str:
    """Return the drawing of a graph without rings; the same graph gives the same bytes."""
    found = _layered(graph)
    for number in range(_ROUNDS):
        _in_order(found, downwards=number % 2 == 0)
    widest = max(len(layer) for layer in found.layers)
    width, height = widest * _ACROSS + 16, len(found.layers) * _DOWN + 8
    place = {
        name: (
            round(width / 2 + (index - (len(layer) - 1) / 2) * _ACROSS),
            round(8 + _DOWN * row + _HIGH / 2),
        )
        for row, layer in enumerate(found.layers)
        for index, name in enumerate(layer)
    }
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        "<title>The rooms of the code, and which imports which</title>",
        f"<style>{_STYLE}</style>",
        _HEAD,
        f'<rect class="card" width="{width}" height="{height}"/>',
        *(_arrow([place[each] for each in way]) for way in found.ways),
        *(_node(name, *place[name]) for name in graph),
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def _layered(graph: Graph) -> _Layered:
    row: dict[str, int] = {}
    while len(row) < len(graph):
        for name in graph:
            above = [each for each, below in graph.items() if name in below]
            if name not in row and all(each in row for each in above):
                row[name] = max((row[each] + 1 for each in above), default=0)
    layers: list[list[str]] = [[] for _ in range(max(row.values()) + 1)]
    for name in graph:
        layers[row[name]].append(name)
    ways = []
    for name in graph:
        for below in sorted(graph[name], key=list(graph).index):
            bends = [f"{name}>{below}>{each}" for each in range(row[name] + 1, row[below])]
            for number, bend in enumerate(bends, row[name] + 1):
                layers[number].append(bend)
            ways.append([name, *bends, below])
    return _Layered(layers, ways)


def _in_order(found: _Layered, *, downwards: bool) -> None:
    """Put each layer in the order of where its neighbours of the layer before stand."""
    steps = [step for way in found.ways for step in pairwise(way)]
    beside: dict[str, list[str]] = {}
    for upper, lower in steps:
        key, other = (lower, upper) if downwards else (upper, lower)
        beside.setdefault(key, []).append(other)
    rows = range(1, len(found.layers)) if downwards else range(len(found.layers) - 2, -1, -1)
    for number in rows:
        before = found.layers[number - 1 if downwards else number + 1]
        at = {name: index - (len(before) - 1) / 2 for index, name in enumerate(before)}
        layer = found.layers[number]
        now = {name: index - (len(layer) - 1) / 2 for index, name in enumerate(layer)}
        layer.sort(
            key=lambda name: (
                fmean(at[each] for each in beside[name]) if name in beside else now[name],
                now[name],
            )
        )


def _arrow(points: Sequence[tuple[int, int]]) -> str:
    (x, y), *rest = points
    y += _HIGH // 2
    parts = [f"M{x} {y}"]
    for number, (right, middle) in enumerate(rest):
        last = number == len(rest) - 1
        # A bend is passed from its top to its foot.
        top, foot = middle - _HIGH // 2, middle + _HIGH // 2
        half = (y + top) // 2
        parts.append(f"C{x} {half} {right} {half} {right} {top}")
        if not last:
            parts.append(f"V{foot}")
        x, y = right, foot
    return f'<path marker-end="url(#end)" d="{"".join(parts)}"/>'


def _node(name: str, x: int, y: int) -> str:
    left, top = x - _WIDE // 2, y - _HIGH // 2
    return (
        f'<rect x="{left}" y="{top}" width="{_WIDE}" height="{_HIGH}" rx="6"/>'
        f'<text x="{x}" y="{y + 5}">{name}</text>'
    )
