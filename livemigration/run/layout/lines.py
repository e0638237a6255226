"""The text of a results.json: a line for each thing that somebody looks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from livemigration.base.codec import compact

# What has a line for each of its members.
_BROKEN = {
    "",
    "checks",
    "checks.*.outcomes",
    "fixes",
    "hosts",
    "others",
    "seconds",
    "network",
    "network.templates",
    "network.hosts",
    "paths",
    "drains",
    "evidence",
    "evidence.sources",
    "evidence.facts",
    "evidence.targets",
    "demands",
    "demands.policies",
    "demands.exchanges.hosts",
    "demands.managers",
    "drift",
    "drift.facts",
    "waivers",
    "conflicts",
}
_DEEPEST = 3


def laid_out(document: dict[str, Any]) -> Iterator[str]:
    """Yield the text of a document of plain JSON types, part by part.

    A list right in it may be an iterator.
    """
    yield from _lines(document, ())
    yield "\n"


def _lines(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    broken = ".".join(path) in _BROKEN
    if isinstance(value, Iterator):
        yield from _members(value)
        return
    if not value or not isinstance(value, dict | list) or len(path) > _DEEPEST:
        yield _text(value)
        return
    if isinstance(value, list) and not broken:
        yield _text(value)
        return
    between = ",\n" if broken else ","
    start, end = "{}" if isinstance(value, dict) else "[]"
    yield f"{start}\n" if broken else start
    for number, each in enumerate(value):
        if number:
            yield between
        if isinstance(value, dict):
            yield f"{_text(each)}:"
            name = "*" if path == ("checks",) else str(each)
            yield from _lines(value[each], (*path, name))
        else:
            yield _text(each)
    yield f"\n{end}" if broken else end


def _members(values: Iterator[Any]) -> Iterator[str]:
    """Yield a list with a line for each of its members, as they come."""
    between = "[\n"
    for each in values:
        yield f"{between}{_text(each)}"
        between = ",\n"
    yield "[]" if between == "[\n" else "\n]"


_text = compact
