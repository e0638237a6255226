"""The script of a plan in a real PowerShell, against stand-ins for WMI, the cluster, VMM, Hyper-V.

Written where no PowerShell was at hand, and not run yet: a first run may have to mend the stub.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from in_turn import in_turn
from plan_builders import ASKED, HV03, HV04, HV05, guid, machine, plan
from powershell_gates import careless_json, later_than_version_3, syntax_errors
from powershell_runs import Stubbed

from livemigration.placement.plan_document import Means, PlanDocument
from livemigration.report.drain.script import script, script_bytes

STUB = Path(__file__).parent / "stub"
FILES = (STUB / "state.ps1", *sorted(STUB.glob("*/*.psm1")))
EXECUTE = ("-Execute", "-Confirm:$false")
# What every advanced function takes.
COMMON = {"Confirm", "WhatIf"}
# Machines of 4 GB: web01 leaves, once web02 made room for it.
ROOM = (machine(1), machine(2, host=HV04))

State = dict[str, Any]


@in_turn("path", FILES)
def test_a_stub_has_no_syntax_error(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert syntax_errors(text) == []
    assert careless_json(text) == []
    assert later_than_version_3(text) == []


def functions() -> dict[str, set[str]]:
    """Return the stand-ins with what they take."""
    found = {}
    for path in FILES[1:]:
        text = path.read_text(encoding="utf-8")
        for name, body in re.findall(r"(?ms)^function ([\w-]+) \{\n(.*?)^\}", text):
            block = re.search(r"(?ms)^    param\((.*?)\)$", body)
            given = re.findall(r"\[[\w]+\] \$(\w+)", block[1]) if block is not None else ()
            found[name] = set(given)
    return found


def test_the_script_gives_each_cmdlet_only_what_its_stand_in_takes() -> None:
    text, known = script(plan(*ROOM)), functions()
    used = {}
    for name, takes in known.items():
        flags = {
            flag
            for words in re.findall(rf"(?<![\w-]){name}\b([^|\n)]*)", text)
            for flag in re.findall(r"(?<=\s)-(\w+)", words)
        }
        assert flags <= takes | COMMON, name
        used[name] = flags - COMMON
    # What is given in a table.
    for mover in ("Move-SCVirtualMachine", "Move-VM"):
        (block,) = (each for each in re.findall(r"(?ms)^    '.*?^    \}", text) if mover in each)
        table = re.search(r"\$how = @\{(.*?)\}", block)
        assert table is not None
        keys = {*re.findall(r"(\w+) =", table[1]), *re.findall(r"\$how\['(\w+)'\]", block)}
        assert keys == known[mover]
    assert used["Move-ClusterVirtualMachineRole"] == {"VMId", "Node", "MigrationType"}


def hosts(*, free: int = 4096, **changes: Any) -> State:
    """Return three hosts: the first two have a machine each, and only the third has free memory."""

    def host(name: str, left: int, *numbers: int) -> State:
        machines = [{"Id": guid(n), "Memory": 4096, "EnabledState": 2} for n in numbers]
        return {"Name": name, "Free": left, "Live": 2, "Storage": 2, "Machines": machines}

    return {
        "Hosts": [host(HV03, 0, 1), host(HV04, 0, 2), host(HV05, free)],
        "Cluster": {"Name": ASKED.cluster, "MaximumParallelMigrations": 1},
        "Refused": [],
        "Moves": [],
        **changes,
    }


def moved() -> State:
    """Return the same hosts with the plan carried out."""
    found = hosts()
    first, second, third = found["Hosts"]
    third["Machines"], second["Machines"] = second["Machines"], first["Machines"]
    first["Machines"] = []
    first["Free"], third["Free"] = 4096, 0
    return found


def places(state: State) -> Any:
    """Return what is where, and what is free."""
    return state["Hosts"]


def drain(folder: Path, state: State, document: PlanDocument | None = None) -> Stubbed:
    found = document if document is not None else plan(*ROOM)
    return Stubbed(folder, STUB, script_bytes(found), state)


def told(means: Means, disk: int = 0) -> list[str]:
    disks = " with disks" if disk else ""
    return [
        f"{guid(2)} from {HV04} to {HV05} by {means.value}{disks}".lower(),
        f"{guid(1)} from {HV03} to {HV04} by {means.value}{disks}".lower(),
    ]


@pytest.mark.peer
def test_without_execute_nothing_moves(tmp_path: Path) -> None:
    run = drain(tmp_path, hosts())
    code, said = run.run()
    assert (code, run.state) == (0, hosts())
    assert "Nothing was moved. To move: -Execute" in said
    # Room for the second is made by the first, which was not moved.
    assert "Before the moves above: web01: needs 4096 MB, and hv04.contoso.com has 0 MB" in said


@pytest.mark.peer
def test_a_host_that_allows_no_migration_is_told_of_and_nothing_is_begun(tmp_path: Path) -> None:
    state = hosts()
    state["Hosts"][2]["Live"] = 0
    code, said = drain(tmp_path, state).run(*EXECUTE)
    assert code == 1
    assert f"Stopped: {HV05}: not one live migration is allowed." in said


@pytest.mark.peer
@pytest.mark.parametrize(
    ("means", "disk"),
    [
        (Means.CLUSTER, 0),
        (Means.VMM, 0),
        (Means.VMM, 2048),
        (Means.HYPER_V, 0),
        (Means.HYPER_V, 2048),
    ],
)
def test_what_makes_room_goes_first_and_all_of_it_goes_back(
    means: Means, disk: int, tmp_path: Path
) -> None:
    run = drain(tmp_path, hosts(), plan(*ROOM, means=means, disk=disk))
    code, said = run.run(*EXECUTE)
    assert (code, places(run.state)) == (0, places(moved())), said
    assert [each.lower() for each in run.state["Moves"]] == told(means, disk)
    assert "2 moved." in said
    code, said = run.run(*EXECUTE)
    assert (code, places(run.state)) == (0, places(moved()))
    assert "web01: already on hv04.contoso.com" in said
    assert "0 moved." in said
    code, said = run.run(*EXECUTE, "-Back")
    assert (code, places(run.state)) == (0, places(hosts())), said
    assert "run this script with -Execute, or by hand:" in said


@pytest.mark.peer
def test_the_first_failure_stops_it_and_what_was_moved_is_told(tmp_path: Path) -> None:
    run = drain(tmp_path, hosts(Refused=[guid(1)]))
    code, said = run.run(*EXECUTE)
    assert code == 1
    assert "refused." in said
    assert "1 moved." in said
    assert [each.lower() for each in run.state["Moves"]] == told(Means.CLUSTER)[:1]


@pytest.mark.peer
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"free": 4095}, "web02: needs 4096 MB, and hv05.contoso.com has 4095 MB free."),
        ({"Cluster": {"Name": "CL02", "MaximumParallelMigrations": 1}}, "Run this on a node of"),
    ],
)
def test_what_has_changed_since_the_plan_moves_nothing(
    changes: dict[str, Any], says: str, tmp_path: Path
) -> None:
    before = hosts(**changes)
    run = drain(tmp_path, deepcopy(before))
    code, said = run.run(*EXECUTE)
    assert (code, run.state) == (1, before)
    # What ends the whole script is an error, and no output.
    assert says in said or "Cluster" in changes


@pytest.mark.peer
def test_a_machine_that_is_elsewhere_or_off_is_not_moved(tmp_path: Path) -> None:
    before = hosts()
    before["Hosts"][1]["Machines"][0]["EnabledState"] = 3
    run = drain(tmp_path, deepcopy(before))
    code, said = run.run(*EXECUTE)
    assert (code, run.state) == (1, before)
    assert "web02: it does not run on hv04.contoso.com any more." in said


@pytest.mark.peer
def test_a_paused_machine_is_moved_as_one_that_runs(tmp_path: Path) -> None:
    before = hosts()
    for each in before["Hosts"][:2]:
        each["Machines"][0]["EnabledState"] = 9
    run = drain(tmp_path, before)
    code, said = run.run(*EXECUTE)
    assert (code, "2 moved." in said) == (0, True)


@pytest.mark.peer
def test_a_plan_of_the_lab_moves_nothing(tmp_path: Path) -> None:
    document = plan(*ROOM, asked=replace(ASKED, simulated=True))
    run = drain(tmp_path, hosts(), document)
    code, _ = run.run(*EXECUTE)
    assert (code, run.state) == (1, hosts())
