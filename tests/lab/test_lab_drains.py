"""Plans carried out in the lab: each step is possible when it is taken, or nothing is written."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base import codec
from livemigration.commands.main import main
from livemigration.lab import instances
from livemigration.lab.draining import drain
from livemigration.lab.errors import LabError
from livemigration.lab.fleet import Fleet, load_fleet
from livemigration.lab.instances_memory import free
from livemigration.lab.rows import Row
from livemigration.lab.world import World
from livemigration.placement.ladder import answer
from livemigration.placement.model import Host, Machine, Question, Verdict
from livemigration.placement.plan_document import Asked, PlanDocument, document_of

FIRST, SECOND, THIRD = (f"node{number}.contoso.com" for number in (1, 2, 3))
# What decides of each fleet's first node; of the others, whoever places the largest first.
FLEETS = {
    "drain-fits": Verdict.FITS,
    "drain-does-not-fit": Verdict.DOES_NOT_FIT,
    "drain-only-with-swap": Verdict.FITS_WITH_SWAPS,
}


def question(fleet: Fleet, *drained: str) -> Question:
    """Return what is asked of a fleet on which any machine may go anywhere."""
    names = frozenset(host.name for host in fleet.hosts)
    return Question(
        tuple(Host(host.name, free(host)) for host in fleet.hosts),
        tuple(
            Machine(vm.identifier, vm.name, host.name, vm.memory.assigned, names - {host.name})
            for host in fleet.hosts
            for vm in host.vms
        ),
        frozenset(drained),
    )


def plan_of(fleet: Fleet, *drained: str) -> PlanDocument:
    found = answer(question(fleet, *drained))
    return document_of(Asked(drained, simulated=True), found, None, {})


@cache
def fits() -> tuple[Fleet, PlanDocument]:
    fleet = load_fleet("drain-fits")
    return fleet, plan_of(fleet, FIRST)


def where(fleet: Fleet) -> dict[str, list[str]]:
    return {host.name: [vm.name for vm in host.vms] for host in fleet.hosts}


@pytest.mark.parametrize(("name", "verdict"), FLEETS.items())
def test_a_fleet_of_drains_is_what_its_name_says(name: str, verdict: Verdict) -> None:
    fleet = load_fleet(name)
    assert answer(question(fleet, FIRST)).verdict is verdict
    for other in (SECOND, THIRD):
        assert answer(question(fleet, other)).verdict is Verdict.FITS


def test_the_one_that_fits_is_beyond_whoever_places_one_after_the_other() -> None:
    found = answer(question(load_fleet("drain-fits"), FIRST))
    assert found.step != "greedy"
    sizes = sorted((each.destination, each.machine.memory // 1024) for each in found.plan)
    assert sizes == [(SECOND, 6), (SECOND, 6), (THIRD, 2), (THIRD, 5)]


def test_a_plan_empties_its_host_and_says_what_was_free_at_each_step() -> None:
    fleet = load_fleet("drain-fits")
    found = drain(fleet, plan_of(fleet, FIRST))
    assert where(found.fleet)[FIRST] == []
    assert sum(map(len, where(found.fleet).values())) == sum(map(len, where(fleet).values()))
    assert [free(host) for host in found.fleet.hosts[1:]] == [0, 0]
    assert (len(found.done), found.left) == (5, ())
    assert any(each.endswith("6144 of 6144 MB free there") for each in found.done)
    assert found.done[-1] == f"{FIRST}: no machine runs there."


def test_who_asks_anew_finds_the_machines_moved() -> None:
    fleet = load_fleet("drain-only-with-swap")
    after = World(drain(fleet, plan_of(fleet, FIRST)).fleet, 20)
    third = after.fleet.hosts[2]
    groups: list[Row] = (
        instances.rows(after, third, "root/MSCluster", "MSCluster_ResourceGroup") or []
    )
    owners = {each["Name"]: each["OwnerNode"] for each in groups if each["GroupType"] == 111}
    assert owners == {"file01": "NODE2", "print01": "NODE2", "sql01": "NODE3"}
    memory: list[Row] = (
        instances.rows(after, third, "root/virtualization/v2", "Msvm_ResourcePool") or []
    )
    assert [each["Reserved"] for each in memory if each["ResourceType"] == 4] == [7168]


def test_what_makes_room_goes_first() -> None:
    fleet = load_fleet("drain-only-with-swap")
    plan = plan_of(fleet, FIRST)
    assert [(each.vm, each.to) for each in plan.moves] == [("print01", SECOND), ("sql01", THIRD)]
    assert where(drain(fleet, plan).fleet) == {
        FIRST: [],
        SECOND: ["file01", "print01"],
        THIRD: ["sql01"],
    }
    backwards = replace(plan, moves=tuple(reversed(plan.moves)))
    with pytest.raises(LabError, match=r"^Step 2 is not possible: node3.contoso.com has 4096 MB "):
        drain(fleet, backwards)


def test_without_a_plan_nothing_is_carried_out() -> None:
    fleet = load_fleet("drain-does-not-fit")
    with pytest.raises(LabError, match="It holds no plan: the answer is 'does not fit'"):
        drain(fleet, plan_of(fleet, FIRST))


def changed(host: str, vm: str = "", **said: Any) -> Fleet:
    """Return the fleet that fits, of which a host or one of its machines is another."""
    document = load_fleet("drain-fits").model_dump(mode="json", exclude_defaults=True)
    (found,) = (each for each in document["hosts"] if each["name"] == host)
    if vm:
        (found,) = (each for each in found["vms"] if each["name"] == vm)
    found.update(said)
    return Fleet.model_validate(document)


@in_turn(
    "fleet, reason",
    [
        (changed(FIRST, "app01", state="saved"), "app01 is saved, and only what runs is moved"),
        (changed(FIRST, "app01", state="exporting"), "app01 is exporting"),
        (changed(FIRST, "app01", role={"locked": True}), "app01 is locked from moving"),
        (changed(FIRST, "app01", role={"owners": ["NODE1"]}), "no possible owner of app01"),
        (changed(FIRST, "app01", memory={"assigned": 12289}), "12288 MB free, and app01 needs"),
        (changed(FIRST, "app01", guid="0A1B2C3D-0000-4000-8000-000000000001"), "has app01"),
        (changed(SECOND, node={"state": "paused"}), "node2.contoso.com is not up, or is paused"),
        (changed(SECOND, down="silent"), "node2.contoso.com does not answer"),
        (changed(SECOND, switches=["Other"]), "has no virtual switch Tenants"),
    ],
)
def test_a_step_that_is_not_possible_is_named(fleet: Fleet, reason: str) -> None:
    plan = plan_of(load_fleet("drain-fits"), FIRST)
    first = sorted(plan.moves, key=lambda each: each.vm != "app01")
    with pytest.raises(LabError) as caught:
        drain(fleet, replace(plan, moves=tuple(first)))
    assert reason in str(caught.value)
    assert str(caught.value).startswith(f"Step {first[0].n} is not possible: ")


def test_a_machine_that_went_elsewhere_meanwhile_is_not_moved() -> None:
    fleet = load_fleet("drain-only-with-swap")
    plan = plan_of(fleet, FIRST)
    after = drain(fleet, plan).fleet
    with pytest.raises(LabError, match=r"print01 is on node2\.contoso\.com, not on node3"):
        drain(after, plan)


def test_a_machine_takes_along_what_its_first_host_gave_it() -> None:
    fleet = changed(
        FIRST,
        system={"build": 17763, "version": "10.0.17763", "caption": "Server 2019"},
        switches=["Tenants", "Other"],
        processor={"vectors": {1: "0x3"}},
    )
    fleet = Fleet.model_validate(fleet.model_dump() | {"virtual_machines": {"app01": FIRST}})
    after = drain(fleet, plan_of(fleet, FIRST)).fleet
    (app01,) = (vm for host in after.hosts for vm in host.vms if vm.name == "app01")
    assert (app01.version, app01.switch, app01.vectors) == ("9.0", "Tenants", {1: "0x3"})
    assert after.virtual_machines == {"app01": SECOND}


def test_disks_that_move_need_space_and_take_it() -> None:
    fleet = load_fleet("drain-only-with-swap").model_dump(mode="json", exclude_defaults=True)
    for host in fleet["hosts"]:
        host["free_space"] = {"C:": 100, "D:": 5000}
        for vm in host["vms"]:
            vm["path"] = "D:\\VMs"
    own = Fleet.model_validate(fleet)
    plan = plan_of(own, FIRST)
    with_disks = tuple(replace(each, disk=5000) for each in plan.moves)
    after = drain(own, replace(plan, moves=with_disks)).fleet
    assert [host.free_space["D:"] for host in after.hosts] == [5000, 0, 0]
    too_large = tuple(replace(each, disk=5001) for each in plan.moves)
    with pytest.raises(LabError, match="5000 MB free on D:, and print01 needs 5001"):
        drain(own, replace(plan, moves=too_large))


def test_what_stays_is_shut_down_and_what_is_forgotten_is_said() -> None:
    fleet = load_fleet("drain-fits")
    plan = plan_of(fleet, FIRST)
    kept = tuple(each for each in plan.moves if each.vm not in {"web01", "sql01"})
    found = drain(fleet, replace(plan, moves=kept, stays=("WEB01",)))
    assert f"web01 is shut down on {FIRST}." in found.done
    assert found.left == (f"{FIRST}: sql01 is still there.",)


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([FIRST, SECOND, THIRD])), max_size=8))
def test_no_host_ever_has_less_than_nothing_free(steps: list[tuple[int, str]]) -> None:
    fleet, plan = fits()
    vms = [(vm, host.name) for host in fleet.hosts for vm in host.vms]
    places = {vm.identifier: host for vm, host in vms}
    for number, (which, there) in enumerate(steps, start=1):
        vm = vms[which][0]
        move = replace(
            plan.moves[0],
            n=number,
            vm=vm.name,
            id=vm.identifier,
            source=places[vm.identifier],
            to=there,
        )
        try:
            fleet = drain(fleet, replace(plan, moves=(move,))).fleet
            places[vm.identifier] = there
        except LabError:
            continue
        assert min(map(free, fleet.hosts)) >= 0


@pytest.fixture
def plan_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "plan.json"
    plan = plan_of(load_fleet("drain-fits"), FIRST)
    path.write_text(json.dumps(codec.to_json(plan)), encoding="utf-8")
    return path


APPLY = ("lab", "apply", "--fleet", "drain-fits", "--output", "after.yaml")


def test_the_command_writes_the_fleet_as_it_is_afterwards(
    plan_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*APPLY, "--drain", plan_file.name]) == 0
    assert where(load_fleet("after.yaml"))[FIRST] == []
    said = capsys.readouterr().out
    assert said.startswith("done  1  ")
    assert "Wrote after.yaml." in said


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "Name either the results of a run, or a plan with --drain."),
        (("run", "--drain", "plan.json"), "Name either the results of a run, or a plan with"),
        (("--drain", "other.json"), "other.json"),
        (("--drain", "real.json"), "real.json: a plan of real machines."),
        (("--drain", "text.json"), "text.json: no plan that livemigration drain --json printed."),
    ],
)
def test_what_is_no_plan_of_the_lab_is_refused(
    plan_file: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], reason: str
) -> None:
    real = json.loads(plan_file.read_text(encoding="utf-8"))
    real["asked"]["simulated"] = False
    (plan_file.parent / "real.json").write_text(json.dumps(real), encoding="utf-8")
    (plan_file.parent / "text.json").write_text("{}", encoding="utf-8")
    assert main([*APPLY, *words]) == 4
    assert reason in capsys.readouterr().err
    assert not (plan_file.parent / "after.yaml").exists()
