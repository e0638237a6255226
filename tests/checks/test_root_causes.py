"""One root cause reads as one failure, and each entry behind it is blocked by it, by name."""

from __future__ import annotations

from typing import Any

from case_tables import behind
from fact_builders import (
    BOTH,
    CHECKS,
    MANAGEMENT,
    ON_MIGRATION,
    REFUSED,
    RUNNING,
    TIMED_OUT,
    UNREACHABLE,
    VMM_2012_SP1,
    VMM_2022,
    all_lost,
    failure,
    judged,
    run_facts,
)
from in_turn import in_turn

from livemigration.facts.model import FailureKind
from livemigration.facts.registry import HOST_GROUPS, VMM_SERVER_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.run.result import State

READ_BY_VMMS = {each.name for each in HOST_GROUPS if each.provided_by_vmms}
ALL_SILENT = {
    (MANAGEMENT, 5985): TIMED_OUT,
    (MANAGEMENT, 6600): TIMED_OUT,
}

# The facts, and the check that reports the cause. Which checks it hides follows from what they need
# and from their tables (`Otherwise.behind`).
CAUSES: dict[str, tuple[dict[str, Any], str]] = {
    "the host is unreachable, from everywhere": (
        {
            "lost": all_lost(UNREACHABLE),
            "answers": ALL_SILENT,
            "wsman": (False, -2144108526, "The client cannot connect."),
        },
        "LM302",
    ),
    "the host is unreachable for the suite": (
        {"lost": all_lost(UNREACHABLE)},
        "LM302",
    ),
    "the name of the host is not in DNS": (
        {
            "lost": all_lost(failure(FailureKind.NAME_NOT_RESOLVED)),
            "dns": (),
            "wsman": (False, -2144108103, "The server name cannot be resolved."),
        },
        "LM302",
    ),
    "vmms is stopped": (
        {
            "services": {**RUNNING, "vmms": "Stopped"},
            "lost": {name: failure(FailureKind.MISSING) for name in READ_BY_VMMS},
        },
        "LM302",
    ),
    "VMM is down": (
        {
            "lost": {
                each.name: failure(FailureKind.TIMED_OUT, "LM001") for each in VMM_VIEW_GROUPS
            },
            "vmm_lost": {
                each.name: failure(FailureKind.TIMED_OUT, "LM001") for each in VMM_SERVER_GROUPS
            },
        },
        "LM001",
    ),
    "VMM is too old": ({"release": "3.0.6005.0"}, "LM001"),
    "VMM does not resolve the host": (
        {**ON_MIGRATION, "dns": (), "wsman": (False, -2144108103, "Not resolved.")},
        "LM201",
    ),
    "VMM resolves the host to an address of no host": (
        {
            "networks": BOTH,
            "dns": ("10.0.0.99",),
            "wsman": (False, -2144108526, "The client cannot connect."),
        },
        "LM201",
    ),
    "live migration is disabled": (
        {"networks": BOTH, "enabled": False, "listeners": ()},
        "LM101",
    ),
    "live migration is disabled, VMM 2022": (
        {
            "release": VMM_2022,
            "enabled": False,
            "listeners": (),
            "answers": {(MANAGEMENT, 6600): REFUSED},
        },
        "LM101",
    ),
}


def facts_of(scene: str) -> RunFacts:
    return run_facts(**{"release": VMM_2012_SP1, **CAUSES[scene][0]})


def hidden_by(scene: str) -> set[str]:
    """Return the checks that a root cause blocks."""
    return behind(scene, facts_of(scene)) - {CAUSES[scene][1]}


@in_turn("scene", CAUSES)
def test_a_root_cause_is_one_failure_and_blocks_what_it_hides(scene: str) -> None:
    root, hidden, facts = CAUSES[scene][1], hidden_by(scene), facts_of(scene)
    # Whether a host can be emptied follows from everything, and is asked where it matters.
    drains = {name for name, each in CHECKS.items() if each.is_asked_by_host}
    results = {check: judged(check, facts) for check in CHECKS if check not in drains}
    hidden -= drains
    assert [name for name, each in results.items() if each.state is State.FAIL] == [root]
    blocked = {
        name: each.blocked_by
        for name, each in results.items()
        if each.blocked_by is not None and each.state is State.BLOCKED
    }
    assert set(blocked) == hidden, "a table states what is otherwise: Otherwise.behind"
    assert {each.check for each in blocked.values()} == {root}
    rest = {each.state for name, each in results.items() if name not in {root, *hidden}}
    assert rest <= {State.PASS, State.WARNING, State.NOT_APPLICABLE}
