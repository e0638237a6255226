"""The fix script in a real PowerShell, against stand-ins for VMM and WMI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from powershell_gates import careless_json, syntax_errors
from script_runs import result, run_of

from livemigration.fix_script.render import fix_script_bytes
from livemigration.fixes.script import Machine
from livemigration.fixes.settings import enable_live_migration

STUB = Path(__file__).parent / "stub"
MODULE = STUB / "VirtualMachineManager" / "VirtualMachineManager.psm1"
HOSTS = ("hv01", "hv02", "hv03")


def test_the_stub_has_no_syntax_error() -> None:
    text = MODULE.read_text(encoding="utf-8")
    assert syntax_errors(text) == []
    assert careless_json(text) == []


def fleet(*, enabled: str = "", migrating: str = "") -> dict[str, Any]:
    """Return hosts whose live migration is off, but for those that are named."""
    return {
        name: {
            "Msvm_VirtualSystemMigrationService": {
                "ActiveVirtualSystemMigrationCount": int(name == migrating),
                "ActiveStorageMigrationCount": 0,
            },
            "Msvm_VirtualSystemMigrationServiceSettingData": {
                "EnableVirtualSystemMigration": name == enabled
            },
        }
        for name in HOSTS
    }


class Stubbed:
    """A fix script for three hosts, and the state that it would change."""

    def __init__(self, folder: Path, state: dict[str, Any]) -> None:
        found = shutil.which(os.environ.get("LIVEMIGRATION_PWSH", "pwsh"))
        if found is None:
            pytest.skip("pwsh is not installed, and LIVEMIGRATION_PWSH is not set")
        self._program = found
        self._state = folder / "state.json"
        self._state.write_text(json.dumps(state), encoding="utf-8")
        fixes = [(name, enable_live_migration(Machine(name, "vmm01"))) for name in HOSTS]
        self._script = folder / "run.fix.ps1"
        run = run_of([result("LM101", name, fix) for name, fix in fixes])
        self._script.write_bytes(fix_script_bytes(run))

    def run(self, *arguments: str) -> tuple[int, str]:
        variables = {"LIVEMIGRATION_STUB": str(self._state), "PSModulePath": str(STUB)}
        command = [self._program, "-NoProfile", "-NonInteractive", "-File", str(self._script)]
        ended = subprocess.run(
            [*command, *arguments],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )
        return ended.returncode, ended.stdout

    @property
    def enabled(self) -> set[str]:
        state = json.loads(self._state.read_text(encoding="utf-8-sig"))
        name = "Msvm_VirtualSystemMigrationServiceSettingData"
        return {host for host in HOSTS if state[host][name]["EnableVirtualSystemMigration"]}


@pytest.mark.peer
def test_whatif_changes_nothing_and_still_reads_the_guards(tmp_path: Path) -> None:
    stubbed = Stubbed(tmp_path, fleet(migrating="hv02"))
    code, said = stubbed.run("-WhatIf")
    assert stubbed.enabled == set()
    assert code == 1
    assert "FAILED        hv02: hv02: a migration is running; nothing was changed." in said


@pytest.mark.peer
def test_the_script_changes_what_it_should_once_and_takes_it_back(tmp_path: Path) -> None:
    stubbed = Stubbed(tmp_path, fleet(enabled="hv03"))
    code, said = stubbed.run("-Confirm:$false", "-HostName", "hv01")
    assert (code, stubbed.enabled) == (0, {"hv01", "hv03"})
    assert "done          hv01" in said
    assert "skipped       hv02" in said
    code, said = stubbed.run("-Confirm:$false")
    assert (code, stubbed.enabled) == (0, set(HOSTS))
    assert "already done  hv01" in said
    code, _ = stubbed.run("-Confirm:$false", "-Rollback", "-HostName", "hv01")
    assert (code, stubbed.enabled) == (0, {"hv02", "hv03"})


@pytest.mark.peer
def test_a_host_that_fails_does_not_keep_the_others_from_being_mended(tmp_path: Path) -> None:
    stubbed = Stubbed(tmp_path, fleet(migrating="hv01"))
    code, said = stubbed.run("-Confirm:$false")
    assert (code, stubbed.enabled) == (1, {"hv02", "hv03"})
    assert "1 of 3 repairs failed." in said
