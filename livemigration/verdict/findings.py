"""What a check says: findings with what was observed, what was expected, and the fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from livemigration.base.text import one_line


@dataclass(frozen=True, slots=True)
class Reference:
    """A document that a check or a fix rests on."""

    title: str
    url: str


class Level(Enum):
    """How much a finding weighs, from least to most."""

    # There is one of each: Enum's own is a call of Python's for every look into a table.
    __hash__ = object.__hash__

    OK = "ok"
    NOTE = "note"
    NOT_APPLICABLE = "not-applicable"
    WARNING = "warning"
    FAIL = "fail"


# Stands in the title of a cause for the name of a host, or for a number of hosts.
HOSTS = "{hosts}"


@dataclass(frozen=True, slots=True)
class Cause:
    """What is wrong, in words that hold for each host that needs the same fix.

    `title` is an order to mend it, with `HOSTS` where the hosts are named; `wrong` says what is
    wrong, never what would be right; `why` says what follows from it tonight; `word` is `wrong` in
    a word or two, for a table. `values` are what matters of this host, two at most, each behind
    what it is: only they may differ from host to host.
    """

    title: str
    wrong: str
    word: str
    why: str = ""
    values: tuple[tuple[str, str], ...] = ()

    def order(self, name: str) -> str:
        """Return the title for one machine, as a sentence."""
        return f"{self.title.replace(HOSTS, one_line(name))}."


@dataclass(frozen=True, slots=True)
class Fix:
    """How to mend one host: data, computed for that host.

    `key` is the same for findings that one fix mends. `console` are steps in the VMM console or
    another tool; `commands` and `undo` are lines of PowerShell (comments where a person must act);
    `done` are lines that throw unless the host is mended already, where the undo has no guard that
    says so; `cost` is what the fix costs, empty where nothing is lost; `cause` tells it once for
    many hosts.
    """

    key: str
    summary: str
    console: tuple[str, ...] = ()
    precondition: str = ""
    commands: tuple[str, ...] = ()
    undo: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    cost: str = ""
    alternative: str = ""
    source: Reference | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of a check about its target."""

    level: Level
    observed: str
    expected: str = ""
    fix: Fix | None = None


def ok(observed: str) -> Finding:
    """Say that what was looked at is as it should be."""
    return Finding(Level.OK, observed)


def note(observed: str) -> Finding:
    """Say something worth showing with the host; never counted."""
    return Finding(Level.NOTE, observed)


def not_applicable(reason: str) -> Finding:
    """Say why the check does not apply to this target."""
    return Finding(Level.NOT_APPLICABLE, reason)


def warn(observed: str, expected: str, fix: Fix | None = None) -> Finding:
    """Say something worth knowing before the window; green, but listed."""
    return Finding(Level.WARNING, observed, expected, fix)


def fail(observed: str, expected: str, fix: Fix) -> Finding:
    """Say that tonight's migration will not work, or that the policy forbids it."""
    return Finding(Level.FAIL, observed, expected, fix)
