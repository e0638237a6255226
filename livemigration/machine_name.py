"""Names and addresses of machines, as people write them into an inventory."""

from __future__ import annotations

import ipaddress
import re

# A label of a DNS name; NetBIOS names may have underscores (RFC 1123 section 2.1 has none).
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_LONGEST = 253
_DOTTED = re.compile(r"[0-9.]+")
_WITH_PORT = re.compile(r"(.*[^:]):[0-9]+")


def machine_name(text: str) -> str:
    """Return the name or IP address of a machine, unchanged.

    Raises:
        ValueError: it is neither; the message says what would be right.
    """
    if _is_address(text):
        return text
    shown = repr(text[:60])
    if _DOTTED.fullmatch(text):
        raise ValueError(f"{shown} is not an IP address. Write four numbers from 0 to 255.")
    if found := _WITH_PORT.fullmatch(text):
        raise ValueError(
            f"{shown} has a port. Write {found.group(1)[:60]!r}, and the port under connection."
        )
    labels = text.split(".")
    if len(text) > _LONGEST or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(
            f"{shown} is not a machine's name. Write its fully qualified name, such as "
            "hv01.contoso.com."
        )
    return text


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return address.version == 4 or "%" not in text
