"""What a check says: findings with what was observed, what was expected, and the fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True)
class Reference:
    """A document that a check or a fix rests on."""

    title: str
    url: str


class Level(Enum):
    """How much a finding weighs, from least to most."""

    OK = "ok"
    NOTE = "note"
    NOT_APPLICABLE = "not-applicable"
    WARNING = "warning"
    FAIL = "fail"


@dataclass(frozen=True)
class Fix:
    """How to mend one host: data, computed for that host.

    `key` is the same for findings that one repair mends. `console` are steps in the VMM console or
    another tool; `commands` and `undo` are lines of PowerShell (comments where a person must act);
    `done` are lines that throw unless the host is mended already, where the undo has no guard that
    says so; `cost` is what the repair costs, empty where nothing is lost.
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


@dataclass(frozen=True)
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
