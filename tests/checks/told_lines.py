"""What a run says at its end, for tests that look for one of its sentences."""

from __future__ import annotations

from livemigration.report.terminal.closing import Places
from livemigration.report.terminal.telling import told
from livemigration.run.run import Run


def told_lines(run: Run) -> list[str]:
    """Return the lines of a run as a log has them, of one without files."""
    return [said for _, said in told(run, Places(), None)]
