"""Events in what Event Viewer, wevtutil and PowerShell print of a log, found by its structure.

The labels of Event Viewer are localized, its order is not; the names of properties in PowerShell
and XML are the same everywhere. So a number is an event where it stands in the place of one, and a
record number, a process id or the running number of wevtutil ("Event[4]:") is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from livemigration.explain import words
from livemigration.explain.catalogue import lookup
from livemigration.explain.entry import Kind

PROVIDER = r"(?:Microsoft-Windows-[A-Za-z0-9\-]{2,60}|(?<![A-Za-z\-])Hyper-V-[A-Za-z\-]{2,40})"
_PROVIDER = re.compile(PROVIDER)
IDENTIFIERS = frozenset({"id", "eventid", "event id", "eventcode", "event code", "instanceid"})
# The events of Hyper-V, a few of its services apart.
HYPER_V = range(10_000, 40_000)
# Properties of a record that say that the record is one of a log.
LOG_NAMES = frozenset(
    {
        *("timecreated", "leveldisplayname", "providername", "logname", "recordid", "providerid"),
        *("entrytype", "timegenerated", "timewritten", "source", "sourcename", "message"),
        *("log name", "machinename", "containerlog", "taskdisplayname", "eventtype"),
    }
)


@dataclass(frozen=True)
class Logged:
    """An event's number in a text: where it stands, and what logged it ("" where nobody says)."""

    start: int
    end: int
    number: int
    source: str


def logged(text: str) -> dict[int, Logged]:
    """Return the events that the structure of a text shows, by the place of their number."""
    found: dict[int, Logged] = {}
    for each in (*_markup(text), *_blocks(text), *_objects(text)):
        if each.start not in found or (each.source and not found[each.start].source):
            found[each.start] = each
    return found


_NUMBER = re.compile(r"[\"'(\[]?([0-9]{1,10})[\"')\]]?[.\s]*")
_EVENT_LABEL = re.compile("|".join(words.EVENT), re.IGNORECASE)
_SOURCE_LABEL = re.compile(rf"(?:{'|'.join(words.SOURCE)})", re.IGNORECASE)
_RUNNING = re.compile(
    r"record|process|thread|version|level|task|opcode|keyword|line|port|count|index|pid|tid|qualif"
    r"|session|char|size|total|user|computer",
    re.IGNORECASE,
)
_LONGEST_BREAK = 400
_LONGEST_LABEL = 80
_NEAR = 4


@dataclass(frozen=True)
class _Label:
    """A line "label: value"; `at` is where the value begins."""

    name: str
    value: str
    at: int


def _blocks(text: str) -> Iterator[Logged]:
    """Yield the events of blocks of lines "label: value", in any language."""
    block: list[_Label] = []
    names: set[str] = set()
    start = end = 0
    for line in text.split("\n"):
        label = _label(line, start)
        start += len(line) + 1
        if label is None:
            continue
        if label.name in names or label.at - end > _LONGEST_BREAK:
            yield from _block(block)
            block, names = [], set()
        block.append(label)
        names.add(label.name)
        end = start
    yield from _block(block)


def _label(line: str, start: int) -> _Label | None:
    colon = line.find(":", 0, _LONGEST_LABEL)
    name = line[:colon].strip(" \t>|*-").casefold() if colon > 0 else ""
    if not name:
        return None
    value = line[colon + 1 : colon + 300]
    return _Label(name, value.strip(), start + colon + 1 + len(value) - len(value.lstrip()))


def _block(block: list[_Label]) -> Iterator[Logged]:
    source, place = _source(block)
    named = [each for each in block if _names_event(each.name, block)]
    if named:
        chosen = named
    elif place is None:
        return
    else:
        near = block[place + 1 : place + 1 + _NEAR]
        chosen = [each for each in near if _is_number_of_an_event(each, source)][:1]
    for each in chosen:
        if (match := _NUMBER.match(each.value)) is not None and match.end() == len(each.value):
            yield event_at(each.at + match.start(1), match[1], source)


def _is_number_of_an_event(line: _Label, source: str) -> bool:
    """Whether a line whose label nobody knows holds an event's number: by its place and value."""
    digits = _NUMBER.fullmatch(line.value)
    if digits is None or _RUNNING.search(line.name) or re.search(r"[0-9]", line.name):
        return False
    known = lookup(int(digits[1]), (Kind.EVENT,))
    return int(digits[1]) in HYPER_V or any(entry.is_logged_by(source) for entry in known)


