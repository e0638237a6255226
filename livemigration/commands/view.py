"""`livemigration view`: a run's results in a form that other programs read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from livemigration.base.files import write_text
from livemigration.base.text import one_of
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, run_or
from livemigration.commands.parsing import chosen_from
from livemigration.commands.paths import given_results, given_run, not_written
from livemigration.report.formats import FORMATS
from livemigration.run import stored
from livemigration.run.exit_code import ExitCode


def _fill(view: argparse.ArgumentParser) -> None:
    results = view.add_argument(
        "path", metavar="RESULTS", help="a results.json, or the folder of a run"
    )
    completed(results, run_or("results.json"))
    view.add_argument(
        "--format",
        required=True,
        choices=tuple(FORMATS),
        type=chosen_from("form", FORMATS),
        help="the form",
    )
    view.add_argument("--output", metavar="FILE", help="write it to this file instead")


def _view(chosen: argparse.Namespace) -> int:
    results = given_results(chosen.path)
    folder = Path(chosen.path).is_dir()
    run = stored.load_beside_journal(given_run(chosen.path)) if folder else stored.load(results)
    text = FORMATS[chosen.format].text(run, Path())
    if not chosen.output:
        # As bytes: the line ends of CSV stay, and the code page of a console matters to no file.
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return ExitCode.READY
    output = Path(chosen.output)
    try:
        write_text(output, text)
    except OSError as error:
        raise not_written(output, error, "name another file with --output") from None
    return ExitCode.READY


COMMAND = Command(
    f"print the results of a run as {one_of(each.called for each in FORMATS.values())}",
    _fill,
    _view,
    examples=("livemigration view reports/FOLDER --format csv --output run.csv",),
    exits={ExitCode.READY: "done; the verdict is in what is printed"},
    group=Group.RUN,
    order=3,
)
