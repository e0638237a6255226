"""`livemigration fix-script`: the fixes of a run as one PowerShell script."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from livemigration import stored
from livemigration.errors import UsageError
from livemigration.files import words_beside, write_bytes
from livemigration.fix_script.render import fix_script_bytes
from livemigration.results import ExitCode
from livemigration.run_files import RESULTS, RunFiles


def add(commands: Any) -> None:
    """Add the command to an argument parser's commands."""
    script = commands.add_parser(
        "fix-script", help="write the fixes of a run as one PowerShell script; it is never run here"
    )
    script.add_argument("path", metavar="RUN", help="the run's folder, or its results.json")
    script.add_argument("--output", metavar="FILE", help="default: in the run's folder")
    script.set_defaults(run=_fix_script)


def _fix_script(chosen: argparse.Namespace) -> int:
    given = Path(chosen.path)
    files = RunFiles.of(given)
    run = stored.load(given if given.name.endswith(RESULTS) else files.results)
    path = Path(chosen.output) if chosen.output else files.fix_script
    try:
        write_bytes(path, fix_script_bytes(run))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be written'}.") from None
    words_beside(path).write(f"Wrote {path}. Read it, then run it with -WhatIf first.\n")
    return ExitCode.READY
