"""The earlier run that --baseline names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from livemigration import facts_file, results_file
from livemigration.errors import UsageError
from livemigration.facts.sheets import RunFacts
from livemigration.results import Run
from livemigration.run_files import RunFiles

LAST = "last"


@dataclass(frozen=True)
class Baseline:
    """An earlier run. `run` is None where there is none yet; `facts` where they are not there."""

    label: str
    run: Run | None
    facts: RunFacts | None = None
    remarks: tuple[str, ...] = ()


def load(path: Path) -> Baseline:
    """Return the earlier run of a results.json, or of a run's folder.

    Raises:
        UsageError: it cannot be read, or is none of this release.
    """
    files = RunFiles.of(path)
    results = path if path.is_file() else files.results
    return Baseline(str(path), results_file.load(results), _facts(files))


def last(reports: Path, inventory: str) -> Baseline:
    """Return the newest earlier run of an inventory that came to its end.

    What cannot be read is passed over, with a word about it.
    """
    remarks = []
    for folder in sorted((each for each in reports.glob("*") if each.is_dir()), reverse=True):
        try:
            files = RunFiles.of(folder)
            run = results_file.load(files.results)
        except UsageError as error:
            # A run that goes on, or was cut off, has no results yet.
            if any(folder.glob("*results.json")):
                remarks.append(f"Passed over: {error}")
            continue
        if run.inventory == inventory and not run.interrupted:
            return Baseline(folder.name, run, _facts(files), tuple(remarks))
    return Baseline(LAST, None, remarks=tuple(remarks))


def _facts(files: RunFiles) -> RunFacts | None:
    try:
        return facts_file.load(files.facts) if files.facts.is_file() else None
    except UsageError:
        return None
