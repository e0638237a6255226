"""Faults that pass, and answers that never come: whether the suite is patient, and not too much."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from fault_edits import DROPPED, edited, faulted
from fault_envelopes import quota
from fault_plays import Answered, Asked, Change, Kind, Trap

from livemigration.facts.model import FailureKind as Fails
from livemigration.lab import faults as lab_faults

_LATE = frozenset({Fails.TIMED_OUT, Fails.DEADLINE})
_OPERATIONS = quota(2150859174, 2)
_GAVE_UP = lab_faults.timed_out()


def _each_first(change: Change, of: Callable[[Asked], str]) -> Change:
    """Return a change that plays once for each message of a kind: `of` names it, empty for none."""

    async def play(asked: Asked, trap: Trap) -> Answered:
        name = of(asked)
        if name:
            asked.seen[name] += 1
        return await (change(asked, trap) if asked.seen[name] == 1 else asked.answer())

    return play


def _in_shells(*actions: str) -> Callable[[Asked], str]:
    return lambda asked: asked.action if asked.is_of_shells and asked.action in actions else ""


def _query(asked: Asked) -> str:
    """Name a query by its text: asked again, it is the same."""
    return asked.text.partition("<w:Filter")[2].partition("</w:Filter>")[0]


def _call(asked: Asked) -> str:
    return asked.action if "_INPUT" in asked.text else ""


async def _stuck(_asked: Asked, _trap: Trap) -> Answered:
    await asyncio.sleep(30)
    return DROPPED


def _never(*actions: str) -> Change:
    async def change(asked: Asked, trap: Trap) -> Answered:
        return await (_stuck(asked, trap) if asked.action in actions else asked.answer())

    return change


def _services_without_end(text: str, asked: Asked, _trap: Trap) -> str:
    if "Win32_Service" not in asked.text:
        return text
    text = text.replace("<w:EndOfSequence/>", "")
    return text.replace("EnumerationContext></", "EnumerationContext>uuid:1</")


async def _release_stuck(asked: Asked, trap: Trap) -> Answered:
    if asked.action == "Release":
        return await _stuck(asked, trap)
    return await edited(_services_without_end)(asked, trap)


OF_PATIENCE = (
    Kind(
        "quota fault on each query once",
        change=_each_first(faulted(_OPERATIONS, lambda _: True), _query),
        # A pause before each of its queries is most of what a machine has here.
        costly=True,
    ),
    Kind(
        "time-out of the host on each query once",
        change=_each_first(faulted(_GAVE_UP, lambda _: True), _query),
        costly=True,
    ),
    Kind(
        "quota fault on each method once",
        change=_each_first(faulted(_OPERATIONS, lambda _: True), _call),
    ),
    Kind(
        "an enumeration without end, and a Release that is never answered",
        frozenset({Fails.PROTOCOL, Fails.FAULT}),
        change=_release_stuck,
    ),
    Kind(
        "a proxy names itself",
        frozenset({Fails.PROTOCOL}),
        offer=lambda _status, _headers, _body: (502, [("Via", "1.1 squid01")], b""),
        says="squid01",
    ),
    *(
        replace(kind, on="vmm")
        for kind in (
            Kind("Send never answers", _LATE, change=_never("Send")),
            Kind(
                "quota fault on each step of a script once",
                change=_each_first(
                    faulted(_OPERATIONS, lambda _: True),
                    _in_shells("Create", "Command", "Send", "Receive"),
                ),
            ),
            Kind(
                "time-out of the server on Create once",
                change=_each_first(faulted(_GAVE_UP, lambda _: True), _in_shells("Create")),
            ),
            Kind("Delete never answers", change=_never("Delete")),
        )
    ),
)
