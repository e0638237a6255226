"""Names of hosts as a reader needs them: short where all share a domain, or none where all do."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

# Stands in a text that holds for several hosts where the name of each would stand.
ANY_HOST = "<host>"


class Names:
    """How machines are called on a page; `short` is the first label where that tells them apart."""

    def __init__(self, names: Iterable[str]) -> None:
        known = tuple(dict.fromkeys(names))
        labels = {name: name.partition(".")[0] for name in known}
        domains = {name.partition(".")[2].casefold() for name in known}
        unique = len({label.casefold() for label in labels.values()}) == len(known)
        shares = len(domains) == 1 and not any(_is_address(name) for name in known)
        self._short = labels if shares and unique else {}

    def short(self, name: str) -> str:
        """Return the name by which a reader knows the machine."""
        return self._short.get(name, name)


def without_name(text: str, name: str) -> str:
    """Return a text with `ANY_HOST` in place of a host's name: equal for hosts of one cause."""
    if name not in text:
        return text
    return _whole(name).sub(lambda _: ANY_HOST, text)


def with_name(text: str, name: str) -> str:
    """Return a text that was made without a name, with this one."""
    return text.replace(ANY_HOST, name)


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\w)")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
