"""Names, addresses and SIDs replaced, consistently within one file; the mapping is never written.

Takes what collect.ps1 writes and what --save-facts writes. The rules are declared here for both
this module and collect.ps1. They name what is left alone: what no rule knows is searched for
names, addresses, SIDs and GUIDs.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from livemigration.addresses import Address
from livemigration.collector.hiding import AddressHiding

REMOVED = "removed by redaction"

# Texts of machines, in their language, and of the inventory: no verdict needs them.
REMOVED_KEYS = ("came_back", "error", "inventory", "inventory_digest", "text")
NAME_KEYS = ("cluster", "collected_on", "domain", "fqdn", "name")
NUMBERED_KEYS = {
    "InstanceID": "instance",
    "InterfaceAlias": "interface",
    "interface": "interface",
}
# Versions look like addresses; the vendor carries the mark of the lab.
UNTOUCHED_KEYS = (
    "BuildNumber",
    "Caption",
    "Version",
    "caption",
    "collected",
    "format",
    "gathered",
    "group",
    "kind",
    "product_vendor",
    "product_version",
    "registry",
    "root",
    "server",
    "suite_version",
    "vantage",
    "vendor",
    "version",
)
# Windows' own words, which every host has.
UNTOUCHED_VALUES = (
    "ClusSvc",
    "Microsoft:UserManaged",
    "Microsoft:UserManagedAllNetworks",
    "SCVMMAgent",
    "migrationwmi",
    "vmms",
)
# For .NET and for Python. An unusable match is left as it is.
PATTERN = "|".join(
    (
        r"(?<sid>S-1-[0-9]+(?:-[0-9]+)+)",
        r"(?<guid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})",
        r"(?<v6>(?<![0-9A-Za-z:.])(?:[0-9A-Fa-f]{0,4}:){2,7}"
        r"(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]{0,4})(?:/[0-9]{1,3})?)",
        r"(?<v4>(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?(?![0-9]))",
    )
)
_NEVER = "(?!)"
_SHORTEST_SID = 3


def redact(document: Any, key: bytes | None = None) -> Any:
    """Return a document of the same form without its names, addresses and SIDs.

    Args:
        document: the JSON of a facts file or of a collector's file.
        key: decides what takes the place of each address; random where it is not given.
    """
    return _Redaction(document, key or secrets.token_bytes(32)).value("", document)


class _Redaction:
    def __init__(self, document: Any, key: bytes) -> None:
        self._hiding = AddressHiding(key)
        self._numbered: dict[tuple[str, str], str] = {}
        self._labels = set(_labels("", document))
        # A longer name first: it may hold a shorter one.
        known = sorted(self._labels, key=len, reverse=True)
        names = "|".join(re.escape(each) for each in known if re.search("[^0-9]", each)) or _NEVER
        python = PATTERN.replace("(?<sid>", "(?P<sid>").replace("(?<guid>", "(?P<guid>")
        python = python.replace("(?<v6>", "(?P<v6>").replace("(?<v4>", "(?P<v4>")
        self._pattern = re.compile(
            f"{python}|(?P<name>(?<![0-9A-Za-z])(?:{names})(?![0-9A-Za-z]))", re.IGNORECASE
        )

    def value(self, key: str, value: Any) -> Any:
        """Return what takes the place of the value of a key."""
        if isinstance(value, str):
            return self._text(key, value)
        if isinstance(value, list):
            return [self.value(key, each) for each in value]
        if isinstance(value, dict):
            return {name: self._member(value, name) for name in value}
        return value

    def _member(self, row: Mapping[str, Any], name: str) -> Any:
        if name == "SubnetNumber" and isinstance(row[name], str) and "PrefixLength" in row:
            whole = self._text(name, f"{row[name]}/{row['PrefixLength']}")
            return whole.rpartition("/")[0]
        return self.value(name, row[name])

    def _text(self, key: str, text: str) -> str:
        if not text or key in UNTOUCHED_KEYS or _is_windows_own(text):
            return text
        if key in REMOVED_KEYS:
            return REMOVED
        if key in NUMBERED_KEYS:
            return self._number(NUMBERED_KEYS[key], text)
        if key in NAME_KEYS and _address(text) is None:
            return ".".join(self._number("name", each) if each else "" for each in text.split("."))
        return self._pattern.sub(self._replacement, text)

    def _replacement(self, match: re.Match[str]) -> str:
        found = match.group(0)
        rules: dict[str | None, Callable[[str], str]] = {
            "sid": self._sid,
            "guid": lambda text: f"00000000-0000-0000-0000-{self._count('guid', text):012d}",
            "v4": self._address,
            "v6": self._address,
            "name": lambda text: self._number("name", text),
        }
        return rules[match.lastgroup](found)

    def _address(self, text: str) -> str:
        whole, colon = (text, "") if _is_address(text) else (text.removesuffix(":"), ":")
        number, slash, length = whole.partition("/")
        address = _address(number)
        if address is None:
            return text
        if slash and int(length) <= address.max_prefixlen:
            hidden = self._hiding.hide_in_subnet(address, int(length))
        else:
            hidden = self._hiding.hide(address)
        # Windows has spellings of its own, such as ::0, which say nothing about a site.
        shown = number if hidden == address else str(hidden)
        return f"{shown}{slash}{length}{colon if whole != text else ''}"

    def _sid(self, text: str) -> str:
        parts = text.split("-")
        if len(parts) - 2 <= _SHORTEST_SID:
            return text
        hidden = [str(self._count("sid", each)) for each in parts[4:]]
        return "-".join([*parts[:4], *hidden])

    def _number(self, kind: str, text: str) -> str:
        taken = f"{kind}{self._count(kind, text)}"
        while kind == "name" and taken in self._labels:
            del self._numbered[(kind, text.casefold())]
            self._numbered[(kind, f"\0{taken}")] = taken
            taken = f"{kind}{self._count(kind, text)}"
        return taken

    def _count(self, kind: str, text: str) -> int:
        known = self._numbered.get((kind, text.casefold()))
        if known is None:
            known = str(1 + sum(1 for each, _ in self._numbered if each == kind))
            self._numbered[(kind, text.casefold())] = known
        return int(known)


def _labels(key: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _labels(name, each)
    elif isinstance(value, list):
        for each in value:
            yield from _labels(key, each)
    elif isinstance(value, str) and key in NAME_KEYS and _address(value) is None:
        if not _is_windows_own(value):
            yield from (each.casefold() for each in value.split(".") if each)


def _is_windows_own(text: str) -> bool:
    return text.casefold() in {each.casefold() for each in UNTOUCHED_VALUES}


def _is_address(text: str) -> bool:
    return _address(text.partition("/")[0]) is not None


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
