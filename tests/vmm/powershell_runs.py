"""Scripts in a real PowerShell, where there is one, with stubs in place of modules of Windows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest


def powershell() -> str:
    """Return the program; skips the test where there is none."""
    found = shutil.which(os.environ.get("LIVEMIGRATION_PWSH") or "pwsh")
    if found is None:
        pytest.skip("pwsh is not installed, and LIVEMIGRATION_PWSH is not set")
    return found


class Stubbed:
    """A script, and the state that it would change: a JSON file that the stubs read and write."""

    def __init__(self, folder: Path, stub: Path, script: bytes, state: dict[str, Any]) -> None:
        self._program, self._stub = powershell(), stub
        self._file, self._script = folder / "state.json", folder / "run.ps1"
        self._file.write_text(json.dumps(state), encoding="utf-8")
        self._script.write_bytes(script)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Return the exit code and what was printed."""
        inherited = os.environ.get("PSModulePath", "")  # noqa: SIM112 - how PowerShell spells it
        variables = {
            "LIVEMIGRATION_STUB": str(self._file),
            "PSModulePath": os.pathsep.join((str(self._stub), inherited)),
        }
        command = [self._program, "-NoProfile", "-NonInteractive", "-File", str(self._script)]
        ended = subprocess.run(
            [*command, *arguments],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return ended.returncode, ended.stdout

    @property
    def state(self) -> dict[str, Any]:
        """The state as it is now."""
        loaded: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8-sig"))
        return loaded
