"""WQL as far as the suite uses it: SELECT, FROM, WHERE with AND, OR, = and <>."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.cim import CimValue

_TOKEN = re.compile(r"\s*(?:('(?:[^'\\]|\\.)*')|(\d+)|(<>|=|\*|,|\(|\))|([A-Za-z_]\w*))")

Literal = str | int


class WqlError(ValueError):
    """The text is not a query that the lab understands."""


@dataclass(frozen=True)
class Comparison:
    """One property against one constant."""

    name: str
    operator: str
    value: Literal


@dataclass(frozen=True)
class Both:
    """Two conditions joined by `operator`, AND or OR."""

    operator: str
    left: Condition
    right: Condition


Condition = Comparison | Both


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


def matches(condition: Condition | None, row: Mapping[str, CimValue]) -> bool:
    """Whether a row meets a condition; strings compare in any case, as WMI does."""
    if condition is None:
        return True
    if isinstance(condition, Both):
        left, right = matches(condition.left, row), matches(condition.right, row)
        return left and right if condition.operator == "AND" else left or right
    found = {name.casefold(): value for name, value in row.items()}.get(condition.name.casefold())
    equal = str(found).casefold() == str(condition.value).casefold()
    return equal == (condition.operator == "=")


def _condition(condition: Condition) -> str:
    if isinstance(condition, Both):
        left, right = _condition(condition.left), _condition(condition.right)
        return f"({left} {condition.operator} {right})"
    value = condition.value
    if isinstance(value, str):
        quoted = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"{condition.name} {condition.operator} '{quoted}'"
    return f"{condition.name} {condition.operator} {value}"


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    stripped = text.rstrip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:
            raise WqlError(f"unexpected text at {position}")
        tokens.append(match.group(0).strip())
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

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
        while self._peek().upper() == "OR":
            self._next()
            left = Both("OR", left, self._all())
        return left

    def _all(self) -> Condition:
        left = self._one()
        while self._peek().upper() == "AND":
            self._next()
            left = Both("AND", left, self._one())
        return left

    def _one(self) -> Condition:
        if self._peek() == "(":
            self._next()
            inner = self._either()
            self._word(")")
            return inner
        name, operator, value = self._name(), self._next(), self._next()
        if operator not in {"=", "<>"}:
            raise WqlError(f"unknown operator {operator}")
        if value.startswith("'"):
            return Comparison(name, operator, re.sub(r"\\(.)", r"\1", value[1:-1]))
        if value.isdigit():
            return Comparison(name, operator, int(value))
        raise WqlError(f"not a constant: {value}")

    def _peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def _next(self) -> str:
        if not self._tokens:
            raise WqlError("the query ends too early")
        return self._tokens.pop(0)

    def _word(self, word: str) -> None:
        if (found := self._next()).upper() != word:
            raise WqlError(f"expected {word}, found {found}")

    def _name(self) -> str:
        name = self._next()
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise WqlError(f"not a name: {name}")
        return name
