"""The checks of a `checks` folder, outside a pytest run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType

from livemigration.base.errors import UsageError
from livemigration.base.shipped import CHECKS as FOLDER
from livemigration.base.shipped import shipped
from livemigration.verdict.check import Check

# What a module of checks imports: its own checks, or the suite's.
_MARKS = ("livemigration.api", "livemigration.verdict.check", "livemigration.checks")


@dataclass(frozen=True)
class LoadedCheck:
    """A check, and where it is written: `place` is its node id without a target."""

    check: Check
    place: str


def checks_folder() -> Path | None:
    """Return the folder of checks: of the current directory, else the suite's own.

    A folder of that name in which nothing makes checks with the suite is somebody else's.
    """
    for folder in (Path.cwd() / FOLDER, shipped(FOLDER)):
        if holds_checks(folder):
            return folder
    return None


def holds_checks(folder: Path) -> bool:
    """Whether anything in a folder makes checks with the suite, or hands on the suite's checks."""
    texts = (text_of(path) for path in _modules(folder))
    return any(mark in text for text in texts for mark in _MARKS)


def text_of(path: Path) -> str:
    """Return the text of a module; of one that cannot be read, nothing."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        # Somebody else's, then, as pytest could not load it either.
        return ""


def load_checks(folder: Path) -> tuple[LoadedCheck, ...]:
    """Return the checks of a folder in the order of their identifiers.

    Raises:
        UsageError: a module cannot be imported, or two checks have one identifier.
    """
    found: dict[str, LoadedCheck] = {}
    for path in _modules(folder):
        for loaded in _checks_in(path, folder):
            identifier = loaded.check.identifier
            if (first := found.get(identifier)) is not None:
                raise UsageError(
                    f"two checks are called {identifier}: {first.place} and {loaded.place}. "
                    "Renumber one of them."
                )
            found[identifier] = loaded
    return tuple(found[identifier] for identifier in sorted(found))


def identifiers_in(folder: Path) -> set[str]:
    """Return the identifiers of a folder's checks; a module that cannot be imported has none."""
    found: set[str] = set()
    for path in _modules(folder):
        with suppress(UsageError):
            found.update(loaded.check.identifier for loaded in _checks_in(path, folder))
    return found


def _modules(folder: Path) -> list[Path]:
    # The names that pytest collects by default, in each folder below.
    found = {*folder.rglob("test_*.py"), *folder.rglob("*_test.py")}
    return sorted(path for path in found if path.is_file())


def _checks_in(path: Path, folder: Path) -> Iterator[LoadedCheck]:
    inside = path.relative_to(folder)
    for name, value in vars(_module(path, inside)).items():
        if name.startswith("test_") and isinstance(value, Check):
            yield LoadedCheck(value, f"{FOLDER}/{inside.as_posix()}::{name}")


def _module(path: Path, inside: Path) -> ModuleType:
    name = "livemigration_checks_" + "_".join(inside.with_suffix("").parts)
    loader = SourceFileLoader(name, str(path))
    spec = ModuleSpec(name, loader, origin=str(path))
    spec.has_location = True
    module = module_from_spec(spec)
    sys.modules[name] = module
    with _neighbours(path.parent):
        try:
            loader.exec_module(module)
        except Exception as error:
            raise UsageError(f"{path} cannot be imported: {error!r}.") from error
    return module


@contextmanager
def _neighbours(folder: Path) -> Iterator[None]:
    """Let a module import what lies beside it, as pytest does."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
