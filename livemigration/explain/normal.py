"""Pasted text in one form: decoded, with plain digits and blanks, and codes that a line break cut.

What copying does to a text is undone here, so that the patterns that look for codes stay simple.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

_BLANKS = dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " ")
# Marks without a width: soft hyphens, joiners, directions, byte order marks.
_NOTHING = dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF))
_DASHES = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xFE63), "-")
_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}
_FULL_WIDTH = {0xFF01 + at: chr(0x21 + at) for at in range(94)}
_SAME = {**_BLANKS, **_NOTHING, **_DASHES, **_QUOTES, **_FULL_WIDTH}

_BREAK = r"[ \t]{0,8}\r?\n[ \t>|]{0,12}"
_CUT_HEXADECIMAL = re.compile(
    rf"(?<![0-9A-Za-z_])([0o]x)((?:{_BREAK})?)([0-9a-fo]{{0,7}})((?:{_BREAK})?)([0-9a-fo]{{1,8}})"
    r"(?![0-9A-Za-z_])",
    re.IGNORECASE,
)
_CUT_DECIMAL = re.compile(
    rf"(?<![0-9A-Za-z_./\-])(-[0-9]{{1,9}}){_BREAK}([0-9]{{1,9}})(?![0-9A-Za-z_]|[.,:/\-][0-9])"
)
_SPACED = re.compile(
    r"(?<![0-9A-Za-z_])([0o]x)[ _]?([0-9a-fo]{4})[ _]?([0-9a-fo]{4})(?![0-9A-Za-z_])", re.IGNORECASE
)
# Signed 32-bit numbers below -1 000 000 000 have ten digits.
_DIGITS_OF_A_RESULT = 10


def decoded(data: bytes) -> str:
    """Return the text of pasted bytes: UTF-8, UTF-16 with or without its mark, or a code page."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    start = data[:4096]
    if start[1::2].count(0) * 2 > len(start[1::2]):
        return data.decode("utf-16-le", "replace")
    if start[::2].count(0) * 2 > len(start[::2]):
        return data.decode("utf-16-be", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Codes are ASCII in each code page of Windows; which one it was does not matter.
        return data.decode("cp1252", "replace")


def plain(text: str) -> str:
    """Return a text with ASCII digits, blanks and punctuation, and with cut codes joined."""
    if not text.isascii():
        text = text.translate({**_SAME, **_digits(text)})
    text = _CUT_HEXADECIMAL.sub(_join_hexadecimal, text)
    text = _CUT_DECIMAL.sub(_join_decimal, text)
    return _SPACED.sub(r"\1\2\3", text)


def _digits(text: str) -> dict[int, str]:
    """Return the ASCII digit of each other decimal digit in a text: full-width, Arabic, ..."""
    return {
        ord(each): str(unicodedata.decimal(each))
        for each in set(text)
        if not each.isascii() and each.isdecimal()
    }


def _join_hexadecimal(match: re.Match[str]) -> str:
    prefix, first_break, head, second_break, tail = match.groups()
    whole = len(head) + len(tail) == 8
    return f"{prefix}{head}{tail}" if whole and (first_break or second_break) else match.group()


def _join_decimal(match: re.Match[str]) -> str:
    head, tail = match.groups()
    whole = len(head) - 1 + len(tail) == _DIGITS_OF_A_RESULT
    return head + tail if whole else match.group()


def folded(text: str) -> str:
    """Return a text for the search of sentences: small letters, single blanks, words unshortened.

    Microsoft's articles print "doesn't" where Windows prints "does not".
    """
    small = " ".join(re.sub(r"(?m)^[ \t]*[>|]+", " ", text).split()).casefold()
    return small.replace("can't", "cannot").replace("n't", " not").replace('"', "'")
