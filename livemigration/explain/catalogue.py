"""Every entry, and how it is found by number, name or phrase."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from livemigration.explain import (
    cluster_events,
    events,
    methods,
    results,
    security,
    sentences,
    sockets,
    vmm_jobs,
    vmm_more,
    win32,
    win32_more,
    wsman,
)
from livemigration.explain.entry import Entry, Kind

CATALOGUE: tuple[Entry, ...] = (
    *sockets.ENTRIES,
    *win32.ENTRIES,
    *win32_more.ENTRIES,
    *security.ENTRIES,
    *results.ENTRIES,
    *wsman.ENTRIES,
    *methods.ENTRIES,
    *events.ENTRIES,
    *cluster_events.ENTRIES,
    *vmm_jobs.ENTRIES,
    *vmm_more.ENTRIES,
    *sentences.ENTRIES,
)
_BY_NUMBER = {(entry.kind, entry.number): entry for entry in CATALOGUE if entry.number is not None}
_BY_NAME = {
    name.casefold(): entry
    for entry in CATALOGUE
    if entry.kind in {Kind.WIN32, Kind.RESULT}
    for name in entry.names
}

# Windows puts names and ids into its sentences: "the virtual machine 'web01' could not ...".
_NAMES_BETWEEN = r" (?:(?:'[^']{0,100}'|\([^()]{0,100}\)) ){0,3}"


def _with_names(phrase: str) -> re.Pattern[str]:
    return re.compile(_NAMES_BETWEEN.join(re.escape(word) for word in phrase.split(" ")))


@cache
def _sentences(*, general: bool) -> tuple[tuple[re.Pattern[str], Entry], ...]:
    """Return each sentence; that they are compiled takes longer than most commands."""
    return tuple(
        (_with_names(phrase), entry)
        for entry in CATALOGUE
        if entry.general is general
        for phrase in entry.phrases
    )


def lookup(number: int, kinds: Iterable[Kind]) -> tuple[Entry, ...]:
    """Return what the catalogue says of a number in each of these kinds."""
    found = (_BY_NUMBER.get((kind, number)) for kind in kinds)
    return tuple(entry for entry in found if entry is not None)


def named(name: str) -> Entry | None:
    """Return the entry of a symbolic name, with or without WSMan's prefix, in any case."""
    plain = name.casefold()
    return _BY_NAME.get(plain) or _BY_NAME.get(plain.removeprefix(wsman.PREFIX.casefold()))


def phrased(text: str) -> Iterator[tuple[int, Entry]]:
    """Yield the entries whose sentence stands in a folded text, with its place."""
    yield from _said(text, general=False)


def general(text: str) -> Iterator[tuple[int, Entry]]:
    """Yield the messages of a folded text that say only that something failed."""
    yield from _said(text, general=True)


def _said(text: str, *, general: bool) -> Iterator[tuple[int, Entry]]:
    told: set[tuple[str, ...]] = set()
    for phrase, entry in _sentences(general=general):
        match = None if entry.names in told else phrase.search(text)
        if match is not None:
            told.add(entry.names)
            yield match.start(), entry


def of_check(identifier: str) -> tuple[Entry, ...]:
    """Return the entries whose cause a check looks for."""
    return tuple(entry for entry in CATALOGUE if identifier in entry.checks)
