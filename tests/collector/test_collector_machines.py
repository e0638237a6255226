"""What machines have of their host is judged alike from a collector's file, redacted too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from collecting import collect
from test_collector_verdicts import ask, load, results

from livemigration.collector import snapshot
from livemigration.collector.redact import redact
from livemigration.facts.sheets import RunFacts
from livemigration.lab.launch import start
from livemigration.run.result import State

# A fleet is asked twice; tests/collector/test_collector_verdicts.py judges a file of facts.
pytestmark = pytest.mark.long

JUDGED = ("LM703", "LM704")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
GUARDIAN = "https://hgs.contoso.com/KeyProtection"
SERVER_2025 = {"build": 26100, "version": "10.0.26100", "caption": "Windows Server 2025"}


def machine(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, **more}


def host(number: int, **more: Any) -> dict[str, Any]:
    addresses = {"management": f"1.{10 + number}"}
    name = f"node{number}.contoso.com"
    return {"name": name, "shows": "as it is", "addresses": addresses, "cluster": "cl", **more}


FLEET = {
    "name": "machines",
    "title": "machines with devices",
    "domain": "contoso.com",
    "firewall_rules": 0,
    "networks": {"management": {"subnet": "1.0/24"}},
    "clusters": {"cl": {}},
    "system": SERVER_2025,
    "vmm": {"name": "vmm01.contoso.com", "address": "1.5", "registry": "10.22.1287.0"},
    "hosts": [
        host(
            1,
            vms=[
                machine("san01", devices={"virtual_san": "Fabric A"}),
                machine("gpu01", devices={"gpu": "movable"}),
                machine("gpu02", devices={"gpu": "fixed"}),
            ],
            devices={"virtual_sans": ["Fabric A"], "gpus": ["movable"]},
        ),
        host(
            2,
            vms=[machine("tpm01", protection={"tpm": True})],
            devices={"virtual_sans": ["FABRIC A"], "gpus": ["movable"]},
            protection={"certificates": ["fleet", "node2"]},
        ),
        host(
            3,
            vms=[
                machine("dda01", state="off", devices={"passed_through": True}),
                machine("mem01", devices={"persistent_memory": True}),
            ],
        ),
        host(
            4,
            vms=[machine("shielded01", protection={"tpm": True, "shielded": True})],
            protection={"guardian": GUARDIAN},
        ),
    ],
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunFacts, Any]]:
    path = tmp_path_factory.mktemp("fleet") / "machines.yaml"
    path.write_text(json.dumps(FLEET), encoding="utf-8")
    with start(str(path)) as lab:
        yield ask(lab), collect(lab)


def states(facts: RunFacts) -> list[State]:
    """Return what the checks come to, host by host in the order of the facts."""
    found = results(facts)
    return [found[check, name].state for name in facts.hosts for check in JUDGED]


def test_the_fleet_shows_what_there_is_to_show(both: tuple[RunFacts, Any]) -> None:
    assert states(both[0]) == [
        *(State.FAIL, State.PASS),
        *(State.PASS, State.WARNING),
        *(State.WARNING, State.PASS),
        *(State.PASS, State.FAIL),
    ]


def test_the_collectors_file_is_judged_as_the_hosts_are(
    both: tuple[RunFacts, Any], tmp_path: Path
) -> None:
    asked, collected = both
    assert states(load(tmp_path, collected)) == states(asked)


def test_redacted_it_is_judged_alike(both: tuple[RunFacts, Any], tmp_path: Path) -> None:
    asked, collected = both
    redacted = redact(collected)
    assert states(load(tmp_path, redacted)) == states(asked)
    text = json.dumps(redacted)
    for secret in ("san01", "tpm01", "Fabric", "hgs.contoso", "node1", "fleet"):
        assert secret not in text
    thumbprint = next(
        each
        for host in asked.hosts.values()
        for each in host.outcomes["guardian-certificates"].value.thumbprints  # type: ignore[union-attr]  # it was read
    )
    assert thumbprint in json.dumps(collected)
    assert thumbprint not in text


def test_saved_facts_are_judged_alike_redacted_too(
    both: tuple[RunFacts, Any], tmp_path: Path
) -> None:
    asked, _ = both
    path = tmp_path / "saved.json"
    snapshot.save(path, asked, gathered=NOW, inventory="", digest="")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert states(load(tmp_path, document)) == states(asked)
    assert states(load(tmp_path, redact(document))) == states(asked)
