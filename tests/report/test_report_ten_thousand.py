"""A run of ten thousand hosts: how large its pages and its results are, whatever they take."""

from __future__ import annotations

import re
from pathlib import Path

import many_hosts
import pytest

from livemigration.report.html.page import REPORT, pages
from livemigration.run import results_file

# Generating, rendering and saving take forty seconds of one core, most of it saving and rendering.
pytestmark = [pytest.mark.fleet, pytest.mark.timeout(600)]

HOSTS = 10_000
MOST_OF_INDEX = 2_000_000
MOST_OF_HOST = 4_000
MOST_NODES = 26_000


@pytest.mark.parametrize("broken", [0.3, 1])
def test_ten_thousand_hosts_make_pages_that_a_browser_can_show_and_small_results(
    tmp_path: Path, broken: float
) -> None:
    run = many_hosts.run_of(HOSTS, broken)
    made = pages(run)
    assert len(made[REPORT].encode()) <= MOST_OF_INDEX
    for name, text in made.items():
        # Each begins an element, but for those in texts, which are few.
        assert len(re.findall(r"<[a-z]", text)) <= MOST_NODES, name
        assert len(text.encode()) <= MOST_OF_INDEX, name
    # No host is lost: each has its anchor in the index.
    anchors = set(re.findall(r' id="([^"]+)"', made[REPORT]))
    assert {each.name for each in run.hosts} <= anchors
    results_file.save(tmp_path / "results.json", run)
    assert (tmp_path / "results.json").stat().st_size <= HOSTS * MOST_OF_HOST
