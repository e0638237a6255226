"""Pages of the report, read as HTML: what is in them, what they link, and that they are whole."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from urllib.parse import unquote

import report_runs

from livemigration.report.html.page import REPORT, pages
from livemigration.run.run import Run

VOID = {"meta", "br", "img", "link", "input", "hr"}
# What a policy of the page does not stop: it leads elsewhere, or it is a picture.
FETCHING = {"link", "img", "iframe", "object", "embed", "audio", "video", "source", "base"}


@dataclass
class Element:
    """An element, with its attributes and all text in it."""

    tag: str
    attributes: dict[str, str]
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its text, with single blanks."""
        return " ".join("".join(self.words).split())


class Parsed(HTMLParser):
    """A page; fails where an element is not closed, or closed in another order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert [each.tag for each in self._open] == []

    @property
    def text(self) -> str:
        """What a reader can read."""
        return next(each for each in self.elements if each.tag == "body").text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), (tag, attrs)
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        # Words of neighbouring elements are words of their own.
        for each in self._open:
            each.words.append(" ")
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1].tag in {"script", "style"}:
            self._open[-1].words.append(data)
            return
        for each in self._open:
            each.words.append(data)

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Return the elements of a tag with these attributes (`class_` for class)."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [
            each
            for each in self.elements
            if (not tag or each.tag == tag)
            and all(each.attributes.get(name) == value for name, value in wanted.items())
        ]

    def by_id(self, name: str) -> Element:
        """Return the element with an id, of which there is one."""
        (found,) = self.all(id=name)
        return found

    @property
    def ids(self) -> list[str]:
        """Every id, in order."""
        return [each.attributes["id"] for each in self.elements if "id" in each.attributes]

    @property
    def links(self) -> list[str]:
        """Every address that a link has."""
        return [each.attributes["href"] for each in self.elements if "href" in each.attributes]

    def dead_links(self) -> set[str]:
        """Return the anchors that are linked and not there."""
        anchors = {unquote(each[1:]) for each in self.links if each.startswith("#")}
        return anchors - set(self.ids)


def digest(text: str) -> str:
    """Return how a policy names a style or a script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def assert_safe(html: str) -> Parsed:
    """Return the page, of which nothing is fetched and nothing runs but what its policy names."""
    page = Parsed(html)
    tags = {each.tag for each in page.elements}
    assert not tags & FETCHING
    for each in page.elements:
        names = set(each.attributes)
        assert not {name for name in names if name.startswith("on")}, each
        assert not names & {"src", "srcset", "style", "action", "formaction", "background"}, each
    policy = page.all("meta", **{"http-equiv": "Content-Security-Policy"})[0].attributes["content"]
    parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert parts["default-src"] == parts["base-uri"] == parts["form-action"] == "'none'"
    assert set(parts) <= {"default-src", "style-src", "script-src", "base-uri", "form-action"}
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        written = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert [digest(each) for each in written] == parts[directive].split()
        assert len(page.all(tag)) == len(written)
    return page


def assert_whole(page: Parsed) -> None:
    """Check that no anchor is given twice and that every link within the page leads somewhere."""
    ids = page.ids
    assert len(ids) == len(set(ids)), sorted(each for each in ids if ids.count(each) > 1)
    assert page.dead_links() == set()


@cache
def html_of(name: str) -> str:
    """Return the page of one of the runs of `report_runs`, by its name."""
    return pages(getattr(report_runs, name)())[REPORT]


def parsed(run: Run | str) -> Parsed:
    """Return a page, of a run or of the name of one."""
    return Parsed(html_of(run) if isinstance(run, str) else pages(run)[REPORT])


def lacking(text: str, expected: Iterable[str]) -> list[str]:
    """Return what is not said."""
    said = " ".join(text.split())
    return [each for each in expected if " ".join(each.split()) not in said]
