"""The fix script: what is in it, what guards it, and what nobody can put into it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fact_builders import HOST
from hypothesis import given, settings
from hypothesis import strategies as st
from powershell_gates import called, later_than_version_3, syntax_errors
from script_runs import BY_HAND, ENABLE, KERBEROS, MACHINE, NOON, result, run_of
from test_fix_quoting import anything
from test_fixes import CHANGES, CHANGING, FIXED, READING, fixes_of, forbidden_in

from livemigration import results_file
from livemigration.change import Change
from livemigration.command import main
from livemigration.facts.model import Subject
from livemigration.findings import Fix
from livemigration.fix_script.render import fix_script, fix_script_bytes
from livemigration.fixes.script import Machine
from livemigration.fixes.settings import enable_live_migration
from livemigration.repairs import changes, repairs_of
from livemigration.report.wording import SIMULATED
from livemigration.results import State

EVERY_FIX: tuple[Fix, ...] = tuple(fix for case in FIXED for fix in fixes_of(case))
# What the frame calls beside the fixes' own commands.
OF_THE_FRAME = {"Write-Output"}


def code(script: str) -> str:
    """Return a script without its comments."""
    return "\n".join(line for line in script.split("\n") if not line.lstrip().startswith("#"))


def every_fix() -> str:
    """Return one script with every fix that a row of the verdict table can produce."""
    results = [result("LM102", f"hv{n:03}", fix) for n, fix in enumerate(EVERY_FIX)]
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
    lines = [line.strip() for line in every_fix().split("\n")]
    changing = [number for number, line in enumerate(lines) if line.startswith(CHANGES)]
    assert len(changing) > 20
    for number in changing:
        assert lines[number - 1].startswith("if ($PSCmdlet.ShouldProcess("), lines[number]
        assert lines[number + 1 : number + 3] == ["$script:changed = $true", "}"]
    # No block changes anything before something was thrown where the host is not as observed.
    for block in re.findall(r"(?:Change|Undo) = \{\n(.*?)\n    \}", every_fix(), re.DOTALL):
        if "ShouldProcess" in block:
            before = block.split("ShouldProcess")[0]
            assert "throw" in before
            assert "ActiveVirtualSystemMigrationCount" in before


@pytest.mark.parametrize("fix", EVERY_FIX)
def test_what_begins_a_line_that_changes_something_is_known(fix: Fix) -> None:
    for line in (*fix.commands, *fix.undo):
        assert changes(line) == line.startswith(CHANGES)


def test_what_is_already_mended_is_told_by_the_guard_of_the_undo() -> None:
    script = fix_script(run_of([result("LM101", HOST, ENABLE)]))
    wanted = script.split("Wanted = {")[1].split("Change = {")[0]
    assert "EnableVirtualSystemMigration -ne $true) { throw" in wanted
    assert not any(changes(line.strip()) for line in wanted.split("\n"))
    # Where nothing undoes a repair, nothing tells that it is done.
    lonely = fix_script(run_of([result("LM101", HOST, replace(ENABLE, undo=("# Not known.",)))]))
    assert "Wanted = {\n        throw 'not known'\n    }" in lonely
    assert "# Not known.\n        throw 'No command undoes this." in lonely


def test_nobody_is_asked_anything_under_whatif() -> None:
    script = fix_script(run_of([result("LM104", HOST, KERBEROS)]))
    asking = [line.strip() for line in script.split("\n") if "Read-Host" in line]
    assert asking
    assert all(line.startswith("if (-not $WhatIfPreference) { if (") for line in asking)


def test_what_a_person_must_do_is_a_comment_with_its_steps() -> None:
    script = fix_script(run_of([result("LM201", HOST, BY_HAND)]))
    assert "# A person must do this:\n# 1. Open the DNS console.\n# 2. Delete the record." in script
    assert "Resolve-DnsName" not in code(script)
    assert "# 0 by script, 1 by a person: those are comments." in script
    assert "$repairs +=" not in script


def test_hosts_stand_in_the_order_of_the_inventory_behind_the_vmm_server() -> None:
    found = [
        result("LM101", "hv02", enable_live_migration(Machine("hv02", "vmm01"))),
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
    assert "# What it was made from is evidence until 2026-11-24 00:34:00 UTC." in script


def test_the_heading_names_the_change() -> None:
    change = Change("CHG0012345", "Kim\nRemove-Item C:\\")
    script = fix_script(run_of([], change=change))
    assert "# Change CHG0012345, run by Kim Remove-Item C:\\.\n" in script


@settings(max_examples=60, deadline=None)
@given(name=anything, server=anything, said=anything, key=anything)
def test_no_name_and_no_text_becomes_a_command(name: str, server: str, said: str, key: str) -> None:
    fix = enable_live_migration(Machine(name, server))
    hostile = Fix(key=key, summary=said, console=(said,), commands=(f"# {key}",))
    run = run_of(
        [
            result("LM101", name, replace(fix, cost=said, alternative=said), observed=said),
            result("LM201", name, hostile),
        ],
        inventory=said,
        change=Change("CHG1", said),
    )
    script = fix_script(run)
    plain = fix_script(
        run_of([result("LM101", "hv01", enable_live_migration(MACHINE))], change=Change("C", "k"))
    )
    assert fix_script_bytes(run)
    for line, harmless in zip(code(script).split("\n"), code(plain).split("\n"), strict=True):
        # What a line is does not depend on a name; only what is quoted in it does.
        assert line.lstrip()[:4] == harmless.lstrip()[:4]


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
    assert "x.ps1: No such file or directory" in capsys.readouterr().err
