"""Node ids that were pasted in numbers, such as those of everything that failed.

pytest compares each with every test of its module, which for a thousand of them takes a minute.
Here those of one function are asked for by its name, and what nobody named is left out again.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import pytest

# Where a function stands: its file, and the names of its classes and its own.
Place = tuple[str, tuple[str, ...]]
_MOST_TOLD = 10


@dataclass
class _Function:
    """What was pasted of one function: what stands in brackets, and which argument that was."""

    text: str
    ids: dict[str, int] = field(default_factory=dict)
    found: set[str] = field(default_factory=set)
    is_there: bool = False

    @property
    def missing(self) -> Iterator[str]:
        """The ids that nothing was found for, of a function that there is."""
        if self.is_there:
            yield from (f"{self.text}[{each}" for each in self.ids if each not in self.found)


class Pasted:
    """A plugin of pytest that leaves of some functions only what was named."""

    def __init__(self, functions: dict[Place, _Function]) -> None:
        self._functions = functions
        self._order: dict[pytest.Item | pytest.Collector, int] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Leave out what was not named."""
        report = yield
        if report.passed and isinstance(collector, pytest.File | pytest.Class):
            above = _names(collector)
            report.result = [each for each in report.result if self._keeps(collector, above, each)]
        return report

    def _keeps(
        self,
        collector: pytest.Collector,
        above: tuple[str, ...],
        node: pytest.Item | pytest.Collector,
    ) -> bool:
        name, _, identifier = node.name.partition("[")
        function = self._functions.get((_file(collector.path), (*above, name)))
        if function is None:
            return True
        function.is_there = True
        if identifier not in function.ids:
            return False
        function.found.add(identifier)
        self._order[node] = function.ids[identifier]
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, items: list[pytest.Item]
    ) -> Generator[None, object, object]:
        """Put what was named into the order in which it was named, before others do theirs."""
        places = [place for place, item in enumerate(items) if item in self._order]
        named = sorted((items[place] for place in places), key=lambda item: self._order[item])
        for place, item in zip(places, named, strict=True):
            items[place] = item
        return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self) -> None:
        """Refuse an id that nothing was found for, as pytest does.

        Raises:
            pytest.UsageError: with the ids.
        """
        missing = [each for function in self._functions.values() for each in function.missing]
        if not missing:
            return
        more = len(missing) - _MOST_TOLD
        raise pytest.UsageError(
            *(f"not found: {each}" for each in missing[:_MOST_TOLD]),
            *([f"and {more} more."] if more > 0 else []),
            "The inventory has no such machine, or an option such as --limit leaves it out.",
        )


def fold(config: pytest.Config) -> None:
    """Ask for each function once of which several ids are given, and leave out the rest later."""
    if config.option.pyargs or config.option.keepduplicates:
        return
    functions, places = _functions(config)
    if not functions:
        return
    arguments: dict[str, None] = {}
    for argument, place in zip(config.args, places, strict=True):
        function = functions.get(place) if place is not None else None
        arguments[function.text if function is not None else argument] = None
    config.args[:] = arguments
    config.pluginmanager.register(Pasted(functions), "livemigration-pasted")


def _functions(
    config: pytest.Config,
) -> tuple[dict[Place, _Function], list[Place | None]]:
    """Return the functions of which several ids are given, and where each argument belongs.

    Not those that another argument asks for as a whole: pytest leaves out their ids by itself.
    """
    here = config.invocation_params.dir
    functions: dict[Place, _Function] = {}
    whole: list[Place] = []
    places: list[Place | None] = []
    for number, argument in enumerate(config.args):
        base, bracket, identifier = argument.partition("[")
        path, *names = base.split("::")
        place = _file(here / path), tuple(names)
        if bracket and names:
            functions.setdefault(place, _Function(base)).ids.setdefault(identifier, number)
            places.append(place)
        else:
            whole.append(place)
            places.append(None)
    several = {
        place: function
        for place, function in functions.items()
        if len(function.ids) > 1 and not any(_holds(each, place) for each in whole)
    }
    return several, places


def _holds(whole: Place, place: Place) -> bool:
    """Whether what is asked for as a whole has a function in it."""
    (path, names), (file, own) = whole, place
    if path == file:
        return own[: len(names)] == names
    return not names and file.startswith(path.rstrip(os.sep) + os.sep)


def _file(path: os.PathLike[str]) -> str:
    return os.path.normcase(os.path.abspath(path))  # noqa: PTH100 - as pytest does, links as they are


def _names(collector: pytest.Collector) -> tuple[str, ...]:
    """Return the names of a class and of those around it, in their file."""
    chain = collector.listchain()
    return tuple(each.name for each in chain if isinstance(each, pytest.Class))
