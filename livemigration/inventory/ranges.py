"""Many names in one: `hv[01-20].contoso.com`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Annotated

from pydantic import AfterValidator

from livemigration.inventory.names import machine_name

MOST_HOSTS = 20_000
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
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
    numbers = [_numbers(each) for each in between[1::2]]
    count = prod(len(each) for each in numbers)
    if count > MOST_HOSTS:
        raise ValueError(f"{text[:60]!r} stands for {count} hosts. Write {MOST_HOSTS} at most.")
    fixed = between[0::2]
    for chosen in product(*numbers):
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


def _numbers(inside: str) -> list[str]:
    """Return the numbers that stand in one pair of brackets, as they are written."""
    return [number for part in inside.split(",") for number in _part(part.strip(), inside)]


def _part(part: str, inside: str) -> list[str]:
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
    width = len(first)
    return [f"{number:0{width}d}" for number in range(int(first), int(last) + 1)]
