"""A site with one check of its own and many hosts, of which there are no facts."""

from __future__ import annotations

import json
from pathlib import Path

from plugin_runs import site

# A host whose number the policy of this check divides without rest fails.
CHECK = """
from livemigration.api import Fix, check, fail, ok


@check("LM199")
def test_site(host):
    '''The site is right.'''
    number = int(host.name[2:])
    yield fail("It is not.", "It is.", Fix("k", "Mend it.")) if {failing} else ok(host.name)
"""
NAME = "test_own.py::test_site"


def host(number: int) -> str:
    return f"hv{number:04}"


def many(folder: Path, hosts: int, failing: str = "False", **files: str) -> tuple[Path, list[str]]:
    """Write a site, its inventory and facts of nobody.

    Args:
        folder: where to.
        hosts: how many; they are numbered from 1.
        failing: which of them fail, as an expression of `number`.
        files: more files of the site.

    Returns:
        The site's folder, and the options of a replay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = site(folder / "site", test_own=CHECK.format(failing=failing), **files)
    inventory, facts = folder / "many.yaml", folder / "many.json"
    inventory.write_text(
        f"schema: 1\nvmm: {{name: vmm01}}\nhosts: [{{name: 'hv[0001-{hosts:04}]'}}]\n",
        encoding="utf-8",
    )
    document = {
        "schema": 1,
        "suite_version": "0.1.0",
        "gathered": "2026-01-01T00:00:00Z",
        "inventory": "",
        "inventory_digest": "",
        "vmms": [{"subject": "vmm", "name": "vmm01", "outcomes": {}}],
        "hosts": [],
    }
    facts.write_text(json.dumps(document), encoding="utf-8")
    return made, [f"--inventory={inventory}", f"--facts={facts}"]
