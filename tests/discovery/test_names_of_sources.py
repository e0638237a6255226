"""Names that others give their groups, and how a source of hosts is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.discovery.group_names import name_from, of_path
from livemigration.discovery.source import source_of
from livemigration.inventory.names import group_name


@in_turn(
    "path, groups",
    [
        (None, ()),
        ("All Hosts", ()),
        ("All Hosts\\Amsterdam", ("Amsterdam",)),
        ("Alle Hosts\\East DC\\Prod & Test", ("East-DC", "East-DC.Prod-Test")),
        ("All Hosts\\..\\[x]", ("x",)),
        ("All Hosts\\\\", ()),
    ],
)
def test_a_host_group_and_those_above_it_become_groups(
    path: str | None, groups: tuple[str, ...]
) -> None:
    assert of_path(path) == groups


@given(st.text(max_size=200))
def test_what_comes_of_any_text_is_a_groups_name_or_none(text: str) -> None:
    name = name_from(text)
    assert name is None or group_name(name) == name


def test_long_names_that_begin_alike_stay_two() -> None:
    one, other = (name_from("x" * 90 + each) for each in "ab")
    assert one != other
    assert one is not None
    assert len(one) == 63


# Sources


@in_turn(
    "text", ["", "vmm", "vmm:", "lab:healthy", "VMM:x", "vmm:a b", "ad:[x]", "ansible:", "x:y"]
)
def test_a_source_is_one_of_four_with_a_name(text: str) -> None:
    with pytest.raises(UsageError):
        source_of(text)


@in_turn("text", ["vmm", "x:y", "x" * 60])
def test_what_names_no_source_is_told_as_far_as_a_line_goes(text: str) -> None:
    for given_text, shown in ((text, text), (text.ljust(61, "z"), text.ljust(61, "z")[:60])):
        with pytest.raises(UsageError) as refused:
            source_of(given_text)
        assert str(refused.value).startswith(f"{shown!r} names no source. Write vmm:SERVER")
