"""A board as a picture: sources from top to bottom, destinations from left to right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from livemigration.report.boards import Board, Square
from livemigration.report.text import plain

_CELL, _PITCH, _HEAD, _STEP = 34, 36, 26, 18
_LABEL, _LETTER = 208, 7.6
_LONGEST = 27

# For a file that stands by itself: as the page, in light and in dark.
_STYLE = (
    "svg{background:#fff;font:13px system-ui,sans-serif}text{fill:#1b2028}"
    ".w-cell{fill:#f6f7f9;stroke:#dfe3e8}.w-n{font-size:10px;fill:#545d69}.w-sign{font-weight:700}"
    ".w-pass{fill:#176b36}.w-fail{fill:#b42318}.w-several,.w-warning{fill:#875000}"
    ".w-unknown,.w-na{fill:#545d69}.c-fail{fill:#fdf1ef}.c-several,.c-warning{fill:#fff6df}"
    "@media(prefers-color-scheme:dark){svg{background:#14171c}text{fill:#e4e7eb}"
    ".w-cell{fill:#1c2027;stroke:#2d333c}.w-n{fill:#a3acb8}.w-pass{fill:#67cf8b}"
    ".w-fail{fill:#ff8a7d}.w-several,.w-warning{fill:#f0b64d}.w-unknown,.w-na{fill:#a3acb8}"
    ".c-fail{fill:#3a1f1d}.c-several,.c-warning{fill:#332a16}}"
)


def board_svg(board: Board) -> str:
    """Return the picture of a board for the page, whose style it takes."""
    width, height = _size(board)
    return _framed(board.sentence, width, height, "".join(_drawn(board, 0)))


def file_svg(boards: Sequence[Board], marks: str, beside: Sequence[str] = ()) -> str:
    """Return the picture of boards, one below the other, as a file of its own.

    Args:
        boards: the boards; their causes stand in words below each.
        marks: what stands above them, as that the run was of the lab; empty: nothing.
        beside: what stands below all of them, a line each.
    """
    top = float(_HEAD if marks else 0)
    drawn = [_line(17, marks)] if marks else []
    widest = len(marks) * _LETTER
    for board in boards:
        width, height = _size(board)
        lines = list(_causes(board))
        drawn += _drawn(board, top)
        drawn += [_line(top + height + 16 + _STEP * at, line) for at, line in enumerate(lines)]
        widest = max(widest, width, *(len(line) * _LETTER for line in lines), 0)
        top += height + _STEP * len(lines) + _CELL
    drawn += [_line(top + 16 + _STEP * at, line) for at, line in enumerate(beside)]
    widest = max(widest, *(len(line) * _LETTER for line in beside), 0)
    top += _STEP * len(beside) + 8
    said = " ".join((*(each.sentence for each in boards), *beside))
    return _framed(said, widest, top, f"<style>{_STYLE}</style>{''.join(drawn)}") + "\n"


def _line(y: float, text: str) -> str:
    return f'<text x="4" y="{y:g}">{_text(text)}</text>'


def _framed(said: str, width: float, height: float, drawn: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="who" viewBox="0 0 {width:.0f} '
        f'{height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img" '
        f"aria-label={quoteattr(plain(said))}>{drawn}</svg>"
    )


def _size(board: Board) -> tuple[float, float]:
    return _LABEL + len(board.alike) * _PITCH, _HEAD + len(board.senders) * _PITCH


def _drawn(board: Board, top: float) -> Iterator[str]:
    for at, each in enumerate(board.alike):
        middle = _LABEL + at * _PITCH + _CELL / 2
        yield f'<text x="{middle:g}" y="{top + 18:g}" text-anchor="middle">{each.letter}</text>'
    for at, each in enumerate(board.senders):
        yield _line(top + _HEAD + at * _PITCH + 22, _cut(each.label))
    for down, row in enumerate(board.rows):
        for along, square in enumerate(row):
            yield _square(square, _LABEL + along * _PITCH, top + _HEAD + down * _PITCH)


def _square(square: Square, x: float, y: float) -> str:
    sign, number = square.sign, ""
    if square.number:
        at = f'x="{x + _CELL - 4:g}" y="{y + 12:g}"'
        number = f'<text class="w-n" {at} text-anchor="end">{square.number}</text>'
    return (
        f'<g><title>{_text(square.words)}</title><rect class="w-cell c-{sign.key}" x="{x:g}" '
        f'y="{y:g}" width="{_CELL}" height="{_CELL}"></rect><text class="w-sign w-{sign.key}" '
        f'x="{x + 14:g}" y="{y + 23:g}" text-anchor="middle">{sign.sign}</text>{number}</g>'
    )


def _causes(board: Board) -> Iterator[str]:
    if board.senders is not board.alike:
        yield from (f"{each.letter} is {each.label.partition(' ')[2]}" for each in board.alike)
    for each in board.causes:
        check = f"{each.said.check}: " if each.said.check else ""
        yield f"{each.number} {each.sign.sign} {check}{each.text} {each.where}"


def _cut(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"


def _text(text: str) -> str:
    return escape(plain(text))
