"""Local time around the moments of a run: each change of its offset, to the second."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from livemigration.run.evidence import moments
from livemigration.run.evidence.moments import zone_of

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has no tzset")
NIGHT = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
AROUND, FARTHEST = timedelta(days=40), timedelta(days=3660)


@pytest.fixture(autouse=True)
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Local time is that of Berlin, unless a test says otherwise."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    zone_of.cache_clear()
    yield
    monkeypatch.undo()
    time.tzset()
    zone_of.cache_clear()


def test_a_zone_is_told_from_its_changes_around_the_moments() -> None:
    zone = zone_of(NIGHT)
    assert (zone.name, zone.offset_minutes, zone.place) == ("CET", 60, "Europe/Berlin")
    assert zone.until == NIGHT + AROUND
    changes = [(each.at, each.offset_minutes, each.name) for each in zone.changes]
    assert changes == [
        (NIGHT - AROUND, 120, "CEST"),
        (datetime(2026, 10, 25, 1, tzinfo=UTC), 60, "CET"),
    ]


def test_other_moments_widen_what_is_told_up_to_ten_years() -> None:
    spring = datetime(2027, 3, 28, 1, tzinfo=UTC)
    later = zone_of(NIGHT, datetime(2027, 3, 1, tzinfo=UTC))
    assert later.until == datetime(2027, 3, 1, tzinfo=UTC) + AROUND
    assert [each.at for each in later.changes][-1] == spring
    earlier = zone_of(NIGHT, datetime(2026, 4, 20, tzinfo=UTC))
    assert earlier.changes[0].at == datetime(2026, 4, 20, tzinfo=UTC) - AROUND
    assert [each.offset_minutes for each in earlier.changes] == [60, 120, 60]
    far = zone_of(NIGHT, datetime(1990, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC))
    assert far.changes[0].at == NIGHT - FARTHEST - AROUND
    assert far.until == NIGHT + FARTHEST + AROUND


def test_what_no_system_knows_is_kept_within_what_it_does() -> None:
    first = zone_of(datetime(1970, 1, 5, tzinfo=UTC))
    assert first.changes[0].at == datetime(1970, 2, 1, tzinfo=UTC)
    last = zone_of(datetime(2999, 12, 30, 1, 2, 3, 4, tzinfo=UTC))
    assert last.until == datetime(3000, 1, 1, tzinfo=UTC)
    assert zone_of(datetime.max.replace(tzinfo=UTC)).until == datetime(3000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (":Europe/Berlin", "Europe/Berlin"),
        ("/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("/usr/share/zoneinfo/posix/Europe/Berlin", "Europe/Berlin"),
        (":/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", ""),
        ("localtime", ""),
        ("Not/There", ""),
        ("../up", ""),
    ],
)
def test_a_place_is_named_where_it_is_known_to_be_the_one(
    monkeypatch: pytest.MonkeyPatch, given: str, place: str
) -> None:
    monkeypatch.setenv("TZ", given)
    time.tzset()
    assert zone_of(NIGHT).place == place


def test_a_place_of_another_offset_is_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moments, "_named", lambda: iter(("Europe/London", "Europe/Paris")))
    assert zone_of(NIGHT).place == "Europe/Paris"


def test_what_names_no_place_or_cannot_be_read_leaves_the_next_to_be_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moments, "_named", lambda: iter(("localtime", "Locked", "Europe/Paris")))

    def read(name: str) -> ZoneInfo:
        if name == "Locked":
            raise PermissionError(name)
        return ZoneInfo(name)

    monkeypatch.setattr(moments, "ZoneInfo", read)
    assert zone_of(NIGHT).place == "Europe/Paris"


@pytest.mark.parametrize(
    ("localtime", "timezone", "place"),
    [
        ("share/zoneinfo/Europe/Berlin", None, "Europe/Berlin"),
        ("zoneinfo/of/zoneinfo/Europe/Berlin", None, "Europe/Berlin"),
        ("share/zoneinfo/Europe/Berlin", b"Europe/Paris\n", "Europe/Berlin"),
        ("share/other", b"Europe/Paris\n", "Europe/Paris"),
        ("share/other", b"\xff", ""),
        ("share/other", None, ""),
    ],
)
def test_without_a_variable_the_files_of_the_system_name_the_place(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    localtime: str,
    timezone: bytes | None,
    place: str,
) -> None:
    # The clock keeps the zone of the variable, which this process does not see any more.
    monkeypatch.setattr(os, "environ", {})
    link, file = tmp_path / "localtime", tmp_path / "timezone"
    link.symlink_to(tmp_path / localtime)
    if timezone is not None:
        file.write_bytes(timezone)
    monkeypatch.setattr(moments, "_LOCALTIME", link)
    monkeypatch.setattr(moments, "_TIMEZONE", file)
    assert zone_of(NIGHT).place == place
