"""Values as YAML has them: the lines of a block, or what stands between brackets."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# What no reader of YAML takes for a number, a date or a truth.
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(?:\.[A-Za-z][A-Za-z0-9_-]*)+")
_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[-.][A-Za-z0-9_]+)*")
_WORDS_OF_YAML = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}

STEP = "  "
"""By so much is what lies in a block indented."""


def block(values: Any, *, flow: bool = False) -> list[str]:
    """Return a list or a mapping as lines of a block; `flow`: with each item of it in brackets."""
    if isinstance(values, Mapping):
        return [line for name, value in values.items() for line in _entry(scalar(name), value)]
    lines: list[str] = []
    for each in values:
        if flow:
            lines.append(f"- {in_brackets(each)}")
            continue
        first, *rest = block(each)
        lines += [f"- {first}", *indented(rest)]
    return lines


def indented(lines: list[str]) -> list[str]:
    """Return lines as they stand one step deeper."""
    return [f"{STEP}{each}" for each in lines]


def _entry(name: str, value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [f"{name}:", *indented(block(value))]
    return [f"{name}: {in_brackets(value)}"]


def in_brackets(value: Any) -> str:
    """Return a value on one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(items(value))}}}"
    if isinstance(value, list):
        return f"[{', '.join(items(value))}]"
    return scalar(value)


def items(values: Any) -> list[str]:
    """Return the items of a list or a mapping, as they stand between brackets."""
    if isinstance(values, Mapping):
        return [f"{scalar(name)}: {in_brackets(each)}" for name, each in values.items()]
    return [in_brackets(each) for each in values]


def json_items(values: Any) -> list[str]:
    """Return the items of a list or a mapping as JSON has them."""
    if isinstance(values, Mapping):
        return [f"{json_text(name)}: {json_text(each)}" for name, each in values.items()]
    return [json_text(each) for each in values]


def json_text(value: Any) -> str:
    """Return a value as JSON has it, in its own letters."""
    return json.dumps(value, ensure_ascii=False)


def scalar(value: str | int | bool) -> str:
    """Return a value as YAML has it; quoted where a reader could take it for another."""
    if not isinstance(value, str):
        return json_text(value)
    plain = _PLAIN_NAME.fullmatch(value) or _PLAIN_WORD.fullmatch(value)
    if plain and value.casefold() not in _WORDS_OF_YAML:
        return value
    return json_text(value)
