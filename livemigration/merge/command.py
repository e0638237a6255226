"""`livemigration merge`: the results of shards or sites as one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from livemigration import results_file, stored
from livemigration.errors import UsageError
from livemigration.files import words_beside, write_text
from livemigration.merge.join import join
from livemigration.report.page import page_html
from livemigration.report.text import closing_lines
from livemigration.results import ExitCode, Run, worst


def add(commands: Any) -> None:
    """Add the command to an argument parser's commands."""
    merge = commands.add_parser(
        "merge", help="join the results of several runs, of shards or sites, into one"
    )
    merge.add_argument("results", nargs="+", metavar="RESULTS", help="a results.json each")
    merge.add_argument("--output", required=True, metavar="FILE", help="the joined results.json")
    merge.add_argument("--html", metavar="FILE", help="also write their report")
    merge.set_defaults(run=_merge)


def _merge(chosen: argparse.Namespace) -> int:
    to, page = Path(chosen.output), Path(chosen.html) if chosen.html else None
    if page is not None and page.resolve() == to.resolve():
        raise UsageError(f"{page}: --output and --html name the same file. Name two.")
    run = join([stored.load(Path(each)) for each in chosen.results])
    try:
        results_file.save(to, run)
    except OSError as error:
        raise UsageError(f"{to}: {error.strerror or 'cannot be written'}.") from None
    written = page is not None and _write_page(page, run)
    told = sys.stderr if page is not None and words_beside(page) is sys.stderr else words_beside(to)
    for line in closing_lines(run, chosen.html if written else None):
        told.write(f"{line}\n")
    if page is not None and not written:
        return worst({run.exit_code, ExitCode.ARTEFACT_NOT_WRITTEN})
    return run.exit_code


def _write_page(page: Path, run: Run) -> bool:
    """Write the report, or say why not: the joined results are there whatever happens to it."""
    try:
        write_text(page, page_html(run))
    except Exception as error:  # noqa: BLE001 - a view that breaks never takes the verdict along
        # Another message may quote what a host sent.
        why = error.strerror if isinstance(error, OSError) else None
        why = why or type(error).__name__
        sys.stderr.write(f"livemigration: {page}: the report could not be written: {why}.\n")
        return False
    return True
