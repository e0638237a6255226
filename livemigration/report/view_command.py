"""`livemigration view`: a run's results in a form that other programs read."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from livemigration import stored
from livemigration.errors import UsageError
from livemigration.files import write_text
from livemigration.report.exports import EXPORTS
from livemigration.results import ExitCode
from livemigration.run_files import RunFiles


def add(commands: Any) -> None:
    """Add the command to an argument parser's commands."""
    view = commands.add_parser(
        "view",
        help="print the results of a run as SARIF, CSV or Markdown",
        description="Prints the results of a run in another form. Exit code 0 says that this was "
        "done; the verdict is in what is printed.",
    )
    view.add_argument("path", metavar="RESULTS", help="a results.json, or the folder of a run")
    view.add_argument("--format", required=True, choices=tuple(EXPORTS), help="the form")
    view.add_argument("--output", metavar="FILE", help="write it to this file instead")
    view.set_defaults(run=_view)


def _view(chosen: argparse.Namespace) -> int:
    given = Path(chosen.path)
    folder = given.is_dir()
    run = stored.load_beside_journal(RunFiles.of(given)) if folder else stored.load(given)
    text = EXPORTS[chosen.format](run, Path())
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
        raise UsageError(
            f"{output}: {error.strerror or 'cannot be written'}. Name another file with --output."
        ) from None
    return ExitCode.READY
