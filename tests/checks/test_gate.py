"""The checks of a host that VMM does not know yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import accounts_cases
import dynamic_ports_cases
import firewall_facts
import pytest
import user_rights_cases
from case_tables import CASES
from case_tables import at_the_gate as expected_at_the_gate
from fact_builders import (
    ANY,
    CHECKS,
    ELSEWHERE,
    HOST,
    NODE,
    NONE,
    ON_MIGRATION,
    A,
    B,
    judged,
    run_facts,
)
from in_turn import in_turn
from verdict_case import Case, over_each, said

from livemigration.facts.model import Subject
from livemigration.inventory.gate import HOST_BUILD, without_vmm
from livemigration.run.result import Result, State
from livemigration.verdict.findings import Level

OF_HOSTS = sorted(
    name for name, check in CHECKS.items() if check.target is Subject.HOST and check.opt_in is None
)


def at_the_gate(check: str, policy: Mapping[str, Any] = {}, **given: Any) -> Result:
    return judged(check, without_vmm(run_facts(**given), HOST_BUILD), policy)


@pytest.mark.parametrize("check", OF_HOSTS)
def test_what_needs_vmm_is_not_applicable_and_says_why(check: str) -> None:
    result = at_the_gate(check)
    assert result.state is expected_at_the_gate(check), result
    if expected_at_the_gate(check) is not judged(check, run_facts()).state:
        assert result.reason.endswith("not in VMM yet (gate host-build): VMM was not asked.")
        assert result.reason.startswith((HOST, "The host"))


@in_turn(
    "services, state",
    [
        ({"vmms": "Running"}, State.PASS),
        ({"vmms": "Running", "SCVMMAgent": "Stopped"}, State.PASS),
        ({"vmms": "Stopped", "SCVMMAgent": "Running"}, State.FAIL),
        ({}, State.FAIL),
    ],
)
def test_the_agent_that_vmm_installs_need_not_run_yet(
    services: dict[str, str], state: State
) -> None:
    result = at_the_gate("LM302", services=services)
    assert result.state is state
    assert not any("SCVMMAgent" in each.observed for each in result.findings)


def test_settings_that_are_wrong_fail_at_the_gate_as_well() -> None:
    assert at_the_gate("LM101", enabled=False).state is State.FAIL


@in_turn(
    "check, given, state",
    [
        ("LM402", user_rights_cases.defines(("SeServiceLogonRight", ())), State.FAIL),
        ("LM403", accounts_cases.clocks(600), State.FAIL),
        ("LM404", dynamic_ports_cases.ranges((10000, 5000)), State.WARNING),
        # Two hosts at the gate are compared as any others.
        ("LM504", {"second": {"authentication": 0}}, State.WARNING),
        ("LM504", {"second": {"name": "hv02.other.example"}}, State.NOT_APPLICABLE),
    ],
)
def test_what_no_vmm_server_is_needed_for_is_judged_at_the_gate(
    check: str, given: dict[str, Any], state: State
) -> None:
    result = at_the_gate(check, **given)
    assert result.state is state
    for finding in result.findings:
        fix = finding.fix
        # Commands go through VMM, which does not know the host.
        assert fix is None or (fix.console and not any("SCVMHost" in each for each in fix.commands))


@in_turn("release", [A, B])
@in_turn("enabled", [True, False])
def test_no_network_and_no_listener_fails_because_it_does_with_every_release(
    release: dict[str, Any], *, enabled: bool
) -> None:
    nowhere: dict[str, Any] = {"networks": NONE, "listeners": (), "enabled": enabled}
    result = at_the_gate("LM102", **nowhere)
    assert result.state is State.FAIL
    assert "selects no network" in said(result)
    assert result.findings[0].fix is not None
    assert result.findings[0].fix.key == "choose-networks"
    assert judged("LM102", run_facts(**nowhere, **release)).state is State.FAIL


@in_turn(
    "given, words",
    [
        ({"networks": ANY}, "selects any network."),
        (ON_MIGRATION, "selects specific networks (10.0.50.0/24)."),
        ({"networks": NONE}, "selects no network."),
        ({"networks": ELSEWHERE}, "managed by a cluster, VMM or Network ATC"),
    ],
)
def test_a_selection_that_some_release_suits_is_told_and_not_judged(
    given: dict[str, Any], words: str
) -> None:
    result = at_the_gate("LM102", {"network_selection": "isolated"}, **given)
    assert result.state is State.NOT_APPLICABLE
    (note,) = result.findings
    assert note.level is Level.NOTE
    assert words in note.observed
    assert "depends on the VMM release" in note.observed


def test_moves_inside_a_cluster_are_out_of_the_question_for_that_reason() -> None:
    assert "only inside its cluster" in at_the_gate("LM102", **NODE).reason


@pytest.mark.parametrize("check", ["LM103", "LM205", "LM305"])
def test_a_host_that_listens_nowhere_does_not_pass(check: str) -> None:
    result = at_the_gate(check, listeners=())
    assert result.state is (State.FAIL if check == "LM103" else State.BLOCKED)


@in_turn(
    "rules, state",
    [
        ((), State.WARNING),
        (({"enabled": False},), State.WARNING),
        (({}, firewall_facts.BLOCKS), State.FAIL),
        (({},), State.PASS),
    ],
)
@in_turn("answers", [{}, firewall_facts.SILENT["answers"]])
def test_the_firewall_is_judged_by_its_rules_alone(
    rules: tuple[dict[str, Any], ...], state: State, answers: dict[tuple[str, int], int]
) -> None:
    given = {**ON_MIGRATION, "also": firewall_facts.rules(*rules), "answers": answers}
    result = at_the_gate("LM305", **given)
    assert result.state is state, said(result)


@over_each([case for case in CASES if CHECKS[case.check].target is Subject.HOST], every=6)
def test_what_is_advised_at_the_gate_can_be_done_without_vmm(case: Case) -> None:
    result = at_the_gate(case.check, case.policy, **case.given)
    assert result.state is not State.INTERNAL_ERROR, result.reason
    assert "VMM server" not in " ".join(each.observed for each in result.findings)
    for fix in (each.fix for each in result.findings if each.fix is not None):
        lines = " ".join((fix.precondition, *fix.commands, *fix.undo, *fix.done))
        assert "SCV" not in lines
        assert "VMM" not in lines
        assert not any("VMM console" in each for each in (fix.summary, *fix.console))
        assert fix.console
