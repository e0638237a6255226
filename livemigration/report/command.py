"""`livemigration report`: the report of a run, from what its folder holds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from livemigration import journal, results_file, stored
from livemigration.errors import UsageError
from livemigration.files import write_text
from livemigration.report.page import page_html
from livemigration.report.text import closing_lines
from livemigration.results import Run
from livemigration.run_files import RESULTS, RunFiles


def add(commands: Any) -> None:
    """Add the command to an argument parser's commands."""
    report = commands.add_parser(
        "report", help="write the report of a run again, or of one that was cut off"
    )
    report.add_argument(
        "path", metavar="RUN", help="the run's folder, its journal, or its results.json"
    )
    report.add_argument(
        "--output", metavar="FOLDER", help="where the files go (default: the run's folder)"
    )
    report.set_defaults(run=_report)


def _report(chosen: argparse.Namespace) -> int:
    given = Path(chosen.path)
    files = RunFiles.of(given)
    run = stored.load(given) if given.name.endswith(RESULTS) else _whole(files)
    to = RunFiles(Path(chosen.output), files.change) if chosen.output else files
    _write(run, to)
    for line in closing_lines(run, str(to.report)):
        sys.stdout.write(f"{line}\n")
    return run.exit_code


def _whole(files: RunFiles) -> Run:
    """Return the results of a run that ended, and what the journal holds of one that did not."""
    told = journal.read(files.journal)
    if told.ending is not None and files.results.is_file():
        return stored.load_beside_journal(files)
    return told.run


def _write(run: Run, files: RunFiles) -> None:
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
        if not files.results.exists():
            results_file.save(files.results, run)
        write_text(files.report, page_html(run))
    except OSError as error:
        raise UsageError(
            f"{files.folder}: {error.strerror or 'cannot be written'}. Name another folder with "
            "--output."
        ) from None
