"""VMM's record of disks, over real sockets, and drains that the room for disks decides."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fact_builders import judged
from fleet_runs import PATIENT, ask
from lab_clients import fleet_file
from test_lab_drain_facts import fleet, host

from livemigration.facts.model import FactSheet, FailureKind, Gathered, Inapplicable, NotGathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm_disks import VMM_DISKS, ParentDisk, VmmDisk
from livemigration.inventory.policy import Policy
from livemigration.lab.draining import drain
from livemigration.lab.fleet import Fleet
from livemigration.lab.launch import start
from livemigration.placement.model import Verdict
from livemigration.placement.plan_document import Asked, PlanDocument
from livemigration.report.drain.document import document_of_plan
from livemigration.run.result import State
from livemigration.verdict.drain_plan import plan_of

N1, N2, N3, N4, N5, N6 = (f"n{number}.contoso.com" for number in range(1, 7))
WEB: dict[str, Any] = {"name": "web01", "disks": [{"size": 30_000}, {"file": r"\\fs01\v\d.vhdx"}]}
DB: dict[str, Any] = {"name": "db01", "disks": [{"file": r"E:\db.vhdx", "size": 30_001}]}
CLONE: dict[str, Any] = {"name": "clone", "disks": [{"base": r"D:\base.vhdx"}, {"physical": True}]}
UNSAID: dict[str, Any] = {"name": "unsaid", "disks": [{"base": "unknown", "size": None}]}
HOSTS = (
    host(1, vms=[WEB, DB]),
    # Both fit on one of its volumes; on the next host not on all of them together.
    host(2, free_space={"C:": 1000, "D:": 60_001}),
    host(3, free_space={"C:": 1000, "D:": 58_900}),
    host(4, vms=[CLONE, UNSAID]),
    host(5, vms=[{"name": "a"}], record={"disks": "unread"}),
    host(6, vms=[{"name": "b"}], record={"known": False}),
)
TEXT = fleet(*HOSTS)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFacts]:
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=TEXT)) as lab:
        yield ask(lab, limits=PATIENT)


def disks(facts: RunFacts, name: str) -> tuple[VmmDisk, ...]:
    outcome = facts.hosts[name].outcome(VMM_DISKS)
    assert isinstance(outcome, Gathered), outcome
    return outcome.value


def test_vmm_tells_of_each_disk_its_size_and_what_it_builds_upon(facts: RunFacts) -> None:
    folder = r"D:\Hyper-V"
    assert disks(facts, N1) == (
        VmmDisk(rf"{folder}\web01\disk.vhdx", 30_000, 131_072, False),
        VmmDisk(r"\\fs01\v\d.vhdx", 20_480, 131_072, False),
        VmmDisk(r"E:\db.vhdx", 30_001, 131_072, False),
    )
    assert disks(facts, N4) == (
        VmmDisk(
            rf"{folder}\clone\disk.vhdx",
            *(20_480, 131_072, True),
            (ParentDisk(r"D:\base.vhdx"),),
        ),
        VmmDisk(rf"{folder}\unsaid\disk.vhdx", None, 131_072, True, (ParentDisk(None),)),
    )


def test_of_a_host_without_machines_vmm_is_not_asked(facts: RunFacts) -> None:
    for name in (N2, N3):
        assert isinstance(facts.hosts[name].outcome(VMM_DISKS), Inapplicable)


def test_what_vmm_does_not_say_of_one_host_is_that_hosts_failure(facts: RunFacts) -> None:
    for name, kind, root in ((N5, FailureKind.SCRIPT, ""), (N6, FailureKind.MISSING, "LM107")):
        outcome = facts.hosts[name].outcome(VMM_DISKS)
        assert isinstance(outcome, NotGathered)
        assert (outcome.failure.kind, outcome.failure.root) == (kind, root)


def test_the_check_of_disks_goes_by_it(facts: RunFacts) -> None:
    found = judged("LM702", only(facts, N4))
    assert found.state is State.FAIL
    said = [each.observed for each in found.findings]
    assert any(r"clone has a disk that builds upon D:\base.vhdx" in each for each in said)


def only(facts: RunFacts, *names: str) -> RunFacts:
    """Return the facts of these hosts, as if there were no others."""
    sheets: dict[str, FactSheet] = {each: facts.hosts[each] for each in names}
    return RunFacts(sheets, facts.vmms, facts.managers)


def plan(facts: RunFacts, *names: str) -> PlanDocument:
    found = plan_of(only(facts, *names), names[0], Policy(), frozenset(names))
    return document_of_plan(found, Asked((names[0],), simulated=True))


def test_a_host_is_emptied_where_its_machines_disks_have_room(facts: RunFacts) -> None:
    found = plan(facts, N1, N2)
    assert found.verdict is Verdict.FITS
    assert {each.vm: (each.to, each.disk) for each in found.moves} == {
        "web01": (N2, 30_000),
        "db01": (N2, 30_001),
    }
    carried = drain(Fleet.model_validate(json.loads(TEXT)), found)
    assert [vm.name for vm in carried.fleet.hosts[1].vms]
    assert carried.left == ()


def test_a_host_is_not_emptied_where_its_machines_disks_have_none(facts: RunFacts) -> None:
    found = plan(facts, N1, N3)
    assert found.verdict is Verdict.DOES_NOT_FIT
    assert any("of disk after the plan" in each for each in found.told)


def test_where_sizes_are_not_known_the_drain_is_not_known(facts: RunFacts) -> None:
    found = plan(facts, N5, N2)
    assert found.verdict is Verdict.UNKNOWN
