"""What the suite uses of pytest in private so that a run of many checks stays cheap.

The rest of what is private stands in `compat.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import compress
from operator import not_
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import _pytest.fixtures
import _pytest.mark
import pytest
from _pytest.mark.structures import NodeKeywords
from _pytest.warnings import catch_warnings_for_item

try:
    from _pytest.nodeid import coerce_node_id
except ImportError:
    # Before pytest 9.2 an id is its text.
    coerce_node_id = str  # type: ignore[assignment]  # as the sentence above says


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """What all items of one function have in common.

    `keywords` are names that `-k` finds them by, beside those of pytest.
    """

    parent: pytest.Collector
    name: str
    markers: tuple[pytest.Mark, ...]
    keywords: frozenset[str]
    prefix: str = field(init=False)
    hook: Any = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefix", f"{self.parent.nodeid}::{self.name}[")
        object.__setattr__(self, "hook", self.parent.ihook)


class _Own:
    """An attribute that an item has only once somebody asks for it, or sets it."""

    def __init__(self, make: Callable[[LeanItem], object]) -> None:
        self._make = make
        self._name = ""

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, item: LeanItem | None, _: type) -> Any:
        if item is None:
            return self
        own = self._kept(item)
        if self._name not in own:
            own[self._name] = self._make(item)
        return own[self._name]

    def __set__(self, item: LeanItem, value: object) -> None:
        self._kept(item)[self._name] = value

    @staticmethod
    def _kept(item: LeanItem) -> dict[str, Any]:
        if item.own is None:
            item.own = {}
        return item.own


def _keywords(item: LeanItem) -> NodeKeywords:
    made = NodeKeywords(item)
    made.update({each.name: each for each in item.family.markers})
    return made


class LeanItem(pytest.Item):
    """An item of a tenth of the usual size: it keeps its family, and what it is of that.

    pytest's constructor is never called. What it would set is worked out where it is asked for.
    """

    __slots__ = ("family", "own", "target")
    family: Family
    target: str
    own: dict[str, Any] | None

    @classmethod
    def of(cls, family: Family, target: str) -> Self:
        """Return the item that has this in its brackets."""
        item = object.__new__(cls)
        item.family, item.target, item.own = family, target, None
        return item

    if not TYPE_CHECKING:
        # pytest sets these, and says of none that it may be a property.
        name = property(lambda self: f"{self.family.name}[{self.target}]")
        nodeid = _nodeid = property(lambda self: f"{self.family.prefix}{self.target}]")
        # What --lf read of its file is told apart from an id that was made of names.
        id = _id = property(lambda self: coerce_node_id(self.nodeid))
        parent = property(lambda self: self.family.parent)
        config = property(lambda self: self.family.parent.config)
        session = property(lambda self: self.family.parent.session)
        path = property(lambda self: self.family.parent.path)
        ihook = property(lambda self: self.family.hook)
        keywords = _Own(_keywords)
        own_markers = _Own(lambda item: list(item.family.markers))
        extra_keyword_matches = _Own(lambda item: set(item.family.keywords))
        user_properties = _Own(lambda _: [])
        _report_sections = _Own(lambda _: [])
        stash = _Own(lambda _: pytest.Stash())
        _store = property(lambda self: self.stash)

    def iter_markers_with_node(
        self, name: str | None = None
    ) -> Iterator[tuple[pytest.Item | pytest.Collector, pytest.Mark]]:
        """Yield the markers with whose they are, as pytest does."""
        own = self.own or {}
        for mark in own.get("own_markers", self.family.markers):
            if name is None or mark.name == name:
                yield self, mark
        yield from self.family.parent.iter_markers_with_node(name)  # type: ignore[misc]  # its class is private

    def listextrakeywords(self) -> set[str]:
        """Return the names that -k finds the item by, as pytest does."""
        own = self.own or {}
        found = self.family.parent.listextrakeywords()
        found.update(own.get("extra_keyword_matches", self.family.keywords))
        return found


@contextmanager
def collected_as_families() -> Iterator[None]:
    """Let pytest look at families of lean items where it would look at each of them.

    What -k and -m come to is worked out once for all that they cannot tell apart. Parameters, by
    which pytest sorts, no lean item has.
    """
    before = [(module, name, getattr(module, name)) for module, name, _ in _REPLACED]
    for module, name, make in _REPLACED:
        setattr(module, name, make(getattr(module, name)))
    try:
        yield
    finally:
        for module, name, own in before:
            setattr(module, name, own)


def _collecting(items_of: Callable[..., Iterator[pytest.Item]]) -> Callable[..., Any]:
    # Whether anybody wants to hear of each item, by family: to tell nobody takes as long.
    heard: dict[Family, bool] = {}

    def collect(session: pytest.Session, node: pytest.Item | pytest.Collector) -> Any:
        family = _family_of(node)
        if family is None:
            return items_of(session, node)
        if family not in heard:
            heard[family] = bool(family.hook.pytest_itemcollected.get_hookimpls())
        if heard[family]:
            family.hook.pytest_itemcollected(item=node)
        return (node,)

    return collect


def _family_of(node: pytest.Item | pytest.Collector) -> Family | None:
    """Return the family of an item; None: it is no lean one.

    To ask for the class of a node, which pytest made abstract, takes several times as long.
    """
    family: Family | None = getattr(node, "family", None)
    return family if isinstance(family, Family) else None


def _sorting(sort: Callable[[Sequence[pytest.Item]], list[pytest.Item]]) -> Callable[..., Any]:
    def leave(items: Sequence[pytest.Item]) -> list[pytest.Item]:
        lean = all(issubclass(each, LeanItem) for each in set(map(type, items)))
        return list(items) if lean else sort(items)

    return leave


def _choosing_by_keyword(choose: Callable[..., None]) -> Callable[..., None]:
    def by_keyword(items: list[pytest.Item], config: pytest.Config) -> None:
        # A keyword is a part of some name, in any case; of all names only the last tells items of
        # a family apart. What is no keyword does no harm here.
        words = [each.lower() for each in _WORDS.findall(config.option.keyword)]
        # No other word reaches from the name of a family into that of a target.
        reaching = any("[" in each for each in words)
        of_target: dict[str, tuple[bool, ...]] = {}

        def look(item: LeanItem) -> object:
            target = item.target
            if reaching or target not in of_target:
                ending = f"{item.family.name if reaching else ''}[{target}]".lower()
                of_target[target] = tuple([each in ending for each in words])
            return item.family, of_target[target]

        if words:
            _choose(items, config, choose, look)

    return by_keyword


def _choosing_by_mark(choose: Callable[..., None]) -> Callable[..., None]:
    def by_mark(items: list[pytest.Item], config: pytest.Config) -> None:
        if config.option.markexpr:
            _choose(items, config, choose, lambda item: item.family)

    return by_mark


class _Unheard:
    """A configuration in which nobody hears of what is deselected."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.hook = SimpleNamespace(pytest_deselected=lambda **_: None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._config, name)


