"""The fix script: what is in it, what guards it, and what nobody can put into it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from fact_builders import HOST
from hypothesis import example, given
from hypothesis import strategies as st
from powershell_gates import called, code, later_than_version_3, shape, syntax_errors
from properties import examples
from run_builders import NOON
from script_runs import BY_HAND, ENABLE, KERBEROS, result, run_of
from test_fix_quoting import anything
from test_fixes import CHANGES, CHANGING, FIXED, READING, fixes_of, forbidden_in

from livemigration.commands.main import main
from livemigration.facts.firewall import FirewallRule
from livemigration.facts.migration import MigrationNetwork
from livemigration.facts.model import Subject
from livemigration.inventory.change import Change, Window
from livemigration.inventory.demands import Demands
from livemigration.inventory.policy import Policy
from livemigration.lab.apply import apply
from livemigration.lab.fleet import Fleet, load_fleet
from livemigration.lab.fleet_vms import FleetVm
from livemigration.report.fix_script.render import fix_script, fix_script_bytes
from livemigration.report.wording import SIMULATED
from livemigration.run import results_file
from livemigration.run.repairs import changes, repairs_of
from livemigration.run.result import State
from livemigration.verdict.findings import Cause, Fix
from livemigration.verdict.firewall.rules import MIGRATION_RULE
from livemigration.verdict.fixes.firewall import admit_peers
from livemigration.verdict.fixes.network_selection import any_network
from livemigration.verdict.fixes.options import more_in_cluster
from livemigration.verdict.fixes.quoting import comment
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.settings import enable_live_migration, use_kerberos

# What the frame calls beside the fixes' own commands.
OF_THE_FRAME = {"Write-Output", "Remove-CimSession"}


def _with_machine(fleet: Fleet) -> Fleet:
    """Return a fleet whose first host has the virtual machine of which the fixes speak."""
    first, *others = fleet.hosts
    first = first.model_copy(update={"vms": (FleetVm(name="web01"),)})
    return fleet.model_copy(update={"hosts": (first, *others)})


CLUSTER = _with_machine(load_fleet("cluster-s2d"))


def parts(script: str) -> list[dict[str, str]]:
    """Return the blocks of each repair of a script by their names."""
    found = re.findall(r"-Property @\{\n(.*?)\n\}", script, re.DOTALL)
    return [dict(re.findall(r"    (\w+) = \{\n(.*?)\n    \}", each, re.DOTALL)) for each in found]


@cache
def fixes() -> tuple[Fix, ...]:
    """Return every fix that a row of the verdict table can produce."""
    return tuple(fix for case in FIXED for fix in fixes_of(case))


@cache
def scripted() -> tuple[Fix, ...]:
    """Return each of them that a script does."""
    return tuple(fix for fix in dict.fromkeys(fixes()) if any(map(changes, fix.commands)))


@cache
def every_fix() -> str:
    """Return one script with every fix."""
    results = [result("LM102", f"hv{n:03}", fix) for n, fix in enumerate(fixes())]
    return fix_script(run_of(results))


def test_every_fix_of_the_verdict_table_gives_a_script_that_parses_and_is_version_3() -> None:
    script = every_fix()
    assert syntax_errors(script) == []
    assert later_than_version_3(code(script)) == []
    assert called(script) <= READING | CHANGING | OF_THE_FRAME
    assert called(script) > CHANGING - {"Remove-NetFirewallRule"}


def test_the_script_advises_nothing_that_is_forbidden() -> None:
    assert forbidden_in(every_fix()) == []


def test_every_change_is_behind_shouldprocess_and_its_guard() -> None:
    repairs = parts(every_fix())
    assert len(repairs) >= len(scripted())
    for repair in repairs:
        assert list(repair) == ["Done", "Change", "Before", "Undo"]
        for name in ("Change", "Undo"):
            lines = repair[name].split("\n")
            asking = [at for at, line in enumerate(lines) if "$PSCmdlet.ShouldProcess(" in line]
            behind = False
            for at, line in enumerate(lines):
                behind = at - 1 in asking or (behind and line != " " * 8 + "}")
                does = set() if "ShouldProcess" in line else called(f"{line.strip()}\n") & CHANGING
                assert behind or not does, line
            if asking:
                before = "\n".join(lines[: asking[0]])
                assert re.search(r"ActiveVirtualSystemMigrationCount.*throw", before)
                assert re.search(r"as observed|no longer accepts", before)
                assert lines[asking[0] + 1].strip() == "$script:begun = $true"


def test_a_look_changes_nothing_and_asks_nobody_and_throws_unless_all_is_as_it_says() -> None:
    for repair in parts(every_fix()):
        for look in (repair["Done"], repair["Before"]):
            assert not called(look) & (CHANGING | {"Read-Host"})
            assert "$cluster." not in re.sub(r"if \(.*", "", look)
            # A migration elsewhere on the host does not make a repair undone.
            assert "ActiveVirtualSystemMigrationCount" not in look
            assert re.search(r"if \(.*(as observed|as wanted|no longer accepts).*\n?", look)
        assert repair["Done"] != repair["Before"]


def test_what_begins_a_line_that_changes_something_is_known() -> None:
    for fix in dict.fromkeys(fixes()):
        for line in (*fix.commands, *fix.undo):
            assert changes(line) == line.startswith(CHANGES), line


def test_what_is_already_mended_is_told_by_the_guard_of_the_undo() -> None:
    (repair,) = parts(fix_script(run_of([result("LM101", HOST, ENABLE)])))
    assert "EnableVirtualSystemMigration -ne $true) { throw" in repair["Done"]
    assert "EnableVirtualSystemMigration -ne $false) { throw" in repair["Before"]


def test_what_nothing_tells_or_undoes_is_never_taken_for_done_or_undone() -> None:
    lonely = replace(ENABLE, undo=("# Not known.",))
    (repair,) = parts(fix_script(run_of([result("LM101", HOST, lonely)])))
    assert repair["Done"].strip() == "throw 'Nothing tells whether this is done.'"
    assert repair["Undo"].split("\n")[-1].strip().startswith("throw 'No command undoes this")


def test_whether_it_is_done_already_can_be_told_of_every_scripted_fix() -> None:
    for fix in scripted():
        (repair,) = parts(fix_script(run_of([result("LM102", HOST, fix)])))
        assert "Nothing tells" not in repair["Done"], fix.summary


def compared(look: str) -> dict[str, str]:
    """Return with what a look compares each thing that it reads."""
    found = {what: f"{how} $null" for how, what in re.findall(r"\$null (-eq|-ne) (\$\w+)", look)}
    found |= re.findall(r"([^\s(]+) -c?ne ('[^']*'|[-\w$]+)", look)
    found |= {what: told for told, what in re.findall(r"(@\([^)]*\)) -notcontains (\S+)\)", look)}
    lists = re.findall(r"\$(?:observed|wanted) = (.*)", look)
    return {**found, "$now": str(lists)} if lists else found


def test_no_host_is_both_as_it_was_and_mended_already() -> None:
    for fix in scripted():
        (repair,) = parts(fix_script(run_of([result("LM102", HOST, fix)])))
        done, before = compared(repair["Done"]), compared(repair["Before"])
        # What rows say and what one of them says: test_network_selection_fixes.py.
        if fix.key != "use-any-network":
            assert any(done[each] != before[each] for each in done.keys() & before.keys()), (
                fix.key,
                done,
                before,
            )


def test_what_the_script_does_by_commands_the_lab_does_by_the_same() -> None:
    node = "node1.contoso.com"
    for fix in scripted():
        mended = apply(CLUSTER, [result("LM102", node, fix)])
        assert mended.done == (f"{node}: {fix.summary}",)


def test_nobody_is_asked_anything_under_whatif() -> None:
    script = fix_script(run_of([result("LM104", HOST, KERBEROS)]))
    asking = [line.strip() for line in script.split("\n") if "Read-Host" in line]
    assert asking
    assert all(line.startswith("if (-not $WhatIfPreference) { if (") for line in asking)


def test_what_a_person_must_do_is_a_comment_with_its_steps() -> None:
    script = fix_script(run_of([result("LM201", HOST, BY_HAND)]))
    assert "# A person must do this:\n# 1. Open the DNS console.\n# 2. Delete the record." in script
    assert "Resolve-DnsName" not in code(script)
    assert "# 0 by script, 1 by a person (comments)." in script
    assert "$repairs +=" not in script


def test_each_of_several_steps_that_share_a_key_is_told() -> None:
    other = replace(BY_HAND, summary="Remove 10.0.0.8 from the name hv01.", console=("Do it.",))
    script = fix_script(run_of([result("LM201", HOST, BY_HAND, other)]))
    assert script.count("# A person must do this:") == 2
    assert "LM201: Remove 10.0.0.8" in script
    assert "# 1. Do it." in script


def test_each_of_several_repairs_that_share_a_key_is_scripted() -> None:
    told = replace(ENABLE, console=("Open the console.",))
    other = replace(KERBEROS, key=ENABLE.key)
    by_hand = replace(BY_HAND, key=ENABLE.key)
    script = fix_script(run_of([result("LM101", HOST, ENABLE, told, other, by_hand)]))
    first, second = parts(script)
    assert "-EnableLiveMigration" in first["Change"]
    assert "-MigrationAuthProtocol" in second["Change"]
    assert script.count("# A person must do this:") == 1
    assert "# 2 by script, 1 by a person (comments)." in script
    # Two findings with the same commands are one repair, and both are told.
    assert script.count("# Observed: ") == 4


def test_what_is_told_of_a_cause_does_not_make_a_person_do_it_twice() -> None:
    told = replace(BY_HAND, cause=Cause("Do it on {hosts}", "It is not done", "undone"))
    script = fix_script(run_of([result("LM201", HOST, told), result("LM204", HOST, BY_HAND)]))
    assert script.count("# A person must do this:") == 1
    assert script.count("# Observed: ") == 2


def test_delegation_stands_before_the_switch_to_kerberos() -> None:
    script = fix_script(run_of([result("LM104", HOST, KERBEROS)]))
    steps = ["constrained delegation", "tickets have expired", "Set-SCVMHost"]
    places = [script.index(each) for each in steps]
    assert places == sorted(places)


def test_no_step_and_no_command_of_a_person_is_cut_short() -> None:
    long = replace(
        BY_HAND, console=("a" * 900,), commands=(f"Resolve-DnsName -Name '{'b' * 900}'",)
    )
    script = fix_script(run_of([result("LM201", HOST, long)]))
    assert "a" * 900 in script
    assert "b" * 900 in script


def test_a_workgroup_host_is_asked_its_credentials_once() -> None:
    perimeter = enable_live_migration(FixTarget(HOST, "vmm01", joined=False))
    script = fix_script(run_of([result("LM101", HOST, perimeter)]))
    assert script.count("-Credential (Get-HostCredential $name)") == 4
    assert re.findall(r"Get-Credential(?! -Message)", script) == []


def test_hosts_stand_in_the_order_of_the_inventory_behind_the_vmm_server() -> None:
    found = [
        result("LM101", "hv02", enable_live_migration(FixTarget("hv02", "vmm01"))),
        result("LM102", "hv01", BY_HAND),
        result("LM001", "vmm01", replace(BY_HAND, key="vmm"), kind=Subject.VMM),
        result("LM202", "hv01", BY_HAND),
    ]
    script = fix_script(run_of(found, hosts=("hv01", "hv02")))
    sections = re.findall(r"\n\n# (\w+)\n", script)
    assert sections == ["vmm01", "hv01", "hv02"]
    assert script.count("# LM102 and LM202: Remove 10.0.0.9") == 1


def test_only_what_is_red_is_mended() -> None:
    left = [
        result("LM101", HOST, ENABLE, state=State.WAIVED),
        result("LM102", HOST, ENABLE, state=State.WARNING),
    ]
    assert repairs_of(left) == ()
    red = replace(left[1], red=True)
    assert [each.fix for each in repairs_of([red])] == [ENABLE]
    assert "# 0 by script, 0 by a person" in fix_script(run_of(left))


def test_a_script_of_a_simulated_run_refuses_to_run() -> None:
    script = fix_script(run_of([result("LM101", HOST, ENABLE)], simulated=True))
    assert script.startswith(f"# {SIMULATED}\n")
    first = code(script).split("$ErrorActionPreference = 'Stop'\n")[1]
    assert first.startswith("throw 'This script was made from a simulated fleet.")
    assert "throw 'This script was made" not in fix_script(run_of([]))


def test_a_script_refuses_to_run_once_its_evidence_is_too_old() -> None:
    until = NOON + timedelta(hours=12, minutes=34)
    script = fix_script(run_of([], valid_until=until))
    assert "-ArgumentList 2026, 11, 24, 0, 34, 0\n" in script
    assert "if ([System.DateTime]::UtcNow -gt $validUntil -and -not $Force) {" in script
    assert "# This is evidence until 2026-11-24 00:34:00 UTC." in script


def test_the_heading_names_the_change() -> None:
    window = Window(NOON, NOON + timedelta(hours=4))
    change = Change("CHG0012345", "Kim\nRemove-Item C:\\", window)
    script = fix_script(run_of([], change=change))
    assert "# Change CHG0012345 for the window 2026-11-23 12:00:00 UTC to " in script
    assert ", run by Kim Remove-Item C:\\.\n" in script


def test_the_heading_says_of_what_it_was_made_and_when() -> None:
    demands = Demands("e" * 64, Policy())
    script = fix_script(run_of([], finished=NOON + timedelta(minutes=2), demands=demands))
    heading = script.split("[CmdletBinding")[0]
    assert "from 2026-11-23 12:00:00 UTC to 2026-11-23 12:02:00 UTC. Verdict: NOT READY." in heading
    assert f"# Inventory: prod.yaml, digest {'d' * 64}." in heading
    assert f"# Policy: digest {'e' * 64}." in heading
    assert "# Written by livemigration 0.1.0." in heading


@pytest.mark.long
@examples(40)
@given(name=anything, server=anything, said=anything, key=anything, value=anything)
@example("x", "x", "'@\n\"@\n#>\n$(Remove-Item C:\\)", "k", "\u2019; Remove-Item C:\\; \u2018")
def test_no_name_and_no_text_becomes_a_command(
    name: str, server: str, said: str, key: str, value: str
) -> None:
    def script(machine: FixTarget, rows: str, text: str) -> str:
        row = MigrationNetwork(ip_network("10.0.50.0/24"), None, (rows,), rows)
        rule = FirewallRule(MIGRATION_RULE, enabled=True, action=2, profiles=0)
        fixes = (
            any_network(machine, (row,), (), ()),
            admit_peers(machine, rule, (rows,), (ip_address("10.0.0.2"),)),
            more_in_cluster(machine, rows, 1, 2),
            replace(enable_live_migration(machine), cost=text, alternative=text),
            replace(use_kerberos(machine, 0), summary=text),
            Fix(key=key, summary=text, console=(text,), commands=(comment(text),)),
        )
        found = [
            result(f"LM{number}", machine.name, replace(fix, key=f"{number}"), observed=text)
            for number, fix in enumerate(fixes)
        ]
        return fix_script(run_of(found, inventory=text, change=Change("CHG1", text)))

    hostile = script(FixTarget(name, server, joined=False), value, said or "-")
    harmless = script(FixTarget("hv01", "vmm01", joined=False), "x", "x")
    assert syntax_errors(hostile) == []
    assert shape(hostile) == shape(harmless)
    assert hostile.count("\n") == harmless.count("\n")


@given(st.text())
def test_the_file_is_utf_8_with_its_mark_and_lines_of_windows(text: str) -> None:
    data = fix_script_bytes(run_of([result("LM101", HOST, ENABLE, observed=text)]))
    assert data.startswith(b"\xef\xbb\xbf# ")
    assert data.count(b"\n") == data.count(b"\r\n")


def test_the_command_writes_the_script_of_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = run_of([result("LM101", HOST, ENABLE)])
    folder = tmp_path / "2026-11-23T120000Z-prod"
    folder.mkdir()
    results_file.save(folder / "results.json", run)
    assert main(["fix-script", str(folder)]) == 0
    written = folder / "2026-11-23T120000Z-prod.fix.ps1"
    assert f"Wrote {written}." in capsys.readouterr().out
    assert written.read_bytes() == fix_script_bytes(run)
    asked = tmp_path / "mine.ps1"
    assert main(["fix-script", str(folder / "results.json"), "--output", str(asked)]) == 0
    assert asked.read_bytes() == written.read_bytes()
    assert main(["fix-script", str(folder), "--output", str(tmp_path / "no" / "x.ps1")]) == 4
    assert "Make it, or name a file with --output." in capsys.readouterr().err
