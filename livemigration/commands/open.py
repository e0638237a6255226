"""`livemigration open`: a report, in the browser of the person who asks."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from contextlib import suppress
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.commands import Command, Group
from livemigration.commands.completion import completed, run_or
from livemigration.commands.described import say
from livemigration.commands.paths import REPORTS, given_run, runs_in
from livemigration.run.exit_code import ExitCode
from livemigration.run.files import RunFiles

# What every run leaves beside its folder: the newest report.
_LATEST = "latest.html"
_RUN_FIRST = "Run the checks first: pytest -m livemigration --inventory FILE"


def _fill(parser: argparse.ArgumentParser) -> None:
    folder = parser.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        help=f"a run's folder, or a folder of runs: its newest report (default: {REPORTS})",
    )
    completed(folder, run_or("report.html"))


def _open(chosen: argparse.Namespace) -> int:
    report = _report_of(chosen.folder)
    # Before a browser says anything, and while one that stays in the foreground is open.
    say(f"Report: {report}\n")
    sys.stdout.flush()
    if not _shown(report):
        say("No browser can be opened here. Open that file where there is one.\n")
    return ExitCode.READY


def _report_of(given: str | None) -> Path:
    """Return the report that is asked for, where it really is.

    Raises:
        UsageError: there is none, or it is not in the folder that was named.
    """
    if given is None:
        if not Path(REPORTS).is_dir():
            raise UsageError(
                f"there is no folder {REPORTS} here. {_RUN_FIRST}\nWhere the reports are "
                "elsewhere, name their folder: livemigration open FOLDER"
            )
        return _newest(Path(REPORTS))
    if Path(given).name == _LATEST:
        return _newest(Path(given).parent)
    if given and _holds_runs(Path(given)):
        return _newest(Path(given))
    files = given_run(given)
    return _there(files.report, files.folder)


def _holds_runs(folder: Path) -> bool:
    """Whether a folder is one of reports: the newest lies in it, or runs do, or nothing yet."""
    if not folder.is_dir():
        return False
    return (folder / _LATEST).is_file() or bool(runs_in(folder)) or not any(folder.iterdir())


def _newest(folder: Path) -> Path:
    if (folder / _LATEST).is_file():
        return _there(folder / _LATEST, folder)
    runs = runs_in(folder)
    if report := next(filter(None, map(_report_in, runs)), None):
        return _there(report, folder)
    if runs:
        raise UsageError(
            f"no run in {folder} has a report. To write that of the newest: livemigration report "
            f"{runs[0]}"
        )
    raise UsageError(f"there is no report in {folder}. {_RUN_FIRST}")


def _report_in(run: Path) -> Path | None:
    with suppress(UsageError):
        if (report := RunFiles.of(run).report).is_file():
            return report
    return None


def _there(report: Path, folder: Path) -> Path:
    if not report.is_file():
        raise UsageError(f"{folder} has no report. To write it: livemigration report {folder}")
    real = report.resolve()
    if not real.is_relative_to(folder.resolve()):
        raise UsageError(
            f"{report} leads out of {folder}, to {real}. It was not opened. Name the folder of the "
            "run whose report it is."
        )
    return real


def _shown(report: Path) -> bool:
    try:
        return webbrowser.open(report.as_uri())
    except (webbrowser.Error, OSError):
        return False


COMMAND = Command(
    "open the newest report, or that of a run, in the browser",
    _fill,
    _open,
    examples=("livemigration open", "livemigration open reports/FOLDER"),
    exits={ExitCode.READY: "opened, or its path was printed where no browser can be opened"},
    group=Group.RUN,
    order=1,
)
