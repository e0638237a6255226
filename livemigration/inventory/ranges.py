"""Many names in one: `hv[01-20].contoso.com`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import product
from math import prod
from typing import Annotated

from pydantic import AfterValidator

from livemigration.inventory.names import machine_name

MOST_HOSTS = 20_000
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
# Numbers, and how many digits each has at least.
_Part = tuple[range, int]
_PART = re.compile(r"([0-9]{1,6})(?:-([0-9]{1,6}))?", re.ASCII)
_FORM = "Write numbers in brackets, such as hv[01-20].contoso.com or hv[1-8,12].contoso.com."


def is_range(text: str) -> bool:
    """Whether a text has brackets of numbers, and so stands for several names.

    An IPv6 address in brackets, as URLs have it, does not.
    """
    return ("[" in text or "]" in text) and ":" not in text


def names_in(text: str) -> Iterator[str]:
    """Yield the names that a range stands for, in its order; of a mere name, that one.

    Raises:
        ValueError: it is no range, or stands for too many names; the text says what would be right.
    """
    if not is_range(text):
        yield text
        return
    between = _BRACKETS.split(text)
    if any(is_range(each) for each in between[0::2]):
        raise ValueError(f"{text[:60]!r} has a bracket without its other half. {_FORM}")
    brackets = [_parts(each) for each in between[1::2]]
    # Counted before any is written out: six digits are a million numbers.
    count = prod(sum(len(part) for part, _ in parts) for parts in brackets)
    if count > MOST_HOSTS:
        raise ValueError(f"{text[:60]!r} stands for {count} hosts. Write {MOST_HOSTS} at most.")
    fixed = between[0::2]
    for chosen in product(*map(_numbers, brackets)):
        yield "".join(part for pair in zip(fixed, (*chosen, ""), strict=True) for part in pair)


def host_names(text: str) -> str:
    """Return a machine's name, or a range of names, as it is.

    Raises:
        ValueError: it is neither; the text says what would be.
    """
    for name in names_in(text):
        machine_name(name)
    return text


HostNames = Annotated[str, AfterValidator(host_names)]


def _numbers(parts: Iterable[_Part]) -> list[str]:
    """Return numbers as they are written."""
    return [f"{number:0{width}d}" for part, width in parts for number in part]


def _parts(inside: str) -> list[_Part]:
    """Return what stands between the commas of one pair of brackets."""
    return [_part(part.strip(), inside) for part in inside.split(",")]


def _part(part: str, inside: str) -> _Part:
    if (found := _PART.fullmatch(part)) is None:
        raise ValueError(f"[{inside[:60]}] is no range of numbers. {_FORM}")
    first, last = found[1], found[2] or found[1]
    if int(last) < int(first):
        raise ValueError(f"[{part}] runs backwards. Write [{last}-{first}].")
    # Where nothing begins with a zero, 8-12 is as clear as 08-12.
    if "0" in (first[0], last[0]) and len(first) != len(last) and first != "0":
        width = max(len(first), len(last))
        raise ValueError(
            f"[{part}] has numbers of two lengths. Write [{first:0>{width}}-{last:0>{width}}], or "
            f"[{int(first)}-{int(last)}]."
        )
    return range(int(first), int(last) + 1), len(first)
