"""What a fleet file says of a cluster's roles, storage and votes is what its nodes then answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cluster_scenes import EXPECTED, FIRST, LIMITS, SCENES, many, verdicts, written
from fleet_runs import ask
from one_change import fleet

from livemigration.collector import facts_file, snapshot
from livemigration.collector.redact import redact
from livemigration.facts.cluster_groups import (
    CLUSTER_GROUPS,
    CLUSTER_RESOURCES,
    MOST_ASKED_SINGLY,
    VIRTUAL_MACHINE,
)
from livemigration.facts.cluster_owners import CLUSTER_POSSIBLE_OWNERS
from livemigration.facts.model import FactGroup, Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.lab.launch import RunningLab, start
from livemigration.verdict.clustered_machines import Standing, machines_among

# What the quick tests look at: a verdict of each kind from each part.
SOME = ("healthy", "votes", "failed", "saved, as a text", "owners", "no owners")
Scenes = tuple[str, ...]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(SOME, id="some"),
        pytest.param(tuple(SCENES), id="all", marks=pytest.mark.long),
    ],
)
def scenes(request: pytest.FixtureRequest) -> Scenes:
    chosen: Scenes = request.param
    return chosen


@pytest.fixture(scope="module")
def lab(scenes: Scenes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    whole, _ = many(scenes)
    with start(written(tmp_path_factory.mktemp("scenes"), whole)) as started:
        yield started


@pytest.fixture(scope="module")
def facts(lab: RunningLab) -> RunFacts:
    return ask(lab, limits=LIMITS)


def value(facts: RunFacts, group: FactGroup[Any], host: str = FIRST) -> Any:
    outcome = facts.hosts[host].outcome(group)
    assert isinstance(outcome, Gathered), outcome
    return outcome.value


@pytest.mark.long
def test_each_scene_of_a_cluster_gets_the_verdict_that_its_facts_ask_for(
    facts: RunFacts, scenes: Scenes
) -> None:
    assert verdicts(facts, scenes) == {each: EXPECTED[each] for each in scenes}


@pytest.mark.long
def test_redacted_facts_say_the_same(facts: RunFacts, scenes: Scenes, tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    snapshot.save(path, facts, gathered=datetime.now(UTC), inventory="site.yaml", digest="")
    document = json.dumps(redact(json.loads(path.read_text(encoding="utf-8"))))
    assert not any(each in document.casefold() for each in ("contoso", "vm01", "hv01"))
    path.write_text(document, encoding="utf-8")
    assert verdicts(facts_file.load(path), scenes) == {each: EXPECTED[each] for each in scenes}


@pytest.mark.long
def test_the_roles_of_a_cluster_come_over_the_wire_as_they_are(facts: RunFacts) -> None:
    groups = {each.name: each for each in value(facts, CLUSTER_GROUPS)}
    assert groups.keys() == {"Cluster Group", "Available Storage", "vm01"}
    assert (groups["vm01"].kind, groups["vm01"].owner_node) == (111, "HV01")
    assert groups["vm01"].priority == 2000
    owners = {each.name: each.owner_nodes for each in value(facts, CLUSTER_POSSIBLE_OWNERS)}
    assert owners["Virtual Machine vm01"] == ("HV01", "HV02")
    assert owners["Virtual Machine Configuration vm01"] == ("HV01", "HV02")


PROPERTIES = [
    ("listed", 0, 200),
    ("singly", MOST_ASKED_SINGLY, MOST_ASKED_SINGLY),
    ("never", MOST_ASKED_SINGLY, 0),
]


@pytest.mark.long
@pytest.mark.parametrize(("how", "asked", "known"), PROPERTIES)
def test_of_two_hundred_machines_no_more_are_asked_for_than_so_many(
    how: str, asked: int, known: int, tmp_path: Path
) -> None:
    vms: Sequence[Mapping[str, Any]] = [{"name": f"vm{number:03}"} for number in range(200)]
    whole = fleet(
        {"cluster": "cl", "vms": vms},
        {"cluster": "cl", "vms": [{"name": "elsewhere", "clustered": False}]},
        clusters={"cl": {"private_properties": how}},
    )
    record = tmp_path / "requests.jsonl"
    with start(written(tmp_path, whole), record=str(record)) as lab:
        facts = ask(lab, limits=LIMITS)
    asked_singly = record.read_text(encoding="utf-8").count("2004/09/transfer/Get<")
    resources = [each for each in value(facts, CLUSTER_RESOURCES) if each.kind == VIRTUAL_MACHINE]
    assert len(resources) == 200
    own = [each for each in resources if each.owner_node == "HV01"]
    assert sum(each.vm is not None for each in own) == known
    found = machines_among(resources, "HV01")
    standing = found.standing("00000000-0000-4000-8000-000000000000")
    assert standing is (Standing.OUTSIDE if known == len(own) else Standing.UNKNOWN)
    assert asked_singly == asked
