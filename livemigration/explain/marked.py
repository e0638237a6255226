"""The events of a text: by their place in what a log prints, or by the word before them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from livemigration.explain import words
from livemigration.explain.catalogue import lookup
from livemigration.explain.entry import Entry, Kind
from livemigration.explain.found import Found
from livemigration.explain.logged import PROVIDER, Logged, logged
from livemigration.explain.logtables import in_tables

_LABELS = "|".join(words.LABEL)
# Never behind a bracket: wevtutil numbers its events "Event[4]:".
_MARKED = re.compile(
    rf"(?:{'|'.join(words.EVENT)})(?:[^\W\d_]{{0,3}}(?:[\s\-_/.:]{{0,3}}(?:{_LABELS}))?)"
    # Also behind the marks of a web page or of a chat.
    rf"[\s*`]{{0,30}}[:=#]?(?:</t[dh]>\s{{0,10}}<t[dh]>)?[ \t*`]{{0,40}}\s{{0,2}}[(\"']{{0,2}}"
    rf"([0-9]{{1,5}}|[0-9]{{1,2}}[.,'][0-9]{{3}}){words.END}",
    re.IGNORECASE,
)
_NEXT = re.compile(
    r"[ ]?(?:,|;|/|&|\bor\b|\band\b|\bund\b|\bet\b|\be\b|\by\b|\boder\b|\u3001)[ ]?(?:\band\b )?"
    rf"([0-9]{{3,5}}){words.END}",
    re.IGNORECASE,
)
_ONE_LINE = re.compile(
    rf"{PROVIDER}[^\n]{{0,160}}?(?<![0-9]):[ \t]{{0,40}}([0-9]{{5}})(?![0-9A-Za-z_]|[.:/\-][0-9])"
)
_ANY_PROVIDER = re.compile(PROVIDER)
# Below it a number behind the word may be a running one: "Event 4".
_FIRST_PLAIN = 1_000
_SHORT = 40
# How many there are: "Events: 11".
_COUNTED = re.compile(r"(?:events|ereignisse|eventos|eventi)\b[^a-z]*$", re.IGNORECASE)


def events(text: str) -> Iterator[tuple[int, int, Found]]:
    """Yield the events of a text: where each is told, where its number ends, and what it is."""
    places = {**in_tables(text), **logged(text)}
    for each in places.values():
        yield each.start, each.end, _found(f"Event {each.number}", each)
    ends = set()
    for match in _MARKED.finditer(text):
        for event in _of_mark(text, match, places):
            ends.add(event[1])
            yield event
    for match in _ONE_LINE.finditer(text):
        number, known = int(match[1]), match.start(1) in places or match.end(1) in ends
        if not known and lookup(number, (Kind.EVENT,)):
            source = _ANY_PROVIDER.findall(match.group())[-1]
            told = Logged(match.start(1), match.end(1), number, source)
            yield match.start(1), match.end(1), _found(f"Event {number}", told)


def _of_mark(
    text: str, match: re.Match[str], places: dict[int, Logged]
) -> Iterator[tuple[int, int, Found]]:
    number = int(re.sub(r"[.,']", "", match[1]))
    known = lookup(number, (Kind.EVENT,))
    doubtful = not match[1].isdecimal() or "\n" in match.group()
    if match.start(1) in places or (doubtful and not known):
        return
    source = _source_before(text, match.start())
    told = Logged(match.start(1), match.end(1), number, source)
    if number >= _FIRST_PLAIN or _small(text, known, source, match):
        yield match.start(), match.end(1), _found(match.group(), told)
    at = match.end(1)
    while (following := _NEXT.match(text, at)) is not None:
        number = int(following[1])
        if lookup(number, (Kind.EVENT,)) and following.start(1) not in places:
            told = Logged(following.start(1), following.end(1), number, source)
            yield following.start(1), following.end(1), _found(f"Event {number}", told)
        at = following.end(1)


def _small(text: str, known: tuple[Entry, ...], source: str, match: re.Match[str]) -> bool:
    """Whether a small number behind the word is an event's: it is all there is, or is named."""
    if "\n" in match.group() or _COUNTED.match(match.group()):
        return False
    if source or len(text.strip()) <= _SHORT:
        return True
    small = text[max(0, match.start() - 2_000) : match.end() + 2_000].casefold()
    return any(each in small for entry in known for each in entry.providers)


def _source_before(text: str, place: int) -> str:
    """Return the provider that the same line names before a place."""
    line = text[max(0, place - 200) : place].rsplit("\n", 1)[-1]
    found = _ANY_PROVIDER.findall(line)
    return found[-1] if found else ""


def _found(spelling: str, event: Logged) -> Found:
    entries = tuple(
        entry for entry in lookup(event.number, (Kind.EVENT,)) if entry.is_logged_by(event.source)
    )
    return Found(spelling, event.number, (Kind.EVENT,), entries, event.source)
