"""The results of a run from its files, once what they say fits together."""

from __future__ import annotations

from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.run import journal, results_file
from livemigration.run.consistency import contradictions
from livemigration.run.files import RunFiles
from livemigration.run.run import Run

_NEXT = "It was changed after the run, or damaged: do not rely on it. Run again."


def load(path: Path) -> Run:
    """Return the run that a results.json holds, if nothing in it denies the rest.

    Raises:
        UsageError: the file cannot be read, is none of this release, or contradicts itself.
    """
    return _consistent(results_file.load(path), path)


def load_beside_journal(files: RunFiles) -> Run:
    """Return the run of a folder, as `load`, held against the journal where that came to an end.

    Raises:
        UsageError: as for `load`, or its results are not those of the journal.
    """
    return held(results_file.load(files.results), files)


def held(run: Run, files: RunFiles) -> Run:
    """Return the run that the results.json of a folder holds, as `load_beside_journal` does.

    Raises:
        UsageError: it contradicts itself, or its results are not those of the journal.
    """
    _consistent(run, files.results)
    try:
        told = journal.read(files.journal)
    except UsageError:
        # A full disk takes the journal, and leaves the results.
        return run
    if told.ending is not None and not _told(told, run):
        raise UsageError(f"{files.results}: not what {files.journal.name} beside it says. {_NEXT}")
    return run


def _consistent(run: Run, path: Path) -> Run:
    if wrong := next(contradictions(run), ""):
        raise UsageError(f"{path}: {wrong} {_NEXT}")
    return run


def _told(told: journal.JournalContent, run: Run) -> bool:
    """Whether results are those that were written down while the run went on."""
    ending = told.ending
    return (
        tuple(told.results) == run.results
        and told.beginning.plan == run.plan
        and told.beginning.started == run.started
        and ending is not None
        and ending.exit_code is run.exit_code
    )
