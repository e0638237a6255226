"""Whatever text a machine sends, a finding stays one line and a script keeps its commands."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
from case_tables import CASES
from fact_builders import CHECKS, VMM_2012_SP1, VMM_2022, all_lost, judged, run_facts
from firewall_facts import seen
from hypothesis import example, given
from in_turn import in_turn
from properties import examples
from sampling import sampled
from test_fix_quoting import HOSTILE, anything
from test_fixes import commands, nodes
from verdict_case import Case, over_each

from livemigration.facts.firewall import BLOCK
from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    Gathered,
    GatherFailure,
    NotGathered,
    Outcome,
)
from livemigration.facts.sheets import RunFacts
from livemigration.run.result import Result, State
from livemigration.verdict.networks import USER_MANAGED

TAME = "hv01.contoso.com"
FIRST_OF_ROWS = list({(each.check, each.row): each for each in reversed(CASES)}.values())
# A line of its own, and a mark that turns the direction of writing.
FORGERY = "\nFAIL LM302\u202e\u2028"


def broken(text: str) -> NotGathered:
    return NotGathered(GatherFailure(FailureKind.ACCESS_DENIED, text, text, text, "LM302", 5))


def scenes(text: str, release: str) -> Iterator[RunFacts]:
    """Yield facts in which each text that a machine chooses is this one.

    Names of hosts come from the inventory, which refuses what is not a machine's name; a hostile
    one must do no harm all the same.
    """
    networks = (("10.0.50.0/24", text), ("10.0.60.0/24", USER_MANAGED))
    common: dict[str, Any] = {"release": release, "known_as": text}
    yield run_facts(
        **common,
        name=text,
        networks=networks,
        listeners=("10.0.50.11",),
        services={"vmms": text, "SCVMMAgent": text},
        wsman=(False, 5, text),
    )
    yield run_facts(**common, networks=networks, enabled=False, listeners=(), authentication=0)
    yield run_facts(**common, networks=(("10.0.50.0/24", text),), listeners=(), dns=())
    yield run_facts(**common, dns=("10.0.0.12", "10.0.0.99", "fe80::1"))
    block = {"name": f"{text}-block", "action": BLOCK, "program": text, "service": "Any"}
    yield run_facts(**common, **seen({"remote": (text,), "enabled": False}, block))
    yield run_facts(**common, **seen({"name": text, "ports": (text,)}, {**block, "program": "Any"}))
    yield run_facts(**common, lost=all_lost(broken(text)))
    yield run_facts(**common, vmm_lost={"vmm-access": broken(text)})


def results(text: str, release: str) -> Iterator[Result]:
    for facts in scenes(text, release):
        for check in CHECKS:
            yield judged(check, facts, {"authentication": "kerberos"})


def on_one_line(text: str) -> bool:
    return len(text.splitlines()) <= 1 and not any(
        unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for each in text
    )


def lines_of(result: Result) -> Iterator[str]:
    for finding in result.findings:
        yield finding.observed
        yield finding.expected
        if (fix := finding.fix) is not None:
            yield from (fix.summary, fix.precondition, fix.cost, fix.alternative)
            yield from (*fix.console, *fix.commands, *fix.undo)


def skeleton(result: Result) -> list[list[str]]:
    """Return the commands of each script, with the variables that it expands."""
    found = []
    for fix in (each.fix for each in result.findings if each.fix is not None):
        for script in (fix.commands, fix.undo):
            kinds = [node for node in nodes(script) if node.type in {"variable", "ERROR"}]
            variables = sorted(node.text.decode() for node in kinds if node.text is not None)
            found.append([str(len(script)), *commands(script), *variables])
    return found


@pytest.mark.parametrize("release", sampled([VMM_2012_SP1, VMM_2022], every=2))
@examples(15)
@given(text=anything)
@example(text="\ud800")
def test_no_text_of_a_machine_forges_a_line_of_a_finding_or_of_a_fix(
    release: str, text: str
) -> None:
    for result in results(text, release):
        assert result.state is not State.INTERNAL_ERROR, result.reason
        for line in lines_of(result):
            assert on_one_line(line), repr(line)


@pytest.mark.parametrize("release", [VMM_2012_SP1, VMM_2022])
@pytest.mark.parametrize("text", sampled(HOSTILE, every=len(HOSTILE)))
def test_no_text_of_a_machine_changes_what_a_script_does(release: str, text: str) -> None:
    scripts = 0
    for tame, wild in zip(results(TAME, release), results(text, release), strict=True):
        assert skeleton(wild) == skeleton(tame)
        scripts += len(skeleton(wild))
    assert scripts


@in_turn(
    "text",
    ["3.1.6011.0\n", "\n3.1.6011.0", "3.1.6011.0\u2028", "10.22.1287.0\r\n", "3.1\nFAIL LM302"],
)
def test_no_version_text_of_vmm_forges_a_line(text: str) -> None:
    facts = run_facts(release=text, networks=(), listeners=())
    said = [judged(check, facts) for check in CHECKS]
    for result in said:
        assert result.state is not State.INTERNAL_ERROR, result.reason
    lines = [line for result in said for line in (result.reason, *lines_of(result))]
    assert [line for line in lines if not on_one_line(line)] == []


def said_otherwise(value: Any, text: str) -> Any:
    """Return a value of a fact in which each text goes on with this one."""
    if isinstance(value, str):
        return f"{value}{text}"
    if isinstance(value, tuple):
        return tuple(said_otherwise(each, text) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            each.name: said_otherwise(getattr(value, each.name), text)
            for each in fields(value)
            if each.init
        }
        return replace(value, **changed)
    return value


def forged(facts: RunFacts, groups: set[str], text: str) -> RunFacts:
    """Return facts in which these groups say this text behind each of their own."""

    def of(name: str, outcome: Outcome[Any]) -> Outcome[Any]:
        if name in groups and isinstance(outcome, Gathered):
            return replace(outcome, value=said_otherwise(outcome.value, text))
        return outcome

    def of_sheet(sheet: FactSheet) -> FactSheet:
        outcomes = {name: of(name, each) for name, each in sheet.outcomes.items()}
        return replace(sheet, outcomes=outcomes)

    return replace(
        facts,
        hosts={name: of_sheet(each) for name, each in facts.hosts.items()},
        vmms={name: of_sheet(each) for name, each in facts.vmms.items()},
    )


@over_each(CASES, every=11)
def test_no_text_of_a_fact_forges_a_line_of_the_check_that_reads_it(case: Case) -> None:
    names = [group.name for group in CHECKS[case.check].groups]
    facts = run_facts(**case.given)
    # All at once changes much of what follows; of the cases of a row, the first shows each alone.
    alone = [{name} for name in names] if case in FIRST_OF_ROWS else []
    for groups in (set(names), *alone):
        result = judged(
            case.check, forged(facts, groups, FORGERY), case.policy, case.exchanges, case.drain
        )
        assert result.state is not State.INTERNAL_ERROR, f"{groups}: {result.reason}"
        lines = (result.reason, *lines_of(result))
        assert [line for line in lines if not on_one_line(line)] == [], groups
