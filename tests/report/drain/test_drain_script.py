"""The script of a plan: it parses, moves nothing by itself, and no host has a word in it."""

from __future__ import annotations

import re
from dataclasses import replace

from fact_builders import HOST, VMM, host_outcomes, vmm_outcomes
from fact_parts import facts_with
from hypothesis import given
from in_turn import in_turn
from plan_builders import ASKED, HV03, HV04, machine, no_plan, plan
from powershell_gates import called, code, later_than_version_3, shape, syntax_errors
from test_fix_quoting import anything
from vm_facts import Vm, with_machines

from livemigration.placement.plan_document import Means, PlanDocument
from livemigration.report.drain.script import script, script_bytes
from livemigration.verdict.drain_plan import view_of
from livemigration.verdict.drain_residents import takes_memory
from livemigration.verdict.virtual_machines import machines_of

MOVING = {"Move-ClusterVirtualMachineRole", "Move-SCVirtualMachine", "Move-VM"}
READING = {
    "Get-CimInstance",
    "Get-Cluster",
    "Get-Date",
    "Get-SCVMHost",
    "Get-SCVMMServer",
    "Get-SCVirtualMachine",
    "Get-VM",
    "Get-VMHost",
}
HELPING = {
    "Import-Module",
    "Measure-Object",
    "New-Object",
    "Out-Null",
    "Receive-Job",
    "Remove-Job",
    "Start-Job",
    "Start-Sleep",
    "Where-Object",
    "Write-Output",
    "Write-Warning",
}
EVERY = (
    plan(machine(1), machine(2, host=HV04), stays=("sc01", "dc's")),
    plan(machine(1), means=Means.VMM),
    plan(machine(1), means=Means.HYPER_V, disk=4096),
    plan(machine(1), asked=replace(ASKED, simulated=True)),
    plan(),
    no_plan(),
)


@in_turn("document", EVERY)
def test_a_script_parses_and_is_version_3(document: PlanDocument) -> None:
    text = script(document)
    assert syntax_errors(text) == []
    assert later_than_version_3(code(text)) == []
    assert called(text) == MOVING | READING | HELPING


def test_what_moves_is_only_begun_behind_shouldprocess() -> None:
    text = script(EVERY[0])
    table = re.search(r"(?ms)^\$means = @\{\n.*?^\}\n", text)
    assert table is not None
    rest = text.replace(table[0], "")
    assert not called(rest) & MOVING
    # The table is used in one place, and nothing else begins a job.
    begun = re.findall(r"(?m)^.*(?:Start-Job|\$means\[).*$", rest)
    assert len(begun) == 1
    function = re.search(r"(?ms)^function Start-Move \{\n.*?^\}\n", rest)
    assert function is not None
    assert "SupportsShouldProcess = $true" in function[0]
    asked, started = function[0].index("$PSCmdlet.ShouldProcess("), function[0].index("Start-Job")
    assert asked < started
    assert rest.count("Start-Move -Move") == 1


def test_without_execute_it_only_says_what_it_would_do() -> None:
    lines = script(EVERY[0]).split("\n")
    at = lines.index("if (-not $Execute) { $WhatIfPreference = $true }")
    # Nothing is called before that.
    assert not called("\n".join(lines[:at]))
    assert not any("$WhatIfPreference = $false" in line for line in lines)


def test_each_move_is_looked_at_again_before_it_begins() -> None:
    text = script(EVERY[0])
    function = re.search(r"(?ms)^function Invoke-Move \{\n.*?^\}\n", text)
    assert function is not None
    order = [
        function[0].index(each)
        for each in (
            "Test-Machine $Move $Move.From",
            "Get-MachineMemory $Move",
            "Get-FreeMemory $Move.To",
            "Test-Slot $Move $Move.From",
            "Test-Slot $Move $Move.To",
            "Start-Move -Move $Move",
        )
    ]
    assert order == sorted(order)


def test_what_is_never_allowed_is_told_and_not_waited_for() -> None:
    function = re.search(r"(?ms)^function Test-Slot \{\n.*?^\}\n", script(EVERY[0]))
    assert function is not None
    lines = [each.strip() for each in function[0].split("\n")]
    none = [at for at, each in enumerate(lines) if each.startswith("if ($most -lt 1) { throw (")]
    compared = (
        lines.index("if ($live -ge $most) { return $false }"),
        lines.index("$stored -lt $most"),
    )
    assert [first < second for first, second in zip(none, compared, strict=True)] == [True, True]
    assert none[1] > compared[0]


