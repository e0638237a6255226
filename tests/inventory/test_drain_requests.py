"""What a run is asked about drains: windows, and hosts by their names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.inventory.drain import DrainRequest, is_drained, length_of
from livemigration.inventory.drain_names import DrainNames, request_of
from livemigration.inventory.file import Host
from livemigration.inventory.policy import Policy

HOSTS = tuple(
    Host(name=f"hv0{number}.contoso.com", groups=("ams",) if number < 3 else ())
    for number in range(1, 5)
)
ALL = tuple(each.name for each in HOSTS)
FIRST, SECOND, THIRD, FOURTH = ALL


@in_turn(
    "text, minutes",
    [
        ("2h", 120),
        ("90m", 90),
        ("90min", 90),
        (" 1H30M ", 90),
        ("22:00-02:00", 240),
        ("01:15-02:00", 45),
        ("00:00-00:00", 1440),
        ("2026-11-24T22:00+01:00/2026-11-25T02:00+02:00", 180),
        ("744h", 44640),
    ],
)
def test_a_window_has_a_length(text: str, minutes: int) -> None:
    assert length_of(text) == timedelta(minutes=minutes)


@in_turn(
    "text, says",
    [
        ("", "is no window"),
        ("2", "is no window"),
        ("h", "is no window"),
        ("2 hours", "is no window"),
        ("24:00-02:00", "is no window"),
        ("22:00", "is no window"),
        ("0m", "longer than no time"),
        ("745h", "at most 31 days"),
        ("2026-11-24T22:00/2026-11-25T02:00", "no offset"),
        ("2026-11-25T02:00Z/2026-11-24T22:00Z", "ends before"),
        ("2026-01-01T00:00Z/2026-06-01T00:00Z", "at most 31 days"),
    ],
)
def test_no_window_says_how_one_is_written(text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        length_of(text)
    assert str(caught.value).startswith("--window")


@given(st.text(max_size=30))
def test_any_text_is_a_window_or_refused(text: str) -> None:
    try:
        length = length_of(text)
    except UsageError:
        return
    assert timedelta() < length <= timedelta(days=31)


@in_turn(
    "names, asked",
    [
        ({"hosts": ("hv03",)}, DrainRequest((THIRD,))),
        ({"hosts": ("HV03.contoso.com", "hv01")}, DrainRequest((FIRST, THIRD))),
        ({"hosts": ("group:ams",)}, DrainRequest((FIRST, SECOND))),
        (
            {"hosts": ("hv01",), "without": ("hv02",), "to": ("hv03", "hv04")},
            DrainRequest((FIRST,), (SECOND,), (THIRD, FOURTH)),
        ),
        ({"window": timedelta(hours=2)}, DrainRequest(window=7200)),
    ],
)
def test_hosts_are_named_as_the_inventory_has_them(
    names: dict[str, Any], asked: DrainRequest
) -> None:
    assert request_of(DrainNames(**names), HOSTS, ALL) == asked


@in_turn(
    "names, says",
    [
        ({"hosts": ("hv33",)}, "--drain hv33: no host of the inventory matches. Did you mean hv03"),
        ({"without": ("x",)}, "--without x: no host"),
        ({"to": ("x" * 400,)}, "--to x+: no host"),
        ({"hosts": ("hv04",)}, "--drain hv04.contoso.com: --limit leaves this host out"),
        ({"hosts": ("hv01",), "without": ("hv0*",)}, "--drain and --without both name hv01"),
        ({"hosts": ("hv01",), "to": ("hv01",)}, "--drain and --to both name hv01"),
        ({"without": ("hv01",), "to": ("hv01",)}, "--without and --to both name hv01"),
    ],
)
def test_names_that_cannot_be_meant_are_refused(names: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        request_of(DrainNames(**names), HOSTS, ALL[:3])


def test_a_host_is_drained_by_an_option_or_by_its_policy() -> None:
    every, none = Policy(drain="every-host"), Policy()
    assert is_drained(FIRST, every, None)
    assert not is_drained(FIRST, none, None)
    assert is_drained(FIRST, none, DrainRequest((FIRST,)))
    assert not is_drained(SECOND, none, DrainRequest((FIRST,)))
