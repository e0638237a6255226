"""Names, addresses and SIDs replaced, consistently within one file; the mapping is never written.

Takes what collect.ps1 writes and what --save-facts writes. The rules are declared here for this
module and for collect.ps1. They name what is left alone: everything else is searched for names,
addresses, SIDs and GUIDs.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from livemigration.addresses import Address
from livemigration.collector.hiding import AddressHiding

REMOVED = "removed by redaction"

# Keys count in any case, as in PowerShell.
NAME_KEYS = (
    "account",
    "active_node",
    "answered_by",
    "answers_as",
    "cluster",
    "collected_on",
    "dns_name",
    "dnshostname",
    "domain",
    "fqdn",
    "managed_hosts",
    "name",
    "service_account",
    "vmm",
)
NUMBERED_KEYS = {
    "elementname": "switch",
    "identifier": "instance",
    "instanceid": "instance",
    "interface": "interface",
    "interfacealias": "interface",
}
# Texts of machines, in their language, and of the inventory: no verdict needs them.
REMOVED_KEYS = ("came_back", "error", "inventory", "inventory_digest", "text")
# Versions look like addresses; the vendor carries the mark of the lab; the rest is the suite's own.
UNTOUCHED_KEYS = (
    "buildnumber",
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
# Windows' own words, which every host has; in any case.
UNTOUCHED_VALUES = (
    "any",
    "clussvc",
    "domain",
    "localsubnet",
    "localsubnet4",
    "localsubnet6",
    "microsoft:usermanaged",
    "microsoft:usermanagedallnetworks",
    "migrationwmi",
    "private",
    "public",
    "scvmmagent",
    "system",
    "virt-migl-in-tcp-noscope",
    "vmms",
)
# .NET writes a named group (?<sid>…); the rest means the same to both.
PATTERN = (
    r"(?P<sid>S-1-[0-9]+(?:-[0-9]+)+)"
    r"|(?P<guid>[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12})"
    r"|(?P<v6>(?<![0-9A-F:.])(?:[0-9A-F]{0,4}:){2,7}"
    r"(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-F]{0,4})(?:/[0-9]{1,3})?)"
    r"|(?P<v4>(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?(?![0-9]))"
)
# A SID of so few numbers after S-1 is well known, such as S-1-5-32-544.
_WELL_KNOWN = 3


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
        self._numbers: dict[str, dict[str, int]] = {}
        self._labels = set(_labels("", document))
        pattern = PATTERN
        # A longer name first: it may hold a shorter one. A name of digits alone is no word.
        words = [each for each in self._labels if re.search(r"[^0-9]", each)]
        if words:
            names = "|".join(re.escape(each) for each in sorted(words, key=len, reverse=True))
            pattern += f"|(?P<name>(?<![0-9A-Z])(?:{names})(?![0-9A-Z]))"
        self._pattern = re.compile(pattern, re.IGNORECASE)

    def value(self, key: str, value: Any) -> Any:
        """Return what takes the place of the value of a key."""
        if isinstance(value, str):
            return self._text(key.casefold(), value)
        if isinstance(value, list):
            return [self.value(key, each) for each in value]
        if isinstance(value, dict):
            return {name: self._member(value, name) for name in value}
        return value

    def _member(self, row: Mapping[str, Any], name: str) -> Any:
        if name == "SubnetNumber" and isinstance(row[name], str) and "PrefixLength" in row:
            whole = self._text("", f"{row[name]}/{row['PrefixLength']}")
            return whole.rpartition("/")[0]
        return self.value(name, row[name])

    def _text(self, key: str, text: str) -> str:
        if not text or key in UNTOUCHED_KEYS or _is_windows_own(text):
            return text
        if key in REMOVED_KEYS:
            return REMOVED
        if key in NUMBERED_KEYS:
            return self._numbered(NUMBERED_KEYS[key], text)
        if key in NAME_KEYS and _address(text) is None:
            parts = text.split(".")
            return ".".join(self._numbered("name", each) if each else "" for each in parts)
        return self._pattern.sub(self._replacement, text)

    def _replacement(self, match: re.Match[str]) -> str:
        found = match.group(0)
        if match.lastgroup == "sid":
            return self._sid(found)
        if match.lastgroup == "guid":
            return f"00000000-0000-0000-0000-{self._number('guid', found):012d}"
        if match.lastgroup == "name":
            return self._numbered("name", found)
        return self._shown(found)

    def _shown(self, text: str) -> str:
        """Return the replacement of an address or subnet; a colon may follow it in a sentence."""
        number, slash, length = text.partition("/")
        address, end = _address(number), ""
        if address is None and number.endswith(":"):
            number, end = number[:-1], ":"
            address = _address(number)
        if address is None:
            return text
        if length and int(length) <= address.max_prefixlen:
            hidden = self._hiding.hide_in_subnet(address, int(length))
        else:
            hidden = self._hiding.hide(address)
        # Windows has spellings of its own, such as ::0, which say nothing about a site.
        shown = number if hidden == address else str(hidden)
        return f"{shown}{end}{slash}{length}"

    def _sid(self, text: str) -> str:
        parts = text.split("-")
        if len(parts) - 2 <= _WELL_KNOWN:
            return text
        return "-".join(parts[:4] + [str(self._number("sid", each)) for each in parts[4:]])

    def _numbered(self, kind: str, text: str) -> str:
        return f"{kind}{self._number(kind, text)}"

    def _number(self, kind: str, text: str) -> int:
        """Return the number of a text: the next one that makes no name of the document."""
        known = self._numbers.setdefault(kind, {})
        number = known.get(text.casefold())
        if number is None:
            number = 1 + max(known.values(), default=0)
            while f"{kind}{number}" in self._labels:
                number += 1
            known[text.casefold()] = number
        return number


def _labels(key: str, value: Any) -> Iterator[str]:
    """Return every part of every name that the document holds."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _labels(name.casefold(), each)
    elif isinstance(value, list):
        for each in value:
            yield from _labels(key, each)
    elif (
        isinstance(value, str)
        and key in NAME_KEYS
        and _address(value) is None
        and not _is_windows_own(value)
    ):
        yield from (each.casefold() for each in value.split(".") if each)


def _is_windows_own(text: str) -> bool:
    return text.casefold() in UNTOUCHED_VALUES


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
