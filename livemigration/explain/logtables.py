"""Events in tables: Get-WinEvent and Get-EventLog as a table, rows of Event Viewer."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from livemigration.explain.logcsv import separated
from livemigration.explain.logged import IDENTIFIERS, LOG_NAMES, PROVIDER, Logged, event_at

_RULE = re.compile(
    r"^[ \t]{0,40}-{1,200}(?:[ \t]{1,200}-{1,200}){1,20}[ \t\r]{0,400}$", re.MULTILINE
)
_GROUP = re.compile(
    rf"^[ \t]{{0,10}}ProviderName:[ \t]{{0,10}}({PROVIDER}|[^\n]{{1,90}})", re.MULTILINE
)
_ANY_PROVIDER = re.compile(PROVIDER)
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
# Behind a mere blank, only what can be an event of Hyper-V counts.
_HYPER_V = range(10_000, 40_000)


def in_tables(text: str) -> dict[int, Logged]:
    """Return the events that stand in tables, by the place of their number."""
    found: dict[int, Logged] = {}
    for each in (*_ruled(text), *_loose(text), *separated(text), *_beside(text)):
        found.setdefault(each.start, each)
    return found


def _groups(text: str) -> list[tuple[int, str]]:
    return [(match.start(), match[1].strip()) for match in _GROUP.finditer(text)]


def _group_at(groups: list[tuple[int, str]], place: int) -> str:
    """Return the provider under whose heading a place stands."""
    before = bisect_left(groups, (place, ""))
    return groups[before - 1][1] if before else ""


def _ruled(text: str) -> Iterator[Logged]:
    """Yield the events of tables whose columns are drawn by dashes, as PowerShell prints them."""
    groups = _groups(text)
    for rule in _RULE.finditer(text):
        header_start = text.rfind("\n", 0, max(rule.start() - 1, 0)) + 1
        span = _column(text[header_start : rule.start()].rstrip("\r\n"), rule.group())
        if span is None:
            continue
        group = _group_at(groups, rule.start())
        for at, row in _rows(text, rule.end() + 1):
            if (token := _token(row, *span)) is not None:
                named = _ANY_PROVIDER.search(row)
                yield event_at(at + token[0], token[1], named.group() if named else group)


def _rows(text: str, start: int) -> Iterator[tuple[int, str]]:
    """Yield the lines of a table: down to the next blank line, or the next table."""
    while start < len(text):
        end = text.find("\n", start)
        row = text[start : end if end >= 0 else len(text)]
        if not row.strip("- \t\r"):
            return
        yield start, row
        start += len(row) + 1


def _column(header: str, rule: str) -> tuple[int, int] | None:
    """Return where the column of the event's number stands, in a table of a log; else None."""
    spans = [match.span() for match in re.finditer(r"-{1,200}", rule)]
    names: dict[str, tuple[int, int]] = {}
    for word in re.finditer(r"\S{1,60}(?: ID\b)?", header[:4_000]):
        for span in spans:
            if word.start() <= span[1] and span[0] <= word.end():
                names.setdefault(word.group().casefold(), span)
    if not LOG_NAMES & names.keys():
        return None
    return next((span for name, span in names.items() if name in IDENTIFIERS), None)


def _token(row: str, low: int, high: int) -> tuple[int, str] | None:
    for match in re.finditer(r"\S{1,60}", row[: high + 60]):
        if match.start() < high and match.end() > low:
            text = match.group()
            plain = text.isascii() and text.isdecimal() and len(text) <= 10
            return (match.start(), text) if plain else None
    return None


def _loose(text: str) -> Iterator[Logged]:
    """Yield the events of a table whose columns no longer stand below each other."""
    header = _LOOSE_HEADER.search(text)
    if header is None:
        return
    groups = _groups(text)
    for match in _LOOSE_ROW.finditer(text, header.end()):
        yield event_at(match.start(1), match[1], _group_at(groups, match.end()))


def _beside(text: str) -> Iterator[Logged]:
    """Yield the numbers that stand beside the name of a provider, as in rows of Event Viewer."""
    for match in _BESIDE.finditer(text):
        if match[2] or int(match[3]) in _HYPER_V:
            yield event_at(match.start(3), match[3], match[1])
