"""Views of a run beside its report: files of other forms, and what GitHub Actions shows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from livemigration.base.files import write_bytes, write_text
from livemigration.bundle.members import bundle_of
from livemigration.plugin.junit_file import problem as _problem
from livemigration.plugin.options import inventory_base
from livemigration.plugin.session import Session
from livemigration.report.annotations import annotation_lines
from livemigration.report.fix_script.render import fix_script_bytes
from livemigration.report.formats import FORMATS
from livemigration.report.inventory_lines import lines_of_hosts
from livemigration.report.markdown import markdown_text
from livemigration.run.repairs import repairs_of
from livemigration.run.run import Run

# GitHub takes no more from one step, and nothing at all of a file that is larger.
MOST_OF_SUMMARY = 1 << 20


def add_options(parser: pytest.Parser) -> None:
    """Register an option for each form of a run, and --bundle."""
    group = parser.getgroup("livemigration", "live-migration compliance")
    for form in FORMATS.values():
        group.addoption(
            form.option,
            metavar="FILE",
            help=f"also write the results to this file as {form.called}",
        )
    group.addoption(
        "--bundle",
        action="store_true",
        help="also put everything of the run into one zip file, for a change record",
    )


def write(session: Session, run: Run, config: pytest.Config) -> None:
    """Write the files that were asked for, the fix script, and GitHub Actions' job summary.

    What cannot be written is remembered as a problem of the run; the verdict stays.
    """
    here, base = config.invocation_params.dir, inventory_base(config)
    for form in FORMATS.values():
        asked: str | None = config.getoption(form.option)
        if not asked:
            continue
        try:
            path = here / asked
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, form.text(run, base))
        except Exception as error:  # noqa: BLE001 - a view that breaks never takes the verdict along
            _problem(session, f"The {form.called} file {asked}", error)
    try:
        _write_fix_script(session, run)
    except Exception as error:  # noqa: BLE001 - as above
        _problem(session, "The fix script", error)
    try:
        _append_summary(run)
    except Exception as error:  # noqa: BLE001 - as above
        _problem(session, "The job summary of GitHub Actions", error)


def _write_fix_script(session: Session, run: Run) -> None:
    if session.folder is not None and repairs_of(run.results):
        write_bytes(session.folder.files.fix_script, fix_script_bytes(run))


def write_bundle(session: Session, config: pytest.Config) -> None:
    """Put everything of the run into one file, where that was asked for: the last file of a run."""
    if session.folder is None or not config.getoption("--bundle"):
        return
    try:
        data, _ = bundle_of(session.folder.files)
        write_bytes(session.folder.files.bundle, data)
    except Exception as error:  # noqa: BLE001 - a view that breaks never takes the verdict along
        _problem(session, "The bundle", error)
        return
    session.bundle = session.folder.files.bundle


def _append_summary(run: Run) -> None:
    """Append the run to the file that GitHub Actions names, as other programs of the step do."""
    named = os.environ.get("GITHUB_STEP_SUMMARY")
    if not named:
        return
    with Path(named).open("ab") as stream:
        begun = stream.tell() if stream.seekable() else 0
        room = MOST_OF_SUMMARY - begun - 1
        stream.write(b"\n" + markdown_text(run, room).encode())


def github_lines(session: Session, config: pytest.Config) -> tuple[str, ...]:
    """Return the lines that GitHub Actions makes annotations of; none elsewhere."""
    run = session.run
    if run is None or os.environ.get("GITHUB_ACTIONS") != "true":
        return ()
    try:
        return annotation_lines(run, lines_of_hosts(run, inventory_base(config)))
    except Exception as error:  # noqa: BLE001 - the last lines must be printed whatever happens here
        # The verdict is written already, and stands in the lines that follow.
        return (f"GitHub's annotations could not be made: {type(error).__name__}.",)
