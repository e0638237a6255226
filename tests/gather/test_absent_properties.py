"""A property that a release lacks is found out once per build, and never by `SELECT *`."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_turn import in_turn
from windows_host import NO_CLASS, NO_NAMESPACE

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import FailureKind
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.gather import properties
from livemigration.gather.properties import AbsentProperties, PropertyReader
from livemigration.gather.session import Session
from livemigration.wsman.errors import WsmanError, WsmanFault

BUILD = 20348
FILTER, INVALID_QUERY = 2150858778, 0x80041017


def thing(optional: int, *, by_patch: bool = False) -> WmiQuery:
    """Return a query for a class with so many optional properties."""
    named = tuple(
        WmiProperty(f"P{number}", CimType.UINT32, optional=True, by_patch=by_patch)
        for number in range(optional)
    )
    return WmiQuery(
        WmiClass("root/site", "Site_Thing", (WmiProperty("Id", CimType.STRING), *named))
    )


def both(of_build: int, by_patch: int) -> WmiQuery:
    """Return a query for a class with so many optional properties of a build, and of a patch."""
    named = [
        WmiProperty(f"{kind}{number}", CimType.UINT32, optional=True, by_patch=kind == "Q")
        for kind, count in (("P", of_build), ("Q", by_patch))
        for number in range(count)
    ]
    return WmiQuery(
        WmiClass("root/site", "Site_Thing", (*named, WmiProperty("Id", CimType.STRING)))
    )


def refusal(code: int = FILTER, reason: str = "no") -> WsmanFault:
    return WsmanFault(FailureKind.FAULT, reason, code=code)


@dataclass
class Host:
    """Stands in for a session: refuses a query that names a property of `lacks`."""

    lacks: Collection[str] = ()
    refuses: Callable[[WmiQuery], WsmanError | None] = lambda _: None
    before: Callable[[WmiQuery], None] = lambda _: None
    asked: list[WmiQuery] = field(default_factory=list)

    def enumerate(self, query: WmiQuery) -> Sequence[WmiRow]:
        self.asked.append(query)
        self.before(query)
        if (error := self.refuses(query)) is not None:
            raise error
        named = [each.name for each in query.wmi_class.properties if each.name not in query.absent]
        if not set(named).isdisjoint(self.lacks):
            raise refusal()
        return (WmiRow(query.wmi_class.name, dict.fromkeys(named, "1")),)


def reader(
    host: Host, run: AbsentProperties, build: int | None = BUILD, seconds: float = 30
) -> PropertyReader:
    deadline = Deadline.after(seconds)
    return PropertyReader(cast("Session", host), run, AbsentProperties(), build, deadline)


def names(rows: Sequence[WmiRow]) -> set[str]:
    (row,) = rows
    return set(row)


def lacking(optional: int) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from([f"P{number}" for number in range(optional)]))


@pytest.mark.long
@settings(max_examples=150)
@given(st.data())
def test_a_host_is_asked_for_exactly_what_it_has_and_the_next_one_at_once(
    data: st.DataObject,
) -> None:
    count = data.draw(st.integers(1, 6))
    lacks = data.draw(lacking(count))
    query, run = thing(count), AbsentProperties()
    present = {each.name for each in query.wmi_class.properties} - lacks
    first, second = Host(lacks), Host(lacks)
    assert names(reader(first, run).enumerate(query)) == present
    assert len(first.asked) <= (count + 2 if lacks else 1)
    assert names(reader(second, run).enumerate(query)) == present
    assert len(second.asked) == 1


def test_the_worst_case_is_two_requests_more_than_optional_properties() -> None:
    for count in range(2, 7):
        host = Host({f"P{number}" for number in range(count)})
        reader(host, AbsentProperties()).enumerate(thing(count))
        assert len(host.asked) == count + 2


def test_rows_are_asked_for_once_where_one_of_two_properties_is_there() -> None:
    host = Host({"P1"})
    assert names(reader(host, AbsentProperties()).enumerate(thing(2))) == {"Id", "P0"}
    assert [each.wql for each in host.asked] == [
        "SELECT Id, P0, P1 FROM Site_Thing",
        "SELECT Id, P0 FROM Site_Thing",
    ]


def test_one_optional_property_takes_one_request_more() -> None:
    host = Host({"P0"})
    assert names(reader(host, AbsentProperties()).enumerate(thing(1))) == {"Id"}
    assert [each.wql for each in host.asked] == [
        "SELECT Id, P0 FROM Site_Thing",
        "SELECT Id FROM Site_Thing",
    ]


@settings(max_examples=100)
@given(st.lists(lacking(3), min_size=2, max_size=6))
def test_a_host_that_differs_from_others_of_its_build_is_never_a_failure(
    lacks: list[set[str]],
) -> None:
    query, run = thing(3), AbsentProperties()
    for each in lacks:
        host = Host(each)
        found = names(reader(host, run).enumerate(query))
        assert found.isdisjoint(each)
        assert "Id" in found
        assert len(host.asked) <= 3 + 2


def test_another_build_is_asked_for_everything_again() -> None:
    query, run = thing(2), AbsentProperties()
    reader(Host({"P0"}), run, 9200).enumerate(query)
    newer = Host()
    assert names(reader(newer, run, 9600).enumerate(query)) == {"Id", "P0", "P1"}
    assert len(newer.asked) == 1


@pytest.mark.parametrize(("by_patch", "build"), [(True, BUILD), (False, None)])
def test_what_a_patch_brings_or_a_host_of_unknown_build_lacks_says_nothing_of_another(
    by_patch: bool, build: int | None
) -> None:
    query, run = thing(1, by_patch=by_patch), AbsentProperties()
    reader(Host({"P0"}), run, build).enumerate(query)
    patched = Host()
    assert names(reader(patched, run, build).enumerate(query)) == {"Id", "P0"}


def test_what_a_host_lacks_of_a_patched_class_is_found_out_once_of_that_host() -> None:
    host = Host({"P0"})
    own = reader(host, AbsentProperties())
    query = thing(1, by_patch=True)
    own.enumerate(query)
    own.enumerate(query)
    assert len(host.asked) == 3


@pytest.mark.long
@settings(max_examples=150)
@given(st.data())
def test_a_host_is_asked_for_what_its_build_has_and_what_its_own_patches_brought(
    data: st.DataObject,
) -> None:
    count, patches = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    query, run = both(count, patches), AbsentProperties()
    lacks = data.draw(lacking(count))
    for _ in range(3):
        patched = data.draw(st.sets(st.sampled_from([f"Q{each}" for each in range(patches)])))
        host = Host(lacks | patched)
        own = reader(host, run)
        present = {each.name for each in query.wmi_class.properties} - lacks - patched
        assert names(own.enumerate(query)) == present
        assert len(host.asked) <= count + patches + 4
        asked = len(host.asked)
        assert names(own.enumerate(query)) == present
        assert len(host.asked) == asked + 1


@pytest.mark.parametrize("lacks", [set[str](), {"P0", "P2"}])
def test_a_missing_patch_costs_every_other_host_of_a_known_build_one_request(
    lacks: set[str],
) -> None:
    query, run = both(3, 1), AbsentProperties()
    reader(Host(lacks), run).enumerate(query)
    for patch, requests in ((set[str](), 1), ({"Q0"}, 2)):
        host = Host(lacks | patch)
        reader(host, run).enumerate(query)
        assert len(host.asked) == requests


def test_a_class_with_a_patch_of_a_host_of_unknown_build_says_nothing_of_another() -> None:
    query, run = both(2, 1), AbsentProperties()
    reader(Host({"P0", "Q0"}), run, None).enumerate(query)
    assert names(reader(Host(), run, None).enumerate(query)) == {"Id", "P0", "P1", "Q0"}


@pytest.mark.parametrize("refused", [1, 2, 3])
def test_a_failure_that_is_not_about_the_query_ends_the_search_of_a_class_with_a_patch(
    refused: int,
) -> None:
    lost = WsmanError(FailureKind.UNREACHABLE, "the connection was closed")
    host = Host({"P0", "Q0"})
    host.refuses = lambda _: lost if len(host.asked) == refused else None
    with pytest.raises(WsmanError) as raised:
        reader(host, AbsentProperties()).enumerate(both(2, 1))
    assert raised.value is lost
    assert len(host.asked) == refused


def test_a_query_that_is_refused_for_another_reason_keeps_its_first_refusal() -> None:
    host = Host(refuses=lambda query: refusal(FILTER, f"refused: {len(query.absent)} left out"))
    with pytest.raises(WsmanFault, match="refused: 0 left out"):
        reader(host, AbsentProperties()).enumerate(thing(3))
    assert len(host.asked) == 3 + 2


OTHER = (
    WsmanFault(FailureKind.ACCESS_DENIED, "denied", code=5),
    WsmanFault(FailureKind.ACCESS_DENIED, "denied", code=FILTER, provider_codes=(0x80041003,)),
    WsmanFault(FailureKind.FAULT, "too slow", code=0x80338029),
    WsmanFault(FailureKind.FAULT, "quota", code=0x803381A6),
    WsmanFault(FailureKind.FAULT, "too large", code=0x80338026),
    WsmanFault(FailureKind.FAULT, "the provider failed", code=0x80338102),
    WsmanFault(FailureKind.FAULT, "no class", code=FILTER, provider_codes=(NO_CLASS,)),
    WsmanFault(FailureKind.FAULT, "no namespace", code=NO_NAMESPACE),
    WsmanError(FailureKind.UNREACHABLE, "the connection was closed"),
)


@in_turn("error", OTHER)
def test_a_failure_that_is_not_about_the_query_is_not_asked_about_again(error: WsmanError) -> None:
    host = Host({"P0"}, refuses=lambda _: error)
    with pytest.raises(WsmanError) as raised:
        reader(host, AbsentProperties()).enumerate(thing(2))
    assert raised.value is error
    assert len(host.asked) == 1


@in_turn("error", OTHER)
@in_turn("left_out", [1, 2])
def test_a_failure_while_it_is_found_out_is_told_and_makes_nothing_absent(
    error: WsmanError, left_out: int
) -> None:
    query, run = thing(2), AbsentProperties()

    def fails(asked: WmiQuery) -> WsmanError | None:
        return error if len(asked.absent) == left_out else None

    with pytest.raises(WsmanError) as raised:
        reader(Host({"P0", "P1"}, refuses=fails), run).enumerate(query)
    assert raised.value is error
    whole = Host()
    assert names(reader(whole, run).enumerate(query)) == {"Id", "P0", "P1"}


def test_hosts_of_one_build_at_once_share_what_one_of_them_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(properties, "_PATIENCE_SECONDS", 60)
    count, optional = 24, 3
    query, run = thing(optional), AbsentProperties()
    together = threading.Barrier(count)

    def meet(asked: WmiQuery) -> None:
        # Each asks before any is answered: nobody can know yet.
        if not asked.absent:
            together.wait(30)

    hosts = [Host({"P0", "P2"}, before=meet) for _ in range(count)]
    with ThreadPoolExecutor(count) as pool:
        found = list(
            pool.map(lambda each: names(reader(each, run, seconds=600).enumerate(query)), hosts)
        )
    assert found == [{"Id", "P1"}] * count
    later = [Host({"P0", "P2"}) for _ in range(10)]
    for each in later:
        reader(each, run).enumerate(query)
    total = sum(len(each.asked) for each in (*hosts, *later))
    assert total <= (count + len(later)) + count + optional


def test_a_host_does_not_wait_for_one_that_never_finds_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(properties, "_PATIENCE_SECONDS", 0.01)
    query, run = thing(1), AbsentProperties()
    stuck, answered = threading.Event(), threading.Event()

    def hang(asked: WmiQuery) -> None:
        if asked.absent:
            stuck.set()
            answered.wait(30)

    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lambda: reader(Host({"P0"}, before=hang), run).enumerate(query))
        assert stuck.wait(30)
        assert names(reader(Host({"P0"}), run).enumerate(query)) == {"Id"}
        answered.set()
        assert names(slow.result(30)) == {"Id"}


def test_a_host_that_is_lost_while_it_finds_out_leaves_it_to_the_next() -> None:
    query, run = thing(2), AbsentProperties()
    lost = WsmanError(FailureKind.UNREACHABLE, "the connection was closed")
    broken = Host({"P0"}, refuses=lambda asked: lost if asked.absent else None)
    with pytest.raises(WsmanError, match="closed"):
        reader(broken, run).enumerate(query)
    assert names(reader(Host({"P0"}), run).enumerate(query)) == {"Id", "P1"}


def test_two_runs_know_nothing_of_each_other() -> None:
    query = thing(1)
    reader(Host({"P0"}), AbsentProperties()).enumerate(query)
    fresh = Host()
    assert names(reader(fresh, AbsentProperties()).enumerate(query)) == {"Id", "P0"}


def test_a_class_of_optional_properties_alone_is_refused_where_it_is_written() -> None:
    only = WmiClass("root/site", "Site_Thing", (WmiProperty("A", CimType.STRING, optional=True),))
    with pytest.raises(ValueError, match="every release has"):
        WmiQuery(only)
    with pytest.raises(ValueError, match="only optional"):
        thing(1).without({"Id"})
    with pytest.raises(ValueError, match="is optional"):
        WmiProperty("A", CimType.STRING, by_patch=True)


@in_turn("group", HOST_WMI_GROUPS)
def test_every_query_of_the_suite_names_its_properties(group: Any) -> None:
    found = re.fullmatch(r"SELECT (\w+(?:, \w+)*) FROM (\w+)(?: WHERE .+)?", group.query.wql)
    assert found is not None
    assert found[1].split(", ") == [each.name for each in group.query.wmi_class.properties]
