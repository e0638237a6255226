"""WQL as the lab understands it: SELECT with comparisons, LIKE, IS NULL, AND, OR and NOT.

Not understood, and refused: ASSOCIATORS OF, REFERENCES OF, ISA and event queries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from livemigration.facts.cim import wql_text

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
    return wql_text(value)


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
