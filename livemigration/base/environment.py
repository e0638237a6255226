"""The environment of the programs that the suite starts: without anybody's password."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

# What the suite itself reads passwords and tokens from, unless an inventory names others.
_OWN = re.compile(r"LIVEMIGRATION_(?:[A-Z0-9]+_)*(?:PASSWORD|PASSPHRASE|TOKEN)")


def for_children(passwords: Iterable[str] = ()) -> dict[str, str]:
    """Return this process's environment without the variables that hold passwords.

    Args:
        passwords: the names of those that an inventory has; the suite's own are known.
    """
    named = set(passwords)
    return {
        name: value
        for name, value in os.environ.items()
        if name not in named and not _OWN.fullmatch(name)
    }
