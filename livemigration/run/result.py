"""What became of one entry of the plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from livemigration.run.plan import PlanEntry
from livemigration.verdict.findings import Finding, Level, Reference


class State(Enum):
    """What became of one plan entry."""

    # There is one of each: Enum's own is a call of Python's for every look into a table.
    __hash__ = object.__hash__

    PASS = "pass"  # noqa: S105 - a state, not a password
    WARNING = "warning"
    FAIL = "fail"
    BLOCKED = "blocked"
    WAIVED = "waived"
    NOT_APPLICABLE = "not-applicable"
    INTERNAL_ERROR = "internal-error"
    NOT_RUN = "not-run"


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why an entry could not be evaluated: the check whose finding explains it, and the reason."""

    check: str
    reason: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one plan entry. `red` includes warnings where the policy says so."""

    entry: PlanEntry
    state: State
    red: bool = False
    findings: tuple[Finding, ...] = ()
    blocked_by: Blocker | None = None
    reason: str = ""
    seconds: float = 0.0
    refs: tuple[Reference, ...] = ()


def state_of(findings: Iterable[Finding]) -> State:
    """Return the state that findings amount to: the worst of them.

    Raises:
        ValueError: there is no finding; silence must not pass.
    """
    levels = {finding.level for finding in findings}
    if not levels:
        raise ValueError("the check yielded nothing")
    if Level.FAIL in levels:
        return State.FAIL
    if Level.WARNING in levels:
        return State.WARNING
    if Level.OK not in levels and Level.NOT_APPLICABLE in levels:
        return State.NOT_APPLICABLE
    return State.PASS
