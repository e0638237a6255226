"""Who can go where, as a reader sees it: a board for each group of hosts, each cause once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from livemigration.base.text import capitalized, counted, listed
from livemigration.report.naming import Names
from livemigration.verdict.move_answers import Judged, Standing
from livemigration.verdict.move_matrix import HostMatrix, Matrix, MoveGroup

# What a board leaves out, as it is about hosts alone.
BESIDES = (
    "What keeps one virtual machine wherever it goes, and whether a host is ready, is not said "
    "here."
)
# Of so many hosts of a class a label names the first.
_NAMED = 2
_WAYS = 12


@dataclass(frozen=True)
class Sign:
    """How a standing is shown: a key for its style, a sign, one of ASCII, and the word for it."""

    key: str
    sign: str
    plain: str
    word: str


ALLOWED = Sign("pass", "✓", "+", "allowed")
SAME = Sign("na", "·", ".", "the host itself")
SOME = Sign("several", "~", "~", "refused for some virtual machines")
_SIGNS: Mapping[Standing, Sign] = {
    Standing.ALLOWED: ALLOWED,
    Standing.WARNED: Sign("warning", "!", "!", "allowed, with a warning"),
    Standing.UNKNOWN: Sign("unknown", "?", "?", "not known"),
    Standing.REFUSED: Sign("fail", "✕", "x", "refused"),
    Standing.NOT_MEANT: Sign("none", "", " ", "not meant to exchange virtual machines"),
}


def sign_of(said: Judged) -> Sign:
    """Return how it is shown what is said of a move."""
    if said.some and said.standing is Standing.REFUSED:
        return SOME
    return _SIGNS[said.standing]


@dataclass(frozen=True)
class Alike:
    """Hosts that are equals: their letter on the board, and their names."""

    letter: str
    names: tuple[str, ...]
    label: str


@dataclass(frozen=True)
class Square:
    """What is said of moves from one class to another; `number` is that of its cause, 0: none."""

    sign: Sign
    number: int
    words: str


@dataclass(frozen=True)
class Cause:
    """One cause, and the ways on which it decides: `A, C to B`, a sentence for each destination."""

    number: int
    sign: Sign
    said: Judged
    ways: tuple[str, ...]

    @property
    def text(self) -> str:
        """The cause as a sentence, without the check."""
        some = " (some virtual machines)" if self.said.some and self.sign is not SOME else ""
        return f"{capitalized(self.said.cause)}{some}."

    @property
    def where(self) -> str:
        """The ways, in one text; of very many the first."""
        shown, more = self.ways[:_WAYS], len(self.ways) - _WAYS
        return "; ".join(shown) + (f"; and to {more} more" if more > 0 else "")


@dataclass(frozen=True)
class Board:
    """Sources from top to bottom, and destinations from left to right.

    The sources are the hosts of a group that exchange virtual machines with each other, and so are
    the destinations; or the sources are the virtual machines of one host. `declared`: by a group of
    the inventory or as nodes of one cluster; else some are only assumed to exchange them. `rest` is
    how many hosts have no row, being unlike all others.
    """

    number: int
    senders: tuple[Alike, ...]
    alike: tuple[Alike, ...]
    rows: tuple[tuple[Square, ...], ...]
    causes: tuple[Cause, ...]
    declared: bool
    rest: int

    @property
    def hosts(self) -> int:
        """How many hosts have a row."""
        return sum(len(each.names) for each in self.alike)

    @property
    def signs(self) -> tuple[Sign, ...]:
        """The signs that occur, for the legend."""
        return tuple(dict.fromkeys(each.sign for row in self.rows for each in row))

    @property
    def sentence(self) -> str:
        """The text that stands for a picture of it."""
        to = f"{counted(self.hosts, 'host')} in {_classes(self.alike)}"
        if self.senders is self.alike:
            return f"{to} of equals. From class to class: {self._counts}."
        machines = sum(len(each.names) for each in self.senders)
        of = f"{counted(machines, 'virtual machine')} in {_classes(self.senders)}"
        return f"{of} of equals, to {to}. From class to class: {self._counts}."

    @property
    def _counts(self) -> str:
        numbers: dict[str, int] = {}
        for row in self.rows:
            for each in row:
                if each.sign is not SAME:
                    numbers[each.sign.word] = numbers.get(each.sign.word, 0) + 1
        return listed(f"{number} {word}" for word, number in numbers.items())


def _classes(alike: Sequence[Alike]) -> str:
    return "1 class" if len(alike) == 1 else f"{len(alike)} classes"


@dataclass(frozen=True)
class Boards:
    """What a run shows of who can go where.

    `boards` are the groups in which something is to say, `free` those in which every host can send
    to every other, by the labels of their hosts. `alone` and `unplaced` are those of Matrix.
    """

    boards: tuple[Board, ...]
    free: tuple[str, ...]
    alone: tuple[str, ...]
    unplaced: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said beside the boards, a sentence each."""
        return (*self.well, *self.open)

    @property
    def well(self) -> tuple[str, ...]:
        """The groups in which every host can send to every other, a sentence each."""
        found = tuple(f"Every host can send to every other: {e}." for e in self.free[:_WAYS])
        more = len(self.free) - _WAYS
        return (*found, f"So it is in {counted(more, 'other group')}.") if more > 0 else found

    @property
    def open(self) -> tuple[str, ...]:
        """The hosts that are in no group, a sentence for each reason."""
        found = []
        if self.alone:
            found.append(
                f"No other host of this run exchanges virtual machines with {_label(self.alone)}."
            )
        if self.unplaced:
            found.append(
                "With whom they exchange virtual machines is not known, because their domain or "
                f"cluster could not be read: {_label(self.unplaced)}."
            )
        return tuple(found)


