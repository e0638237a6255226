"""What a check says of itself: everything follows from its declaration and its docstring."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

from livemigration.facts.model import FactGroup, HostGroup, MethodGroup, Subject, Vantage, WmiGroup
from livemigration.verdict import findings
from livemigration.verdict.findings import Level, Reference
from livemigration.verdict.loader import LoadedCheck

_LEVELS: dict[Callable[..., Any], Level] = {
    findings.ok: Level.OK,
    findings.note: Level.NOTE,
    findings.warn: Level.WARNING,
    findings.fail: Level.FAIL,
    findings.not_applicable: Level.NOT_APPLICABLE,
}
_RESULTS = {
    Level.OK: "pass",
    Level.NOTE: "pass with a note",
    Level.WARNING: "warning (green, but listed)",
    Level.FAIL: "fail",
    Level.NOT_APPLICABLE: "not-applicable, with the reason",
}
_TARGETS = {Subject.HOST: "host", Subject.VMM: "VMM server"}


@dataclass(frozen=True)
class ReadFact:
    """A group of facts that a check reads. `needed`: without it the check is blocked at once."""

    name: str
    title: str
    source: str
    vantage: str
    needed: bool


@dataclass(frozen=True)
class Description:
    """A check as people read it. `results` are those that its code can come to."""

    identifier: str
    title: str
    area: str
    target: str
    paragraphs: tuple[str, ...]
    results: tuple[str, ...]
    reads: tuple[ReadFact, ...]
    references: tuple[Reference, ...]
    place: str
    opt_in: str | None

    @property
    def run(self) -> str:
        """The command that runs only this check."""
        option = f" {self.opt_in} NAME" if self.opt_in else ""
        return f"pytest -m livemigration {self.place}{option}"

    @property
    def run_area(self) -> str:
        """The command that runs the checks of its area."""
        option = f" {self.opt_in} NAME" if self.opt_in else ""
        return f'pytest -m "livemigration and {self.area}"{option}'


def describe(loaded: LoadedCheck) -> Description:
    """Return what a check says of itself."""
    check = loaded.check
    text, levels = inspect.getdoc(check.function) or "", levels_of(check.function)
    paragraphs = (" ".join(each.split()) for each in text.split("\n\n"))
    reads = [_read(group, needed=True) for group in check.needs]
    reads += [_read(group, needed=False) for group in check.may_need]
    return Description(
        identifier=check.identifier,
        title=check.title,
        area=check.area,
        target=_TARGETS[check.target],
        paragraphs=tuple(each for each in paragraphs if each and each != check.title),
        results=tuple(words for level, words in _RESULTS.items() if level in levels),
        reads=tuple(reads),
        references=check.refs,
        place=loaded.place,
        opt_in=check.opt_in,
    )


def _read(group: FactGroup[Any], *, needed: bool) -> ReadFact:
    return ReadFact(group.name, group.title, _source(group), group.vantage.value, needed)


def _source(group: FactGroup[Any]) -> str:
    if isinstance(group, WmiGroup):
        return f"{group.source} in {group.query.wmi_class.namespace}"
    if isinstance(group, MethodGroup):
        return f"{group.source} in {group.method.wmi_class.namespace}"
    if isinstance(group, HostGroup):
        return group.source
    if group.vantage is Vantage.DIRECTORY:
        return "LDAP"
    if group.vantage is Vantage.SUITE:
        return "Identify of WS-Management"
    return f"PowerShell on {group.vantage.value}"


def levels_of(function: Callable[..., Any]) -> frozenset[Level]:
    """Return the levels of the findings that a check's code can make, in its helpers as well.

    Read from the names that the code refers to, so a level that no path reaches may be among them.
    """
    found: set[Level] = set()
    seen: set[Callable[..., Any]] = set()
    waiting: list[Callable[..., Any]] = [function]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for each in _referred(current):
            if each in _LEVELS:
                found.add(_LEVELS[each])
            elif inspect.isfunction(each) and each.__module__ != findings.__name__:
                waiting.append(each)
    return frozenset(found)


# What helpers refer to is asked for each check that leads to them.
@lru_cache(maxsize=8192)
def _referred(function: Callable[..., Any]) -> tuple[Callable[..., Any], ...]:
    """Return what a function refers to by name: functions, and methods of classes it knows.

    Of a class of its own module, which somebody else may go through, all methods.
    """
    code, scope = function.__code__, function.__globals__
    known = [each for each in scope.values() if inspect.isclass(each)]
    found: list[Callable[..., Any]] = []
    for name in _names(code):
        value = scope.get(name)
        if inspect.isfunction(value):
            found.append(value)
        elif inspect.isclass(value) and value.__module__ == function.__module__:
            found += (each for name in vars(value) for each in _methods((value,), name))
        elif value is None:
            found += _methods(known, name)
    return tuple(found)


def _methods(classes: Iterable[type], name: str) -> Iterator[Callable[..., Any]]:
    """Yield what classes have under a name: a method, or what a property is made by."""
    for each in classes:
        found = vars(each).get(name)
        function = found.fget if isinstance(found, property) else found
        if inspect.isfunction(function):
            yield function


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
