"""Paths that a command is given: what is not there or not right is said before it is read."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.base.packed import GZ
from livemigration.base.text import capitalized
from livemigration.inventory.nearest import did_you_mean
from livemigration.run.files import FACTS, JOURNAL, REPORT, RESULTS, RunFiles

# Where pytest puts the runs if it is not told otherwise.
REPORTS = "reports"
_MOST_NEIGHBOURS = 1000


def given_file(text: str, what: str) -> Path:
    """Return the path of a file that is there. `what` is what would be right, for a sentence.

    Raises:
        UsageError: it is not there, or is a folder.
    """
    path = _there(text, what)
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name {what}.")
    return path


def given_run(text: str) -> RunFiles:
    """Return the files of a run from its folder, or from one of its files.

    Raises:
        UsageError: nothing is there, or it is of no run.
    """
    what = f"a run's folder, such as {REPORTS}/FOLDER"
    path = _there(text, what) if not _in_a_folder(text) else Path(text)
    try:
        return RunFiles.of(path)
    except UsageError:
        if runs := runs_in(path):
            raise UsageError(
                f"{path} holds runs, and is none itself. Name one: the newest is {runs[0]}."
            ) from None
        raise


def given_results(text: str) -> Path:
    """Return a results.json from its path, or from the folder of its run.

    Raises:
        UsageError: it is not there.
    """
    path = _there(text, f"a {RESULTS}, or the folder of a run")
    if not path.is_dir():
        return path
    files = given_run(text)
    if not files.results.is_file():
        raise UsageError(f"{path} holds no {RESULTS}. To write it: livemigration report {path}")
    return files.results


def given_bundle(text: str) -> Path:
    """Return a bundle from its path, or from the folder of its run.

    Raises:
        UsageError: it is not there.
    """
    path = _there(text, "a bundle (*.zip), or the folder of its run")
    if not path.is_dir():
        return path
    bundle = given_run(text).bundle
    if not bundle.is_file():
        raise UsageError(f"{path} holds no bundle. To write it: livemigration bundle {path}")
    return bundle


def runs_in(reports: Path) -> list[Path]:
    """Return the folders of runs in a reports folder, the newest first: the name tells when."""
    try:
        found = [each for each in reports.iterdir() if each.is_dir() and _is_run(each)]
    except OSError:
        return []
    return sorted(found, key=lambda each: each.name, reverse=True)


def not_written(path: Path, error: OSError, instead: str = "name another file") -> UsageError:
    """Return what is said where a file cannot be written. `instead` is what would be right."""
    folder = path.parent
    if not folder.is_dir():
        return UsageError(f"{path}: there is no folder {folder}. Make it, or {instead}.")
    why = "is a folder" if path.is_dir() else error.strerror or "cannot be written"
    return UsageError(f"{path}: {why}. {capitalized(instead)}.")


def _there(text: str, what: str) -> Path:
    path = Path(text)
    if not text.strip():
        raise UsageError(f"an empty path was given. Name {what}.")
    if path.exists():
        return path
    folder = path.parent
    if not folder.is_dir():
        raise UsageError(f"{path} is not there, nor is its folder {folder}. Name {what}.")
    try:
        names = [each.name for each in islice(folder.iterdir(), _MOST_NEIGHBOURS)]
    except OSError:
        names = []
    # Names of one kind end alike, which makes none of them likely.
    near = [each for each in names if did_you_mean(path.stem, [Path(each).stem])]
    raise UsageError(f"{path} is not there.{did_you_mean(path.name, near)} Name {what}.")


def _in_a_folder(text: str) -> bool:
    """Whether a file of a run is named in a folder that is there: another may stand for it."""
    path = Path(text)
    name = path.name.removesuffix(GZ)
    return name.endswith((RESULTS, JOURNAL, REPORT, FACTS)) and _is_run(path.parent)


def _is_run(folder: Path) -> bool:
    kinds = (JOURNAL, f"{JOURNAL}{GZ}", RESULTS)
    return any(next(folder.glob(f"*{kind}"), None) is not None for kind in kinds)
