"""One line of the table: facts in, the verdict that the verdict table gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pytest
from fact_builders import judged, run_facts
from sampling import sampled

from livemigration.facts.sheets import RunFacts
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.exchanging import Exchanges
from livemigration.run.result import Result, State

PASS, WARNING, FAIL = State.PASS, State.WARNING, State.FAIL
BLOCKED, INAPPLICABLE = State.BLOCKED, State.NOT_APPLICABLE
# The policy of a host that is to be emptied.
DRAINED: Mapping[str, Any] = {"drain": "every-host"}


@dataclass(frozen=True)
class Case:
    """A row of the verdict table, and facts that lead to it.

    `row` names the row: one outcome that the verdict table gives a check. `says` must occur in a
    finding or in the reason, `unsaid` in none, `notes` in a note; `fix` is the key of the first
    fix, `by` the check that blocks.
    `found` is how many findings have the level of the verdict: one root cause is one finding.
    `exchanges`: what the inventory says of with whom the host exchanges virtual machines; None:
    nothing is declared. `drain`: what is asked of drains.
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
    exchanges: Exchanges = None
    drain: DrainRequest | None = None

    @cached_property
    def facts(self) -> RunFacts:
        """The facts of the case, which many tests look at."""
        return run_facts(**self.given)

    def result(self, **policy: Any) -> Result:
        """Return what the suite makes of the case, with these changes of its policy."""
        if policy:
            return self._judged({**self.policy, **policy})
        return self._result

    @cached_property
    def _result(self) -> Result:
        return self._judged(self.policy)

    def _judged(self, policy: Mapping[str, Any]) -> Result:
        return judged(self.check, self.facts, policy, self.exchanges, self.drain)


@dataclass(frozen=True)
class Otherwise:
    """What does not follow from the declaration of a check.

    `behind`: the root causes (`test_root_causes.CAUSES`) that hide it although no fact that it
    needs is lost. `at_the_gate`: what it comes to for a healthy host that VMM does not know yet.
    `warned`: the healthy hosts (`test_healthy_hosts.HEALTHY`) that it warns of. `only_warns`: the
    groups whose loss leaves a warning out and no verdict, `warned_unread` those whose loss is a
    warning by the verdict table. `elsewhere`: how the lines of the check
    begin that facts of two hosts do not reach; other tests do.
    """

    check: str
    behind: frozenset[str] = frozenset()
    at_the_gate: State | None = None
    warned: frozenset[str] = frozenset()
    only_warns: frozenset[str] = frozenset()
    warned_unread: frozenset[str] = frozenset()
    elsewhere: tuple[str, ...] = ()


# Names of root causes, by what they have in common.
NO_ANSWER = frozenset(
    {
        "the host is unreachable, from everywhere",
        "the host is unreachable for the suite",
        "the name of the host is not in DNS",
    }
)
NO_ANSWER_TO_VMM = NO_ANSWER - {"the host is unreachable for the suite"}
STOPPED = frozenset({"vmms is stopped"})
NO_RELEASE = frozenset({"VMM is too old"})
VMM_IS_DOWN = frozenset({"VMM is down"})
NOT_RESOLVED = frozenset(
    {"VMM does not resolve the host", "VMM resolves the host to an address of no host"}
)
MIGRATION_OFF = frozenset({"live migration is disabled"})
OFF_LATER = frozenset({"live migration is disabled, VMM 2022"})


def over(cases: Sequence[Case]) -> Callable[[Callable[[Case], None]], Callable[[], None]]:
    """Make one test that goes over cases and names the one that fails.

    For what is asked of every case alike: tests of their own would only take time.
    """

    def decorate(test: Callable[[Case], None]) -> Callable[[], None]:
        def of_all() -> None:
            for case in cases:
                _try(test, case)

        of_all.__name__ = test.__name__
        return of_all

    return decorate


def over_each(
    cases: Sequence[Case], *, every: int
) -> Callable[[Callable[[Case], None]], Callable[[str], None]]:
    """Make one such test for each check; the quick tests take one of so many checks."""

    def decorate(test: Callable[[Case], None]) -> Callable[[str], None]:
        @pytest.mark.parametrize(
            "check", sampled(sorted({case.check for case in cases}), every=every)
        )
        def of_check(check: str) -> None:
            for case in cases:
                if case.check == check:
                    _try(test, case)

        of_check.__name__ = test.__name__
        return of_check

    return decorate


def _try(test: Callable[[Case], None], case: Case) -> None:
    try:
        test(case)
    except BaseException as error:
        error.add_note(f"{case.check}, {case.row}: {case.given}")
        raise


def said(result: Result) -> str:
    """Return everything that a result says, on one line."""
    parts = [result.reason]
    for finding in result.findings:
        parts += [finding.observed, finding.expected]
    return " ".join(parts)
