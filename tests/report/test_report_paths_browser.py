"""The paths of forty clusters in Chromium: nothing overflows, axe-core finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import report_runs
from chromium import NARROW, OVERFLOWING, UNFOLD, WIDE, keep_picture, launched, opened, write
from path_builders import management, network, of_forty_clusters, path

from livemigration.report.html.page import REPORT, pages
from livemigration.run.paths import Use

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

LONG = "A network with a name of more than a hundred characters " * 3
SECTION = "section[aria-labelledby=paths]"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wide = ("production-hypervisor-of-a-site-01", "production-hypervisor-of-a-site-02")
    odd = path(
        network(LONG, unusable=((wide[0], "no interface"),)),
        management(use=Use.EXCLUDED),
        cluster="W" * 63,
        nodes=wide,
    )
    run = replace(report_runs.broken_fleet(), paths=(*of_forty_clusters(), odd))
    return write(tmp_path_factory.mktemp("paths"), {REPORT: pages(run)[REPORT]}) / REPORT


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing(browser: Any, page: Path, size: Any, scheme: str) -> None:
    module = "axe_playwright_python.sync_playwright"
    axe = pytest.importorskip(module, reason="axe-playwright-python is not installed").Axe()
    options: dict[str, Any] = {"viewport": size, "color_scheme": scheme, "bypass_csp": True}
    with opened(browser, page, **options) as it:
        keep_picture(it.page, f"paths-{scheme}-{size['width']}")
        it.page.evaluate(UNFOLD)
        found = axe.run(it.page, context=SECTION).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
        assert it.complaints == []


@pytest.mark.parametrize("width", [1400, 390, 320])
def test_nothing_overflows_and_no_text_leaves_its_picture(
    browser: Any, page: Path, width: int
) -> None:
    with opened(browser, page, viewport={"width": width, "height": 800}) as it:
        it.page.evaluate(UNFOLD)
        assert it.page.evaluate(OVERFLOWING) == []
        outside = """() => [...document.querySelectorAll('.lad svg')].flatMap(svg =>
            [...svg.querySelectorAll('text:not(.nd)')]
                .filter(text => text.getBBox().x + text.getBBox().width > 304)
                .map(text => text.textContent))"""
        assert it.page.evaluate(outside) == []


def test_forty_clusters_stay_one_section_that_can_be_read(browser: Any, page: Path) -> None:
    with opened(browser, page) as it:
        height = it.page.locator(SECTION).bounding_box()["height"]
        assert height <= 2 * WIDE["height"]