def _names_event(name: str, block: list[_Label]) -> bool:
    if name in {"id", "instanceid"}:
        return any(each.name in LOG_NAMES for each in block)
    if name in IDENTIFIERS:
        return True
    # "Events: 11" is how many there are.
    only = _EVENT_LABEL.fullmatch(name)
    return bool(_EVENT_LABEL.search(name)) and not only and not _RUNNING.search(name)


def _source(block: list[_Label]) -> tuple[str, int | None]:
    """Return what logged the event of a block, and the last line that says so."""
    providers = [at for at, each in enumerate(block) if _names_provider(each.value)]
    labelled = [each.value for each in block if _SOURCE_LABEL.fullmatch(each.name)]
    # The name of a log is the longer one: its provider's, and a word.
    names = labelled or sorted((block[at].value for at in providers), key=len)
    return next(iter(names), ""), providers[-1] if providers else None


def _names_provider(value: str) -> bool:
    return len(value) < 90 and _PROVIDER.match(value) is not None


def event_at(start: int, digits: str, source: str) -> Logged:
    """Return an event whose number begins at a place; an instance id has it in its low half."""
    number = int(digits)
    return Logged(
        start, start + len(digits), number & 0xFFFF if number > 0xFFFF else number, source
    )


_XML = re.compile(
    r"(?:<|&lt;)(?:\w{1,10}:)?EventID\b[^>&\n]{0,80}(?:>|&gt;)\s{0,20}([0-9]{1,5})\s{0,20}(?:<|&lt;)/",
    re.IGNORECASE,
)
_XML_PROVIDER = re.compile(
    r"Provider\b[^>]{0,60}?\bName\s?=\s?[\"']([^\"'\n]{1,90})", re.IGNORECASE
)
_FRIENDLY = re.compile(
    r"\[ ?Name ?\]\s{1,12}(\S{1,90})[^\0]{0,300}?\bEventID\s{1,20}([0-9]{1,5})\b"
)


def _markup(text: str) -> Iterator[Logged]:
    """Yield the events of XML, as wevtutil and Event Viewer's details write them."""
    for match in _XML.finditer(text):
        before = text[max(0, match.start() - 600) : match.start()]
        names = _XML_PROVIDER.findall(before)
        yield event_at(match.start(1), match[1], names[-1] if names else "")
    if "EventID" in text:
        for match in _FRIENDLY.finditer(text):
            yield event_at(match.start(2), match[2], match[1])


_KEY = re.compile(
    r"(?:\"(id|event_?id|eventcode|instanceid|code)\"[ \t]{0,4}:[ \t]{0,4}\"?"
    r"|<[A-Z0-9]{2,4} N=\"(Id|EventID|InstanceId)\">"
    r"|(?<![\w\-])(Id|EventID|InstanceId)=)([0-9]{1,10})(?=[\"<,;}\s])",
    re.IGNORECASE,
)
_OBJECT_PROVIDER = re.compile(
    r"(?:\"(?:provider_?name|source_?name|source|provider)\"[ \t]{0,4}:[ \t]{0,4}\""
    r"|N=\"(?:ProviderName|Source)\">"
    r"|(?<![\w\-])(?:ProviderName|Source)=)([^\"<;}\n]{1,90})",
    re.IGNORECASE,
)


_OF_A_LOG = re.compile(r"(?<!\w)(?:TimeCreated|LevelDisplayName|RecordId|LogName|ProviderName)\b")


def _objects(text: str) -> Iterator[Logged]:
    """Yield the events of JSON, CLIXML and objects in one line."""
    keys = list(_KEY.finditer(text))
    providers = (
        [(match.start(), match[1]) for match in _OBJECT_PROVIDER.finditer(text)] if keys else []
    )
    at = 0
    for index, key in enumerate(keys):
        low = keys[index - 1].end() if index else 0
        high = keys[index + 1].start() if index + 1 < len(keys) else len(text)
        while at < len(providers) and providers[at][0] < low:
            at += 1
        near = providers[at : at + 2]
        after = [name for place, name in near if key.end() <= place < high]
        before = [name for place, name in near if low <= place < key.start()]
        source = next(iter(after or before), "")
        name = (key[1] or key[2] or key[3]).casefold()
        # An id or a code of anything else is no event.
        known = name.startswith("event") or _PROVIDER.match(source)
        around = text[max(low, key.start() - 600) : min(high, key.end() + 600)]
        if known or (name == "id" and _OF_A_LOG.search(around)):
            yield event_at(key.start(4), key[4], source)
