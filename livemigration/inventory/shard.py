"""One part of an inventory's hosts, of several that are run apart and joined afterwards."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from livemigration.base.errors import UsageError

_MOST = 1000
_FORM = re.compile(r"([0-9]{1,4})/([0-9]{1,4})", re.ASCII)


@dataclass(frozen=True, order=True)
class Shard:
    """The `number`-th of `of` parts. Which part a host is in follows from its name alone.

    So a host that is added moves no other, and every machine that runs a part agrees on it.
    """

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def holds(self, host: str) -> bool:
        """Whether a host is in this part."""
        return number_of(host, self.of) == self.number


def number_of(host: str, parts: int) -> int:
    """Return in which of so many parts a host is, from 1."""
    digest = hashlib.sha256(host.casefold().encode()).digest()
    return int.from_bytes(digest[:8], "big") % parts + 1


def shard_of(text: str) -> Shard:
    """Return the part that a text such as `3/8` names.

    Raises:
        UsageError: it names none.
    """
    found = _FORM.fullmatch(text.strip())
    shard = Shard(int(found[1]), int(found[2])) if found else Shard(0, 0)
    if not 1 <= shard.number <= shard.of <= _MOST:
        raise UsageError(
            f"--shard {text[:60]}: not a part of the hosts. Write its number and how many there "
            f"are, such as 3/8; {_MOST} at most."
        )
    return shard
