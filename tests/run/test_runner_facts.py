"""Whose facts a check is given, and what it is told besides: another machine's are not its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fact_builders import CHECKS, HOST, OTHER, VMM, run_facts
from run_builders import entry_of, made_entry

from livemigration.facts.identity import Listed
from livemigration.inventory.policy import Policy
from livemigration.run.result import State
from livemigration.run.runner import evaluate, timed
from livemigration.verdict.check import check
from livemigration.verdict.findings import Finding, ok
from livemigration.verdict.views import FactsView, GroupView


def test_what_another_machine_says_under_a_name_is_told_once_and_judges_nothing_else() -> None:
    facts = run_facts(answers_as="hv09.contoso.com", enabled=False)
    facts = replace(facts, listed=tuple(map(Listed, facts.hosts)))
    # Whichever is judged first.
    for order in (("LM302", "LM101", "LM302"), ("LM101", "LM302", "LM101")):
        found = {
            each: evaluate(CHECKS[each], facts, entry_of(CHECKS[each], HOST), Policy())
            for each in order
        }
        assert found["LM302"].state is State.FAIL
        settings = found["LM101"]
        assert settings.state is State.BLOCKED
        assert settings.blocked_by is not None
        assert settings.blocked_by.check == "LM302"


@check("LM199")
def peers(host: FactsView, group: GroupView) -> Iterator[Finding]:
    """It holds."""
    yield ok(", ".join(group.peers(host.name)))


def test_the_inventory_says_with_whom_a_host_exchanges_machines() -> None:
    entry = made_entry("LM199", HOST)
    facts = run_facts()
    for exchanges, found in ((None, OTHER), (frozenset({OTHER}), OTHER), (frozenset(), "")):
        result = evaluate(peers, facts, entry, Policy(), exchanges=exchanges)
        assert [each.observed for each in result.findings] == [found]


def test_a_result_says_how_long_it_took() -> None:
    entry, clock = made_entry("LM199", HOST), iter((3.0, 4.5)).__next__
    result = evaluate(peers, run_facts(), entry, Policy(), 1.5)
    assert result.seconds == 1.5
    assert timed(peers, run_facts(), entry, Policy(), clock) == result


@pytest.mark.parametrize(("name", "target"), [("LM101", HOST), ("LM001", VMM)])
def test_a_machine_of_which_nothing_was_gathered_blocks_its_checks_by_name(
    name: str, target: str
) -> None:
    gone = replace(run_facts(), hosts={}, vmms={})
    result = evaluate(CHECKS[name], gone, entry_of(CHECKS[name], target), Policy())
    assert result.state is State.BLOCKED
    assert target in result.reason
    assert "were not gathered in this run" in result.reason
