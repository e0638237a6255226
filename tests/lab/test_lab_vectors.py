"""What running machines have taken is asked of a real socket, in a second step, and bounded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fleet_runs import PATIENT, ask, judged, said
from lab_clients import fleet_file

from livemigration.facts.compatibility import COMPATIBILITY_VECTORS, MOST_ASKED
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FailureKind, Gathered, NotGathered
from livemigration.facts.sheets import RunFacts
from livemigration.lab.launch import start
from livemigration.run.result import State

# A fleet is asked; tests/plugin/test_plugin_second_step.py looks at which hosts are.
pytestmark = pytest.mark.long

MACHINES = 200
FLEET = """\
name: generations
title: a cluster of two generations, one of one, and a host alone
domain: contoso.com
networks:
  management: {{subnet: 1.0/24}}
system: {{build: {build}, version: 10.0.{build}, caption: Windows Server}}
vmm: {{name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}}
clusters: {{mixed: {{}}, same: {{}}}}
hosts:
  - name: old.contoso.com
    shows: an older processor, and many machines
    addresses: {{management: "1.11"}}
    cluster: mixed
    processor: {{identifier: BFEBFBFF00050657, vectors: {{1: "0x3", 2: "0x8000000000000001"}}}}
    vms: [{many}]
  - name: new.contoso.com
    shows: a newer processor
    addresses: {{management: "1.12"}}
    cluster: mixed
    processor: {{vectors: {{1: "0x3", 2: "0x8000000000000003"}}}}
    vms: [{{name: erp01{erp}}}]
  - name: same1.contoso.com
    shows: one of two equals
    addresses: {{management: "1.21"}}
    cluster: same
    vms: [{{name: web01}}]
  - name: same2.contoso.com
    shows: one of two equals
    addresses: {{management: "1.22"}}
    cluster: same
    vms: [{{name: web02}}]
  - name: other.contoso.com
    shows: alone, and of another generation than everybody
    addresses: {{management: "1.31"}}
    processor: {{identifier: BFEBFBFF000906A3}}
"""


def fleet(folder: Path, machines: int, build: int = 20348, erp: str = "") -> str:
    many = ", ".join(f"{{name: vm{number:03d}}}" for number in range(machines))
    text = FLEET.format(many=many, build=build, erp=erp)
    return fleet_file(folder, text=text)


@dataclass(frozen=True)
class Asked:
    """A gathered fleet."""

    facts: RunFacts

    def outcome(self, host: str) -> Any:
        return self.facts.hosts[f"{host}.contoso.com"].outcome(COMPATIBILITY_VECTORS)

    def requests(self, host: str) -> int:
        access = self.facts.hosts[f"{host}.contoso.com"].outcome(HOST_ACCESS)
        assert isinstance(access, Gathered)
        return access.value.requests

    def lm501(self, host: str) -> tuple[State, str]:
        result = judged(self.facts)["LM501", f"{host}.contoso.com"]
        blocked = result.blocked_by.reason if result.blocked_by is not None else ""
        return result.state, " ".join([*map(str, said(result)), blocked])


def asked(path: str) -> Asked:
    with start(path) as lab:
        return Asked(ask(lab, limits=PATIENT))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return asked(fleet(tmp_path_factory.mktemp("many"), MACHINES))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    return asked(fleet(tmp_path_factory.mktemp("few"), 2))


def test_only_hosts_of_a_group_of_several_classes_are_asked(few: Asked) -> None:
    for host in ("old", "new"):
        assert isinstance(few.outcome(host), Gathered), host
    for host in ("same1", "same2", "other"):
        outcome = few.outcome(host)
        assert isinstance(outcome, NotGathered)
        assert outcome.failure.kind is FailureKind.NOT_GATHERED


def test_a_number_of_64_bits_arrives_as_it_was_sent(few: Asked) -> None:
    vectors = few.outcome("new").value
    assert [each.features for each in vectors.host] == [3, 0x8000000000000003]
    assert [each.features for each in vectors.machines[0].vectors] == [3, 0x8000000000000003]


def test_a_machine_is_kept_from_what_lacks_what_it_took_and_not_the_other_way(few: Asked) -> None:
    state, told = few.lm501("old")
    assert state is State.FAIL
    assert "erp01 of new.contoso.com" in told
    assert few.lm501("new")[0] is State.PASS
    assert few.lm501("same1")[0] is few.lm501("same2")[0] is State.PASS


def test_of_two_hundred_machines_so_many_are_asked_and_the_rest_blocks(many: Asked) -> None:
    vectors = many.outcome("old").value
    assert (len(vectors.machines), vectors.left) == (MOST_ASKED, MACHINES - MOST_ASKED)
    state, told = many.lm501("new")
    assert state is State.BLOCKED
    assert f"{MACHINES - MOST_ASKED} running virtual machines of other hosts went unasked" in told
    # What is known to lack something is said all the same.
    assert many.lm501("old")[0] is State.FAIL


def test_what_it_costs_is_a_request_for_each_machine_that_is_asked(many: Asked, few: Asked) -> None:
    more = many.requests("old") - few.requests("old")
    pages = more - (MOST_ASKED - 2)
    # Two hundred machines are more pages of nine classes, not more questions.
    assert 0 < pages < MACHINES // 4, more
    assert few.requests("old") - few.requests("same1") <= 25


def test_hosts_of_2012_are_not_asked_and_their_models_decide(tmp_path: Path) -> None:
    found = asked(fleet(tmp_path, 2, build=9200))
    assert isinstance(found.outcome("old"), NotGathered)
    state, told = found.lm501("old")
    assert state is State.WARNING
    assert "without processor compatibility may be refused: erp01 of new.contoso.com" in told


def test_a_machine_that_says_nothing_blocks(tmp_path: Path) -> None:
    found = asked(fleet(tmp_path, 2, erp=", vectors_refused: true"))
    state, told = found.lm501("old")
    assert state is State.BLOCKED
    assert "did not say what was taken of the processor: erp01" in told


def test_a_machine_with_processor_compatibility_moves_to_less(tmp_path: Path) -> None:
    found = asked(fleet(tmp_path, 2, erp=", compatible: true"))
    assert found.lm501("old")[0] is State.PASS
