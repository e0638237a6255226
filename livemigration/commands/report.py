"""`livemigration report`: the report of a run, from what its folder holds."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, run_or
from livemigration.commands.exits import VERDICT
from livemigration.commands.paths import given_results, given_run, not_written
from livemigration.report.html.files import files_beside, write_pages
from livemigration.report.html.page import pages
from livemigration.report.terminal.closing import Places
from livemigration.report.terminal.telling import tell
from livemigration.run import journal, results_file, stored
from livemigration.run.files import RESULTS, RunFiles
from livemigration.run.run import Run


def _fill(report: argparse.ArgumentParser) -> None:
    run = report.add_argument(
        "path", metavar="RUN", help="the run's folder, its journal, or its results.json"
    )
    completed(run, run_or("journal.jsonl", "journal.jsonl.gz", "results.json"))
    report.add_argument(
        "--output", metavar="FOLDER", help="where the files go (default: the run's folder)"
    )


def _report(chosen: argparse.Namespace) -> int:
    files = given_run(chosen.path)
    results = Path(chosen.path).name.endswith(RESULTS)
    run = stored.load(given_results(chosen.path)) if results else _whole(files)
    to = RunFiles(Path(chosen.output), files.change) if chosen.output else files
    _write(run, to)
    tell(run, _places(run, files, to), sys.stdout)
    return run.exit_code


def _places(run: Run, files: RunFiles, to: RunFiles) -> Places:
    goes_on = run.interrupted and run.facts_from is None and files.journal.is_file()
    return Places(
        report=str(to.report),
        fix_script=str(files.fix_script) if files.fix_script.is_file() else "",
        bundle=str(files.bundle) if files.bundle.is_file() else "",
        resume=str(files.folder) if goes_on else "",
        facts=str(files.folder) if files.facts.is_file() else "",
    )


def _whole(files: RunFiles) -> Run:
    """Return the results of a run that ended, and what the journal holds of one that did not."""
    if files.results.is_file() and not files.journal.exists():
        return stored.load(files.results)
    told = journal.read(files.journal)
    if told.ending is not None and files.results.is_file():
        return stored.load_beside_journal(files)
    return told.run


def _write(run: Run, files: RunFiles) -> None:
    try:
        files.folder.mkdir(parents=True, exist_ok=True)
        if not files.results.exists():
            results_file.save(files.results, run)
        write_pages(files.report, pages(run, files_beside(files, run), files.report.name))
    except OSError as error:
        raise not_written(files.report, error, "name another folder with --output") from None


COMMAND = Command(
    "write the report of a run again, or of one that was cut off",
    _fill,
    _report,
    examples=("livemigration report reports/FOLDER",),
    exits=VERDICT,
    group=Group.RUN,
    order=2,
)
