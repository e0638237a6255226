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

from livemigration.facts.model import Gathered, Outcome, Vantage

# Returns the value of a group, by its name and the JSON of it, and what that lacks; else empty.
OfText = Callable[[str, str], tuple[Any, str]]
# Returns what became of a group whose value lacks that: of the group's name and the machine's.
Unusable = Callable[[str, str, str], Outcome[Any]]
# Returns what became of any other: of the group's name, the document, and the machine's name.
OfDocument = Callable[[str, Any, str], Outcome[Any]]

_TEXT = r'"([^"\\\x00-\x1f]*)"'
_NAME = re.compile(rf'{{"name":{_TEXT},"outcomes":{{')
# Each begins with the comma after the one before it.
_OUTCOME = re.compile(rf",{_TEXT}:{{")
_GATHERED = re.compile(
    rf',{_TEXT}:{{"vantage":{_TEXT},"seconds":((?:0|[1-9][0-9]*)\.[0-9]+),"at":(?:null|'
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
        ValueError, KeyError: the line is of another form; or what the functions raise.
    """

    def __init__(
        self, line: str, of_text: OfText, unusable: Unusable, of_document: OfDocument
    ) -> None:
        self._of_document = of_document
        found = _must(_NAME.match(line))
        machine = self.name = found[1]
        outcomes = self.outcomes = dict[str, Outcome[Any]]()
        # Each part ends with the value of a group; what follows the last value is one of its own.
        *parts, rest = f",{line[found.end() :]}".split(_AFTER_VALUE)
        for part in parts:
            head = _GATHERED.match(part)
            if head is None:
                at = self._without_value(part)
                head = _must(_GATHERED.match(part, at))
            name, vantage, seconds, moment = head.groups()
            value, lack = of_text(name, part[head.end() :])
            ended = datetime.fromisoformat(moment) if moment else None
            outcomes[name] = (
                unusable(name, machine, lack)
                if lack
                else Gathered(value, _VANTAGES[vantage], float(seconds), ended)
            )
        at = self._without_value(rest)
        self.vmm: str = _must(_END.fullmatch(rest, at if outcomes else 1))[1] or ""

    def _without_value(self, part: str) -> int:
        """Take the outcomes without a value that a part begins with; return where they end."""
        at = 0
        while (key := _OUTCOME.match(part, at)) and not _GATHERED.match(part, at):
            document, at = _DECODER.raw_decode(part, key.end() - 1)
            self.outcomes[key[1]] = self._of_document(key[1], document, self.name)
        return at


def _must(found: re.Match[str] | None) -> re.Match[str]:
    if found is None:
        raise ValueError("not a line as this suite writes it")
    return found
