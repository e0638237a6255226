"""WQL as the lab understands it: SELECT with comparisons, LIKE, IS NULL, AND, OR and NOT.

Not understood, and refused: ASSOCIATORS OF, REFERENCES OF, ISA and event queries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from livemigration.cim import CimValue

_TOKEN = re.compile(
    r"""\s*(?:
        ('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")   # a string
      | (-?\d+)
      | (<>|!=|<=|>=|=|<|>|\*|,|\(|\))
      | ([A-Za-z_]\w*)
    )""",
    re.VERBOSE | re.ASCII,
)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_OPERATORS = ("=", "<>", "<", ">", "<=", ">=", "LIKE", "IS", "IS NOT")
# Bounds of the lab's own: what is too much for WMI is not known.
_DEEPEST = 50
_LONGEST = 16384
_MOST_CONDITIONS = 200

Literal = str | int | bool | None


class WqlError(ValueError):
    """The text is not a query that the lab understands."""


@dataclass(frozen=True)
class Comparison:
    """One property against one constant; IS and IS NOT stand before NULL only."""

    name: str
    operator: str
    value: Literal


@dataclass(frozen=True)
class Not:
    """A condition that must not hold."""

    condition: Condition


@dataclass(frozen=True)
class Both:
    """Two conditions joined by `operator`, AND or OR."""

    operator: str
    left: Condition
    right: Condition


Condition = Comparison | Not | Both


@dataclass(frozen=True)
class Select:
    """A query. No columns: `*`."""

    columns: tuple[str, ...]
    class_name: str
    where: Condition | None = None


def parse(text: str) -> Select:
    """Return a query's tree.

    Raises:
        WqlError: the text is not such a query.
    """
    return _Parser(_tokens(text)).select()


def render(select: Select) -> str:
    """Return the text of a tree."""
    columns = ", ".join(select.columns) or "*"
    tail = f" WHERE {_condition(select.where)}" if select.where is not None else ""
    return f"SELECT {columns} FROM {select.class_name}{tail}"  # noqa: S608 - no database here


def names(select: Select) -> frozenset[str]:
    """Return every property that a query names, in lower case."""
    found = {each.casefold() for each in select.columns}
    open_conditions = [select.where]
    while open_conditions:
        condition = open_conditions.pop()
        if isinstance(condition, Comparison):
            found.add(condition.name.casefold())
        elif isinstance(condition, Not):
            open_conditions.append(condition.condition)
        elif isinstance(condition, Both):
            open_conditions += [condition.left, condition.right]
    return frozenset(found)


def matches(condition: Condition | None, row: Mapping[str, CimValue]) -> bool:
    """Whether a row meets a condition; strings compare in any case, as WMI does."""
    if condition is None:
        return True
    if isinstance(condition, Not):
        return not matches(condition.condition, row)
    if isinstance(condition, Both):
        left, right = matches(condition.left, row), matches(condition.right, row)
        return left and right if condition.operator == "AND" else left or right
    found = {name.casefold(): value for name, value in row.items()}.get(condition.name.casefold())
    if condition.operator in {"IS", "IS NOT"}:
        return (found in {None, ()}) == (condition.operator == "IS")
    # A comparison with NULL is never true.
    return found is not None and _COMPARE[condition.operator](found, condition.value)


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


def _like(found: CimValue, wanted: Literal) -> bool:
    parts = [""]
    for part in re.findall(r"\[[^\]]*\]|.", str(wanted), re.DOTALL):
        if part == "%":
            parts.append("")
        else:
            parts[-1] += _one_character(part)
    pattern = parts[0]
    if len(parts) > 1:
        # Each piece where it first fits, for good: many % would else be tried in every way.
        between = "".join(f"(?>.*?{each})" for each in parts[1:-1])
        pattern = f"{pattern}{between}.*{parts[-1]}"
    return re.fullmatch(pattern, str(found), re.IGNORECASE | re.DOTALL) is not None


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
    "LIKE": _like,
}


def _condition(condition: Condition) -> str:
    if isinstance(condition, Comparison):
        return f"{condition.name} {condition.operator} {_literal(condition.value)}"
    if isinstance(condition, Not):
        return f"NOT ({_condition(condition.condition)})"
    left, right = _condition(condition.left), _condition(condition.right)
    return f"({left}) {condition.operator} ({right})"


def _literal(value: Literal) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool | int):
        return str(value).upper()
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    text = text.rstrip()
    if len(text) > _LONGEST:
        raise WqlError("the query is too long")
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise WqlError(f"unexpected text at {position}")
        tokens.append(match.group(0).strip())
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._depth = 0
        self._conditions = 0

    def select(self) -> Select:
        self._word("SELECT")
        columns: tuple[str, ...] = ()
        if self._peek() == "*":
            self._next()
        else:
            columns = self._names()
        self._word("FROM")
        name = self._name()
        where = None
        if self._tokens:
            self._word("WHERE")
            where = self._either()
        if self._tokens:
            raise WqlError(f"unexpected {self._tokens[0]}")
        return Select(columns, name, where)

    def _names(self) -> tuple[str, ...]:
        names = [self._name()]
        while self._peek() == ",":
            self._next()
            names.append(self._name())
        return tuple(names)

    def _either(self) -> Condition:
        left = self._all()
        while self._peek() == "OR":
            self._next()
            left = Both("OR", left, self._all())
        return left

    def _all(self) -> Condition:
        left = self._one()
        while self._peek() == "AND":
            self._next()
            left = Both("AND", left, self._one())
        return left

    def _one(self) -> Condition:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise WqlError("the query is nested too deeply")
        try:
            if self._peek() == "NOT":
                self._next()
                return Not(self._one())
            if self._peek() == "(":
                self._next()
                inner = self._either()
                self._word(")")
                return inner
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Comparison:
        self._conditions += 1
        if self._conditions > _MOST_CONDITIONS:
            raise WqlError("the query has too many conditions")
        name, operator = self._name(), self._next().upper()
        if operator == "!=":
            operator = "<>"
        if operator == "IS" and self._peek() == "NOT":
            self._next()
            operator = "IS NOT"
        if operator not in _OPERATORS:
            raise WqlError(f"unknown operator {operator}")
        value = self._value()
        if (value is None) != operator.startswith("IS"):
            raise WqlError(f"{operator} and {_literal(value)} do not go together")
        if operator == "LIKE" and not isinstance(value, str):
            raise WqlError("LIKE needs a text")
        return Comparison(name, operator, value)

    def _value(self) -> Literal:
        text = self._next()
        if text[0] in "'\"":
            return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
        if re.fullmatch(r"-?[0-9]{1,20}", text):
            return int(text)
        constants: dict[str, Literal] = {"TRUE": True, "FALSE": False, "NULL": None}
        if text.upper() in constants:
            return constants[text.upper()]
        raise WqlError(f"not a constant: {text}")

    def _peek(self) -> str:
        return self._tokens[0].upper() if self._tokens else ""

    def _next(self) -> str:
        if not self._tokens:
            raise WqlError("the query ends too early")
        return self._tokens.pop(0)

    def _word(self, word: str) -> None:
        if (found := self._next()).upper() != word:
            raise WqlError(f"expected {word}, found {found}")

    def _name(self) -> str:
        name = self._next()
        if not _NAME.fullmatch(name):
            raise WqlError(f"not a name: {name}")
        return name
