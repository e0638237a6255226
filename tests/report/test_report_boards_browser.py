"""The board of who can go where in a browser: wide and narrow, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import many_hosts
import pytest
from chromium import NARROW, OVERFLOWING, UNFOLD, WIDE, keep_picture, launched, opened, write
from report_boards import group_of, of_many, with_matrix

from livemigration.report.html.page import REPORT, pages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    few = with_matrix(many_hosts.run_of(10, 0.4), group_of(10, 4))
    texts = {"few.html": pages(few)[REPORT], "many.html": pages(of_many())[REPORT]}
    return write(tmp_path_factory.mktemp("boards"), texts)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["few", "many"])
def test_axe_finds_nothing_on_a_board(browser: Any, folder: Path, name: str, scheme: str) -> None:
    module = "axe_playwright_python.sync_playwright"
    axe = pytest.importorskip(module, reason="axe-playwright-python is not installed").Axe()
    for size in (WIDE, NARROW):
        options: dict[str, Any] = {"viewport": size, "color_scheme": scheme, "bypass_csp": True}
        with opened(browser, folder / f"{name}.html", "#who", **options) as it:
            it.page.locator("#who").scroll_into_view_if_needed()
            keep_picture(it.page, f"board-{name}-{scheme}-{size['width']}")
            it.page.evaluate(UNFOLD)
            found = axe.run(it.page).response["violations"]
            assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
            assert it.complaints == []


@pytest.mark.parametrize("width", [1400, 390, 320])
def test_no_board_overflows_the_window(browser: Any, folder: Path, width: int) -> None:
    for name in ("few", "many"):
        size = {"width": width, "height": 800}
        with opened(browser, folder / f"{name}.html", viewport=size) as it:
            it.page.evaluate(UNFOLD)
            assert it.page.evaluate(OVERFLOWING) == []
            assert it.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_picture_of_twenty_four_classes_is_wide_enough_to_read(
    browser: Any, folder: Path
) -> None:
    with opened(browser, folder / "many.html") as it:
        box = it.page.locator("svg.who").first.bounding_box()
        assert box["width"] <= WIDE["width"]
        signs = it.page.locator("svg.who .w-sign")
        assert signs.count() == 24 * 24
        assert signs.first.evaluate("each => getComputedStyle(each).fontSize") == "13px"
