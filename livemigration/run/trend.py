"""What earlier runs of an inventory came to: hosts that were not ready, over time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.facts.model import Subject
from livemigration.run import results_file
from livemigration.run.files import RunFiles
from livemigration.run.run import Earlier, Run

MOST = 7
# Only runs of every host are compared, so there is one of them among the newest few, or none.
_LOOKED_AT = 5
# Reading the results of 10,000 hosts takes seconds; a small picture is not worth more.
_LARGEST = 20_000_000


def with_trend(run: Run, reports: Path) -> Run:
    """Return a run that knows what came before it, if it is one of every host of its inventory.

    Each run keeps what it knew: only the newest earlier one is read.
    """
    if not _is_whole(run):
        return run
    looked_at = 0
    for folder in sorted((each for each in reports.glob("*") if each.is_dir()), reverse=True):
        if looked_at == _LOOKED_AT:
            break
        earlier = _read(folder)
        if earlier is None or earlier.started >= run.started:
            continue
        looked_at += 1
        if _is_whole(earlier) and _is_alike(earlier, run):
            return replace(run, trend=(*earlier.trend, _point(earlier))[-MOST:])
    return run


def _read(folder: Path) -> Run | None:
    try:
        results = RunFiles.of(folder).results
        if results.stat().st_size > _LARGEST:
            return None
        return results_file.load(results)
    except (OSError, UsageError):
        return None


def _is_whole(run: Run) -> bool:
    """Whether a run judged every host of its inventory, and came to its end."""
    left_out = run.selection.deselected_hosts or run.selection.deselected_checks
    return not (left_out or run.interrupted or run.stopped_early or run.gate or run.parts)


def _is_alike(earlier: Run, run: Run) -> bool:
    return (earlier.inventory, earlier.simulated) == (run.inventory, run.simulated)


def _point(run: Run) -> Earlier:
    hosts = (each for each in run.results if each.entry.target_kind is Subject.HOST)
    return Earlier(run.started, len(run.hosts), len({e.entry.target for e in hosts if e.red}))
