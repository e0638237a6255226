"""Names of hosts and groups in whole runs: everything is made and can be asked for, or exit 4."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from defusedxml import ElementTree
from plugin_runs import Ended, run_here

HOST = "hv01.contoso.com"
REFUSED = [
    "hv01😀",
    "hv01\u202e",
    "hv01\u200b",
    "hv 01",
    "hv[a]",
    "hv01]",
    "hv01::x",
    'hv"01',
    "hv'01",
    "hv01\x1b[31m",
    "hv01\n",
    "../hv01",
    "$(hv01)",
    "n" * 300,
    "",
]
# Each stands for a kind: letters of other languages, combined ones, Windows' own, the longest.
TAKEN = [
    ("A_b.contoso.com", "Ko\u0308ln"),
    ("2001:db8::1", "東京"),
    (".".join(["x" * 62] * 4), "हिन्दी"),
]


def inventory(path: Path, host: str, group: str, vmm: str = "vmm01.contoso.com") -> str:
    """Write an inventory with these names; JSON's texts are YAML's."""
    path.write_text(
        f"schema: 1\nvmm: {{name: {json.dumps(vmm)}}}\nhosts:\n  - name: {json.dumps(host)}\n"
        f"    groups: [{json.dumps(group)}]\n",
        encoding="utf-8",
    )
    return f"--inventory={path}"


@pytest.mark.parametrize("place", ["host", "group", "vmm"])
def test_a_name_that_cannot_be_carried_is_refused_with_file_and_line(
    place: str, tmp_path: Path
) -> None:
    path = tmp_path / "prod.yaml"
    for name in [*REFUSED, "münchen.contoso.com"][: -1 if place == "group" else None]:
        names = {"host": HOST, "group": "ams", place: name}
        ended = run_here(tmp_path / "reports", inventory(path, **names))
        assert ended.code == 4, (name, ended.output)
        assert re.search(rf"{re.escape(str(path))}, line \d+: ", ended.output), (name, ended.output)
        assert "INTERNAL" not in ended.output
        assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("place", ["host", "group"])
def test_a_fleet_with_such_a_name_is_refused_with_file_and_line(place: str, tmp_path: Path) -> None:
    path = tmp_path / "fleet.yaml"
    for name in REFUSED:
        names = {"host": HOST, "group": "ams", place: name}
        path.write_text(
            "name: own\ntitle: own\ndomain: contoso.com\n"
            "networks: {management: {subnet: 1.0/24}}\n"
            "system: {build: 20348, version: 10.0.20348, caption: Windows}\n"
            "vmm: {name: vmm01.contoso.com, address: '1.5'}\n"
            f"hosts:\n  - name: {json.dumps(names['host'])}\n    shows: healthy\n"
            f"    groups: [{json.dumps(names['group'])}]\n    addresses: {{management: '1.11'}}\n",
            encoding="utf-8",
        )
        ended = run_here(tmp_path / "reports", f"--inventory=lab:{path}")
        assert ended.code == 4, (name, ended.output)
        assert re.search(r"fleet\.yaml, line (7|8|9|1\d): hosts\[0\]\.", ended.output), ended.output


@pytest.mark.parametrize(("host", "group"), TAKEN)
def test_a_name_that_is_taken_is_carried_by_every_step(
    host: str, group: str, tmp_path: Path, healthy: tuple[Ended, Path]
) -> None:
    facts = tmp_path / "facts.json"
    text = healthy[1].read_text(encoding="utf-8").replace(HOST, host)
    facts.write_text(text.replace("lab:healthy", "prod.yaml"), encoding="utf-8")
    given = (inventory(tmp_path / "prod.yaml", host, group), f"--facts={facts}")
    made = {
        name: tmp_path / name for name in ("csv", "sarif", "markdown", "junitxml", "save-facts")
    }
    asked = [f"--{name}={path}" for name, path in made.items()]
    ended = run_here(tmp_path / "a", *given, *asked, "--bundle", f"--limit=group:{group}")
    assert ended.code in {0, 1, 10}, ended.output
    assert "could not be written" not in ended.output
    assert all(path.stat().st_size for path in made.values())
    assert next(ended.folder.glob("*.zip")).stat().st_size
    suites = ElementTree.parse(made["junitxml"])
    assert any(host in (each.get("name") or "") for each in suites.iter("testcase"))
    with made["csv"].open(encoding="utf-8-sig", newline="") as stream:
        assert any(host in row for row in csv.reader(stream))
    # By its id, as the report names it, and by a pattern.
    node = next(each["node_id"] for each in ended.results["plan"] if each["target"] == host)
    one = run_here(tmp_path / "b", *given, node, f"--limit={host[:20]}*")
    assert {target for _, target in one.states()} <= {host, "vmm01.contoso.com"}
    assert one.code in {0, 1, 10}, one.output


@pytest.mark.parametrize(
    "name", ["Köln.yaml", "a\nb.yaml", "n" * 200 + ".yaml", "[x].yaml", "-.yaml"]
)
def test_an_inventory_of_any_file_name_leaves_a_folder(
    name: str, tmp_path: Path, healthy: tuple[Ended, Path]
) -> None:
    given = inventory(tmp_path / name, HOST, "ams")
    document = json.loads(healthy[1].read_text(encoding="utf-8"))
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps({**document, "inventory": name}), encoding="utf-8")
    ended = run_here(tmp_path / "r", given, f"--facts={facts}", "-m", "settings")
    assert ended.code == 0, ended.output
    assert len(ended.folder.name) < 140
