"""Hosts of a large report that are found by the same say so once, and are found all the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import many_hosts
import pytest
from chromium import launched, opened, write

from livemigration.report.html.page import REPORT, pages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

HOSTS = 504
# The last of those that VMM does not reach, which is folded in its card.
FOLDED = f"hv{HOSTS - 6:05}.contoso.com"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    yield from launched()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("pages"), pages(many_hosts.run_of(HOSTS, 1)))


def test_a_host_that_is_folded_with_its_like_is_found_by_name_group_and_state(
    browser: Any, folder: Path
) -> None:
    with opened(browser, folder / REPORT) as it:
        page, host = it.page, it.page.locator(f"[id='{FOLDED}']")
        assert host.get_attribute("data-k") is None
        keys = host.locator("xpath=..").get_attribute("data-k").split()
        assert not host.is_visible()
        page.locator("#q").fill(FOLDED)
        assert "1 of 504 hosts match." in page.locator("#said").inner_text()
        assert host.is_visible()
        # In its card, in the table, and nowhere else: what does not match is hidden.
        assert page.locator("section.fix:visible").count() == 1
        assert page.locator(".names > a:visible").count() == 2
        page.locator("#q").fill(" ".join(keys))
        # Hosts of another kind have all of these, and more.
        assert "144 of 504 hosts match." in page.locator("#said").inner_text()
        page.locator("#clear-filter").click()
        page.locator(".chips button[data-f='bad']").click()
        assert "504 of 504 hosts match." in page.locator("#said").inner_text()
        assert it.complaints == []


def test_without_scripts_a_folded_host_leads_to_its_page(browser: Any, folder: Path) -> None:
    with opened(browser, folder / REPORT, java_script_enabled=False) as it:
        host = it.page.locator(f"[id='{FOLDED}']")
        it.page.locator("details", has=host).locator("summary").click()
        host.click()
        it.page.wait_for_url(f"**/hosts-*.html#{FOLDED}")
        assert it.page.locator(f"[id='{FOLDED}']").is_visible()
