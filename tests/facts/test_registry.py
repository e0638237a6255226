"""Fact groups are found, each once, in an order that does not depend on who imported what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from livemigration.facts import registry
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.host import OPERATING_SYSTEM, SERVICES
from livemigration.facts.model import FactGroup, Subject, Vantage, WmiGroup
from livemigration.facts.registry import GROUPS, HOST_GROUPS, HOST_WMI_GROUPS, by_name


def group(name: str) -> FactGroup[Any]:
    return FactGroup(name, name, Subject.HOST, Vantage.HOST, str)


def test_the_order_names_no_group_that_is_gone() -> None:
    assert set(registry._ORDER) <= GROUPS.keys()


def test_what_explains_the_failures_of_others_is_asked_for_before_them() -> None:
    assert HOST_WMI_GROUPS[0] is OPERATING_SYSTEM
    explained = [HOST_GROUPS.index(each) for each in HOST_GROUPS if each.provided_by_vmms]
    assert HOST_GROUPS.index(SERVICES) < min(explained)


def test_a_group_without_a_place_follows_by_its_name_however_it_was_found() -> None:
    groups = [group("zebra"), *GROUPS.values(), group("adder")]
    unplaced = {*GROUPS, "adder", "zebra"} - {*registry._ORDER}
    expected = [*registry._ORDER, *sorted(unplaced)]
    assert list(by_name(iter(groups))) == expected
    assert list(by_name(iter(reversed(groups)))) == expected


def test_two_groups_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two fact groups have the name cluster"):
        by_name(iter([*GROUPS.values(), group("cluster")]))


class Empty:
    """A machine that finds no rows."""

    def enumerate(self, _: WmiQuery) -> Sequence[WmiRow]:
        return ()

    def call(self, *_: Any) -> Any:
        raise NotImplementedError


def lenient(reason: str) -> WmiGroup[tuple[WmiRow, ...]]:
    query = WmiQuery(WmiClass("root/site", "Site_Thing", (WmiProperty("Id", CimType.STRING),)))
    kind = tuple[WmiRow, ...]
    return WmiGroup(
        *("things", "the things", Subject.HOST, Vantage.HOST, kind),
        query=query,
        parse=tuple,
        may_be_empty=reason,
    )


def test_no_rows_are_an_answer_only_where_the_group_says_why() -> None:
    assert lenient("nothing was made").read(Empty()) == ()
    with pytest.raises(ValueError, match="no row of Site_Thing, and every host has one"):
        lenient("").read(Empty())
