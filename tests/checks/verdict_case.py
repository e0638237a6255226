"""One line of the table: facts in, the verdict that the verdict table gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from fact_builders import judged, run_facts

from livemigration.results import Result, State

PASS, WARNING, FAIL = State.PASS, State.WARNING, State.FAIL
BLOCKED, INAPPLICABLE = State.BLOCKED, State.NOT_APPLICABLE


@dataclass(frozen=True)
class Case:
    """A row of the verdict table, and facts that lead to it.

    `row` names the row, in the words of `verdict_rows.ROWS`. `says` must occur in a finding or in
    the reason, `unsaid` in none, `notes` in a note; `fix` is the key of the first fix, `by` the
    check that blocks.
    `found` is how many findings have the level of the verdict: one root cause is one finding.
    """

    check: str
    row: str
    state: State
    given: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    says: str = ""
    unsaid: str = ""
    notes: str = ""
    fix: str = ""
    by: str = ""
    found: int = 1

    def result(self, **policy: Any) -> Result:
        """Return what the suite makes of the case, with these changes of its policy."""
        return judged(self.check, run_facts(**self.given), {**self.policy, **policy})


def parameters(cases: Iterable[Case]) -> list[Any]:
    """Return the cases as pytest's parameters."""
    return [
        pytest.param(case, id=f"{case.check}-{case.row}-{number}")
        for number, case in enumerate(cases)
    ]


def over(cases: Sequence[Case]) -> Callable[[Callable[[Case], None]], Callable[[str], None]]:
    """Make one test for each check, which goes over the check's cases and names the one that fails.

    For what is asked of every case alike: a test of its own for each would only take time.
    """

    def decorate(test: Callable[[Case], None]) -> Callable[[str], None]:
        @pytest.mark.parametrize("check", sorted({case.check for case in cases}))
        def of_check(check: str) -> None:
            for number, case in enumerate(cases):
                if case.check == check:
                    try:
                        test(case)
                    except BaseException as error:
                        error.add_note(f"case {number}: {case.check}, {case.row}")
                        raise

        of_check.__name__ = test.__name__
        return of_check

    return decorate


def said(result: Result) -> str:
    """Return everything that a result says, on one line."""
    parts = [result.reason]
    for finding in result.findings:
        parts += [finding.observed, finding.expected]
    return " ".join(parts)
