"""A JSON object read member by member, so that a long list in it is never there as a whole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, TextIO

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_PIECE = 1 << 18
# Beyond it, a member is not looked at as a line: what has no lines is one line of any length.
_LONGEST_LINE = 1 << 20


def document_of(
    stream: TextIO,
    lists: Collection[str],
    take: Callable[[str, Any], object],
    take_line: Callable[[str, str], bool] = lambda _name, _line: False,
) -> Any:
    """Return the object that a JSON text holds, without the members of these lists in it.

    Args:
        stream: the JSON.
        lists: the names of lists right in the object; each becomes an empty one.
        take: is given the name of the list and each of its members, in their order.
        take_line: is given the name of the list and the line from where a member begins, before
            `take` is; returns whether the line is the member, of which it took care.

    Raises:
        ValueError, RecursionError: it is no JSON, no object, or has a name twice.
    """
    found: dict[str, Any] = {}
    text = _Text(stream)
    text.take("{")
    while text.sign != "}":
        if found:
            text.take(",")
        name = text.value()
        if not isinstance(name, str) or name in found:
            raise ValueError("a name is missing or there twice")
        text.take(":")
        if name in lists and text.sign == "[":
            found[name] = []
            _list(text, partial(take, name), partial(take_line, name))
        else:
            found[name] = text.value()
    text.take("}")
    if text.sign:
        raise ValueError("more follows the object")
    return found


def _list(text: _Text, take: Callable[[Any], object], take_line: Callable[[str], bool]) -> None:
    text.take("[")
    first = True
    while text.sign != "]":
        if not first:
            text.take(",")
        if not text.line(take_line):
            take(text.value())
        first = False
    text.take("]")


class _Text:
    """A JSON text of which only what is being read is in memory."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._held, self._at, self._over = "", 0, False

    @property
    def sign(self) -> str:
        """What comes after white space; empty at the end."""
        while True:
            found = _SPACE.match(self._held, self._at)
            self._at = self._at if found is None else found.end()
            if self._at < len(self._held) or not self._more(_PIECE):
                return self._held[self._at : self._at + 1]

    def take(self, sign: str) -> None:
        """Go beyond a sign, which must come now."""
        if self.sign != sign:
            raise ValueError(f"{sign} is missing")
        self._at += 1

    def line(self, take: Callable[[str], bool]) -> bool:
        """Go beyond the rest of the line, less a comma, if that is taken; return whether it is."""
        if not self.sign:
            return False
        while (end := self._held.find("\n", self._at, self._at + _LONGEST_LINE)) < 0:
            if len(self._held) - self._at >= _LONGEST_LINE or not self._more(_PIECE):
                return False
        end -= self._held[end - 1] == ","
        taken = take(self._held[self._at : end])
        self._at = end if taken else self._at
        return taken

    def value(self) -> Any:
        """Go beyond a value, which must come now, and return it."""
        if not self.sign:
            raise ValueError("a value is missing")
        while True:
            try:
                found, end = _DECODER.raw_decode(self._held, self._at)
            except ValueError:
                # As much again as there is: what is cut in its middle is begun few times.
                if not self._more(len(self._held) - self._at):
                    raise
                continue
            # A number at the end of what was read may go on.
            if end < len(self._held) or not self._more(_PIECE):
                self._at = end
                return found

    def _more(self, characters: int) -> bool:
        """Read on, at least as much; return whether there was more."""
        if not self._over:
            more = self._stream.read(max(_PIECE, characters))
            self._over = not more
            self._held, self._at = self._held[self._at :] + more, 0
        return not self._over
