"""Writes a site's repository, and adds to it what an upgrade brings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.base.files import write_bytes, write_text
from livemigration.base.shipped import CHECKS, shipped
from livemigration.base.text import listed
from livemigration.site.files import site_files
from livemigration.site.handed_on import gone, hands_on, lacking, modules
from livemigration.site.wheel import REQUIREMENTS, WHEELS, Wheel, older, requirements

# What a new, empty repository has, and the environment that the suite was installed into.
_NOTHING = {".git", ".venv"}


@dataclass(frozen=True)
class Updated:
    """The modules that were added, those that were removed since the suite lost theirs, the wheel.

    `pinned` is the name of the wheel; empty where none was named.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    pinned: str = ""


def create(folder: Path, wheel: Wheel) -> tuple[str, ...]:
    """Write a new repository, whole or not at all; return the paths in it.

    Raises:
        UsageError: the folder is not empty, or cannot be written.
    """
    try:
        found = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
        if left := [name for name in found if name not in _NOTHING]:
            raise UsageError(
                f"{folder} is not empty: {listed(left[:3])}. Name a new folder, or, for a site's "
                "repository that exists: livemigration init --update DIR"
            )
        files = site_files(wheel)
        _write_all(folder, files)
    except OSError as error:
        raise _cannot(folder, error) from None
    return tuple(files)


def update(folder: Path, wheel: Wheel | None = None) -> Updated:
    """Add the modules that a site lacks, and remove its modules that hand on nothing any more.

    A wheel takes the place of the one that is pinned.

    Raises:
        UsageError: the folder is no site's, cannot be written, or a check is lacking still.
    """
    checks = folder / CHECKS
    if not hands_on(checks):
        raise UsageError(
            f"{checks} hands on none of the suite's checks: it is no site's repository. To write "
            "one: livemigration init DIR"
        )
    # Read first: Windows and macOS take two spellings of a name for one file.
    there = {path.name.casefold() for path in checks.iterdir()}
    added = {name: text for name, text in modules().items() if name.casefold() not in there}
    removed = gone(checks)
    try:
        _write_all(checks, added)
        for path in removed:
            path.unlink()
        if wheel is not None:
            _pin(folder, wheel)
    except OSError as error:
        raise _cannot(checks, error) from None
    if still := lacking(checks):
        raise UsageError(_still(still))
    names = tuple(path.name for path in removed)
    return Updated(tuple(added), names, wheel.name if wheel is not None else "")


def _pin(folder: Path, wheel: Wheel) -> None:
    """Put a wheel into a site's repository before it is pinned, and take the older away after."""
    path = folder / REQUIREMENTS
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    _write_all(folder, {f"{WHEELS}/{wheel.name}": wheel.data})
    write_text(path, requirements(wheel, before))
    for old in older(folder / WHEELS, wheel):
        old.unlink()


def _still(identifiers: tuple[str, ...]) -> str:
    return (
        f"{CHECKS} still lacks {listed(identifiers)}: a file of yours has the name of the module "
        "that hands them on, or cannot be imported. Rename it, and run this again. Their modules "
        f"are in {shipped(CHECKS)}."
    )


def _write_all(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files into a folder; where one fails, take away everything that was made."""
    made: list[Path] = []
    try:
        for name, text in files.items():
            path = folder / name
            _make_folder(path.parent, made)
            if not path.exists():
                made.append(path)
            if isinstance(text, bytes):
                write_bytes(path, text)
            else:
                write_text(path, text)
    except BaseException:
        for path in reversed(made):
            if path.is_dir():
                path.rmdir()
            else:
                path.unlink(missing_ok=True)
        raise


def _make_folder(folder: Path, made: list[Path]) -> None:
    if not folder.exists():
        _make_folder(folder.parent, made)
        folder.mkdir()
        made.append(folder)


def _cannot(folder: Path, error: OSError) -> UsageError:
    reason = error.strerror or "cannot be written"
    return UsageError(f"{folder}: {reason}. Name a folder that you can write to.")
