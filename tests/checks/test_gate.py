"""The checks of a host that VMM does not know yet."""

from __future__ import annotations

from typing import Any

import pytest
from fact_builders import CHECKS, HOST, judged, run_facts

from livemigration.facts.model import Subject
from livemigration.gate import HOST_BUILD, without_vmm
from livemigration.results import Result, State

OF_HOSTS = sorted(
    name for name, check in CHECKS.items() if check.target is Subject.HOST and check.opt_in is None
)
# What can be said of a host without VMM.
ASKED = {"LM101", "LM103", "LM104", "LM106", "LM302", "LM303", "LM305"}
# The host runs Windows Server 2012, which has no performance option, and it is the only one.
OTHERWISE = {"LM105", "LM205"}


def at_the_gate(check: str, **given: Any) -> Result:
    return judged(check, without_vmm(run_facts(**given), HOST_BUILD), {})


@pytest.mark.parametrize("check", OF_HOSTS)
def test_what_needs_vmm_is_not_applicable_and_says_why(check: str) -> None:
    result = at_the_gate(check)
    if check in ASKED:
        assert result.state is State.PASS, result
    elif check not in OTHERWISE:
        assert result.state is State.NOT_APPLICABLE, result
        assert result.reason.endswith("not in VMM yet (gate host-build): VMM was not asked.")
        assert result.reason.startswith((HOST, "The host"))


@pytest.mark.parametrize(
    ("services", "state"),
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
