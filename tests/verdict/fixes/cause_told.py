"""A fix, and the cause that it tells."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from fix_rows import ADDRESSES, HOST, SERVER

from livemigration.verdict.findings import Fix
from livemigration.verdict.fixes.script import FixTarget

NOWHERE = "Nothing listens on port 6600"

WORKGROUP = FixTarget(HOST, SERVER, joined=False)

OTHER_SUBNET = ipaddress.ip_network("10.1.8.0/24")

FIRST, SECOND = ADDRESSES


@dataclass(frozen=True)
class Told:
    """How a fix is made, and its cause: parts of its sentences, its word, and all of its values."""

    fix: Callable[[], Fix]
    title: str
    wrong: str
    word: str
    why: str
    values: tuple[tuple[str, str], ...] = ()
