"""What a host costs pytest: bytes, reports and calls of hooks are counted, never seconds."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from many_targets import host, many
from plugin_runs import run_here

from livemigration.api import check, ok
from livemigration.inventory.inventory import load
from livemigration.plugin import loop
from livemigration.plugin.compat_many import LeanItem
from livemigration.plugin.items import CheckItem, make_items

# A few of pytest's own items take as much as a hundred of these.
MOST_BYTES = 200
FEW, MANY = 20, 80
COUNTING = """
import json
from collections import Counter
from pathlib import Path

pytest_plugins = ("livemigration.plugin",)
CALLS = Counter()


def pytest_configure(config):
    config.pluginmanager.add_hookcall_monitoring(
        before=lambda name, *_: CALLS.update([name]), after=lambda *_: None
    )


def pytest_unconfigure():
    Path("calls.json").write_text(json.dumps(CALLS))
"""


@check("LM199")
def test_site(host: object):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as a site writes it
    """The site is right."""
    yield ok(str(host))


def made(parent: pytest.Collector, folder: Path, hosts: int) -> list[CheckItem]:
    many(folder, hosts)
    inventory = load("many.yaml", folder)
    names = tuple(each.name for each in inventory.hosts)
    return list(make_items(parent, "test_site", test_site, inventory, names))


def bytes_of(parent: pytest.Collector, folder: Path, hosts: int) -> int:
    many(folder, hosts)
    inventory = load("many.yaml", folder)
    names = tuple(each.name for each in inventory.hosts)
    tracemalloc.start()
    try:
        items = list(make_items(parent, "test_site", test_site, inventory, names))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(items) == hosts
    return taken


def module_of(request: pytest.FixtureRequest) -> pytest.Collector:
    assert isinstance(request.node, pytest.Item)
    assert request.node.parent is not None
    return request.node.parent


def test_an_item_takes_few_bytes_and_as_many_beside_many_others(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    few, more = (bytes_of(module_of(request), tmp_path, hosts) for hosts in (100, 900))
    assert (more - few) / 800 <= MOST_BYTES


def test_what_selects_among_items_leaves_nothing_in_them(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    for item in made(module_of(request), tmp_path, 3):
        assert "LM199" in item.listextrakeywords()
        assert [mark.name for mark in item.iter_markers()][:2] == ["livemigration", "settings"]
        assert item.get_closest_marker("settings") is not None
        assert item.nodeid.endswith(f"::{item.name}")
        assert item.location[2] == f"LM199 {item.target}"
        assert item.own is None


def calls_of(folder: Path, hosts: int, failing: str, *options: str) -> Counter[str]:
    """Return how often each hook of pytest is called in a run of so many hosts."""
    where, replay = many(folder / str(hosts), hosts, failing, conftest=COUNTING)
    ended = run_here(folder / f"reports-{hosts}", *replay, *options, cwd=where)
    assert ended.code in {0, 1}, ended.output
    assert len(ended.results["results"]) == hosts
    return Counter(json.loads((where / "calls.json").read_text(encoding="utf-8")))


def test_a_host_on_which_all_is_well_costs_no_call_of_a_plugin(
    tmp_path: Path,
) -> None:
    few, more = (calls_of(tmp_path, hosts, "False") for hosts in (FEW, MANY))
    assert not more - few
    assert "pytest_runtest_logreport" not in more


def test_plugins_hear_of_every_host_where_that_is_asked_for(tmp_path: Path) -> None:
    few, more = (calls_of(tmp_path, hosts, "False", "--every-report") for hosts in (FEW, MANY))
    of_each = {name: number / (MANY - FEW) for name, number in (more - few).items()}
    assert of_each == {
        "pytest_runtest_protocol": 1,
        "pytest_runtest_logstart": 1,
        "pytest_runtest_logreport": 2,
        "pytest_runtest_logfinish": 1,
        "pytest_report_teststatus": 2,
        "pytest_html_duration_format": 2,
        "pytest_html_results_table_row": 2,
    }


def test_of_many_failures_plugins_hear_of_as_many_as_they_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "MOST_REPORTS", 7)
    few, more = (calls_of(tmp_path, hosts, "number % 2") for hosts in (FEW, MANY))
    assert few["pytest_runtest_logreport"] == 2 * 7
    assert not more - few


def test_plugins_hear_of_no_more_failures_than_the_page_of_pytest_html_has_rows() -> None:
    from livemigration.plugin.html_report import MOST_ROWS

    assert loop.MOST_REPORTS == MOST_ROWS == 500


def test_a_thousand_pasted_ids_are_looked_up_and_not_compared_with_each_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    name_of: Any = vars(LeanItem)["name"]

    def name(item: CheckItem) -> str:
        nonlocal asked
        asked += 1
        return str(name_of.__get__(item))

    def names_asked(hosts: int) -> int:
        nonlocal asked
        where, replay = many(tmp_path / str(hosts), hosts)
        ids = [f"test_own.py::test_site[{host(each)}]" for each in range(1, hosts + 1, 2)]
        asked = 0
        ended = run_here(tmp_path / "reports", *replay, "--co", "-q", *ids, cwd=where)
        assert ended.output.count("::test_site[") == len(ids), ended.output
        return asked

    monkeypatch.setattr(CheckItem, "name", property(name))
    few, more = names_asked(FEW), names_asked(MANY)
    assert more <= few * MANY / FEW
