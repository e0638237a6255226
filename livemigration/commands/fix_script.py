"""`livemigration fix-script`: the fixes of a run as one PowerShell script."""

from __future__ import annotations

import argparse
from pathlib import Path

from livemigration.base.files import words_beside, write_bytes
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, run_or
from livemigration.commands.paths import given_results, given_run, not_written
from livemigration.report.fix_script.render import fix_script_bytes
from livemigration.run import stored
from livemigration.run.exit_code import ExitCode
from livemigration.run.files import RESULTS


def _fill(script: argparse.ArgumentParser) -> None:
    run = script.add_argument("path", metavar="RUN", help="the run's folder, or its results.json")
    completed(run, run_or("results.json"))
    script.add_argument("--output", metavar="FILE", help="default: in the run's folder")


def _fix_script(chosen: argparse.Namespace) -> int:
    files = given_run(chosen.path)
    named = chosen.path if Path(chosen.path).name.endswith(RESULTS) else str(files.folder)
    run = stored.load(given_results(named))
    path = Path(chosen.output) if chosen.output else files.fix_script
    try:
        write_bytes(path, fix_script_bytes(run))
    except OSError as error:
        raise not_written(path, error, "name a file with --output") from None
    words_beside(path).write(f"Wrote {path}. Read it, then run it with -WhatIf first.\n")
    return ExitCode.READY


COMMAND = Command(
    "write the fixes of a run as one PowerShell script; nothing runs it",
    _fill,
    _fix_script,
    examples=("livemigration fix-script reports/FOLDER",),
    group=Group.RUN,
    order=4,
)
