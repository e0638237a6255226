"""What a check's end is in its result: the blocker, the reason, the place of what broke."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from fact_builders import A, judged, run_facts
from test_runner import FAILED, REFUSED, run

from livemigration.facts.host import DEVICE_GUARD, SERVICES
from livemigration.facts.model import FailureKind, GatherFailure, Inapplicable, NotGathered
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.run.result import Blocker, State
from livemigration.verdict.check import Check, check
from livemigration.verdict.findings import Finding, not_applicable, note, ok
from livemigration.verdict.references import VMM_PORTS
from livemigration.verdict.views import BlockedError, FactsView


@check("LM199", needs=(SERVICES,), refs=(VMM_PORTS,))
def needing(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    yield ok(host.name)


def test_what_blocks_a_check_is_its_reason_with_the_next_step() -> None:
    result = run(needing, outcomes={SERVICES.name: REFUSED})
    sentence = REFUSED.failure.sentence
    assert result.reason == sentence
    assert result.blocked_by == Blocker("LM302", sentence, "Look.")
    assert result.refs == (VMM_PORTS,)


@check("LM199", needs=(SERVICES, DEVICE_GUARD))
def needing_two(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    yield ok(host.name)


def test_what_a_machine_cannot_have_comes_before_what_was_not_gathered() -> None:
    outcomes: dict[str, Any] = {
        SERVICES.name: REFUSED,
        DEVICE_GUARD.name: Inapplicable("Too old."),
    }
    result = run(needing_two, outcomes=outcomes)
    assert (result.state, result.reason) == (State.NOT_APPLICABLE, "Too old.")
    second = NotGathered(GatherFailure(FailureKind.FAULT, "It", "failed", "There.", "LM001"))
    outcomes[DEVICE_GUARD.name] = second
    assert run(needing_two, outcomes=outcomes).blocked_by == Blocker(
        "LM302", REFUSED.failure.sentence, "Look."
    )


@check("LM199")
def blocked(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    yield note(host.name)
    raise BlockedError("LM201", "No name.", "Mend DNS.")


def test_what_a_check_raises_blocks_it_with_what_it_says() -> None:
    result = run(blocked)
    assert (result.state, result.reason) == (State.BLOCKED, "No name.")
    assert result.blocked_by == Blocker("LM201", "No name.", "Mend DNS.")
    assert len(result.findings) == 1


@check("LM199")
def dividing(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    yield ok(host.name)
    int(host.name)


@check("LM199")
def undeclared(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    yield ok(str(host[SERVICES]))


@check("LM199")
def texts(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    yield host.name  # type: ignore[misc]  # what is refused


@check("LM199")
def silent(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    yield from ()


def line_of(broken: Check, text: str) -> int:
    lines, start = inspect.getsourcelines(broken.function)
    return start + next(place for place, line in enumerate(lines) if text in line)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (dividing, f"ValueError at test_runner_results.py:{line_of(dividing, 'int(host')}"),
        (texts, "it yielded a str, not a finding"),
        (silent, "it yielded no finding"),
    ],
)
def test_a_check_that_breaks_says_where_and_nothing_of_the_machine(
    broken: Check, said: str
) -> None:
    result = run(broken)
    assert result.state is State.INTERNAL_ERROR
    assert result.reason == f"LM199 is broken: {said}. This says nothing about the target."
    assert not result.red


def test_a_fact_that_is_not_declared_is_named_to_the_author() -> None:
    reason = run(undeclared).reason
    place = f"test_runner_results.py:{line_of(undeclared, 'host[SERVICES]')}"
    assert reason.startswith(f"LM199 is broken: UndeclaredFactsError at {place}: ")
    assert "does not declare it" in reason


@check("LM199")
def elsewhere(host: FactsView) -> Iterator[Finding]:
    """It holds."""
    yield not_applicable("Not here.")
    yield not_applicable("Nor there.")


def test_the_first_reason_why_a_check_does_not_apply_is_the_results() -> None:
    assert run(elsewhere).reason == "Not here."
    assert run(needing, outcomes={}).reason
    assert FAILED.fix is not None


def test_where_no_vmm_is_asked_no_fix_is_scripted_for_it() -> None:
    given = {**A, "enabled": False, "listeners": ()}
    (asked,) = judged("LM101", run_facts(**given)).findings
    gate = {VMM_ACCESS.name: Inapplicable("The gate asks no VMM server.")}
    (left_out,) = judged("LM101", run_facts(**given, vmm_lost=gate)).findings
    assert asked.fix is not None
    assert left_out.fix is not None
    assert asked.fix.commands
    assert left_out.fix.commands == left_out.fix.undo == ()