def boards_of(matrix: Matrix, names: Names) -> Boards:
    """Return what a matrix shows. `names` say how a reader knows each host."""
    boards: list[Board] = []
    free = []
    for group in matrix.groups:
        short = [tuple(map(names.short, each)) for each in group.classes]
        if _is_free(group, matrix.said):
            free.append(_label([each for names in short for each in names]))
        else:
            boards.append(_board(len(boards) + 1, group, matrix.said, short))
    alone, unplaced = (tuple(map(names.short, e)) for e in (matrix.alone, matrix.unplaced))
    return Boards(tuple(boards), tuple(free), alone, unplaced)


def _is_free(group: MoveGroup, said: Sequence[Judged]) -> bool:
    cells = [cell for row in group.cells for cell in row if cell is not None]
    return not group.rest and all(said[each].standing is Standing.ALLOWED for each in cells)


def _board(
    number: int, group: MoveGroup, said: Sequence[Judged], short: Sequence[tuple[str, ...]]
) -> Board:
    alike = _lettered(group.classes, short)
    return _drawn(number, (alike, alike), group.cells, said, len(group.rest))


def board_of_host(found: HostMatrix, names: Names) -> Board:
    """Return the board of the virtual machines of one host."""
    short = [tuple(map(names.short, each)) for each in found.destinations]
    alike = _lettered(found.destinations, short)
    machines = tuple(
        Alike(str(number), each, f"{number} {_label(each)}")
        for number, each in enumerate(found.machines, start=1)
    )
    return _drawn(1, (machines, alike), found.cells, found.said, 0)


def _lettered(
    classes: Sequence[tuple[str, ...]], short: Sequence[tuple[str, ...]]
) -> tuple[Alike, ...]:
    return tuple(
        Alike(letter, hosts, f"{letter} {_label(shown)}")
        for letter, hosts, shown in zip(_letters(), classes, short, strict=False)
    )


def _letters() -> Iterator[str]:
    """Yield A to Z, then AA, AB and so on."""
    yield from ascii_uppercase
    yield from (f"{one}{other}" for one in ascii_uppercase for other in ascii_uppercase)


def _drawn(
    number: int,
    sides: tuple[tuple[Alike, ...], tuple[Alike, ...]],
    cells: Sequence[Sequence[int | None]],
    said: Sequence[Judged],
    rest: int,
) -> Board:
    """Return a board. `sides` are its sources and its destinations."""
    senders, alike = sides
    numbers = _numbered(cells, said)
    rows = tuple(
        tuple(
            _square(cell, said, numbers, (one, other))
            for other, cell in zip(alike, row, strict=True)
        )
        for one, row in zip(senders, cells, strict=True)
    )
    causes = tuple(
        Cause(place, sign_of(said[cell]), said[cell], _ways(cell, cells, sides))
        for cell, place in numbers.items()
    )
    met = [said[cell] for row in cells for cell in row if cell is not None]
    declared = all(e.declared for e in met if e.standing is not Standing.NOT_MEANT)
    return Board(number, senders, alike, rows, causes, declared, rest)


def _numbered(cells: Sequence[Sequence[int | None]], said: Sequence[Judged]) -> dict[int, int]:
    """Return the numbers of the causes, in the order in which they are met."""
    found: dict[int, int] = {}
    for row in cells:
        for cell in row:
            if cell is not None and said[cell].cause:
                found.setdefault(cell, len(found) + 1)
    return found


def _square(
    cell: int | None,
    said: Sequence[Judged],
    numbers: Mapping[int, int],
    ends: tuple[Alike, Alike],
) -> Square:
    if cell is None:
        return Square(SAME, 0, SAME.word)
    sign, number = sign_of(said[cell]), numbers.get(cell, 0)
    why = f", {said[cell].check or 'cause'} ({number})" if number else ""
    return Square(sign, number, f"{ends[0].letter} to {ends[1].letter}: {sign.word}{why}")


def _ways(
    cell: int,
    cells: Sequence[Sequence[int | None]],
    sides: tuple[tuple[Alike, ...], tuple[Alike, ...]],
) -> tuple[str, ...]:
    """Return on which ways something is said, those of one kind together."""
    by_sources: dict[tuple[str, ...], list[str]] = {}
    for at, other in enumerate(sides[1]):
        sources = tuple(
            one.letter for one, row in zip(sides[0], cells, strict=True) if row[at] == cell
        )
        if sources:
            by_sources.setdefault(sources, []).append(other.letter)
    return tuple(
        f"{', '.join(sources)} to {', '.join(others)}" for sources, others in by_sources.items()
    )


def _label(names: Sequence[str]) -> str:
    """Return hosts in few words: the first of them, and how many more."""
    more = len(names) - _NAMED
    if more <= 1:
        return ", ".join(names)
    return f"{', '.join(names[:_NAMED])} and {more} more"
