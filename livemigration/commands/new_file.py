"""Files that a command writes only where there is none yet."""

from __future__ import annotations

from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.base.files import is_taken
from livemigration.base.packed import write_texts
from livemigration.commands.paths import not_written


def new_file(name: str) -> Path:
    """Return the path of a new file.

    Raises:
        UsageError: there is one of that name.
    """
    path = Path(name)
    if is_taken(path):
        raise UsageError(f"{path} is there already: name a new file.")
    return path


def write_new(path: Path, text: str) -> None:
    """Write it, compressed where its name says so.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        write_texts(path, (text,))
    except OSError as error:
        raise not_written(path, error) from None
