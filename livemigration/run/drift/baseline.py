"""The earlier run that --baseline names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.collector import facts_file
from livemigration.facts.sheets import RunFacts
from livemigration.run import results_file, stored
from livemigration.run.files import RESULTS, RunFiles
from livemigration.run.run import Run

LAST = "last"


@dataclass(frozen=True)
class Baseline:
    """An earlier run. `run` is None where there is none yet; `facts` where they are not there.

    `damaged` says what is wrong with facts that are there and cannot be used.
    """

    label: str
    run: Run | None
    facts: RunFacts | None = None
    remarks: tuple[str, ...] = ()
    damaged: str = ""


def load(path: Path) -> Baseline:
    """Return the earlier run of a results.json, or of a run's folder.

    A results file of any name will do, as a joined one has; facts are looked for beside one that a
    run wrote.

    Raises:
        UsageError: it cannot be read, is none of this release, or was changed after the run.
    """
    if path.is_file() and not path.name.endswith(RESULTS):
        return Baseline(str(path), stored.load(path))
    files = RunFiles.of(path)
    return _with_facts(str(path), stored.load_beside_journal(files), files)


def last(reports: Path, inventory: str) -> Baseline:
    """Return the newest earlier run of an inventory that came to its end.

    What cannot be read, or was changed after it ended, is passed over, with a word about it.
    """
    remarks = []
    for folder in sorted((each for each in reports.glob("*") if each.is_dir()), reverse=True):
        try:
            files = RunFiles.of(folder)
            run = results_file.load(files.results)
            if run.inventory != inventory or run.interrupted:
                continue
            stored.held(run, files)
        except UsageError as error:
            # A run that goes on, or was cut off, has no results yet.
            if any(folder.glob("*results.json")):
                remarks.append(f"Passed over: {error}")
            continue
        return _with_facts(folder.name, run, files, remarks)
    return Baseline(LAST, None, remarks=tuple(remarks))


def _with_facts(label: str, run: Run, files: RunFiles, remarks: Sequence[str] = ()) -> Baseline:
    try:
        facts = facts_file.load(files.facts) if files.facts.is_file() else None
    except UsageError as error:
        return Baseline(label, run, None, tuple(remarks), _damage(files.facts, error))
    return Baseline(label, run, facts, tuple(remarks))


def _damage(path: Path, error: UsageError) -> str:
    """Return what is wrong with a facts file, without the advice for one that is asked for."""
    why = str(error).removeprefix(f"{path}: ").split(". ")[0].rstrip(".")
    try:
        with path.open("rb"):
            return f"{path}, the facts of the earlier run, is damaged: {why}"
    except OSError:
        return f"{path}, the facts of the earlier run, cannot be read: {why}"
