"""Local times in whole runs, and in what is made of them on another machine."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from plugin_runs import run_here

from livemigration.commands.main import main

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def in_zone(monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows cannot change its zone")
def test_a_window_in_the_other_half_of_the_year_has_its_own_offset_on_every_machine(
    tmp_path: Path, healthy_replay: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    begin = next(
        each
        for each in (now + timedelta(days=days) for days in range(366))
        if each.astimezone(AMSTERDAM).utcoffset() != now.astimezone(AMSTERDAM).utcoffset()
    )
    window = f"{begin.isoformat()}/{(begin + timedelta(hours=2)).isoformat()}"
    change = ("--change=CHG1", "--operator=kim", f"--window={window}")
    try:
        in_zone(monkeypatch, "Europe/Amsterdam")
        ended = run_here(tmp_path / "reports", *healthy_replay, "-m", "settings", *change)
        in_zone(monkeypatch, "America/New_York")
        # From the journal and the facts beside it, as of a run that was cut off.
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        for kind in ("journal.jsonl", "facts.json"):
            shutil.copy(next(ended.folder.glob(f"*{kind}")), folder)
        main(["report", str(folder)])
    finally:
        monkeypatch.undo()
        time.tzset()
    assert ended.code == 0, ended.output
    for page in (*ended.folder.glob("*report.html"), *folder.glob("*report.html")):
        text = page.read_text(encoding="utf-8")
        for moment in (begin, begin + timedelta(hours=2)):
            there = moment.astimezone(AMSTERDAM)
            offset = there.strftime("%z")
            assert (
                f"{there:%Y-%m-%d %H:%M:%S} local time, UTC{offset[:3]}:{offset[3:]}, "
                "Europe/Amsterdam"
            ) in text
        assert "New_York" not in text
    assert len(list(folder.glob("*report.html"))) == 1
