"""Chromium for tests of the page, the pages that it opens, and what is measured in it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 390, "height": 844}
_PAGE = re.compile(rb"/Type\s*/Page[^s]")

# What reaches out of the window; what scrolls by itself may hold wide lines.
OVERFLOWING = """() => {
    const width = document.documentElement.clientWidth
    const inside = (element) => element.parentElement.closest('pre, .scroll, nav') !== null
    return [...document.body.querySelectorAll('*')]
        .filter((element) => !inside(element) && element.checkVisibility())
        .filter((element) => !element.closest('.vh, .skip'))
        .filter((element) => element.getBoundingClientRect().right > width + 1)
        .map((element) => element.outerHTML.slice(0, 120))
}"""
UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true })"
HEIGHT = "document.documentElement.scrollHeight"


def launched() -> Iterator[Any]:
    """Yield the Chromium of this machine; skip where it or Playwright is not there."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is on the PATH")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield chromium
        chromium.close()


@dataclass(frozen=True)
class Opened:
    """A page, what it asked for besides itself, and what it complained about."""

    page: Any
    requests: list[str]
    complaints: list[str]


@contextmanager
def opened(browser: Any, path: Path, anchor: str = "", **options: Any) -> Iterator[Opened]:
    """Open a file in a window of its own; `media` is what it is shown on."""
    media = options.pop("media", None)
    context = browser.new_context(**{"viewport": WIDE, **options})
    page = context.new_page()
    if media:
        page.emulate_media(media=media)
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.goto(path.as_uri() + anchor)
    yield Opened(page, requests, complaints)
    context.close()


def printed_pages(page: Any) -> int:
    """Return how many sheets of A4 a page takes."""
    return len(_PAGE.findall(page.pdf(format="A4")))


def keep_picture(page: Any, name: str) -> None:
    """Keep a picture of a page where LIVEMIGRATION_SCREENSHOTS asks for them."""
    if folder := os.environ.get("LIVEMIGRATION_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def write(folder: Path, texts: Mapping[str, str]) -> Path:
    """Write pages into a folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
