"""Names of groups from what others call theirs: paths of VMM, clusters, groups of Ansible."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from livemigration.inventory.names import composed, group_name

_LONGEST = 63
_MARK = 8
# What VMM puts between the groups of a path.
_BETWEEN = "\\"
_RUNS = re.compile(r"-{2,}")


def name_from(text: str) -> str | None:
    """Return the nearest name that a group of an inventory may have; None: there is none.

    What may not stand in one becomes a hyphen. A name that is too long keeps its beginning, and
    gets a mark of its own, so that no two become one.
    """
    given = composed(text.strip())
    try:
        return group_name(given)
    except ValueError:
        pass
    kept = "".join(each if each.isalnum() or each in "._-" else "-" for each in given)
    kept = _RUNS.sub("-", kept).strip("-._")
    if len(kept) > _LONGEST:
        mark = hashlib.sha256(given.encode("utf-8", "replace")).hexdigest()[:_MARK]
        kept = f"{kept[: _LONGEST - _MARK - 1]}-{mark}"
    try:
        return group_name(kept)
    except ValueError:
        return None


def of_path(path: str | None) -> tuple[str, ...]:
    """Return the groups of a host by the path of its host group: each with those above it.

    The root is that of every host, and is left out: below All Hosts, Production in Amsterdam is
    Amsterdam and Amsterdam.Production.
    """
    parts = [each.strip() for each in (path or "").split(_BETWEEN)][1:]
    named = [each for each in parts if each]
    found = (name_from(".".join(named[: number + 1])) for number in range(len(named)))
    return unique(each for each in found if each is not None)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Return names in their order, each once in any case."""
    found: dict[str, str] = {}
    for each in names:
        found.setdefault(each.casefold(), each)
    return tuple(found.values())


def clashes(names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return each pair of different names that come to one group of an inventory."""
    first: dict[str, str] = {}
    found = []
    for each in dict.fromkeys(names):
        known = first.setdefault((name_from(each) or "").casefold(), each)
        if composed(known).casefold() != composed(each).casefold():
            found.append((known, each))
    return tuple(found)
