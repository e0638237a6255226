"""Everything replaced that may tell of a site, consistently within one file.

Takes what collect.ps1 writes and what --save-facts writes. What stays is declared in `rules`; the
mapping is never written. Equal texts stay equal, addresses that share a subnet still do, and so
every verdict stays.
"""

from __future__ import annotations

import ipaddress
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from livemigration.base.addresses import Address
from livemigration.collector import rules
from livemigration.collector.hiding import AddressHiding

REMOVED = rules.REMOVED

_SID, _GUID, _V4, _ADDRESS, _RANGE, _VMMS_PATH, _VMMS_NAME, _CODE, _WITH_GUIDS, _GUID_IN = (
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rules.SID,
        rules.GUID,
        rules.V4,
        rules.ADDRESS,
        rules.RANGE,
        rules.VMMS_PATH,
        rules.VMMS_NAME,
        rules.CODE,
        rules.WITH_GUIDS,
        rules.GUID_DIGITS,
    )
)
_PATH, _OBJECT, _KEY, _CLASS, _GUEST_DISC, _PLACE, _ACCOUNT = (
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rules.PATH,
        rules.OBJECT_PATH,
        rules.OBJECT_KEY,
        rules.CLASS_NAME,
        rules.GUEST_DISC,
        rules.PLACE,
        rules.ACCOUNT,
    )
)
_FORMS = {key: re.compile(form, re.IGNORECASE) for key, form in rules.FORMS.items()}


def redact(document: Any, key: bytes | None = None) -> Any:
    """Return a document of the same form in which nothing names a site, its people or its machines.

    A range of addresses becomes the subnets that it is made of: only those stay congruent.

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
        self._addresses = set(_addresses("", document))

    def value(self, key: str, value: Any) -> Any:
        """Return what takes the place of the value of a key."""
        if isinstance(value, str):
            return self._text(key.casefold(), value)
        if isinstance(value, list):
            return [hidden for each in value for hidden in self._element(key, each)]
        if _is_wrapped(value):
            return {**value, "value": self.value(key, value["value"])}
        if isinstance(value, dict):
            return {name: self._member(value, name) for name in value}
        return value

    def _element(self, key: str, value: Any) -> Iterator[Any]:
        if not isinstance(value, str) or key.casefold() in rules.REMOVED_KEYS:
            yield self.value(key, value)
            return
        for each in subnets_of_range(value):
            yield self._text(key.casefold(), each)

    def _member(self, row: Mapping[str, Any], name: str) -> Any:
        if name == "SubnetNumber" and isinstance(row[name], str) and "PrefixLength" in row:
            whole = self._text("", f"{row[name]}/{row['PrefixLength']}")
            return whole.rpartition("/")[0] or whole
        if name == "Name" and any(each in row for each in rules.OF_ADAPTERS):
            return self.value("InterfaceAlias", row[name])
        return self.value(name, row[name])

    def _text(self, key: str, text: str) -> str:
        if not text.strip():
            return text
        if key in rules.REMOVED_KEYS:
            return _without_words(text)
        if _stays(key, text) and not self._tells_address(key, text):
            return text
        return self._of_known_form(text) or self._placeholder(key, text)

    def _tells_address(self, key: str, text: str) -> bool:
        """Whether a version is, or has in it, what is an address elsewhere in the document."""
        return key in rules.VERSION_KEYS and not self._addresses.isdisjoint(_addresses_in(text))

    def _placeholder(self, key: str, text: str) -> str:
        for keys, hide in (
            (rules.PROGRAM_KEYS, self._program),
            (rules.PATH_KEYS, self._path),
            (rules.PLACE_KEYS, self._place),
            (rules.ACCOUNT_KEYS, self._account),
        ):
            if key in keys:
                return hide(text)
        if key in rules.NUMBERED_KEYS:
            kind = rules.NUMBERED_KEYS[key]
            return ";".join(self._instance(kind, each) for each in text.split(";"))
        if key in rules.NAME_KEYS:
            return self._name(text)
        return self._numbered("text", text)

    def _name(self, text: str) -> str:
        return ".".join(map(self._label, text.split(".")))

    def _place(self, text: str) -> str:
        """Return where a node stands: in a place of the same kind, which may be none."""
        found = _PLACE.fullmatch(text.strip())
        if found is None:
            return self._numbered("text", text)
        place = found[2].strip()
        return found[1] + (self._numbered("place", place) if place else "")

    def _account(self, text: str) -> str:
        """Return an account of the same kind: of an authority of Windows, a domain, or nothing."""
        found = _ACCOUNT.fullmatch(text.strip())
        if found is None:
            return self._numbered("text", text)
        begins, domain, account = found.groups()
        if domain:
            begins += self._numbered("domain", domain) + "\\"
        return begins + (self._of_known_form(account) or self._numbered("account", account))

    def _instance(self, kind: str, text: str) -> str:
        if not text.strip():
            return text
        known = self._of_known_form(text.strip()) or self._with_guids(text.strip())
        bare = text.strip().strip("{}") or text.strip()
        return known or text.strip().replace(bare, self._numbered(kind, bare))

    def _with_guids(self, text: str) -> str | None:
        """Return the replacement of an InstanceID or a volume, which names what it belongs to."""
        if _WITH_GUIDS.fullmatch(text) is None:
            return None
        return _GUID_IN.sub(lambda found: self._of_known_form(found[0]) or "", text)

    def _of_known_form(self, text: str) -> str | None:
        """Return the replacement of a SID, a GUID, an address or a subnet; None: it is none."""
        if _SID.fullmatch(text):
            return self._sid(text)
        guid = _GUID.fullmatch(text)
        if guid is not None:
            number = self._number("guid", guid.group(2))
            return f"{guid.group(1)}00000000-0000-0000-0000-{number:012d}{guid.group(3)}"
        found = _ADDRESS.fullmatch(text)
        return self._shown(found) if found is not None else None

    def _shown(self, found: re.Match[str]) -> str | None:
        """Return the replacement of an address or subnet, in the spelling that it has."""
        before, number, zone, between, rest, after = (each or "" for each in found.groups())
        address = _address(number)
        if address is None:
            return None
        length = _prefix_length(address, rest)
        if length is None:
            hidden = self._hiding.hide(address)
        else:
            hidden = self._hiding.hide_in_subnet(address, length)
        # Windows has spellings of its own, such as ::0, which say nothing about a site.
        shown = number if hidden == address else str(hidden)
        return f"{before}{shown}{zone}{between}{rest}{after}"

    def _program(self, text: str) -> str:
        if _VMMS_PATH.fullmatch(text.strip()):
            return text
        number = self._number("program", text)
        end = "\\vmms.exe" if _VMMS_NAME.fullmatch(text.strip()) else ".exe"
        return f"program{number}{end}"

    def _path(self, text: str) -> str:
        """Return a path of the same kind: to the same volume, the same share or the same object."""
        if _GUEST_DISC.fullmatch(text.strip()):
            return text
        if (found := _OBJECT.fullmatch(text.strip())) is not None:
            keys = (f'{name}="{self._key(name, value)}"' for name, value in _KEY.findall(found[2]))
            return f"{found[1]}.{','.join(keys)}"
        root, rest, extension = _PATH.fullmatch(text.strip()).groups()  # type: ignore[union-attr]  # any text is one
        kinds = rules.PIECES_OF_PATHS.get(root[-2:].casefold(), ("path",))
        pieces = zip(kinds, rest.split("\\", len(kinds) - 1), strict=False)
        return root + "\\".join(self._piece(kind, each) for kind, each in pieces) + extension

    def _piece(self, kind: str, text: str) -> str:
        if kind == "server":
            return self._of_known_form(text) or self._name(text)
        return self._numbered(kind, text) if text else text

    def _key(self, name: str, text: str) -> str:
        """Return what stands for the key of an object; the name of a class is everybody's."""
        if _CLASS.fullmatch(text):
            return text
        if name.casefold() in rules.NAME_KEYS:
            return self._of_known_form(text) or self._name(text)
        return self._of_known_form(text) or self._numbered("key", text)

    def _label(self, text: str) -> str:
        """Return what stands for one part of a name; its NetBIOS form is still its beginning."""
        if not text or text.casefold() in rules.NAME_WORDS:
            return text
        if len(text) < rules.NETBIOS:
            return self._numbered("name", text)
        number = str(self._number("name", text[: rules.NETBIOS]))
        begins = "name".ljust(rules.NETBIOS - len(number), "x") + number
        rest = text[rules.NETBIOS :]
        return f"{begins}{self._number(begins, rest)}" if rest else begins

    def _sid(self, text: str) -> str:
        parts = text.split("-")
        if len(parts) - 2 <= rules.WELL_KNOWN:
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


