"""The difference between two runs, as results.json keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Moved:
    """One check of one target, and its states in the earlier run and in this one."""

    check: str
    title: str
    target: str
    was: str
    now: str


@dataclass(frozen=True)
class ChangedFact:
    """One value that is another now. `was` or `now` is empty where there was or is none."""

    target: str
    group: str
    name: str
    was: str
    now: str


@dataclass(frozen=True)
class Unreached:
    """A machine that answered in the earlier run and does not now, and what came back instead."""

    target: str
    said: str


@dataclass(frozen=True)
class Drift:
    """What changed since an earlier run.

    `baseline` names its file, `started` is its start, UTC. `new` are failures that were none,
    `fixed` failures that are none any more, `still` those of both; `waived` and `blocked` are newly
    so, `seen` is no longer blocked. `unjudged` failed before and was not judged now: that is not
    fixed. `facts` and `unreached` come from the facts; `facts` is None where those of one of the
    two are not there. `remarks` say what was not compared, a sentence each.
    """

    baseline: str
    started: datetime | None
    new: tuple[Moved, ...] = ()
    fixed: tuple[Moved, ...] = ()
    still: tuple[Moved, ...] = ()
    waived: tuple[Moved, ...] = ()
    blocked: tuple[Moved, ...] = ()
    seen: tuple[Moved, ...] = ()
    facts: tuple[ChangedFact, ...] | None = None
    remarks: tuple[str, ...] = ()
    unjudged: tuple[Moved, ...] = ()
    unreached: tuple[Unreached, ...] = ()
