"""Names of machines and of groups, as every later step can carry them.

A machine's name goes into DNS questions, URLs, PowerShell and the id of a test; a group's name goes
into options, files and reports only, so it may be written in any language.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AfterValidator

_LONGEST = 253
_LONGEST_GROUP = 63
# Underscores are no part of a host's name by RFC 1123, and Windows takes them (with a warning).
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")
_NUMBERS = re.compile(r"[0-9.]+")
_BETWEEN = "._-"


def machine_name(text: str) -> str:
    """Return a machine's name or address as it is.

    Raises:
        ValueError: it is none; the text says what would be.
    """
    if is_address(text) or _is_dns_name(text):
        return text
    if _NUMBERS.fullmatch(text) or ":" in text:
        raise ValueError(
            f"{text[:60]!r} is neither a name nor an IP address. Write the name alone, such as "
            "hv01.contoso.com, or an address such as 10.0.0.11; ports stand under connection."
        )
    raise ValueError(
        f"{text[:60]!r} is not a machine's name. Write its fully qualified name, such as "
        f"hv01.contoso.com.{_in_ascii(text)}"
    )


def group_name(text: str) -> str:
    """Return a group's name in Unicode's composed form, so that two spellings of it are one.

    Raises:
        ValueError: it is none; the text says what would be.
    """
    name = composed(text)
    fits = 0 < len(name) <= _LONGEST_GROUP and name[:1].isalnum()
    if not (fits and all(each in _BETWEEN or _in_word(each) for each in name)):
        raise ValueError(
            f"{text[:60]!r} is not a group's name. Use letters, digits, dots and hyphens, at most "
            f"{_LONGEST_GROUP}, and begin with a letter or a digit."
        )
    return name


def given_names(texts: Iterable[str]) -> Iterator[str]:
    """Yield the names, or patterns of names, of an option: repeated, or separated by commas."""
    return (each.strip() for text in texts for each in text.split(",") if each.strip())


def composed(text: str) -> str:
    """Return a text in Unicode's composed form (NFC)."""
    return unicodedata.normalize("NFC", text)


MachineName = Annotated[str, AfterValidator(machine_name)]
GroupName = Annotated[str, AfterValidator(group_name)]


def is_full_name(text: str) -> bool:
    """Whether a text is a machine's name with a domain; an address is none."""
    return "." in text and not is_address(text) and _is_dns_name(text)


def is_address(text: str) -> bool:
    """Whether a text is an IP address without a scope."""
    try:
        return ipaddress.ip_address(text) is not None and "%" not in text
    except ValueError:
        return False


def _is_dns_name(text: str) -> bool:
    if len(text) > _LONGEST or _NUMBERS.fullmatch(text):
        return False
    return all(_LABEL.fullmatch(each) for each in text.split("."))


def _in_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"


def _in_ascii(text: str) -> str:
    """Return how DNS has a name in other letters, as a sentence; empty where it has none."""
    if text.isascii():
        return ""
    try:
        found = composed(text).encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return f" DNS may have it as {found}." if _is_dns_name(found) else ""
