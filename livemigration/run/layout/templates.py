"""Texts with places for values: what differs from host to host is taken out, exactly.

`{#target}` stands for the name of the target, `{#1}`, `{#2}` … for its values. Where a text itself
has such a thing in it, it has one more `#`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

_PLACE = re.compile(r"\{(#+)(target|[0-9]+)\}")
TARGET = "{#target}"
# Addresses, names, numbers and times: a word with a digit, and the words that hang on it.
_VALUE_TEXT = r"\w*\d\w*(?:[.:\-]+\w+)*"
_VALUE = re.compile(f"({_VALUE_TEXT})")
_REMEMBERED = 1 << 14

Value = str | int | float
# Literal texts and values in turns, beginning and ending with a text; None is the target's name.
Pieces = tuple[str | None, ...]


def escaped(text: str) -> str:
    """Return a text that has no places, as a template."""
    return _PLACE.sub(r"{#\1\2}", text) if "{#" in text else text


def place(number: int) -> str:
    """Return the place of a value, which is counted from 1."""
    return f"{{#{number}}}"


def pieces_of(text: str, target: str) -> Pieces:
    """Return a text in pieces: what may differ from target to target, and what is between."""
    if label := _label_of_letters(target):
        return _pieces_of_a_word(text, target, label)
    if not target or target not in text:
        return _values_in(text)
    return _split(text, target, _values_in)


@lru_cache(maxsize=_REMEMBERED)
def _label_of_letters(target: str) -> str:
    """Return the first label of a name, where no digit in it makes it a value as it is."""
    label = target.partition(".")[0]
    return "" if any(each.isdigit() for each in label) else label


@lru_cache(maxsize=_REMEMBERED)
def _values_in(text: str) -> Pieces:
    return tuple(_VALUE.split(text))


def _pieces_of_a_word(text: str, target: str, label: str) -> Pieces:
    """Return the pieces for a target in whose first label no digit is: that is a value as well."""
    if label.casefold() not in text.casefold():
        return _values_in(text)
    values = _values_with(label)
    return _split(text, target, lambda part: tuple(values.split(part)))


@lru_cache(maxsize=64)
def _values_with(label: str) -> re.Pattern[str]:
    return re.compile(rf"({_VALUE_TEXT}|\b{re.escape(label)}\b)", re.IGNORECASE)


def _split(text: str, target: str, values_in: Callable[[str], Pieces]) -> Pieces:
    """Return the pieces of a text, in which the name of the target may be, as a whole word."""
    found: list[str | None] = []
    begin = 0
    at = text.find(target)
    while at >= 0:
        end = at + len(target)
        if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
            found += (*values_in(text[begin:at]), None)
            begin = end
        at = text.find(target, end)
    return (*found, *values_in(text[begin:]))


class Cell:
    """The values of one document, as they are taken out of its texts."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._known: dict[str, int] = {}
        self.values: list[Value] = []

    def template(self, document: Any) -> Any:
        """Return a document of plain JSON types with places for what may differ."""
        if isinstance(document, str):
            return self._of_text(document)
        if isinstance(document, dict):
            return {name: self.template(each) for name, each in document.items()}
        if isinstance(document, list):
            return [self.template(each) for each in document]
        if document is None or isinstance(document, bool):
            return document
        return self.place_of(document)

    def place_of(self, value: Value) -> str:
        """Return the place of a value. The same word has the same one, a number its own."""
        if not isinstance(value, str) or value.isdigit():
            self.values.append(value)
            return place(len(self.values))
        if value not in self._known:
            self.values.append(value)
            self._known[value] = len(self.values)
        return place(self._known[value])

    def _of_text(self, text: str) -> str:
        pieces = pieces_of(text, self._target)
        found = []
        for number, each in enumerate(pieces):
            if number % 2 == 0:
                found.append(escaped(each or ""))
            else:
                found.append(TARGET if each is None else self.place_of(each))
        return "".join(found)


def _unescaped(found: re.Match[str]) -> str:
    return f"{{{found[1][1:]}{found[2]}}}"


class Expansion:
    """Puts values back in their places, within bounds for all documents of a file together."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def of(self, template: Any, target: str, values: Sequence[Any]) -> Any:
        """Return the document of a template.

        Raises:
            ValueError: a place has no value, or a text would have a number in it.
        """
        if isinstance(template, str):
            return self._text(template, target, values) if "{#" in template else template
        if isinstance(template, dict):
            return {name: self.of(each, target, values) for name, each in template.items()}
        if isinstance(template, list):
            return [self.of(each, target, values) for each in template]
        return template

    def _text(self, template: str, target: str, values: Sequence[Any]) -> Any:
        alone = _PLACE.fullmatch(template)
        if alone is not None and alone[1] == "#" and alone[2] != "target":
            value = _value(alone[2], values)
            if not isinstance(value, str):
                return value
        text = _PLACE.sub(lambda found: _filled_in(found, target, values), template)
        self._left -= len(text)
        if self._left < 0:
            raise ValueError("its texts are longer than those of any run")
        return text


def _filled_in(found: re.Match[str], target: str, values: Sequence[Any]) -> str:
    if len(found[1]) > 1:
        return _unescaped(found)
    if found[2] == "target":
        return target
    value = _value(found[2], values)
    if not isinstance(value, str):
        raise ValueError(f"{found[0]} is in a text, and is no text")  # noqa: TRY004 - of a file
    return value


def _value(number: str, values: Sequence[Any]) -> Any:
    if not 0 < int(number) <= len(values):
        raise ValueError(f"{{#{number[:20]}}} has no value")
    return values[int(number) - 1]


def settled(
    template: Any, constant: Callable[[int], Value | None], number: Callable[[int], int]
) -> Any:
    """Return a template whose places hold a value that never differs, or have another number.

    Args:
        template: a document of plain JSON types with places.
        constant: returns the value of a place that never differs, else None.
        number: returns what a place is from now on.
    """
    if isinstance(template, dict):
        return {name: settled(each, constant, number) for name, each in template.items()}
    if isinstance(template, list):
        return [settled(each, constant, number) for each in template]
    if not isinstance(template, str) or "{#" not in template:
        return template
    alone = _PLACE.fullmatch(template)
    if alone is not None and alone[1] == "#" and alone[2] != "target":
        value = constant(int(alone[2]))
        if value is not None and not isinstance(value, str):
            return value
    return _joined(template, constant, number)


def _joined(
    template: str, constant: Callable[[int], Value | None], number: Callable[[int], int]
) -> str:
    """Return a text with its constant values: escaped as a whole, as two parts may make a place."""
    whole: list[str] = []
    literal: list[str] = []

    def close(what: str) -> None:
        whole.extend((escaped("".join(literal)), what))
        literal.clear()

    begin = 0
    for found in _PLACE.finditer(template):
        literal.append(template[begin : found.start()])
        begin = found.end()
        if len(found[1]) > 1:
            literal.append(_unescaped(found))
        elif found[2] == "target":
            close(TARGET)
        elif (value := constant(int(found[2]))) is not None:
            literal.append(str(value))
        else:
            close(place(number(int(found[2]))))
    literal.append(template[begin:])
    close("")
    return "".join(whole)
