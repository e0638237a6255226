"""Who can go where as plain text: for a terminal, and in code of Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import counted
from livemigration.report.boards import BESIDES, Board, Boards

_ASSUMED = "assumed to exchange virtual machines: the inventory declares no group"


def lines_of(boards: Boards) -> Iterator[str]:
    """Yield all boards, and what is said beside them."""
    for board in boards.boards:
        yield from board_lines(board)
        yield ""
    yield from boards.lines
    if boards.boards or boards.free:
        yield BESIDES


def board_lines(board: Board) -> Iterator[str]:
    """Yield a board: a row for each class that sends, and a line for each cause."""
    assumed = "" if board.declared else f" They are only {_ASSUMED}."
    yield f"{board.sentence}{assumed}"
    if not board.rows:
        return
    letters = max(len(each.letter) for each in board.alike)
    wide = max((len(str(each.number)) for each in board.causes), default=0) + max(letters, 1) + 1
    first = max(len(each.letter) for each in board.senders) + 2
    yield " " * first + "".join(f"{each.letter:<{wide}}" for each in board.alike).rstrip()
    for alike, row in zip(board.senders, board.rows, strict=True):
        cells = "".join(f"{e.sign.plain}{e.number or ''}".ljust(wide) for e in row)
        yield f"{alike.letter:<{first}}{cells} {alike.label.partition(' ')[2]}"
    if board.senders is not board.alike:
        yield from (f"{each.letter} is {each.label.partition(' ')[2]}" for each in board.alike)
    yield "; ".join(f"{each.plain} {each.word}" for each in board.signs)
    yield from cause_lines(board)
    if board.rest:
        yield (
            f"{counted(board.rest, 'host')} more are unlike all others and have no row: "
            "livemigration matrix --host NAME shows one."
        )


def cause_lines(board: Board) -> Iterator[str]:
    """Yield each cause of a board with the ways on which it decides."""
    for each in board.causes:
        check = f"{each.said.check} " if each.said.check else ""
        yield f"{each.number:>2} {each.sign.word}: {check}{each.text} {each.where}"