def subnets_of_range(text: str) -> tuple[str, ...]:
    """Return the subnets that a range of addresses is made of; the text itself where it is none."""
    bounds = _range(text)
    if bounds is None:
        return (text,)
    return tuple(str(each) for each in ipaddress.summarize_address_range(*bounds))


def _without_words(text: str) -> str:
    """Return nothing of a sentence but the codes in it, which are Windows' own."""
    codes = ", ".join(dict.fromkeys(_CODE.findall(text)))
    return f"{REMOVED} ({codes})" if codes else REMOVED


def _labels(key: str, value: Any) -> Iterator[str]:
    """Return every part of every name that the document holds."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _labels(name.casefold(), each)
    elif isinstance(value, list):
        for each in value:
            yield from _labels(key, each)
    elif isinstance(value, str) and key in rules.NAME_KEYS:
        yield from (each.casefold() for each in value.split(".") if each)


def _addresses(key: str, value: Any) -> Iterator[Address]:
    """Return every IPv4 address in a text of the document, but for what may be a version."""
    if _is_wrapped(value):
        yield from _addresses(key, value["value"])
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _addresses(name.casefold(), each)
    elif isinstance(value, list):
        for each in value:
            yield from _addresses(key, each)
    elif isinstance(value, str) and key not in rules.VERSION_KEYS:
        yield from _addresses_in(value)


def _addresses_in(text: str) -> Iterator[Address]:
    found = (_address(each) for each in _V4.findall(text))
    return (each for each in found if each is not None)


def _is_wrapped(value: Any) -> bool:
    """Whether a value is an array, as Windows PowerShell writes some."""
    return (
        isinstance(value, dict)
        and value.keys() == {"value", "Count"}
        and isinstance(value["Count"], int)
    )


def _stays(key: str, text: str) -> bool:
    """Whether a text is a word that everybody has, or has the harmless form of its key."""
    words = rules.NAME_WORDS if key in rules.NAME_KEYS else rules.UNTOUCHED_VALUES
    form = _FORMS.get(key)
    return text.strip().casefold() in words or (
        form is not None and form.fullmatch(text) is not None
    )


def _range(text: str) -> tuple[Any, Any] | None:
    """Return the ends of a range of addresses, from low to high; None: it is none."""
    found = _RANGE.fullmatch(text)
    if found is None:
        return None
    first, last = (_address(each) for each in found.groups())
    if first is None or last is None or first.version != last.version or int(first) > int(last):
        return None
    return first, last


def _prefix_length(address: Address, rest: str) -> int | None:
    """Return the length that a slash or a mask gives; None: neither gives one."""
    try:
        return ipaddress.ip_network(f"{address}{rest}", strict=False).prefixlen if rest else None
    except ValueError:
        return None


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
