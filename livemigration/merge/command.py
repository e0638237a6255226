"""`livemigration merge`: the results of shards or sites as one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from livemigration import results_file
from livemigration.errors import UsageError
from livemigration.files import write_text
from livemigration.merge.join import join
from livemigration.report.page import page_html
from livemigration.report.text import closing_lines


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
    run = join([results_file.load(Path(each)) for each in chosen.results])
    path = Path(chosen.output)
    try:
        results_file.save(path, run)
        if chosen.html:
            path = Path(chosen.html)
            write_text(path, page_html(run))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be written'}.") from None
    for line in closing_lines(run, chosen.html):
        sys.stdout.write(f"{line}\n")
    return run.exit_code
