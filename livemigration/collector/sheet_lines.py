"""A host's line in a facts file as this suite writes it: what other hosts have is not read again.

Most of what one host is like, others are like as well. So the value of a group is told as the text
that it is in the line, and who knows that text has no need to read it. All of a line is looked at
at once, so that a damaged one is met then; its outcomes are made when they are asked for, as few of
most hosts are. A line of any other form is left to who reads JSON as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from livemigration.facts.model import Outcome, Vantage
from livemigration.facts.told_outcomes import Places, Told, ToldOutcomes, told_of

# The value of a group, by its name and the JSON of it, and what that lacks, else empty; `get` knows
# those that lack nothing and were read before.
ValuesByText = Mapping[tuple[str, str], tuple[Any, str]]
# Returns what became of a group whose value lacks that: of the group's name and the machine's.
Unusable = Callable[[str, str, str], Outcome[Any]]
# Returns what became of any other: of the group's name, the document, and the machine's name.
OfDocument = Callable[[str, Any, str], Outcome[Any]]

_TEXT = r'"([^"\\\x00-\x1f]*)"'
_NAME = re.compile(rf'{{"name":{_TEXT},"outcomes":{{')
# Each begins with the comma after the one before it.
_OUTCOME = re.compile(rf",{_TEXT}:{{")
_HEAD = (
    rf',{_TEXT}:{{"vantage":{_TEXT},"seconds":((?:0|[1-9][0-9]*)\.[0-9]+),"at":(?:null|'
    r'"(([0-9]{4}-[01][0-9]-[0-3][0-9])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]'
    r'(?:\.[0-9]{6})?Z)"),"value":'
)
_GATHERED = re.compile(_HEAD)
# No text in JSON has a quote without a backslash before it, so a value ends before the first such.
_AFTER_VALUE = ',"failure":null,"inapplicable":null}'
# One value right after the other, as most are: all of a line in one go.
_NEXT_GATHERED = re.compile(re.escape(_AFTER_VALUE) + _HEAD)
# What that finds of each value: name, vantage, seconds, moment, day, and the text of the value.
_FOUND = 6
_END = re.compile(rf'}},"vmm":(?:null|{_TEXT})}}')
_VANTAGES = {each.value: each for each in Vantage}
_DECODER = json.JSONDecoder()
_Others = list[tuple[str, Outcome[Any]]]
# More than a fleet has: ways in which hosts answered, and days on which they did.
_MOST_WAYS = 1024
_MOST_DAYS = 1024


class SheetLine:
    """What one line tells of a host: its name, its outcomes, and its VMM server, else empty.

    Raises:
        ValueError, KeyError: the line is of another form; or what the functions raise.
    """

    def __init__(
        self, line: str, values: ValuesByText, unusable: Unusable, of_document: OfDocument
    ) -> None:
        self._values, self._unusable, self._of_document = values, unusable, of_document
        found = _must(_NAME.match(line))
        self.name: str = found[1]
        first, *told = _NEXT_GATHERED.split(f"{_AFTER_VALUE},{line[found.end() :]}")
        names, vantages, seconds, moments, days, texts = (told[at::_FOUND] for at in range(_FOUND))
        for day in set(days):
            _must_be_a_day(day)
        outcomes: list[Any] = list(map(values.get, zip(names, texts, strict=True)))
        # What stands before the first value that was found, and after each that is not known as it
        # stands: the place of what comes next, and the text in parts.
        gaps = [(0, first.split(_AFTER_VALUE)[1:])]
        for at in [at for at, known in enumerate(outcomes) if known is None]:
            text, *following = texts[at].split(_AFTER_VALUE)
            outcomes[at] = self._of_text(names[at], text)
            gaps.append((at + 1, following))
        at, (*parts, rest) = gaps.pop()
        if at != len(names):
            raise ValueError("not a line as this suite writes it")
        last, end = self._without_value(rest)
        others = [(at, self._of_parts(parts)) for at, parts in gaps]
        others.append((at, [*self._of_parts(parts), *last]))
        for at, made in reversed(others):
            names[at:at] = [name for name, _ in made]
            outcomes[at:at] = [each for _, each in made]
            for fields, nothing in ((vantages, None), (seconds, ""), (moments, None)):
                fields[at:at] = [nothing] * len(made)
        self.vmm: str = _must(_END.fullmatch(rest, end if names else 1))[1] or ""
        places = _places(tuple(names), tuple(vantages))
        self.outcomes = ToldOutcomes(places, outcomes, seconds, moments)

    def _of_text(self, name: str, text: str) -> Told:
        read = self._values[name, text]
        return self._unusable(name, self.name, read[1]) if read[1] else read

    def _of_parts(self, parts: Iterable[str]) -> _Others:
        """Return the outcomes of parts, each of which ends with the value of one."""
        found: _Others = []
        for part in parts:
            made, end = self._without_value(part)
            head = _must(_GATHERED.match(part, end))
            name, vantage, seconds, moment, _ = head.groups()
            read = self._of_text(name, part[head.end() :])
            if isinstance(read, tuple):
                read = told_of(read[0], _VANTAGES[vantage], seconds, moment)
            found += [*made, (name, read)]
        return found

    def _without_value(self, part: str) -> tuple[_Others, int]:
        """Return the outcomes without a value that a part begins with, and where they end."""
        found: _Others = []
        at = 0
        while (key := _OUTCOME.match(part, at)) and not _GATHERED.match(part, at):
            document, at = _DECODER.raw_decode(part, key.end() - 1)
            found.append((key[1], self._of_document(key[1], document, self.name)))
        return found, at


@lru_cache(maxsize=_MOST_WAYS)
def _places(names: tuple[str, ...], vantages: tuple[str | None, ...]) -> Places:
    # Of two of one name the last counts.
    both = zip(names, vantages, strict=True)
    seen = {name: _VANTAGES[each] for name, each in both if each is not None}
    return Places({name: at for at, name in enumerate(names)}, seen)


@lru_cache(maxsize=_MOST_DAYS)
def _must_be_a_day(text: str | None) -> None:
    if text is not None:
        date.fromisoformat(text)


def _must(found: re.Match[str] | None) -> re.Match[str]:
    if found is None:
        raise ValueError("not a line as this suite writes it")
    return found