def _choose(
    items: list[pytest.Item],
    config: pytest.Config,
    choose: Callable[..., None],
    look: Callable[[LeanItem], object],
) -> None:
    """Let pytest choose among one item of each look, and treat all others as that one."""
    lean = {each for each in set(map(type, items)) if issubclass(each, LeanItem)}
    nodes: list[Any] = items
    looks = [look(node) if type(node) in lean and node.own is None else node for node in nodes]
    # The first item of each look, put in last.
    shown = dict(zip(reversed(looks), reversed(items), strict=True))
    chosen = [shown[each] for each in dict.fromkeys(looks)]
    choose(chosen, _Unheard(config))
    if len(chosen) == len(shown):
        return
    kept = set(map(id, chosen))
    wanted = {each for each, item in shown.items() if id(item) in kept}
    marked = [each in wanted for each in looks]
    config.hook.pytest_deselected(items=list(compress(items, map(not_, marked))))
    items[:] = compress(items, marked)


_WORDS = re.compile(r"[^\s()]+")
# What pytest does with all items of a run, and what is done in its place.
_REPLACED: tuple[tuple[ModuleType | type, str, Callable[..., Callable[..., Any]]], ...] = (
    (pytest.Session, "genitems", _collecting),
    (_pytest.fixtures, "reorder_items", _sorting),
    (_pytest.mark, "deselect_by_keyword", _choosing_by_keyword),
    (_pytest.mark, "deselect_by_mark", _choosing_by_mark),
)


def leave_out_new_first(config: pytest.Config) -> None:
    """Keep no list of the ids of all items, where --nf does not ask which of them are new.

    pytest reads and writes it in every run, whether or not it is asked for.
    """
    if not getattr(config.option, "newfirst", False):
        config.pluginmanager.set_blocked("nfplugin")


def warnings_of(item: pytest.Item) -> AbstractContextManager[None]:
    """Collect warnings as pytest does while a test runs."""
    if not item.config.pluginmanager.hasplugin("warnings"):
        return _nothing()
    return catch_warnings_for_item(item.config, item.ihook, "runtest", item)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@dataclass(frozen=True, slots=True)
class _Told:
    """As much of a report as pytest looks at where it only counts."""

    nodeid: str
    failed: bool
    when: str = "call"

    @property
    def passed(self) -> bool:
        return not self.failed

    @property
    def skipped(self) -> bool:
        return False

    @property
    def id(self) -> object:
        return coerce_node_id(self.nodeid)


class Unreported:
    """What pytest knows of items that it gets no report of: how many failed, and which."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session
        self._last_failed: Any = session.config.pluginmanager.get_plugin("lfplugin")
        known = self._last_failed.lastfailed if self._last_failed is not None else ()
        self._known = frozenset(map(str, known))

    def passed(self, item: pytest.Item) -> None:
        """Take an item that did not fail off the list of --lf."""
        if self._known and item.nodeid in self._known:
            self._last_failed.pytest_runtest_logreport(_Told(item.nodeid, failed=False))

    def failed(self, item: pytest.Item) -> None:
        """Count a failure, for --maxfail and the exit code, and put it on the list of --lf."""
        told = _Told(item.nodeid, failed=True)
        self._session.pytest_runtest_logreport(told)  # type: ignore[arg-type]  # it looks at no more
        if self._last_failed is not None:
            self._last_failed.pytest_runtest_logreport(told)


def stop_where_asked(session: pytest.Session) -> None:
    """Stop as pytest's own loop does between two tests: what --maxfail and plugins ask for.

    Raises:
        pytest.Session.Failed: there are enough failures.
        pytest.Session.Interrupted: a plugin stops the session.
    """
    if session.shouldfail:
        raise session.Failed(session.shouldfail)
    if session.shouldstop:
        raise session.Interrupted(session.shouldstop)


def count_reports(
    config: pytest.Config, category: str, report: pytest.TestReport, number: int, *, shown: bool
) -> None:
    """Count one report as so many in pytest's totals, and in its percentages where it is shown."""
    reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    reporter._add_stats(category, [report] * number)
    if shown:
        done = reporter._progress_nodeids_reported
        # Only how many these are is looked at.
        done.update(range(len(done), len(done) + number))
