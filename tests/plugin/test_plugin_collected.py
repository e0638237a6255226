"""A whole run on what collect.ps1 wrote, with the names that Windows uses."""

from __future__ import annotations

import json
from pathlib import Path

from plugin_runs import run_here

DOCUMENT = {
    "format": "livemigration-collector",
    "schema": 1,
    "suite_version": "0.1.0",
    "collected": "2026-01-01T00:00:00Z",
    "collected_on": "HV01.contoso.com",
    "redacted": False,
    "port": 5985,
    "vmm": {
        "name": "",
        "asked": False,
        "identity": None,
        "failure": None,
        "records": None,
        "resolution": None,
        "probes": None,
    },
    "hosts": [
        {
            "name": "HV01.contoso.com",
            "identity": {"vendor": "Microsoft Corporation", "version": "OS: 10.0.20348"},
            "failure": None,
            "answers": [],
        }
    ],
}
INVENTORY = """\
schema: 1
vmm: {name: vmm01.contoso.com}
hosts: [{name: hv01.contoso.com}, {name: hv02.contoso.com}]
"""


def test_the_collectors_file_is_judged_without_any_connection(tmp_path: Path) -> None:
    facts, inventory = tmp_path / "facts.json", tmp_path / "site.yaml"
    facts.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    inventory.write_text(INVENTORY, encoding="utf-8")
    ended = run_here(
        tmp_path / "reports", "-m", "livemigration", f"--inventory={inventory}", f"--facts={facts}"
    )
    assert ended.code == 10
    states = ended.states()
    # The file has no services, so whether the agent runs is not known; it has no second host.
    assert states["LM302", "hv01.contoso.com"] == "blocked"
    assert states["LM302", "hv02.contoso.com"] == "blocked"
    reasons = {
        each["entry"]["check"]: each["reason"] or str(each["findings"])
        for each in ended.results["results"]
        if each["entry"]["target"] == "vmm01.contoso.com"
    }
    assert "the VMM module is not installed" in reasons["LM001"]
