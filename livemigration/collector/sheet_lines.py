"""A host's line in a facts file as this suite writes it: what other hosts have is not read again.

Most of what one host is like, others are like as well. So the value of a group is told as the text
that it is in the line, and who knows that text has no need to read it. A line of any other form is
left to who reads JSON as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from livemigration.facts.model import Outcome, Vantage

# Returns what became of a group that has a value: of the group's name and the machine's, where it
# was seen from, the seconds, when it ended, and the JSON of the value.
OfText = Callable[[str, str, Vantage, float, datetime | None, str], Outcome[Any]]
# Returns what became of any other: of the group's name, the document, and the machine's name.
OfDocument = Callable[[str, Any, str], Outcome[Any]]

_TEXT = r'"([^"\\\x00-\x1f]*)"'
_NAME = re.compile(rf'{{"name":{_TEXT},"outcomes":{{')
_OUTCOME = re.compile(rf"{_TEXT}:{{")
_GATHERED = re.compile(
    rf'"vantage":{_TEXT},"seconds":((?:0|[1-9][0-9]*)\.[0-9]+),"at":(?:null|'
    r'"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-2][0-9]:[0-9]{2}:[0-9]{2}(?:\.[0-9]{6})?Z)"),"value":'
)
# No text in JSON has a quote without a backslash before it, so a value ends before the first such.
_AFTER_VALUE = ',"failure":null,"inapplicable":null}'
_END = re.compile(rf'}},"vmm":(?:null|{_TEXT})}}')
_VANTAGES = {each.value: each for each in Vantage}
_DECODER = json.JSONDecoder()


class SheetLine:
    """What one line tells of a host: its name, its outcomes, and its VMM server, else empty.

    Raises:
        ValueError, KeyError: the line is of another form; or what the two functions raise.
    """

    def __init__(self, line: str, of_text: OfText, of_document: OfDocument) -> None:
        self._line, self._of_text, self._of_document = line, of_text, of_document
        found = _must(_NAME.match(line))
        self.name, at = found[1], found.end()
        self.outcomes: dict[str, Outcome[Any]] = {}
        while (at := self._after_outcome(at)) and line[at : at + 1] == ",":
            at += 1
        self.vmm: str = _must(_END.fullmatch(line, at))[1] or ""

    def _after_outcome(self, at: int) -> int:
        """Take the outcome that begins at a place; return the place after it."""
        line = self._line
        key = _must(_OUTCOME.match(line, at))
        name = key[1]
        found = _GATHERED.match(line, key.end())
        if found is None:
            document, end = _DECODER.raw_decode(line, key.end() - 1)
            self.outcomes[name] = self._of_document(name, document, self.name)
            return end
        vantage, seconds, moment = found.groups()
        ended = datetime.fromisoformat(moment) if moment else None
        end = line.index(_AFTER_VALUE, found.end())
        text = line[found.end() : end]
        self.outcomes[name] = self._of_text(
            name, self.name, _VANTAGES[vantage], float(seconds), ended, text
        )
        return end + len(_AFTER_VALUE)


def _must(found: re.Match[str] | None) -> re.Match[str]:
    if found is None:
        raise ValueError("not a line as this suite writes it")
    return found