def test_a_folder_of_another_host_is_not_looked_for_here() -> None:
    # Each of these refuses a drive that the machine which runs it lacks.
    for each in ("Join-Path", "Split-Path", "Resolve-Path", "Test-Path"):
        assert each not in script(EVERY[2])


def test_what_a_plan_moves_the_script_moves_too() -> None:
    looked_for = re.search(r"\{ ([\d, ]+) -contains \$_\.EnabledState \}", script(EVERY[0]))
    assert looked_for is not None
    every = [Vm(str(state), state) for state in (*range(16), *range(32768, 32784))]
    facts = facts_with({HOST: host_outcomes(also=with_machines(*every))}, VMM, vmm_outcomes("9.0"))
    movable = {
        int(each.name)
        for each in machines_of(view_of(facts, HOST))
        if takes_memory(each) and each.is_settled
    }
    assert {int(each) for each in looked_for[1].split(",")} == movable


def test_it_has_the_moves_in_their_order_and_by_guid() -> None:
    document = EVERY[0]
    text = script(document)
    rows = re.findall(r"(?ms)^\$moves \+= New-Object PSObject -Property @\{\n(.*?)^\}", text)
    found = [dict(re.findall(r"(?m)^    (\w+) = '?(.*?)'?$", each)) for each in rows]
    assert [(each["N"], each["Id"], each["From"], each["To"]) for each in found] == [
        (str(each.n), each.id, each.source, each.to) for each in document.moves
    ]
    # What makes room is a stage of its own.
    assert [each["Stage"] for each in found] == ["0", "1"]
    assert found[0]["Node"] == "hv05"
    assert found[0]["FromNode"] == "hv04"
    assert {each["Vmm"] for each in found} == {"vmm01.contoso.com"}


def test_what_is_moved_last_is_begun_when_all_else_is_done() -> None:
    text = script(plan(machine(1), machine(2), machine(3, last=True)))
    assert re.findall(r"(?m)^    Stage = (\d)$", text) == ["0", "0", "1"]
    assert text.index("-ne $stage) { Wait-Running }") < text.index("        Invoke-Move $move")


@in_turn(
    "document, told",
    [
        (EVERY[0], "# Run it on a node of CL01, signed in there"),
        (EVERY[0], "# It shuts nothing down. Do that first: sc01 and dc's."),
        (EVERY[1], "# It needs the VMM console where it runs"),
        (EVERY[2], "# Moves by Hyper-V: run it on the host that they leave"),
        (EVERY[3], "throw 'This script was made from a simulated fleet. It moves nothing.'"),
        (EVERY[5], "throw 'There is no plan, so that there is nothing to move.'"),
    ],
)
def test_a_script_says_where_it_runs_and_what_it_cannot_do(
    document: PlanDocument, told: str
) -> None:
    assert any(line.startswith(told) for line in script(document).split("\n"))
    others = [each for each in EVERY if each is not document]
    assert any(told not in script(each) for each in others)


def test_a_machine_without_a_guid_is_not_moved_by_its_name() -> None:
    document = plan(machine(1))
    without = replace(document, moves=(replace(document.moves[0], id="web01' OR ''='"),))
    assert "throw 'The GUID is not known of web01. Nothing was moved.'" in script(without)


@given(anything, anything)
def test_no_name_changes_what_the_script_is(name: str, host: str) -> None:
    def with_names(one: str, other: str) -> str:
        document = plan(machine(1))
        moves = (replace(document.moves[0], vm=one, source=other),)
        asked = replace(document.asked, cluster=one, vmm=other)
        return script(replace(document, moves=moves, asked=asked))

    assert shape(with_names(name, host)) == shape(with_names("web01", HV03))


def test_the_file_is_one_of_windows() -> None:
    raw = script_bytes(EVERY[0])
    assert raw.startswith(b"\xef\xbb\xbf# ")
    assert raw.count(b"\n") == raw.count(b"\r\n")
