"""The folder that a run leaves behind, with results.json and the report in it."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest

from livemigration.base.files import write_bytes, write_text
from livemigration.report.html.files import files_beside, write_pages
from livemigration.report.html.page import leading_html, pages
from livemigration.run import results_file
from livemigration.run.files import RunFiles
from livemigration.run.run import Run

LATEST = "latest.html"
_LONGEST_STEM = 100
_UNFINISHED = ".tests.html.tmp"


class RunFolder:
    """The folder of one run under the reports folder. `change` is the identifier of its change."""

    def __init__(self, reports: Path, label: str, started: datetime, change: str = "") -> None:
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(label).name.removesuffix(".yaml"))
        # A file name has room for 255 letters, and more comes around it.
        stem = stem.strip("-.")[:_LONGEST_STEM].strip("-.")
        parts = (f"{started:%Y-%m-%dT%H%M%SZ}", stem or "run", change)
        name = "-".join(part for part in parts if part)
        self.reports = reports
        self._made = not reports.exists()
        try:
            reports.mkdir(parents=True, exist_ok=True)
            self.files = RunFiles(_new_folder(reports, name), change)
        except OSError as error:
            raise pytest.UsageError(
                f"{reports}: reports cannot be written here: {error.strerror}. "
                "Give --reports a folder that this account can write to."
            ) from None

    @property
    def unfinished_tests(self) -> Path:
        """Where pytest-html writes before its page gets its name."""
        return self.files.folder / _UNFINISHED

    def write_results(self, run: Run) -> None:
        """Write results.json; where the disk is full, in the room of an older one.

        Raises:
            OSError: it cannot be written. Then there is none: an older one says another verdict.
        """
        try:
            results_file.save(self.files.results, run)
        except OSError:
            self.remove_unfinished()
            with suppress(OSError):
                self.files.results.unlink(missing_ok=True)
            results_file.save(self.files.results, run)

    def publish_tests(self) -> None:
        """Give the finished page of pytest-html its name.

        Raises:
            OSError: there is none, it was not finished, or it cannot be written.
        """
        data = self.unfinished_tests.read_bytes()
        if not data.rstrip().endswith(b"</html>"):
            raise OSError(0, "the page was not finished")
        write_bytes(self.files.tests, data)

    def write_report(self, run: Run) -> Path:
        """Write the pages of the report; return the path of the first.

        Raises:
            OSError: one cannot be written.
        """
        report = self.files.report
        write_pages(report, pages(run, files_beside(self.files, run), report.name))
        return report

    def lead_to(self, report: Path, run: Run) -> Path:
        """Write `latest.html`, which leads to the report; return its path.

        Raises:
            OSError: it cannot be written; an older file is left as it was.
        """
        latest = self.reports / LATEST
        write_text(latest, leading_html(report.relative_to(self.reports).as_posix(), run))
        return latest

    def remove_unfinished(self) -> None:
        """Remove what pytest-html wrote under the temporary name."""
        with suppress(OSError):
            self.unfinished_tests.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the folder of a run that checked nothing, and what was made for it alone."""
        shutil.rmtree(self.files.folder, ignore_errors=True)
        if self._made:
            with suppress(OSError):
                self.reports.rmdir()


def _new_folder(reports: Path, name: str) -> Path:
    for number in range(1, 1000):
        path = reports / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            continue
        return path
    raise OSError(0, "a thousand runs have the same name")
