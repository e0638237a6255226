"""Text from hosts and inventories, made safe for a line of PowerShell or of prose."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from livemigration.addresses import listed

# PowerShell takes the typographic single quotes for the straight one.
SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b"

# Control, format (right-to-left marks), surrogate, line and paragraph separator.
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE_CATEGORIES


def quote(text: object) -> str:
    """Return an expression on one line whose value is the text.

    A single-quoted string: PowerShell expands nothing in it. Characters that could end the line or
    disguise it are added by their number.
    """
    parts: list[str] = []
    run = ""
    for character in str(text):
        if _is_unsafe(character):
            parts += [f"'{run}'", *_numbers(character)]
            run = ""
        else:
            run += character * 2 if character in SINGLE_QUOTES else character
    if not parts:
        return f"'{run}'"
    parts.append(f"'{run}'")
    return f"({' + '.join(parts)})"


def _numbers(character: str) -> list[str]:
    """Return the UTF-16 units of a character as PowerShell writes them."""
    raw = character.encode("utf-16-be", "surrogatepass")
    units = (int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2))
    return [f"[char]{unit}" for unit in units]


def quote_list(items: Iterable[object]) -> str:
    """Return a PowerShell array of strings."""
    return f"@({', '.join(quote(item) for item in items)})"


def one_line(text: object, limit: int = 200) -> str:
    """Return text for a sentence: on one line, without control characters, bounded."""
    visible = "".join(" " if _is_unsafe(each) else each for each in str(text))
    joined = " ".join(visible.split())
    return joined if len(joined) <= limit else f"{joined[: limit - 3]}..."


def comment(text: object) -> str:
    """Return a line of PowerShell that does nothing."""
    return f"# {one_line(text, limit=400)}"


def sentence(text: object) -> str:
    """Return text on one line that ends as a sentence does."""
    line = one_line(text, limit=600)
    return line if line.endswith((".", "!", "?")) else f"{line}."


def some(items: Iterable[object], at_most: int = 8) -> str:
    """Return items for a sentence; of very many the first, and how many more there are."""
    texts = [one_line(item) for item in items]
    more = len(texts) - at_most
    return f"{', '.join(texts[:at_most])} and {more} more" if more > 0 else listed(texts)
