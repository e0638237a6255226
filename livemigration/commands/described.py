"""The checks that are known where a command runs, described; and how their words are printed."""

from __future__ import annotations

import sys

from livemigration.base.errors import UsageError
from livemigration.explain.describe import Description, describe
from livemigration.verdict.loader import checks_folder, load_checks

NO_FOLDER = "There is no folder of checks here. Run this where the suite's folder checks/ is."


def say(text: str) -> None:
    """Print a text, whatever the terminal can show."""
    # A site's docstrings may hold what the terminal's code page cannot show.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def described() -> list[Description]:
    """Return the checks of this folder, else the suite's.

    Raises:
        UsageError: there are none here, or they cannot be loaded.
    """
    folder = checks_folder()
    if folder is None:
        raise UsageError(NO_FOLDER)
    return [describe(each) for each in load_checks(folder)]
