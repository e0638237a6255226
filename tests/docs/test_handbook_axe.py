"""axe-core over the built handbook: what it finds is the theme's own, and is listed here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.handbook, pytest.mark.timeout(300)]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# One of each kind: prose, symptom, list, check, long tables, commands, picture.
PAGES = (
    "start.html",
    "symptoms/zero-rating.html",
    "symptoms/index.html",
    "checks/LM102.html",
    "reference/inventory.html",
    "reference/commands.html",
    "architecture.html",
)
# Rules that markup of Material for MkDocs breaks, which no page and no style of ours writes, by the
# beginning of the elements that break them.
OF_THE_THEME = {
    # Its dialog of the search has no name; the field in it has one.
    "aria-dialog-name": ('<div class="md-search"',),
    # Each block of code and each level of the navigation is a landmark; several have no name.
    "landmark-unique": ('<nav class="md-code__nav"', '<nav class="md-nav"'),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("chromium is not installed")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [1400, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_of_ours(site: Path, browser: Any, scheme: str, width: int) -> None:
    module = "axe_playwright_python.sync_playwright"
    axe = pytest.importorskip(module, reason="axe-playwright-python is not installed").Axe()
    page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    for name in PAGES:
        page.goto((site / name).as_uri())
        ours = [
            (each["id"], node["html"][:200])
            for each in axe.run(page).response["violations"]
            for node in each["nodes"]
            if not node["html"].startswith(OF_THE_THEME.get(each["id"], ()))
        ]
        assert ours == [], name
        # Nothing is read by swiping sideways: tables wrap.
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.close()
