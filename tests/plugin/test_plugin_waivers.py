"""Waivers in whole runs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from plugin_runs import HOST_CHECKS, Ended, run_here

ENTRY = """\
  - hosts: [{hosts}]
    checks: [{checks}]
    owner: Kim
    ticket: RISK-1
    reason: "Replaced <soon>."
    expires: {expires}
"""


def day(later: int) -> date:
    """Return the day that is so many days after the one on which the test runs."""
    return datetime.now(UTC).date() + timedelta(days=later)


def waivers(folder: Path, hosts: str, checks: str, days: int = 30) -> str:
    """Write a waiver that has so many days left; return the option that names it."""
    path = folder / "waivers.yaml"
    entry = ENTRY.format(hosts=hosts, checks=checks, expires=day(days))
    path.write_text(f"schema: 1\ntime_zone: UTC\nwaivers:\n{entry}", encoding="utf-8")
    return f"--waivers={path}"


KB = "LM102, LM202, LM203, LM304"


def test_a_waived_failure_is_counted_apart_and_listed(tmp_path: Path, demo_facts: str) -> None:
    given = waivers(tmp_path, "hv03.contoso.com", KB)
    ended = run_here(tmp_path / "reports", demo_facts, given)
    assert ended.code == 1, ended.output
    assert "NOT READY. 6 of 10 hosts are not ready." in ended.output
    blocked = list(ended.states().values()).count("blocked")
    assert f"11 failed, {blocked} blocked, 4 waived" in ended.output
    said = "Waived by Kim (RISK-1) until the end of"
    assert f"waived LM102 hv03: {said}" in ended.output
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    assert said in page
    assert "30 days left: Replaced &lt;soon&gt;." in page
    (use,) = ended.results["waivers"]
    assert (use["status"], use["waived"], use["warning"]) == ("in force", 4, "")


def test_a_run_in_which_everything_red_is_waived_is_ready_and_says_what_was_waived(
    tmp_path: Path, demo_facts: str
) -> None:
    given = waivers(tmp_path, "hv03.contoso.com", KB)
    ended = run_here(tmp_path / "reports", demo_facts, given, "--limit=hv01*,hv03*")
    assert ended.code == 0, ended.output
    assert "READY for the 2 selected hosts of 10." in ended.output
    assert "4 waived" in ended.output


def test_an_expired_waiver_fails_and_the_finding_says_until_when_it_was_waived(
    tmp_path: Path, demo_facts: str
) -> None:
    given = waivers(tmp_path, "hv03.contoso.com", KB, days=-1)
    ended = run_here(tmp_path / "reports", demo_facts, given, "--limit=hv03*", "-v")
    assert ended.code == 1, ended.output
    ended_on = day(-1).isoformat()
    assert f"This was waived until the end of {ended_on} (UTC) by Kim (RISK-1)" in ended.output
    assert "waiver: The waiver waivers[0] of Kim (RISK-1) expired at the end of" in ended.output
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    until = f"the end of {ended_on} (UTC)"
    assert f"This was waived until {until} by Kim (RISK-1)" in page
    row = f"<td>Replaced &lt;soon&gt;.</td><td>{until}</td><td>none</td><td>expired</td>"
    assert row in page


def test_waivers_to_look_at_are_warned_of_on_the_terminal_and_on_the_page(
    tmp_path: Path, demo_facts: str
) -> None:
    soon = run_here(tmp_path / "a", demo_facts, waivers(tmp_path, "hv03*", KB, days=3))
    assert "waiver: The waiver waivers[0] of Kim (RISK-1) ends in 3 days" in soon.output
    useless = run_here(tmp_path / "b", demo_facts, waivers(tmp_path, "hv01*", KB))
    words = "nothing that it covers fails any more: remove it."
    assert words in useless.output
    assert words in (useless.folder / "report.html").read_text(encoding="utf-8")
    assert useless.code == 1


def test_what_is_blocked_cannot_be_waived(tmp_path: Path, demo_facts: str) -> None:
    given = waivers(tmp_path, "hv05*", "LM101, LM302")
    ended = run_here(tmp_path / "reports", demo_facts, given, "--limit=hv05*")
    states = ended.states()
    assert states[("LM302", "hv05.contoso.com")] == "waived"
    assert states[("LM101", "hv05.contoso.com")] == "blocked"
    assert ended.code == 10, ended.output


@pytest.mark.parametrize(
    ("selection", "given", "words"),
    [
        ("-k=migration_is_enabled", ("hv09*", "LM305"), ""),
        ("--limit=hv01*", ("hv03*", "LM306"), ""),
        ("--limit=hv01*", ("hv77*", "LM102"), "'hv77*' matches no machine"),
        ("-k=migration_is_enabled", ("hv03*", "LM177"), "there is no check LM177"),
    ],
)
def test_waivers_are_held_against_the_whole_inventory_and_all_checks(
    tmp_path: Path, demo_facts: str, selection: str, given: tuple[str, str], words: str
) -> None:
    reports = tmp_path / "reports"
    ended = run_here(reports, demo_facts, selection, waivers(tmp_path, *given))
    assert (ended.code == 4) == bool(words), ended.output
    assert words in ended.output
    if words:
        assert "waivers.yaml: waivers[0]" in ended.output
        assert not reports.exists()


def test_a_waivers_file_that_is_not_there_is_a_usage_error(
    tmp_path: Path, demo: tuple[Ended, Path], demo_facts: str
) -> None:
    ended = run_here(tmp_path / "reports", demo_facts, f"--waivers={tmp_path / 'gone.yaml'}")
    assert ended.code == 4
    assert "gone.yaml: No such file or directory" in ended.output
    named = run_here(
        tmp_path / "named", demo_facts, "-o", f"livemigration_waivers={tmp_path / 'gone.yaml'}"
    )
    assert named.code == 4


@pytest.mark.parametrize("order", [(), ("-p", "reversed_order")])
def test_waiving_a_root_covers_the_failures_that_its_fix_mends_in_any_order(
    order: tuple[str, ...],
    tmp_path: Path,
    demo_facts: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "reversed_order.py").write_text(
        "def pytest_collection_modifyitems(items):\n    items.reverse()\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    given = waivers(tmp_path, "hv03*", "LM102")
    ended = run_here(tmp_path / "reports", demo_facts, given, "--limit=hv03*", *order)
    states = ended.states()
    waived = {check for (check, _), state in states.items() if state == "waived"}
    assert waived == {"LM102", "LM202", "LM203", "LM304"}
    assert "The repair of LM102 mends this too. Waived by Kim (RISK-1)" in ended.output
    assert ended.code == 0, ended.output
    assert ended.results["waivers"][0]["waived"] == 4


def test_waiving_what_follows_covers_no_cause(tmp_path: Path, demo_facts: str) -> None:
    given = waivers(tmp_path, "hv08*", "LM203")
    ended = run_here(tmp_path / "reports", demo_facts, given, "--limit=hv08*")
    states = ended.states()
    assert states["LM103", "hv08.contoso.com"] == "fail"
    assert states["LM203", "hv08.contoso.com"] == "waived"
    assert ended.code == 1, ended.output


def test_everything_that_a_run_checks_is_never_waived_by_another_pattern(
    tmp_path: Path, demo_facts: str
) -> None:
    checks = ", ".join(sorted(HOST_CHECKS))
    for pattern in ("'hv*'", "'*.contoso.com'", "'*'"):
        given = waivers(tmp_path, pattern, checks)
        ended = run_here(tmp_path / "reports", demo_facts, given)
        assert ended.code == 4, ended.output
        assert "waivers.yaml: waivers[0] covers every check of every host." in ended.output


def test_the_last_day_of_a_waiver_reads_that_it_ends_today(tmp_path: Path, demo_facts: str) -> None:
    given = waivers(tmp_path, "hv03*", "LM102", days=0)
    ended = run_here(tmp_path / "reports", demo_facts, given, "--limit=hv03*")
    page = (ended.folder / "report.html").read_text(encoding="utf-8")
    assert "(RISK-1) ends today, at the end of" in ended.output
    assert "<td>ends today</td>" in page
    assert "0 days" not in ended.output + page
