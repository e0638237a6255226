"""Lines of a terminal: how wide they are, where they wrap, and how many they may become.

Without a width nothing wraps: a line of a log stays whole, so that it can be searched for.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from livemigration.report.text import plain

# A line of a log that may be cut is cut here.
LONGEST = 300
_CUT = "..."
_LEAST_ROOM = 20


class Tone(Enum):
    """What a line is, for its colour; what it says never depends on that."""

    TEXT = "text"
    TITLE = "title"
    BAD = "bad"
    WARNING = "warning"
    GOOD = "good"


@dataclass(frozen=True)
class Line:
    """A line that may become several on a terminal.

    `hang`: columns by which what wraps is indented. `most`: how many lines it may become, the rest
    is cut off; 0: as many as it takes. `end` stays when the text is cut. `whole`: it is never
    wrapped, as commands and paths are copied. `logged`: a log has it uncut.
    """

    text: str
    hang: int = 0
    tone: Tone = Tone.TEXT
    most: int = 0
    end: str = ""
    whole: bool = False
    logged: bool = False


@dataclass(frozen=True)
class Field:
    """A line of a block, and how much it matters: fields of a low rank are kept longest."""

    line: Line
    rank: int


def columns(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def laid_out(line: Line, width: int | None) -> list[str]:
    """Return the lines of a terminal that a line becomes, with nothing in them that steers it."""
    text, end = plain(line.text).rstrip(), plain(line.end)
    if line.whole:
        return [text + end]
    if width is None:
        if line.most and not line.logged and len(text) > LONGEST:
            text = text[: LONGEST - len(_CUT)].rstrip() + _CUT
        return [text + end]
    if not line.most:
        return list(_wrapped(text + end, width, line.hang))
    return _cut(text, end, width, line)


def _cut(text: str, end: str, width: int, line: Line) -> list[str]:
    made = list(_wrapped(text + end, width, line.hang))
    if len(made) <= line.most and all(columns(each) <= width for each in made):
        return made
    words = text.split(" ")
    for last in range(len(words) - 1, 0, -1):
        made = list(_wrapped(" ".join(words[:last]) + _CUT + end, width, line.hang))
        if len(made) <= line.most and all(columns(each) <= width for each in made):
            return made
    return [_narrow(text, width - columns(_CUT + end)) + _CUT + end]


def _narrow(text: str, room: int) -> str:
    used, kept = 0, ""
    for each in text:
        used += _columns_of(each)
        if used > room:
            break
        kept += each
    return kept


def _wrapped(text: str, width: int, hang: int) -> Iterator[str]:
    """Yield a text in lines; the indentation of the first is its own."""
    if columns(text) <= width:
        yield text
        return
    begin = text[:hang] if text[:hang].endswith(" ") else ""
    begin = begin or text[: len(text) - len(text.lstrip(" "))]
    further = " " * (hang if width - hang >= _LEAST_ROOM else 0)
    made, used, empty = begin, columns(begin), True
    for word in text[len(begin) :].split():
        wide = columns(word)
        if not empty and used + 1 + wide > width:
            yield made
            made, used, empty = further, len(further), True
        made += word if empty else f" {word}"
        used += wide if empty else wide + 1
        empty = False
    yield made


def fitted(fields: Sequence[Field], room: int, width: int | None) -> tuple[Line, ...]:
    """Return the fields that so many lines have room for, in their order.

    Each gets a line first, then what matters most gets what it needs; the rest of a text is cut.
    """
    kept = sorted(fields, key=lambda each: each.rank)[:room]
    spare, most = room - len(kept), {}
    for each in kept:
        more = min(spare, len(laid_out(each.line, width)) - 1)
        most[id(each)] = 1 + more
        spare -= more
    return tuple(
        Line(each.line.text, each.line.hang, each.line.tone, most[id(each)], each.line.end)
        for each in fields
        if id(each) in most
    )


def height(lines: Iterable[Line], width: int | None) -> int:
    """Return how many lines of a terminal these become."""
    return sum(len(laid_out(line, width)) for line in lines)


def bounded(lines: Sequence[Line], room: int, width: int | None, more: str) -> tuple[Line, ...]:
    """Return the first lines that there is room for, then how many more there are.

    Args:
        lines: the lines, what matters most first.
        room: how many lines of a terminal they may become.
        width: of the terminal.
        more: what the others are, with `{}` for their number.
    """
    if height(lines, width) <= room:
        return tuple(lines)
    kept: list[Line] = []
    left = room - 1
    for line in lines:
        left -= len(laid_out(line, width))
        if left < 0:
            break
        kept.append(line)
    return (*kept, Line(more.format(len(lines) - len(kept))))
