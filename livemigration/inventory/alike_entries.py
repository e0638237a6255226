"""Hosts that are written alike in an inventory: a reader of YAML is shown one of each kind.

It takes a third of a millisecond for each host, and most of ten thousand differ in the name alone.
What is not of the plain form that people and programs write is left to it, and so is every mistake:
only the whole text has the right lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_FEWEST = 32
_LIST = re.compile(r"^hosts:", re.MULTILINE)
_END = r" *(?: #[ -~]*)?\r?\n"
_BEGIN = re.compile(rf"hosts:{_END}")
# A letter first, and a dot: no number, no word that YAML knows, and no range.
_NAME = r"([A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+)"
# One line each, which ends with the line.
_VALUE = r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*|\[[A-Za-z0-9_., -]*\])"
_BETWEEN = re.compile(r"(?: *(?:#[ -~]*)?\r?\n)*")
_SHOWN = "one-that-stands-for-others"


@dataclass(frozen=True)
class Alike:
    """The text of an inventory in which one host stands for all of its kind.

    `hosts` are the names that are left out, each with the number of its kind.
    """

    text: str
    kinds: int
    hosts: tuple[tuple[str, int], ...]

    def whole(self, document: Any) -> Any:
        """Return what the whole text holds, from what this one does; None: that is not certain."""
        listed = document.get("hosts")
        if not isinstance(listed, list):
            return None
        shown = [dict(each) for each in listed[: self.kinds] if isinstance(each, dict)]
        if [each.get("name") for each in shown] != list(map(_name_of, range(self.kinds))):
            return None
        hosts = [{**shown[kind], "name": name} for name, kind in self.hosts]
        return {**document, "hosts": [*hosts, *listed[self.kinds :]]}


def alike_in(text: str) -> Alike | None:
    """Return the text with one host of each kind; None: there are few, or it is of another form."""
    places = [each.start() for each in _LIST.finditer(text)]
    if len(places) != 1 or _SHOWN in text or (begin := _BEGIN.match(text, places[0])) is None:
        return None
    first = _after_blank(text, begin.end())
    indent = " " * (len(text[first:]) - len(text[first:].lstrip(" ")))
    entry = re.compile(
        rf"{indent}- name: {_NAME}{_END}((?:{indent}  [a-z_]+: {_VALUE}{_END})*)", re.ASCII
    )
    kinds: dict[str, int] = {}
    hosts: list[tuple[str, int]] = []
    at = end = first
    while found := entry.match(text, at):
        hosts.append((found[1], kinds.setdefault(found[2], len(kinds))))
        end = found.end()
        at = _after_blank(text, end)
    if len(hosts) < _FEWEST or not _begins_anew(text, at, indent):
        return None
    shown = (f"{indent}- name: {_name_of(number)}\n{rest}" for rest, number in kinds.items())
    return Alike("".join((text[:first], *shown, text[end:])), len(kinds), tuple(hosts))


def _after_blank(text: str, at: int) -> int:
    """Return where the next line begins that is neither blank nor a comment."""
    found = _BETWEEN.match(text, at)
    return at if found is None else found.end()


def _begins_anew(text: str, at: int, indent: str) -> bool:
    """Whether what begins at a place goes on with nothing that came before it."""
    return text.startswith(f"{indent}- ", at) or text[at : at + 1].strip() == text[at : at + 1]


def _name_of(number: int) -> str:
    return f"{_SHOWN}-{number}"
