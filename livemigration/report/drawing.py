"""Where each part of the picture of the network stands, in the units of its SVG.

Every connection is a lane of its own, so that no two lines cross: from the VMM server's line on the
left, over the bar of a subnet, to a host on the right. A connection that opened or was refused came
to the host, so its line does too; one that timed out ends at the bar.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livemigration.evidence.model import Reached
from livemigration.report.picture import OTHER_SUBNETS, Lane, Node, Picture
from livemigration.report.wording import counted

DRAWN_LANES = 6
_ROW = 22
_FIRST_BAR = 300
_BAR_STEP = 28
_BOX_WIDTH = 300
_BOX_HEAD = 44
_SERVER_HEIGHT = 50
_LEGEND_WIDTH = 700
_SHEET = 1700
_LETTERS_OF_BOX = 40
_LETTERS_OF_BAR = 44
_LETTERS_OF_SERVER = 38


@dataclass(frozen=True)
class Bar:
    """A subnet: a vertical line, with its name at the top, left of it."""

    x: int
    top: int
    text: str


@dataclass(frozen=True)
class Line:
    """A lane: `style` chooses line and mark; `label` stands above the line, `text` in the box."""

    y: int
    bar: int
    style: str
    label: str
    text: str


@dataclass(frozen=True)
class Box:
    """A host, or several."""

    y: int
    height: int
    name: str
    state: str
    tone: str
    lines: tuple[Line, ...]
    more: str
    more_y: int


@dataclass(frozen=True)
class Heading:
    """The cluster and groups of the boxes below it."""

    y: int
    text: str


@dataclass(frozen=True)
class Drawing:
    """The whole SVG."""

    width: int
    height: int
    box_x: int
    server_y: int
    server: str
    spine_end: int
    bars: tuple[Bar, ...]
    bars_end: int
    headings: tuple[Heading, ...]
    boxes: tuple[Box, ...]
    legend_y: int
    box_width: int = _BOX_WIDTH

    @property
    def fits_a_sheet(self) -> bool:
        """Whether it can still be read when it is printed on one sheet."""
        return self.height <= _SHEET


def drawing_of(picture: Picture) -> Drawing:
    """Return where everything of a picture stands."""
    bars = tuple(_bars(picture))
    places = {name: bar.x for (name, _), bar in zip(picture.subnets, bars, strict=True)}
    server_y = 24 + len(bars) * 18
    box_x = _FIRST_BAR + max(len(bars), 1) * _BAR_STEP
    y = server_y
    headings, boxes = [], []
    place = None
    for node in picture.nodes:
        if node.place != place:
            place = node.place
            y += 14
            headings.append(Heading(y + 10, shortened(place.title, _LETTERS_OF_BOX)))
            y += 20
        box = _box(node, y, places)
        boxes.append(box)
        y = box.y + box.height + 10
    lines = [line.y for box in boxes for line in box.lines if line.style != "attached"]
    # The server stands above the first lane, so that its line can go down to each.
    bottom = max(y, server_y + _SERVER_HEIGHT + 10)
    return Drawing(
        width=max(box_x + _BOX_WIDTH, _LEGEND_WIDTH) + 8,
        height=bottom + 100,
        box_x=box_x,
        server_y=server_y - 10,
        server=shortened(picture.vmm, _LETTERS_OF_SERVER),
        spine_end=max(lines, default=server_y),
        bars=bars,
        bars_end=y,
        headings=tuple(headings),
        boxes=tuple(boxes),
        legend_y=bottom + 16,
    )


def shortened(text: str, letters: int) -> str:
    """Return text that fits; the table below the picture has it whole."""
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def _bars(picture: Picture) -> Iterator[Bar]:
    # The leftmost bar has the lowest name: no name crosses another bar.
    number = len(picture.subnets)
    for place, (subnet, roles) in enumerate(picture.subnets):
        said = f"{subnet} {' and '.join(roles)}".strip()
        top = 20 + (number - 1 - place) * 18
        yield Bar(_FIRST_BAR + place * _BAR_STEP, top, shortened(said, _LETTERS_OF_BAR))


def _box(node: Node, y: int, places: dict[str, int]) -> Box:
    drawn = node.lanes[:DRAWN_LANES]
    left_out = len(node.lanes) - len(drawn) + node.lanes_left_out
    other = places.get(OTHER_SUBNETS, _FIRST_BAR)
    lines = tuple(
        _line(node, lane, y + _BOX_HEAD + 12 + place * _ROW, places.get(lane.subnet, other))
        for place, lane in enumerate(drawn)
    )
    more = ""
    if not drawn:
        more = "No address is known; see the table."
    elif left_out:
        more = f"{left_out} more; see the table."
    height = _BOX_HEAD + _ROW * (len(drawn) + bool(more)) + 4
    return Box(
        y,
        height,
        shortened(_name(node), _LETTERS_OF_BOX - 4),
        node.state,
        {"ready": "good", "not ready": "bad"}.get(node.state, "unsure"),
        lines,
        more,
        y + _BOX_HEAD + 12 + len(drawn) * _ROW,
    )


def _name(node: Node) -> str:
    if len(node.names) == 1:
        return node.names[0]
    return f"{len(node.names)} {'identical ' if node.alike else ''}hosts"


def _line(node: Node, lane: Lane, y: int, bar: int) -> Line:
    style = {
        Reached.OPEN: "open",
        Reached.REFUSED: "refused",
        Reached.TIMED_OUT: "timed-out",
        Reached.FAILED: "failed",
        None: "attached",
    }[lane.reached]
    if lane.foreign and lane.reached in {Reached.OPEN, Reached.REFUSED}:
        style = "elsewhere"
    label = f"{', '.join(map(str, lane.ports))} {lane.outcome}" if lane.reached else ""
    some = lane.hosts != len(node.names)
    where = lane.addresses[0] if len(lane.addresses) == 1 else lane.subnet
    words = [where, *lane.roles, *([counted(lane.hosts, "host")] if some else [])]
    return Line(y, bar, style, shortened(label, _LETTERS_OF_SERVER), _joined(words))


def _joined(words: list[str]) -> str:
    return shortened(" · ".join(words), _LETTERS_OF_BOX)
