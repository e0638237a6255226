"""Texts of several hosts as one: what differs becomes the kind of value that stands there."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from livemigration.report.naming import ANY_HOST

_GAPS = re.compile(r"(\s+)")
_MARKS = ".,;:()'\""
# More than half of a sentence in placeholders says nothing.
_MOST = 2


def merged(texts: Sequence[str]) -> str | None:
    """Return one text for all, with placeholders where they differ; None where they are unlike.

    A placeholder says what kind of value stands there: `<address>`, `<subnet>`, or `<value>`.
    """
    if len(set(texts)) == 1:
        return texts[0]
    split = [_GAPS.split(text) for text in texts]
    if len({len(parts) for parts in split}) != 1:
        return None
    words, differ = [], 0
    for place, tokens in enumerate(zip(*split, strict=True)):
        same = len(set(tokens)) == 1
        # Each second one is a gap, which holds no value.
        if not same and (place % 2 or "" in tokens):
            return None
        words.append(tokens[0] if same else _placeholder(tokens))
        differ += not same
    return "".join(words) if differ * _MOST <= sum(map(bool, words[::2])) else None


def merged_lines(variants: Sequence[Sequence[str]]) -> tuple[str, ...] | None:
    """Return lines that hold for all variants; None where they are not alike."""
    if len({len(each) for each in variants}) != 1:
        return None
    found = [merged(lines) for lines in zip(*variants, strict=True)]
    return tuple(each for each in found if each is not None) if None not in found else None


def _placeholder(tokens: Sequence[str]) -> str:
    first = tokens[0]
    bare = first.strip(_MARKS)
    before, after = first[: first.index(bare)], first[first.index(bare) + len(bare) :]
    kinds = {_kind(token.strip(_MARKS)) for token in tokens}
    kind = kinds.pop() if len(kinds) == 1 else "value"
    return f"{before}<{kind}>{after}" if bare else f"<{kind}>"


def _kind(token: str) -> str:
    if token == ANY_HOST:
        return "host"
    try:
        ipaddress.ip_address(token)
    except ValueError:
        pass
    else:
        return "address"
    try:
        ipaddress.ip_network(token, strict=False)
    except ValueError:
        return "value"
    return "subnet"
