"""Views of a run beside its report: files of other forms, JUnit, and what GitHub Actions shows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from livemigration.bundle.members import bundle_of
from livemigration.compat import name_junit_case, name_junit_suite
from livemigration.files import write_bytes, write_text
from livemigration.fix_script.render import fix_script_bytes
from livemigration.plugin.options import inventory_base
from livemigration.plugin.run import Session
from livemigration.repairs import repairs_of
from livemigration.report.annotations import annotation_lines
from livemigration.report.exports import EXPORTS
from livemigration.report.inventory_lines import lines_of_hosts
from livemigration.report.junit import case_name, case_properties, class_name, suite_properties
from livemigration.report.markdown import markdown_text
from livemigration.results import Result, Run

# GitHub takes no more from one step, and nothing at all of a file that is larger.
MOST_OF_SUMMARY = 1 << 20
_CALLED = {"sarif": "SARIF", "csv": "CSV", "markdown": "Markdown"}


def add_options(parser: pytest.Parser) -> None:
    """Register --sarif, --csv and --markdown."""
    group = parser.getgroup("livemigration", "live-migration compliance")
    for name, called in _CALLED.items():
        group.addoption(
            f"--{name}", metavar="FILE", help=f"also write the results to this file as {called}"
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
    for name, called in _CALLED.items():
        asked: str | None = config.getoption(f"--{name}")
        if not asked:
            continue
        try:
            path = here / asked
            path.parent.mkdir(parents=True, exist_ok=True)
            write_text(path, EXPORTS[name](run, base))
        except Exception as error:  # noqa: BLE001 - a view that breaks never takes the verdict along
            _problem(session, f"The {called} file {asked}", error)
    try:
        _write_fix_script(session, run)
    except Exception as error:  # noqa: BLE001 - as above
        _problem(session, "The fix script", error)
    try:
        _append_summary(run)
    except Exception as error:  # noqa: BLE001 - as above
        _problem(session, "The job summary of GitHub Actions", error)


def _problem(session: Session, what: str, error: Exception) -> None:
    # Another message may quote what a host sent.
    known = error if isinstance(error, OSError) else RuntimeError(type(error).__name__)
    session.artefact_problem(what, known)


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


def name_case(
    session: Session, config: pytest.Config, result: Result, reports: list[pytest.TestReport]
) -> None:
    """Give a result its name and its properties in the file of --junitxml."""
    try:
        properties: list[tuple[str, object]] = [*case_properties(result)]
        for report in reports:
            report.user_properties = properties
        name_junit_case(config, reports[0], class_name(result.entry), case_name(result.entry))
    except Exception as error:  # noqa: BLE001 - as above
        _problem(session, "A name in the JUnit file", error)


def name_suite(session: Session, config: pytest.Config, run: Run) -> None:
    """Write the verdict, and the mark of the lab, into the file of --junitxml."""
    try:
        for name, value in suite_properties(run):
            name_junit_suite(config, name, value)
    except Exception as error:  # noqa: BLE001 - as above
        _problem(session, "The verdict in the JUnit file", error)
