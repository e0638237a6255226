"""When a waiver ends: midnight, clocks that change, leap days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from waiver_files import waivers

from livemigration.base.errors import UsageError
from livemigration.run.waivers.resolve import end_of

ZONES = (
    "UTC",
    "Europe/Amsterdam",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Havana",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Atlantic/Azores",
    "Asia/Kathmandu",
)


@in_turn(
    "zone, day, ends",
    [
        ("UTC", "2026-12-31", "2027-01-01T00:00+00:00"),
        ("Europe/Amsterdam", "2026-12-31", "2026-12-31T23:00+00:00"),
        # A day of 23 hours, and one of 25.
        ("Europe/Amsterdam", "2026-03-29", "2026-03-29T22:00+00:00"),
        ("Europe/Amsterdam", "2026-10-25", "2026-10-25T23:00+00:00"),
        # Clocks went from 24:00 to 01:00: the next day has no midnight.
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00+00:00"),
        # Clocks went from 24:00 back to 23:00: the last hour of the day came twice.
        ("America/Sao_Paulo", "2018-02-17", "2018-02-18T03:00+00:00"),
        ("Asia/Beirut", "2026-03-28", "2026-03-28T22:00+00:00"),
        ("Africa/Cairo", "2026-10-29", "2026-10-29T22:00+00:00"),
        # Clocks went from 01:00 back to 00:00: midnight came twice, both in the next day.
        ("America/Havana", "2026-10-31", "2026-11-01T04:00+00:00"),
        # Clocks went from 00:01 back to 23:01: between two midnights the day went on.
        ("America/St_Johns", "2010-11-06", "2010-11-07T03:30+00:00"),
        # Clocks went from 00:00 to 01:00 on the day itself: its own midnight is missing.
        ("Africa/Cairo", "2026-04-24", "2026-04-24T21:00+00:00"),
        ("Africa/Cairo", "2026-04-23", "2026-04-23T22:00+00:00"),
        # The day that Samoa left out.
        ("Pacific/Apia", "2011-12-29", "2011-12-30T10:00+00:00"),
        ("UTC", "2028-02-28", "2028-02-29T00:00+00:00"),
        ("UTC", "2028-02-29", "2028-03-01T00:00+00:00"),
        ("UTC", "2027-02-28", "2027-03-01T00:00+00:00"),
        ("UTC", "9999-12-31", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_a_waiver_ends_when_its_last_day_is_over(zone: str, day: str, ends: str) -> None:
    assert end_of(date.fromisoformat(day), ZoneInfo(zone)) == datetime.fromisoformat(ends)


@given(st.sampled_from(ZONES), st.dates(date(2000, 1, 1), date(2037, 12, 30)))
def test_a_waiver_holds_on_its_last_day_to_the_last_moment_and_never_after(
    name: str, day: date
) -> None:
    zone = ZoneInfo(name)
    ends = end_of(day, zone)
    for minutes in range(0, 181, 15):
        assert (ends + timedelta(minutes=minutes)).astimezone(zone).date() > day
    assert (ends - timedelta(microseconds=1)).astimezone(zone).date() <= day


@in_turn(
    "now, zone, left",
    [
        ("2026-12-31T22:59:59+00:00", "Europe/Amsterdam", 0),
        ("2026-12-31T23:00:00+00:00", "Europe/Amsterdam", -1),
        ("2026-12-31T23:59:59+00:00", "UTC", 0),
        ("2027-01-01T00:00:00+00:00", "UTC", -1),
        ("2026-12-30T23:30:00+00:00", "Europe/Amsterdam", 0),
        ("2026-12-30T23:30:00+00:00", "UTC", 1),
        ("2026-12-17T12:00:00+00:00", "UTC", 14),
        # A day of 25 hours counts as one day.
        ("2026-10-24T21:59:59+00:00", "Europe/Amsterdam", 68),
        ("2026-10-24T22:00:00+00:00", "Europe/Amsterdam", 67),
        ("2026-10-25T22:59:59+00:00", "Europe/Amsterdam", 67),
        ("2026-10-25T23:00:00+00:00", "Europe/Amsterdam", 66),
    ],
)
def test_days_left_are_days_of_the_stated_time_zone(now: str, zone: str, left: int) -> None:
    moment = datetime.fromisoformat(now)
    (waiver,) = waivers({}, now=moment, zone=zone)
    assert waiver.days_left == left
    assert (moment < waiver.ends) == (left >= 0)
    assert waiver.ends.tzinfo is UTC


@pytest.mark.parametrize(("now", "left"), [("03:59", 0), ("04:00", -1), ("04:30", -1)])
def test_what_holds_and_the_days_left_agree_between_two_midnights(now: str, left: int) -> None:
    moment = datetime.fromisoformat(f"2026-11-01T{now}+00:00")
    (waiver,) = waivers({"expires": "2026-10-31"}, now=moment, zone="America/Havana")
    assert waiver.days_left == left
    assert (moment < waiver.ends) == (left >= 0)


def test_waivers_that_end_at_this_moment_are_nothing_together() -> None:
    hosts, checks = {"hosts": ["*"]}, ("LM101", "LM102", "LM103")
    entries = [{**hosts, "checks": [each], "expires": "2026-11-23"} for each in checks]
    ends = datetime(2026, 11, 24, tzinfo=UTC)
    assert len(waivers(*entries, now=ends)) == 3
    with pytest.raises(UsageError, match="together its waivers cover every check"):
        waivers(*entries, now=ends - timedelta(microseconds=1))
