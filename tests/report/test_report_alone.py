"""The page that is made without pytest."""

from __future__ import annotations

from dataclasses import replace

from report_pages import assert_safe, html_of, parsed
from report_runs import passed, run_of

from livemigration.report.html.page import REPORT, pages


def test_a_page_says_the_verdict_and_needs_nothing_from_elsewhere() -> None:
    page = assert_safe(html_of("broken_fleet"))
    (title,) = page.all("title")
    assert title.text == "NOT READY: 3 of 7 hosts · live migration (SIMULATED)"
    assert page.all("h1")[0].text == "NOT READY"
    assert "hv03.lab.test" in page.text
    assert html_of("broken_fleet").rstrip().endswith("</html>")


def test_the_same_run_gives_the_same_page() -> None:
    run = run_of(*passed("hv01"))
    assert pages(run)[REPORT] == pages(replace(run))[REPORT]
    assert parsed(run).all("title")[0].text == "READY: 1 host · live migration"
