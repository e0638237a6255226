"""Local times: every moment has the offset of its own day, wherever the report is read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from report_runs import passed, run_of

from livemigration.base import codec
from livemigration.inventory.change import Change, Window
from livemigration.report.html.page import REPORT, pages
from livemigration.report.moments import local
from livemigration.run.evidence import moments
from livemigration.run.evidence.model import Zone
from livemigration.run.evidence.moments import zone_of

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows cannot change its zone")
ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Africa/Casablanca",
    "Europe/London",
    "Pacific/Apia",
    "Etc/UTC",
)
STARTED = datetime(2026, 10, 20, 9, tzinfo=UTC)


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    """Let this process be on a machine in another time zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        zone_of.cache_clear()
        try:
            yield
        finally:
            patch.undo()
            time.tzset()
            zone_of.cache_clear()


def expected(moment: datetime, zone: str) -> str:
    there = moment.astimezone(ZoneInfo(zone))
    offset = there.strftime("%z")
    if there.tzname() == "UTC":
        return "local time is UTC"
    if there.utcoffset() == timedelta():
        return f"local time is UTC, {zone}"
    return f"{there:%Y-%m-%d %H:%M:%S} local time, UTC{offset[:3]}:{offset[3:]}, {zone}"


# Not only days: to the second around a change of the clocks, in both directions.
CHANGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2027, 2, 7, 2, tzinfo=UTC),
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
]
NEAR = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-2, 2) | st.integers(-90_000, 90_000),
)
FAR = st.integers(0, 7 * 365 * 86_400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@examples(60)
@given(st.sampled_from(ZONES), st.sampled_from(ZONES), NEAR | FAR, st.booleans())
def test_a_moment_is_never_shown_with_the_offset_of_another_day(
    ran: str, read: str, moment: datetime, kept: bool
) -> None:
    with machine_in(ran):
        zone = zone_of(STARTED, moment)
    if kept:
        # As results.json has it.
        zone = codec.from_json(Zone, codec.to_json(zone))
    with machine_in(read):
        assert local(moment, zone) == expected(moment, ran)
        assert local(STARTED, zone) == expected(STARTED, ran)


@examples(20)
@given(st.sampled_from(ZONES[:-1]), NEAR)
def test_without_a_name_of_the_zone_the_offsets_are_the_same(ran: str, moment: datetime) -> None:
    with machine_in(ran), pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "_named", lambda: iter(()))
        zone = zone_of(STARTED, moment)
    assert zone.place == ""
    there = moment.astimezone(ZoneInfo(ran))
    shown = local(moment, zone)
    if there.utcoffset():
        assert shown.startswith(f"{there:%Y-%m-%d %H:%M:%S} local time, UTC")
        assert shown.endswith(f", {there.tzname()}")
    else:
        assert shown.startswith("local time is UTC")


def test_a_zone_that_only_a_rule_names_is_followed_too() -> None:
    with machine_in("CET-1CEST,M3.5.0,M10.5.0/3"):
        zone = zone_of(STARTED, datetime(2026, 12, 1, tzinfo=UTC))
    assert zone.place == ""
    assert "UTC+02:00, CEST" in local(STARTED, zone)
    assert "UTC+01:00, CET" in local(datetime(2026, 12, 1, tzinfo=UTC), zone)


def test_what_the_run_did_not_record_is_not_guessed() -> None:
    with machine_in("CET-1CEST,M3.5.0,M10.5.0/3"):
        zone = zone_of(STARTED)
    for far in (STARTED - timedelta(days=300), STARTED + timedelta(days=300)):
        assert local(far, zone) == "local time not recorded"


def test_a_name_that_does_not_fit_the_clock_is_not_believed() -> None:
    with machine_in("Europe/Amsterdam"), pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "_named", lambda: iter(("America/New_York", "Europe/Amsterdam")))
        assert zone_of(STARTED).place == "Europe/Amsterdam"
        zone_of.cache_clear()
        patch.setattr(moments, "_named", lambda: iter(("../../etc/passwd", "", "Mars/Phobos")))
        assert zone_of(STARTED).place == ""


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ("/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("/usr/share/zoneinfo/posix/Europe/Berlin", "Europe/Berlin"),
        ("/var/db/timezone/zoneinfo/Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_the_name_is_found_where_the_systems_keep_it(
    target: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    (tmp_path / "localtime").symlink_to(target)
    monkeypatch.setattr(moments, "_LOCALTIME", tmp_path / "localtime")
    monkeypatch.setattr(moments, "_TIMEZONE", tmp_path / "timezone")
    # macOS resolves a link of its own on the way, which this machine lacks.
    monkeypatch.setattr("os.path.realpath", lambda path: Path(path).readlink().as_posix())
    assert next(moments._named()) == place
    (tmp_path / "timezone").write_text("Europe/Paris\n", encoding="ascii")
    assert list(moments._named()) == [place, "Europe/Paris"]
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert list(moments._named()) == ["Asia/Tokyo"]


@pytest.mark.parametrize("far", ["0001-01-02", "9999-12-30"])
def test_a_window_at_the_end_of_time_breaks_nothing(far: str) -> None:
    moment = datetime.fromisoformat(far).replace(tzinfo=UTC)
    with machine_in("CET-1CEST,M3.5.0,M10.5.0/3"):
        zone = zone_of(STARTED, moment)
    assert local(moment, zone) == "local time not recorded"
    assert "UTC+02:00, CEST" in local(STARTED, zone)


def test_the_page_shows_start_window_and_validity_each_with_its_own_offset() -> None:
    window = Window(datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC))
    with machine_in("Europe/Amsterdam"):
        zone = zone_of(STARTED, window.start, window.end)
    run = run_of(
        *passed("hv01"),
        started=STARTED,
        simulated=False,
        zone=zone,
        change=Change("CHG1", "kim", window),
        valid_until=datetime(2026, 10, 26, 9, tzinfo=UTC),
    )
    page = pages(run)[REPORT]
    for told in (
        "2026-10-20 11:00:00 local time, UTC+02:00, Europe/Amsterdam",
        "2026-10-25 00:00:00 local time, UTC+02:00, Europe/Amsterdam",
        "2026-10-25 04:00:00 local time, UTC+01:00, Europe/Amsterdam",
        "2026-10-26 10:00:00 local time, UTC+01:00, Europe/Amsterdam",
    ):
        assert told in page
