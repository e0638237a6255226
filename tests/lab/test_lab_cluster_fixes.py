"""What is wrong in a simulated cluster is mended by the commands of the report's own fixes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from applied import more_than_said
from cluster_scenes import LIMITS
from fleet_runs import Judged, ask, judged
from lab_clients import fleet_file
from one_change import fleet

from livemigration.lab.apply import Mended, apply
from livemigration.lab.fleet import Fleet
from livemigration.lab.fleet_file import fleet_text
from livemigration.lab.launch import start
from livemigration.run.result import State

# Two runs of a fleet; tests/report and tests/verdict hold each command against the lab's own.
pytestmark = pytest.mark.long

ONE_OWNER = {"name": "o'clock", "role": {"owners": ["HV03"], "configuration_owners": ["HV03"]}}
# Each is a cluster of two nodes: the cluster, the virtual machines of the first, and what is red.
WRONG: dict[str, tuple[dict[str, Any], list[dict[str, Any]], str]] = {
    "threshold": ({"move_type_threshold": 3001}, [{"name": "vm01"}], "LM605"),
    "owners": ({}, [ONE_OWNER, {"name": "vm02"}], "LM605"),
    "order": ({"order": ["management", "migration"], "forgotten": ["gone"]}, [], "LM601"),
    "excluded": ({"excluded": ["migration", "management"]}, [], "LM601"),
}
FIRST = {name: f"hv{2 * place + 1:02}.contoso.com" for place, name in enumerate(WRONG)}
WELL = {State.PASS, State.NOT_APPLICABLE}


def _fleet() -> Fleet:
    hosts: list[dict[str, Any]] = []
    for name, (_, vms, _) in WRONG.items():
        hosts += [{"cluster": name, "vms": vms}, {"cluster": name}]
    clusters = {name: cluster for name, (cluster, *_) in WRONG.items()}
    return Fleet.model_validate(fleet(*hosts, clusters=clusters, firewall_rules=0))


def _judged(folder: Path, whole: Fleet) -> Judged:
    with start(fleet_file(folder, text=fleet_text(whole))) as lab:
        return judged(ask(lab, limits=LIMITS))


Runs = tuple[Fleet, Judged, Mended, Judged]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    whole = _fleet()
    before = _judged(tmp_path_factory.mktemp("before"), whole)
    # Warnings are mended too, as where the policy makes them red.
    mended = apply(whole, (replace(each, red=each.state not in WELL) for each in before.values()))
    return whole, before, mended, _judged(tmp_path_factory.mktemp("after"), mended.fleet)


@pytest.mark.parametrize("name", WRONG)
def test_what_a_fix_commands_of_a_cluster_mends_it(name: str, runs: Runs) -> None:
    _, before, mended, after = runs
    check = WRONG[name][-1]
    assert before[check, FIRST[name]].state not in WELL
    assert after[check, FIRST[name]].state in WELL, (mended, after[check, FIRST[name]].findings)


def test_no_more_of_a_cluster_is_changed_than_a_fix_says(runs: Runs) -> None:
    whole, before, _, _ = runs
    assert more_than_said(whole, before) == []


def test_what_is_gone_of_a_clusters_networks_stays(runs: Runs) -> None:
    *_, mended, _ = runs
    cluster = mended.fleet.clusters["order"]
    assert (cluster.order[0], cluster.forgotten) == ("migration", ("gone",))


def test_a_machine_keeps_what_no_command_says_of_it(runs: Runs) -> None:
    whole, _, mended, _ = runs
    node = next(each for each in mended.fleet.hosts if each.name == FIRST["owners"])
    before = next(each for each in whole.hosts if each.name == FIRST["owners"])
    assert node.vms[1] == before.vms[1]
    assert node.vms[0].role.owners == ("HV03", "HV04")
    assert json.loads(node.vms[0].model_dump_json(exclude={"role"})) == json.loads(
        before.vms[0].model_dump_json(exclude={"role"})
    )
