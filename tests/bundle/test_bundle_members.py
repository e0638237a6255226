"""A large report has many pages, and a bundle vouches for each of them."""

from __future__ import annotations

import pytest
from many_hosts import run_of

from livemigration.bundle.members import views_of
from livemigration.report.html.view import ONE_PAGE


@pytest.mark.long
def test_the_pages_of_a_large_report_are_all_in_the_bundle() -> None:
    made = views_of(run_of(ONE_PAGE + 1, 0.2))
    index = made["report.html"].decode()
    pages = {name for name in made if name.startswith("hosts-")}
    assert pages == {"hosts-001.html"}
    assert 'href="hosts-001.html#hv' in index
    assert b'id="hv00005.contoso.com-LM' in made["hosts-001.html"]


def test_a_small_report_is_one_page() -> None:
    assert not [name for name in views_of(run_of(20, 0.2)) if name.startswith("hosts-")]
