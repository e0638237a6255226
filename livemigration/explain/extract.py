"""Finds codes: in one argument that is nothing but a code, or in a text that somebody pasted.

In a text only what is marked counts: a result code by its form, a small number by the word before
it. So dates, addresses, versions, ports and GUIDs are not taken for codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from livemigration.explain import words
from livemigration.explain.catalogue import lookup, named, phrased
from livemigration.explain.entry import Entry, Kind, canonical, is_failure_code, unsigned

SMALL = (Kind.WIN32, Kind.VMM, Kind.EVENT, Kind.METHOD, Kind.ARTICLE)


@dataclass(frozen=True)
class Found:
    """A code in what was given: as it is written there, and what the catalogue has for it.

    `number` is a 32-bit code where `entries` is empty and `kinds` says what it could be.
    """

    spelling: str
    number: int | None
    kinds: tuple[Kind, ...]
    entries: tuple[Entry, ...]

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two findings the same code."""
        return tuple((e.kind, e.number, e.names) for e in self.entries) or (self.number,)


def _of(spelling: str, number: int, kinds: tuple[Kind, ...]) -> Found:
    return Found(spelling, number, kinds, lookup(number, kinds))


def _windows(spelling: str, number: int) -> Found:
    kind, plain = canonical(number)
    return Found(spelling, number, (kind,), lookup(plain, (kind,)))


_HEX = re.compile(r"[0o]x([0-9a-f]{1,8})", re.IGNORECASE)
_BARE_HEX = re.compile(r"[8c][0-9a-f]{7}", re.IGNORECASE)
_DECIMAL = re.compile(r"[-\u2212]?[0-9]{1,10}")


def alone(text: str) -> Found | None:
    """Return the code that a whole argument is, or None where it is something else."""
    plain = text.strip().strip("\"'()[].,;:").replace("\u2212", "-")
    if match := _HEX.fullmatch(plain):
        return _windows(plain, int(match.group(1), 16))
    if _BARE_HEX.fullmatch(plain):
        return _windows(plain, int(plain, 16))
    if _DECIMAL.fullmatch(plain):
        return _decimal(plain)
    entry = named(plain)
    return Found(plain, entry.number, (entry.kind,), (entry,)) if entry is not None else None


def _decimal(plain: str) -> Found | None:
    number = unsigned(int(plain))
    if not 0 <= number < 1 << 32:
        return None
    if number >= 1 << 31:
        return _windows(plain, number)
    return _of(plain, number, SMALL)


# Each part is bounded, so that no text however odd takes long. PowerShell pads names with spaces.
_GAP = (
    rf"(?:[\s\-_/.:]{{0,3}}(?:{'|'.join(words.LABEL)}))?"
    r"[\s\u00a0]{0,30}[:=#\uff1a]?[\s\u00a0]{0,3}[\(\[\"'\uff08]{0,2}"
)
# What follows a number that is part of a date, an address, a version or a larger number.
_END = (
    r"(?![0-9A-Za-z_]|[.,:/\-][0-9A-Za-z]|"
    r"\.?[ \u00a0]{1,3}(?:de[ \u00a0])?[^\W\d_]{3,20}\.?,?[ \u00a0]{1,3}(?:de[ \u00a0])?[0-9]{4})"
)
_START = r"(?<![0-9A-Za-z_])(?<![0-9]\.)"


def _marked(marks: tuple[str, ...]) -> re.Pattern[str]:
    word = rf"(?:{'|'.join(marks)})[^\W\d_]{{0,3}}"
    return re.compile(rf"{word}{_GAP}([0-9]{{1,5}}){_END}", re.IGNORECASE)


def _result(match: re.Match[str]) -> Found | None:
    number = unsigned(int(match.group(1).replace("\u2212", "-")))
    return _windows(match.group(1), number) if is_failure_code(number) else None


def _hexadecimal(match: re.Match[str]) -> Found | None:
    number = int(match.group(1), 16)
    return _windows(match.group(0), number) if number else None


def _error(match: re.Match[str]) -> Found:
    number = int(match.group(1))
    # The return values below 4096 are those of another form, and are never called errors.
    kinds = (Kind.WIN32, Kind.VMM) if number < 4096 else (Kind.WIN32, Kind.VMM, Kind.METHOD)
    return _of(match.group(0), number, kinds)


def _event(match: re.Match[str]) -> Found:
    return _of(match.group(0), int(match.group(1)), (Kind.EVENT,))


def _vmm(match: re.Match[str]) -> Found | None:
    # "VMM 2012" and "VMM 2022" are releases.
    found = _of(match.group(0), int(match.group(1)), (Kind.VMM,))
    return found if found.entries else None


def _article(match: re.Match[str]) -> Found | None:
    found = _of(match.group(0), int(match.group(1)), (Kind.ARTICLE,))
    return found if found.entries else None


def _returned(match: re.Match[str]) -> Found | None:
    number = int(match.group(1))
    return _of(match.group(0), number, (Kind.METHOD,)) if number else None


def _symbol(match: re.Match[str]) -> Found | None:
    entry = named(match.group(0))
    return Found(match.group(0), entry.number, (entry.kind,), (entry,)) if entry else None


_TAIL = r"(?![0-9A-Za-z_]|[.,:/\-][0-9])"
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Found | None]], ...] = (
    (
        re.compile(rf"{_START}[0o]x([0-9a-f]{{1,8}})(?![0-9A-Za-z_])", re.IGNORECASE),
        _hexadecimal,
    ),
    (re.compile(rf"(?<![0-9A-Za-z_./\-])([-\u2212][0-9]{{9,10}}){_TAIL}"), _result),
    (re.compile(rf"(?<![0-9A-Za-z_./\-+,])([0-9]{{10}}){_TAIL}"), _result),
    (_marked(words.ERROR), _error),
    (_marked(words.EVENT), _event),
    (re.compile(r"<EventID\b[^>]{0,80}>([0-9]{1,5})</EventID>"), _event),
    (re.compile(rf"\bVMM[\s\u00a0:#(\-]{{1,3}}([0-9]{{1,5}}){_END}", re.IGNORECASE), _vmm),
    (
        re.compile(
            r"(?<![0-9A-Za-z_])KB(?![A-Za-z])[^\d\n<>]{0,24}([0-9]{6,7})(?![0-9])", re.IGNORECASE
        ),
        _article,
    ),
    (_marked(words.RETURNED), _returned),
    (re.compile(r"(?<![0-9A-Za-z_])[A-Z][A-Z0-9_]{7,60}(?![0-9A-Za-z_])"), _symbol),
)


def inside(text: str) -> tuple[Found, ...]:
    """Return the codes in a text, in their order, each once."""
    placed = sorted(_places(text), key=lambda each: each[0])
    by_identity: dict[tuple[object, ...], Found] = {}
    for _, found in placed:
        by_identity.setdefault(found.identity, found)
    return tuple(by_identity.values())


def _places(text: str) -> Iterator[tuple[int, Found]]:
    for pattern, read in _PATTERNS:
        for match in pattern.finditer(text):
            if (found := read(match)) is not None:
                yield match.start(), found
    for place, entry in phrased(" ".join(text.split())):
        yield place, Found(entry.names[0] if entry.names else "", None, (entry.kind,), (entry,))
