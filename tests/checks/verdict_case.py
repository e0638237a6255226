"""One line of the table: facts in, the verdict that the verdict table gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fact_builders import judged, run_facts

from livemigration.results import Result, State

PASS, WARNING, FAIL = State.PASS, State.WARNING, State.FAIL
BLOCKED, INAPPLICABLE = State.BLOCKED, State.NOT_APPLICABLE


@dataclass(frozen=True)
class Case:
    """A row of the verdict table, and facts that lead to it.

    `row` names the row: the check and the words of the table. `says` must occur in a finding or in
    the reason, `fix` is the key of the first fix, `by` the check that blocks.
    """

    check: str
    row: str
    state: State
    given: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    says: str = ""
    fix: str = ""
    by: str = ""

    def result(self) -> Result:
        """Return what the suite makes of the case."""
        return judged(self.check, run_facts(**self.given), self.policy)


def said(result: Result) -> str:
    """Return everything that a result says, on one line."""
    parts = [result.reason]
    for finding in result.findings:
        parts += [finding.observed, finding.expected]
    return " ".join(parts)
