"""Which rows of a class a query is about: its conditions, made ready once for all rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from livemigration.facts.cim import CimValue
from livemigration.lab import wql
from livemigration.lab.wql import Both, Comparison, Condition, Literal, Not, Select

Values = Mapping[str, CimValue]
Test = Callable[[Values], bool]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A query, what it asks of a row, and every property that it names, in lower case.

    It equals itself alone, so that it is quickly found where something is kept of it.
    """

    select: Select
    wanted: Test
    names: frozenset[str]


@lru_cache(maxsize=256)
def prepared(text: str) -> Prepared:
    """Return a query ready for rows; hosts are asked the same ones.

    Raises:
        WqlError: the text is not such a query.
    """
    select = wql.parse(text)
    return Prepared(select, compiled(select.where), wql.names(select))


@lru_cache(maxsize=256)
def whole(class_name: str) -> Prepared:
    """Return the query for every row of a class."""
    return Prepared(Select((), class_name), compiled(None), frozenset())


def compiled(condition: Condition | None) -> Test:
    """Return whether rows meet a condition; strings compare in any case, as WMI does."""
    if condition is None:
        return lambda _row: True
    if isinstance(condition, Comparison):
        return _comparison(condition)
    if isinstance(condition, Not):
        inner = compiled(condition.condition)
        return lambda row: not inner(row)
    if condition.operator == "OR":
        return _any(list(_alternatives(condition)))
    left, right = compiled(condition.left), compiled(condition.right)
    return lambda row: left(row) and right(row)


def _alternatives(condition: Condition) -> Iterator[Condition]:
    """Yield what OR joins, from left to right: a long chain is no deep one."""
    waiting = [condition]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Both) and each.operator == "OR":
            waiting += [each.right, each.left]
        else:
            yield each


def _any(alternatives: list[Condition]) -> Test:
    """Return whether one of them holds; texts that one property may be are looked up at once."""
    texts: dict[str, set[str]] = {}
    others: list[Test] = []
    for each in alternatives:
        if isinstance(each, Comparison) and each.operator == "=" and isinstance(each.value, str):
            texts.setdefault(each.name, set()).add(each.value)
        else:
            others.append(compiled(each))
    others += [_one_of(name, wanted) for name, wanted in texts.items()]
    return lambda row: any(test(row) for test in others)


def _one_of(name: str, wanted: set[str]) -> Test:
    read = _reader(name)
    folded = {each.casefold() for each in wanted}

    def holds(row: Values) -> bool:
        found = read(row)
        if isinstance(found, str):
            return found.casefold() in folded
        # A comparison with NULL is never true.
        return found is not None and any(_equal(found, each) for each in wanted)

    return holds


def _reader(name: str) -> Callable[[Values], CimValue]:
    """Return what reads a property, its name in any case."""
    wanted = name.casefold()

    def read(row: Values) -> CimValue:
        if name in row:
            return row[name]
        return next((value for key, value in row.items() if key.casefold() == wanted), None)

    return read


def _comparison(condition: Comparison) -> Test:
    read, value = _reader(condition.name), condition.value
    if condition.operator in {"IS", "IS NOT"}:
        null = condition.operator == "IS"
        return lambda row: (read(row) in {None, ()}) == null
    if condition.operator == "LIKE":
        matches = _pattern(str(value)).fullmatch
        return lambda row: (found := read(row)) is not None and matches(str(found)) is not None
    compare = _COMPARE[condition.operator]

    def holds(row: Values) -> bool:
        found = read(row)
        # A comparison with NULL is never true.
        return found is not None and compare(found, value)

    return holds


def _comparable(found: CimValue, wanted: Literal) -> tuple[int, int] | tuple[str, str]:
    """Return both as numbers where the property is one, else both as texts in any case."""
    if isinstance(found, int) and not isinstance(found, bool):
        with suppress(ValueError):
            return int(found), int(str(wanted))
    return str(found).casefold(), str(wanted).casefold()


def _less(found: CimValue, wanted: Literal) -> bool:
    left, right = _comparable(found, wanted)
    return left < right  # type: ignore[operator]  # both are numbers or both are texts


def _equal(found: CimValue, wanted: Literal) -> bool:
    left, right = _comparable(found, wanted)
    return left == right


def _pattern(wanted: str) -> re.Pattern[str]:
    parts = [""]
    for part in re.findall(r"\[[^\]]*\]|.", wanted, re.DOTALL):
        if part == "%":
            parts.append("")
        else:
            parts[-1] += _one_character(part)
    pattern = parts[0]
    if len(parts) > 1:
        # Each piece where it first fits, for good: many % would else be tried in every way.
        between = "".join(f"(?>.*?{each})" for each in parts[1:-1])
        pattern = f"{pattern}{between}.*{parts[-1]}"
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)


def _one_character(part: str) -> str:
    if part == "_":
        return "."
    if part.startswith("[") and len(part) > 2:
        inside = part[1:-1]
        negated = inside.startswith("^") and len(inside) > 1
        return f"[{'^' if negated else ''}{_char_class(inside[negated:])}]"
    return re.escape(part)


def _char_class(inside: str) -> str:
    ranges = re.findall(r"(.)-(.)|(.)", inside, re.DOTALL)
    return "".join(
        re.escape(single) if single else f"{re.escape(min(a, b))}-{re.escape(max(a, b))}"
        for a, b, single in ranges
    )


_COMPARE: dict[str, Callable[[CimValue, Literal], bool]] = {
    "=": _equal,
    "<>": lambda found, wanted: not _equal(found, wanted),
    "<": _less,
    ">": lambda found, wanted: not _less(found, wanted) and not _equal(found, wanted),
    "<=": lambda found, wanted: _less(found, wanted) or _equal(found, wanted),
    ">=": lambda found, wanted: not _less(found, wanted),
}
