"""Several VMM servers in one inventory: each host is judged by its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from plugin_runs import Ended, run_here

INVENTORY = """\
schema: 1
vmm: [{name: vmm01.contoso.com}, {name: vmm02.contoso.com}]
hosts:
  - {name: hv01.contoso.com, vmm: vmm01.contoso.com}
  - {name: hv02.contoso.com, vmm: vmm02.contoso.com}
"""
VMM = "vmm0{}.contoso.com"


def gathered(value: Any, vantage: str = "the VMM server") -> dict[str, Any]:
    return {"vantage": vantage, "value": value}


def server(number: int, version: str) -> dict[str, Any]:
    access = {"endpoint": "x", "product_vendor": "Microsoft Corporation", "product_version": "1"}
    return {
        "name": VMM.format(number),
        "outcomes": {
            "vmm-access": gathered(access, "the machine that runs the suite"),
            "vmm-release": gathered({"registry": version, "server": None}),
        },
    }


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site.yaml").write_text(INVENTORY, encoding="utf-8")
    hosts = [
        {"name": f"hv0{number}.contoso.com", "outcomes": {}, "vmm": VMM.format(number)}
        for number in (1, 2)
    ]
    facts = {
        "schema": 1,
        "suite_version": "0.1.0",
        "gathered": "2026-01-01T00:00:00Z",
        "inventory": "site.yaml",
        "inventory_digest": "0",
        "vmms": [server(1, "3.1.6011.0"), server(2, "10.22.1287.0")],
        "hosts": hosts,
    }
    (tmp_path / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return tmp_path


def judged(site: Path, *more: str) -> Ended:
    files = (f"--inventory={site / 'site.yaml'}", f"--facts={site / 'facts.json'}")
    return run_here(site / "reports", "-m", "livemigration", *files, *more)


def test_each_server_is_checked_and_named_with_its_release(site: Path) -> None:
    ended = judged(site)
    states = ended.states()
    assert states["LM001", VMM.format(1)] == "warning"
    assert states["LM001", VMM.format(2)] == "pass"
    assert ended.results["vmm"] == "vmm01.contoso.com and vmm02.contoso.com"
    assert "vmm02.contoso.com: 10.22.1287.0" in ended.results["vmm_release"]


@pytest.mark.parametrize("chosen", [("--limit=hv02*",), ("-k", "hv02")])
def test_only_the_server_of_the_chosen_hosts_is_part_of_the_run(
    chosen: tuple[str, ...], site: Path
) -> None:
    checked = {target for check, target in judged(site, *chosen).states() if check == "LM001"}
    assert checked == {VMM.format(2)}
