"""Events in tables: Get-WinEvent and Get-EventLog as a table, rows of Event Viewer."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from livemigration.explain.logcsv import PROVIDERS, CsvRecords, separated
from livemigration.explain.logged import HYPER_V, IDENTIFIERS, LOG_NAMES, PROVIDER, Logged, event_at

_RULE = re.compile(
    r"^[ \t]{0,40}-{1,200}(?:[ \t]{1,200}-{1,200}){1,20}[ \t\r]{0,400}$", re.MULTILINE
)
_GROUP = re.compile(
    rf"^[ \t]{{0,10}}ProviderName:[ \t]{{0,10}}({PROVIDER}|[^\n]{{1,90}})", re.MULTILINE
)
_IDENTIFIER = re.compile(r"id\b|eventcode", re.IGNORECASE)
_LOOSE_HEADER = re.compile(r"\bTimeCreated[ \t]{1,60}Id[ \t]{1,60}\w", re.IGNORECASE)
# A row whose columns were lost: a date, a time, then the number.
_LOOSE_ROW = re.compile(
    r"^[ \t]{0,20}[0-9]{1,4}[./\-][ ]?[0-9]{1,2}[./\-][ ]?[0-9]{1,4}\.?[ \t]{1,10}"
    r"[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?[ ]?(?:[^\W\d_]\.?[ ]?[^\W\d_]\.?)?[ \t]{1,60}"
    r"([0-9]{1,5})[ \t]",
    re.MULTILINE,
)
_BESIDE = re.compile(
    rf"({PROVIDER})[\"']?[ \t]{{0,4}}(?:([,;\t|])|[ ])[ \t]{{0,60}}[\"']?([0-9]{{1,5}})[\"']?"
    r"(?=[ \t]{0,60}(?:[,;\t|\r\n]|$)|[ \t]{1,60}[^\W\d_])"
)
# A row that Snare sends on: a log, a running number, a day and a time, the event, its source.
_SNARE = re.compile(
    r"\t[^\t\n]{1,90}\t[0-9]{1,10}\t[^\t\n]{0,20}[0-9]{1,2}:[0-9]{2}[^\t\n]{0,20}"
    r"\t([0-9]{1,5})\t([^\t\n]{1,90})"
)


def in_tables(text: str) -> dict[int, Logged]:
    """Return the events that stand in tables, by the place of their number."""
    records = tuple(separated(text))
    # What a header already names is not guessed from its neighbours.
    rows = {row.at: row.event for row in _ruled(text)}
    events = [event for event in rows.values() if event is not None]
    sent = tuple(_SNARE.finditer(text)) if "MSWinEventLog" in text else ()
    events += [event_at(each.start(1), each[1], each[2]) for each in sent]
    rows.update({text.rfind("\n", 0, each.start()) + 1: None for each in sent})
    events += [*_loose(text), *(event for each in records for event in each.events)]
    events += [
        each for each in _beside(text, records) if text.rfind("\n", 0, each.start) + 1 not in rows
    ]
    found: dict[int, Logged] = {}
    for event in events:
        found.setdefault(event.start, event)
    return found


@dataclass(frozen=True)
class _Row:
    """A row of a table: where it begins, and its event where it has one."""

    at: int
    event: Logged | None


def _groups(text: str) -> list[tuple[int, str]]:
    return [(match.start(), match[1].strip()) for match in _GROUP.finditer(text)]


def _group_at(groups: list[tuple[int, str]], place: int) -> str:
    """Return the provider under whose heading a place stands."""
    before = bisect_left(groups, (place, ""))
    return groups[before - 1][1] if before else ""


def _ruled(text: str) -> Iterator[_Row]:
    """Yield the rows of tables whose columns are drawn by dashes, as PowerShell prints them."""
    groups = _groups(text)
    for rule in _RULE.finditer(text):
        header_start = text.rfind("\n", 0, max(rule.start() - 1, 0)) + 1
        header = text[header_start : rule.start()].rstrip("\r\n")
        columns = _columns(header, rule.group()) if _IDENTIFIER.search(header) else {}
        number = next((columns[name] for name in columns if name in IDENTIFIERS), None)
        if number is None or not LOG_NAMES & columns.keys():
            continue
        provider = next((columns[name] for name in columns if name in PROVIDERS), None)
        group = _group_at(groups, rule.start())
        for at, row in _rows(text, rule.end() + 1):
            place, digits = _token(row, number)
            event = None
            if digits.isascii() and digits.isdecimal() and len(digits) <= 10:
                source = _token(row, provider)[1] if provider else group
                event = event_at(at + place, digits, source)
            yield _Row(at, event)


def _rows(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield the lines of a table: down to the next blank line, or the next table."""
    while start < len(text):
        end = text.find("\n", start)
        row = text[start : end if end >= 0 else len(text)]
        if not row.strip("- \t\r"):
            return
        yield start, row
        start += len(row) + 1


_Span = tuple[int, int]


def _columns(header: str, rule: str) -> dict[str, _Span]:
    """Return the names of a table's columns, and where each stands."""
    spans = [match.span() for match in re.finditer(r"-{1,200}", rule)]
    names: dict[str, _Span] = {}
    for word in re.finditer(r"\S{1,60}(?: ID\b)?", header[:4_000]):
        for span in spans:
            if word.start() <= span[1] and span[0] <= word.end():
                names.setdefault(word.group().casefold(), span)
    return names


def _token(row: str, column: _Span) -> tuple[int, str]:
    """Return the word of a row that stands in a column, with its place in the row."""
    low, high = column
    for match in re.finditer(r"\S{1,90}", row[: high + 90]):
        if match.start() < high and match.end() > low:
            return match.start(), match.group()
    return 0, ""


def _loose(text: str) -> Iterator[Logged]:
    """Yield the events of a table whose columns no longer stand below each other."""
    header = _LOOSE_HEADER.search(text)
    if header is None:
        return
    groups = _groups(text)
    for match in _LOOSE_ROW.finditer(text, header.end()):
        yield event_at(match.start(1), match[1], _group_at(groups, match.end()))


def _beside(text: str, records: tuple[CsvRecords, ...]) -> Iterator[Logged]:
    """Yield the numbers that stand beside the name of a provider, as in rows of Event Viewer."""
    starts = [each.start for each in records]
    # Behind a mere blank, only what can be an event of Hyper-V counts.
    for match in _BESIDE.finditer(text):
        before = bisect_right(starts, match.start())
        if before and match.start() < records[before - 1].end:
            # Its header says which column is the event's.
            continue
        if match[2] or int(match[3]) in HYPER_V:
            yield event_at(match.start(3), match[3], match[1])
