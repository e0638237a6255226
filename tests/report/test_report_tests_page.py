"""pytest-html's own page, `tests.html`: what is red or blocked, a row each, with links."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

MakePage = Callable[[str], Path]


def blob(page: Path) -> dict[str, list[dict[str, object]]]:
    found = re.search(r'data-jsonblob="([^"]*)"', page.read_text(encoding="utf-8"))
    assert found
    tests = json.loads(unescape(found.group(1)))["tests"]
    assert isinstance(tests, dict)
    return tests


def test_the_page_of_pytest_html_has_title_run_and_counts(
    make_page: Callable[[str], Path],
) -> None:
    page = make_page("report_runs.broken_fleet()")
    text = page.read_text(encoding="utf-8")
    title = "Live migration: NOT READY (SIMULATED)"
    assert f'<title id="head-title">{title}</title>' in text
    assert '<span class="passed">5 Passed,</span>' in text
    assert '<span class="failed">3 Failed,</span>' in text
    assert '<span class="error">2 Errors,</span>' in text
    # What does not apply has no row.
    assert '<span class="skipped">0 Skipped,</span>' in text


def test_the_table_drops_what_passed_and_escapes_ids(make_page: Callable[[str], Path]) -> None:
    rows = [row for rows in blob(make_page("report_runs.broken_fleet()")).values() for row in rows]
    assert {row["state"] for row in rows} == {"blocked", "fail", ""}
    assert {row["result"] for row in rows} == {"Error", "Failed"}
    assert len(rows) == 5
    for row in rows:
        cells = row["resultsTableRow"]
        assert isinstance(cells, list)
        assert "<img" not in "".join(cells)
        assert len(cells) == 5


def test_a_row_links_to_its_check_of_its_host_in_the_report(make_page: MakePage) -> None:
    rows = [row for rows in blob(make_page("report_runs.broken_fleet()")).values() for row in rows]
    cells = [row["resultsTableRow"] for row in rows if row["state"]]
    assert cells
    for each in cells:
        assert isinstance(each, list)
        assert re.search(r'href="report\.html#[^"<> ]+-LM\d+">report</a>', each[-1])


def test_a_green_run_has_no_row(make_page: MakePage) -> None:
    page = make_page("report_runs.green_fleet()")
    text = page.read_text(encoding="utf-8")
    assert '<title id="head-title">Live migration: READY</title>' in text
    states = {row["state"] for rows in blob(page).values() for row in rows}
    # The tests that fail here are none of the run's.
    assert states <= {"", "pass"}


def test_without_a_run_there_is_no_verdict(make_page: MakePage) -> None:
    text = make_page("None").read_text(encoding="utf-8")
    assert "NO VERDICT: no check was run" in text
    assert "Nothing is known about any host." in text
