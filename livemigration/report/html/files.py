"""The pages of a report as files, and the files that stand beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from livemigration.base.files import write_text
from livemigration.report.html.view import Beside
from livemigration.run.files import RunFiles
from livemigration.run.repairs import repairs_of
from livemigration.run.run import Run


def files_beside(files: RunFiles, run: Run) -> tuple[Beside, ...]:
    """Return the files that a report finds beside it, those that are still to be written too."""
    found = [Beside(files.results.name)]
    if files.facts.is_file():
        found.append(Beside(files.facts.name))
    if repairs_of(run.results):
        found.append(Beside(files.fix_script.name))
    if files.tests.is_file():
        found.append(Beside(files.tests.name, "pytest's own table"))
    return tuple(found)


def write_pages(report: Path, made: Mapping[str, str]) -> None:
    """Write a report and, beside it, its other pages: these first, so that no link is dead.

    Raises:
        OSError: one cannot be written.
    """
    report.parent.mkdir(parents=True, exist_ok=True)
    for name, text in reversed(tuple(made.items())):
        write_text(report.parent / name, text)
