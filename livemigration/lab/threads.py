"""Which items of a script get a thread of their process before the deadline, on the VMM server.

As measured in PowerShell 7.6 with two cores: names are resolved in a pool that begins with as many
threads as there are cores, or as the script asks for, and gains two a second; Test-WSMan runs in a
pool of so many runspaces as the script says. An item without an answer holds its place past the
deadline, and what waits behind it is not begun. Runspaces that load a module on first use race.
Time is reckoned, never waited for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

_GAINED_A_SECOND = 2
_LEAST = re.compile(r"\[Threading\.ThreadPool\]::SetMinThreads\(([0-9]+),")
_WIDEST = re.compile(r"\$widest = ([0-9]+)\n")
_FIXED = re.compile(r"CreateRunspacePool\(1, ([0-9]+)\)")
_PRELOADED = "ImportPSModule([string[]]@('Microsoft.WSMan.Management'))"


def names_begun(text: str, dead: Sequence[bool], cores: int, milliseconds: int) -> list[bool]:
    """Return of each name whether it is looked up in time.

    Args:
        text: the script's own text.
        dead: of each name, whether its lookup gets no answer.
        cores: of the VMM server.
        milliseconds: the deadline.
    """
    asked_for = _LEAST.search(text)
    least = max(cores, int(asked_for[1])) if asked_for else cores
    return _begun(dead, least + _GAINED_A_SECOND * milliseconds // 1000)


def listeners_begun(text: str, dead: Sequence[bool]) -> list[bool]:
    """Return of each listener whether it is asked in time; `dead` as in `names_begun`."""
    width = _WIDEST.search(text) or _FIXED.search(text)
    return _begun(dead, int(width[1]) if width else 1)


def loses_the_race(text: str, listeners: int) -> bool:
    """Whether one listener finds that its runspace has no Test-WSMan yet."""
    return listeners > 1 and _PRELOADED not in text


def _begun(dead: Sequence[bool], places: int) -> list[bool]:
    before = accumulate(dead, initial=0)
    return [taken < places for taken, _ in zip(before, dead, strict=False)]
