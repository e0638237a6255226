"""Clusters of two nodes, each with one thing that its roles, its storage or its votes show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fleet_runs import judged
from one_change import fleet
from ruamel.yaml import YAML

from livemigration.facts.sheets import RunFacts
from livemigration.inventory.connection import TimeLimits

FIRST = "hv01.contoso.com"
# Everything answers, but for what VMM meets on the migration network.
LIMITS = TimeLimits(connect=10, probe=0.2)
BUSY, AT_REST = {"name": "Repair"}, {"name": "Rebalance", "state": "completed"}
JUDGED = ("LM603", "LM604", "LM605")
S2D = {"storage_spaces_direct": True}
# Each is a cluster of two nodes of its own: the cluster, the first node, its virtual machines, and
# what LM603, LM604 and LM605 make of the first node.
SCENES: dict[str, tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]], str]] = {
    "healthy": ({}, {}, [{"name": "vm01"}], "pass pass pass"),
    "no witness": ({"witness_weight": 0}, {}, [], "pass pass pass"),
    "votes": ({"dynamic_quorum": False, "witness_weight": 0}, {}, [], "warning pass pass"),
    "says so": ({}, {"node": {"quorum_without": "lost"}}, [], "warning pass pass"),
    "refuses": ({}, {"node": {"quorum_without": "refused"}}, [], "pass pass pass"),
    "counted": (
        {"witness_weight": 0},
        {"node": {"quorum_without": "refused"}},
        [],
        "warning pass pass",
    ),
    "lost": ({"volumes": {"V": {"faults": ["no-access"]}}}, {}, [], "pass fail pass"),
    "failed": ({"volumes": {"V": {"failed": True}}}, {}, [], "pass fail pass"),
    "redirected": ({"volumes": {"V": {"faults": ["redirected"]}}}, {}, [], "pass warning pass"),
    "refs": (
        {"volumes": {"V": {"faults": ["redirected"], "file_system": "refs"}}},
        {},
        [],
        "pass pass pass",
    ),
    "backup": ({"volumes": {"V": {"in_backup": True}}}, {}, [], "pass warning pass"),
    "no volume": ({"volumes": {}}, {}, [], "pass pass pass"),
    "busy": ({**S2D, "storage_jobs": [BUSY]}, {}, [], "pass warning pass"),
    "at rest": ({**S2D, "storage_jobs": [AT_REST]}, {}, [], "pass pass pass"),
    "pool": ({**S2D, "pools": {"P": "unhealthy"}}, {}, [], "pass warning pass"),
    "disk": ({**S2D, "virtual_disks": {"D": "warning"}}, {}, [], "pass warning pass"),
    "saved": ({"move_type_threshold": 3001}, {}, [], "pass pass fail"),
    "saved, as a text": ({"move_type_threshold": "3001"}, {}, [], "pass pass fail"),
    "low": ({}, {}, [{"name": "vm02", "role": {"priority": 1000}}], "pass pass warning"),
    "low, live": (
        {"move_type_threshold": 0},
        {},
        [{"name": "vm03", "role": {"priority": 0}}],
        "pass pass pass",
    ),
    "off": (
        {},
        {},
        [{"name": "vm04", "state": "off", "role": {"priority": 0}}],
        "pass pass pass",
    ),
    "locked": ({}, {}, [{"name": "vm05", "role": {"locked": True}}], "pass pass fail"),
    "owners": ({}, {}, [{"name": "vm06", "role": {"owners": ["OWNERS"]}}], "pass pass fail"),
    "no owners": ({}, {}, [{"name": "vm07", "role": {"owners": []}}], "pass pass blocked"),
}


def name_of(number: int) -> str:
    return f"hv{number:02}.contoso.com"


def many(scenes: Iterable[str] = SCENES) -> tuple[dict[str, Any], dict[str, int]]:
    """Return a fleet with a cluster for each scene, and the number of each scene's first node."""
    hosts: list[dict[str, Any]] = []
    clusters: dict[str, Any] = {}
    firsts = {}
    for scene in scenes:
        cluster, node, vms, _ = SCENES[scene]
        firsts[scene] = len(hosts) + 1
        own = f"cl{firsts[scene]:02}"
        clusters[own] = cluster
        short = name_of(firsts[scene]).partition(".")[0].upper()
        machines = [{**vm, "role": {"owners": [short]}} if scene == "owners" else vm for vm in vms]
        hosts += [{"cluster": own, **node, "vms": machines}, {"cluster": own}]
    return fleet(*hosts, clusters=clusters), firsts


def written(folder: Path, content: Mapping[str, Any]) -> str:
    path = folder / "fleet.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(content, file)
    return str(path)


def verdicts(facts: RunFacts, scenes: Iterable[str] = SCENES) -> dict[str, str]:
    """Return what is made of the first node of each scene, whatever the hosts are called."""
    _, firsts = many(scenes)
    found, names = judged(facts), tuple(facts.hosts)
    return {
        scene: " ".join(found[check, names[number - 1]].state.value for check in JUDGED)
        for scene, number in firsts.items()
    }


EXPECTED = {scene: wanted for scene, (*_, wanted) in SCENES.items()}
