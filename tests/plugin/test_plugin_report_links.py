"""The pages of a real run lead only to what is there."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from plugin_runs import Ended

from livemigration.plugin import html_report


class Links(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.links += [found["href"]] if "href" in found and tag == "a" else []
        self.ids += [found["id"]] if "id" in found else []


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_report_links_only_to_files_and_anchors_that_are_there(
    demo: tuple[Ended, Path],
) -> None:
    folder = demo[0].folder
    page = Links(read(folder / "report.html"))
    within = {unquote(each[1:]) for each in page.links if each.startswith("#")}
    assert within - set(page.ids) == set()
    files = {unquote(each) for each in page.links if not each.startswith(("#", "https://"))}
    assert {"results.json", "tests.html", f"{folder.name}.fix.ps1"} <= files
    assert all((folder / each).is_file() for each in files)


def test_the_rows_of_pytest_html_lead_to_anchors_of_the_report(demo: tuple[Ended, Path]) -> None:
    folder = demo[0].folder
    ids = set(Links(read(folder / "report.html")).ids)
    rows = unescape(unescape(read(folder / "tests.html"))).replace('\\"', '"')
    anchors = {unquote(each) for each in re.findall(r'href="report\.html#([^"]+)"', rows)}
    red = {
        f"{target}-{check}"
        for (check, target), state in demo[0].states().items()
        if state in {"fail", "blocked"}
    }
    assert anchors == red
    hosts = {each for each in anchors if not each.startswith("vmm")}
    assert hosts
    assert anchors - ids == set()


def test_the_leading_page_leads_to_the_report_of_the_run(demo: tuple[Ended, Path]) -> None:
    reports = demo[0].reports
    (link,) = Links(read(reports / "latest.html")).links
    assert reports / unquote(link) == demo[0].folder / "report.html"


@pytest.mark.parametrize("rows", [html_report.MOST_ROWS, html_report.MOST_ROWS + 1])
def test_only_so_many_rows_are_listed_and_that_is_said(rows: int) -> None:
    made = html_report.HtmlReport(lambda: None)
    shown = 0
    for number in range(rows):
        report = pytest.TestReport(
            f"t.py::t[{number}]", ("t.py", 1, "t"), {}, "failed", "it broke", "call"
        )
        cells = ["", "", "", ""]
        made.pytest_html_results_table_row(report, cells)
        shown += bool(cells)
    assert shown == html_report.MOST_ROWS
