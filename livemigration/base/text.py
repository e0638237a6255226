"""Words of sentences: text from hosts on one line, lists and numbers."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from itertools import islice

# Control, format (right-to-left marks), surrogate, line and paragraph separator.
_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def is_unsafe(character: str) -> bool:
    """Whether a character could end a line, or disguise it."""
    return unicodedata.category(character) in _UNSAFE_CATEGORIES


def one_line(text: object, limit: int = 300) -> str:
    """Return text for a sentence: on one line, without control characters, bounded."""
    visible = str(text)
    # What Python prints as it is has none of these characters.
    if not visible.isprintable():
        visible = "".join(" " if is_unsafe(each) else each for each in visible)
    joined = " ".join(visible.split())
    return joined if len(joined) <= limit else f"{joined[: limit - 3]}..."


def sentence(text: object) -> str:
    """Return text on one line that ends as a sentence does."""
    line = one_line(text, limit=600)
    return line if line.endswith((".", "!", "?")) else f"{line}."


def some(items: Iterable[object], at_most: int = 8) -> str:
    """Return items for a sentence; of very many the first, and how many more there are."""
    known = items if isinstance(items, Collection) else tuple(items)
    texts = [one_line(item) for item in islice(known, at_most)]
    more = len(known) - at_most
    return f"{', '.join(texts)} and {more} more" if more > 0 else listed(texts)


def listed(items: Iterable[object]) -> str:
    """Return items for a sentence: `a, b and c`; `none` where there are none."""
    texts = [str(each) for each in items]
    if not texts:
        return "none"
    if len(texts) == 1:
        return texts[0]
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def one_of(items: Iterable[object]) -> str:
    """Return items for a sentence: `a, b or c`."""
    *before, last = [str(each) for each in items]
    return f"{', '.join(before)} or {last}" if before else last


def capitalized(text: str) -> str:
    """Return a text with a capital letter; the others are as they were."""
    return text[:1].upper() + text[1:]


def counted(number: int, singular: str) -> str:
    """Return `1 host`, `2 hosts`."""
    return f"{number} {singular if number == 1 else singular + 's'}"
