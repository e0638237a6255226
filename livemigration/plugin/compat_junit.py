"""What the suite uses of pytest's own writer of --junitxml, which offers no public way in.

The rest of what is private stands in `compat.py`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Self

import pytest
from _pytest.junitxml import xml_key

try:
    from _pytest.junitxml import shorten_message as shorten_message  # noqa: PLC0414 - handed on
except ImportError:

    def shorten_message(msg: str, budget: int = 0) -> str:  # noqa: ARG001 - as pytest's own
        """Return a message as it is: pytest cuts none before 9.2."""
        return msg


Counted = Literal["passed", "failure", "error", "skipped"]
_MARK = "the-checks-of-the-suite"


class _Mark:
    """Stands in the list of test cases where those of the suite are to be."""

    def to_xml(self) -> ET.Element:
        """Return an element that pytest makes of nothing."""
        return ET.Element(_MARK)


class PytestsJunit:
    """pytest's own writer, which no longer takes part: it is told of ordinary tests alone.

    The fixtures that write into its file find it where it was.
    """

    def __init__(self, writer: Any) -> None:
        self._writer = writer
        self.prefix: str = writer.prefix or ""
        # What xUnit 1 has of a test's place, xUnit 2 does not know.
        self.says_place: bool = writer.family == "xunit1"
        self.counts_setup: bool = writer.report_duration == "total"

    @classmethod
    def taken(cls, config: pytest.Config) -> Self | None:
        """Return the writer of a run that has begun; None where --junitxml is not given."""
        writer = config.stash.get(xml_key, None)
        if writer is None:
            return None
        config.pluginmanager.unregister(writer)
        return cls(writer)

    @staticmethod
    def forget(config: pytest.Config) -> None:
        """Keep pytest from looking for it among the plugins, before it unconfigures."""
        if xml_key in config.stash:
            del config.stash[xml_key]

    @property
    def path(self) -> Path:
        """The file that was asked for."""
        return Path(self._writer.logfile)

    def test(self, report: pytest.TestReport) -> None:
        """Take a report of an ordinary test."""
        self._writer.pytest_runtest_logreport(report)

    def module(self, report: pytest.CollectReport) -> None:
        """Take a report of what was collected."""
        self._writer.pytest_collectreport(report)

    def internal_error(self, error: Any) -> None:
        """Take an error of pytest itself."""
        self._writer.pytest_internalerror(error)

    def mark(self) -> None:
        """Say that the test cases of the suite stand here, between those before and after."""
        self._writer.node_reporters_ordered.append(_Mark())

    def count(self, kind: Counted, number: int) -> None:
        """Count test cases that it does not write."""
        self._writer.stats[kind] += number

    def around(self) -> tuple[str, str]:
        """Return what it would write before the test cases of the suite, and after them."""
        path = self._writer.logfile
        with TemporaryDirectory() as folder:
            whole = Path(folder) / "junit.xml"
            self._writer.logfile = str(whole)
            try:
                self._writer.pytest_sessionfinish()
            finally:
                self._writer.logfile = path
            before, _, after = whole.read_text(encoding="utf-8").partition(f"<{_MARK} />")
        return before, after

    def say_where(self, reporter: Any, config: pytest.Config) -> None:
        """Name the file on the terminal, as pytest does."""
        self._writer.pytest_terminal_summary(reporter, config)


def name_junit_suite(config: pytest.Config, name: str, value: str) -> None:
    """Write a property of the whole file of --junitxml, before the session finishes.

    pytest offers this to tests alone, by the fixture record_testsuite_property.
    """
    xml = config.stash.get(xml_key, None)
    if xml is not None:
        xml.add_global_property(name, value)
