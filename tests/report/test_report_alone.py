"""The page that is made without pytest."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from report_runs import broken_fleet, passed, run_of

from livemigration.report.page import page_html


class Tags(HTMLParser):
    """Counts elements and keeps the title."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.title = ""
        self.sources: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.sources += [value or "" for name, value in attrs if name in {"src", "srcset"}]

    def handle_data(self, data: str) -> None:
        if self.seen and self.seen[-1] == "title" and not self.title:
            self.title = data


def test_a_page_says_the_verdict_and_needs_no_script_and_nothing_from_elsewhere() -> None:
    page = page_html(broken_fleet())
    tags = Tags(page)
    assert tags.title == "Live migration: NOT READY (SIMULATED)"
    assert not {"script", "link", "iframe", "object", "img"} & set(tags.seen)
    assert not tags.sources
    assert "default-src 'none'" in page
    assert "hv03.lab.test" in page
    assert page.rstrip().endswith("</html>")


def test_the_same_run_gives_the_same_page() -> None:
    run = run_of(*passed("hv01"))
    assert page_html(run) == page_html(replace(run))
    assert Tags(page_html(run)).title == "Live migration: ready"
