"""Plans of drains in Chromium: nothing overflows, axe-core finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import report_runs
from chromium import NARROW, OVERFLOWING, UNFOLD, WIDE, keep_picture, launched, opened, write
from drain_plans import fits, refused

from livemigration.report.html.page import REPORT, pages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    many = [fits(40, f"hv{number:03}.contoso.com") for number in range(12)]
    run = replace(report_runs.broken_fleet(), drains=(*many, refused("w" * 60)))
    return write(tmp_path_factory.mktemp("drains"), {REPORT: pages(run)[REPORT]}) / REPORT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing(browser: Any, page: Path, size: Any, scheme: str) -> None:
    module = "axe_playwright_python.sync_playwright"
    axe = pytest.importorskip(module, reason="axe-playwright-python is not installed").Axe()
    options: dict[str, Any] = {"viewport": size, "color_scheme": scheme, "bypass_csp": True}
    with opened(browser, page, **options) as it:
        it.page.evaluate(UNFOLD)
        keep_picture(it.page, f"drains-{scheme}-{size['width']}")
        section = "section[aria-labelledby=drains]"
        found = axe.run(it.page, context=section).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
        assert it.complaints == []


@pytest.mark.parametrize("width", [1400, 390, 320])
def test_nothing_overflows_the_window(browser: Any, page: Path, width: int) -> None:
    with opened(browser, page, viewport={"width": width, "height": 800}) as it:
        it.page.evaluate(UNFOLD)
        assert it.page.evaluate(OVERFLOWING) == []
