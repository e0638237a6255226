"""What is looked for in the built handbook: what it would load, and what it shows as code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Elements that fetch what their attribute names, without a click.
_LOADING = {
    "script": ("src",),
    "link": ("href",),
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "iframe": ("src",),
    "object": ("data",),
    "embed": ("src",),
    "audio": ("src",),
    "video": ("src", "poster"),
    "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
}
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_OF_STYLE = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"])([^'")]+)""", re.IGNORECASE)


class _Page(HTMLParser):
    """Reads one page: what it loads, its blocks of code, and how deep its lists go."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.code: list[str] = []
        self.depths: list[int] = []
        self._depth = 0
        self._content = False
        self._block: list[str] | None = None
        self._style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.loads += [given[name] or "" for name in _LOADING.get(tag, ()) if name in given]
        self.loads += _OF_STYLE.findall(given.get("style") or "")
        if tag == "article":
            self._content = True
        elif tag == "style":
            self._style = True
        elif self._content and tag in {"ul", "ol"}:
            self._depth += 1
        elif self._content and tag == "li":
            self.depths.append(self._depth)
        elif self._content and tag == "pre":
            self._block = []

    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._content = False
        elif tag == "style":
            self._style = False
        elif self._content and tag in {"ul", "ol"}:
            self._depth -= 1
        elif tag == "pre" and self._block is not None:
            self.code.append("".join(self._block).strip("\n"))
            self._block = None

    def handle_data(self, data: str) -> None:
        if self._block is not None:
            self._block.append(data)
        if self._style:
            self.loads += _OF_STYLE.findall(data)


def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    return page


def loaded_from_elsewhere(text: str, suffix: str) -> list[str]:
    """Return the addresses elsewhere that a page or a style fetches when it is opened."""
    loads = _read(text).loads if suffix == ".html" else _OF_STYLE.findall(text)
    return [each for each in loads if _ELSEWHERE.match(each.strip())]


def shown(html: str) -> tuple[list[str], list[int]]:
    """Return the blocks of code that a page shows, and how deep each item of a list is."""
    page = _read(html)
    return page.code, page.depths


def meant(markdown: str) -> tuple[list[str], list[int]]:
    """Return the same of a page as GitHub, and everything that follows CommonMark, reads it."""
    code, depths, depth = [], [], 0
    for token in _tokens(markdown):
        if token.type in {"fence", "code_block"}:
            code.append(token.content.strip("\n"))
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
        elif token.type == "list_item_open":
            depths.append(depth)
    return code, depths


def _tokens(markdown: str) -> list[Token]:
    return MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)


def pages(folder: Path) -> list[Path]:
    """Return the pages of the handbook."""
    return sorted(folder.rglob("*.md"))


def build(root: Path, site: Path) -> tuple[int, str]:
    """Build the handbook of a clone, as a person does; return the exit code and what was said."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    # An announcement of the theme's makers, not about these pages.
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    ended = subprocess.run(
        command, cwd=root, env=variables, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr
