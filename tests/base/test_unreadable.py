"""What is said of a file that cannot be read."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from livemigration.base.errors import unreadable


def told(number: int) -> str:
    """Return what is said where the system gives this error."""
    return str(unreadable("prod.yaml", OSError(number, os.strerror(number), "elsewhere")))


def test_what_is_to_be_done_is_said_of_what_the_system_says() -> None:
    assert told(errno.ENOENT) == "prod.yaml: No such file or directory. Correct the path."
    assert told(errno.ENOTDIR) == "prod.yaml: Not a directory. Correct the path."
    assert told(errno.EISDIR) == "prod.yaml: Is a directory. Name a file in it."
    assert told(errno.EACCES) == (
        "prod.yaml: Permission denied. Let the account of this run read it."
    )
    assert told(errno.EIO) == "prod.yaml: Input/output error."


def test_an_error_without_words_is_one_all_the_same() -> None:
    assert str(unreadable(Path("a.json"), OSError())) == "a.json: cannot be read."
