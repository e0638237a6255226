"""The modules by which a site's repository hands on the suite's checks."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from livemigration.base.shipped import CHECKS, shipped
from livemigration.run.selected import whole_suite
from livemigration.verdict.loader import identifiers_in, text_of

# With a star, so that a check that a module gains comes with the upgrade.
_LINE = "from livemigration.checks.{module} import *  # noqa: F403 - upgrades bring checks\n"
_MARK = "from livemigration.checks"


def modules() -> dict[str, str]:
    """Return the site's modules: the file name of each and its text."""
    found = sorted(shipped(CHECKS).glob("test_*.py"))
    return {path.name: _LINE.format(module=path.stem) for path in found}


def hands_on(folder: Path) -> bool:
    """Whether a folder is a site's: one that hands on the suite's checks."""
    return any(_MARK in text_of(path) for path in sorted(folder.glob("*.py")))


def gone(folder: Path) -> list[Path]:
    """Return the modules that hand on what the suite no longer has, and nothing else."""
    known = modules()
    return [
        path
        for path in sorted(folder.glob("test_*.py"))
        if path.name not in known
        and text_of(path).strip() == _LINE.format(module=path.stem).strip()
    ]


def lacking(folder: Path, found: Collection[str] = ()) -> tuple[str, ...]:
    """Return the suite's checks that a site's folder does not hand on.

    Args:
        folder: a folder of checks; one that hands on nothing lacks nothing, as it is no site's.
        found: identifiers that are known to be there.
    """
    if not hands_on(folder):
        return ()
    suite = {each.identifier for each in whole_suite()}
    if missing := suite.difference(found):
        missing -= identifiers_in(folder)
    return tuple(sorted(missing))
