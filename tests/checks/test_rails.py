"""The table of the network says in red only what a check of that host fails for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from case_tables import CASES
from fact_builders import (
    ANY,
    BOTH,
    HOST,
    ISOLATED,
    MANAGEMENT,
    MIGRATION,
    NODE,
    OF_OTHER,
    OTHER,
    REFUSED,
    TIMED_OUT,
    A,
    B,
    all_lost,
    judged,
    run_facts,
)
from in_turn import in_turn
from run_builders import made_run
from verdict_case import Case, over_each
from whole_run import whole_run

from livemigration.facts.model import FailureKind, GatherFailure, NotGathered
from livemigration.inventory.policy import Policy
from livemigration.report.rails import MAX_RAILS, Mark, Rails, rails_of
from livemigration.run.evidence.model import NetworkEvidence
from livemigration.run.evidence.network import network_of
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.networks import USER_MANAGED

SILENT = NotGathered(
    GatherFailure(
        FailureKind.TIMED_OUT,
        f"Connecting to {HOST} at {MANAGEMENT}, port 5985",
        "the connection was not made in time",
        "Look there.",
        "LM302",
        TIMED_OUT,
    )
)
NO_ANSWER = {(MANAGEMENT, 5985): TIMED_OUT, (MANAGEMENT, 6600): TIMED_OUT}
ON_MIGRATION: dict[str, Any] = {"networks": ISOLATED, "listeners": (MIGRATION,)}
OTHER_TOO: dict[str, Any] = {
    "local": (f"{OF_OTHER}/24", "10.0.50.12/24"),
    "listeners": (OF_OTHER, "10.0.50.12"),
}


# What decides a mark, and what blocks that.
DECIDING = ("LM101", "LM102", "LM201", "LM202", "LM203", "LM204", "LM205", "LM301", "LM302")
KB_TOO: dict[str, Any] = {"networks": ISOLATED, "listeners": ("10.0.50.12",)}


def rails(policy: dict[str, Any] | None = None, **given: Any) -> tuple[Rails, Run]:
    run, _ = whole_run(run_facts(**given), Policy.model_validate(policy or {}))
    found = rails_of(run)
    assert found is not None
    return found, run


def row(policy: dict[str, Any] | None = None, **given: Any) -> tuple[str, str]:
    """Return the signs and the word of the first host."""
    given.setdefault("second", OTHER_TOO)
    found, _ = rails(policy, **given)
    mine = next(each for each in found.rows if HOST in each.names)
    return "".join(mark.sign for mark in mine.marks), mine.word


@in_turn(
    "given, signs, word",
    [
        # Any network: everything is open, and VMM need not reach the migration network.
        ({**A, "networks": ANY, "answers": {(MIGRATION, 6600): TIMED_OUT}}, "●●○●", "ready"),
        # Isolated, with a release that copes.
        ({**B, **ON_MIGRATION, "answers": {(MIGRATION, 6600): TIMED_OUT}}, "●○○●", "ready"),
        # KB 2853203: only the address that VMM stages on is needed.
        ({**A, **ON_MIGRATION, "answers": {(MIGRATION, 6600): TIMED_OUT}}, "●✕○●", "restricted"),
        ({**A, "networks": BOTH, "answers": {(MIGRATION, 6600): TIMED_OUT}}, "●●○●", "warning"),
        (
            {**B, "networks": ISOLATED, "enabled": False, "listeners": ()},
            "●○\u2013\u2013",
            "turned off",
        ),
        (
            {**A, "networks": BOTH, "enabled": False, "listeners": ()},
            "●✕\u2013\u2013",
            "turned off",
        ),
        ({**A, "lost": all_lost(SILENT), "answers": NO_ANSWER}, "??\u2013\u2013", "no answer"),
    ],
)
def test_each_attempt_has_the_meaning_that_the_checks_give_it(
    given: dict[str, Any], signs: str, word: str
) -> None:
    assert row(**given) == (signs, word)


def test_a_cluster_node_needs_no_listener_where_vmm_comes_from() -> None:
    signs, _ = row(**{**A, **ON_MIGRATION, "services": NODE["services"]})
    assert signs[:2] == "●○"


def test_another_machine_under_the_name_is_told_from_an_answer() -> None:
    signs, word = row(**A, dns=(OF_OTHER, MANAGEMENT), answers={(OF_OTHER, 6600): 0})
    assert signs[:2] == "≠≠"
    assert word == "wrong address"


def test_what_only_warns_is_not_red_unless_the_policy_says_so() -> None:
    shut = {**A, "dns": (MANAGEMENT, MIGRATION), "answers": {(MIGRATION, 5985): REFUSED}}
    assert row(**shut)[0][0] == Mark.WARNED.sign
    assert row({"fail_on": "warning"}, **shut)[0][0] == Mark.REFUSED.sign


def test_what_the_policy_asks_vmm_to_reach_is_needed() -> None:
    shut = {**B, **ON_MIGRATION, "answers": {(MIGRATION, 6600): TIMED_OUT}}
    signs, word = row({"vmm_reaches_migration_subnets": "required"}, **shut)
    assert (signs[2], word) == (Mark.SILENT.sign, "policy")


def test_what_somebody_signed_for_is_no_red_mark_and_no_pass() -> None:
    given = {**A, **ON_MIGRATION, "answers": {(MIGRATION, 6600): TIMED_OUT}}
    results = [judged(check, run_facts(**given)) for check in DECIDING]
    signed = [
        replace(each, state=State.WAIVED, red=False) if each.state is State.FAIL else each
        for each in results
    ]
    network = network_of(run_facts(**given), {})
    found = rails_of(made_run(signed, network=replace(network, hosts=network.hosts[:1])))
    assert found is not None
    assert [mark.sign for mark in found.rows[0].marks] == ["●", "w", "○", "●"]
    assert found.rows[0].word == "waived"
    assert found.marks == (Mark.WAIVED, Mark.OPEN, Mark.AS_MEANT)


def test_a_run_without_a_network_has_no_table() -> None:
    assert rails_of(made_run([])) is None
    assert rails_of(made_run([], network=NetworkEvidence())) is None


def test_very_many_migration_subnets_share_a_rail_and_the_worst_of_it_shows() -> None:
    subnets = tuple(f"10.0.{number}.0/24" for number in range(50, 60))
    own = tuple(f"10.0.{number}.11" for number in range(50, 60))
    found, _ = rails(
        {"vmm_reaches_migration_subnets": "required"},
        **B,
        networks=tuple((each, USER_MANAGED) for each in subnets),
        listeners=own,
        local=(f"{MANAGEMENT}/24", *(f"{each}/24" for each in own)),
        answers={(each, 6600): TIMED_OUT for each in own[8:]},
    )
    assert len(found.rails) <= MAX_RAILS
    near, far = found.rails[-2:]
    assert (near.vantage, far.vantage) == ("VMM", "peers")
    assert set(near.subnets) == set(far.subnets) == set(subnets)
    mine = next(each for each in found.rows if HOST in each.names)
    assert mine.marks[-2] is Mark.SILENT
    other = next(each for each in found.rows if HOST not in each.names)
    assert other.marks[-2] is Mark.ABSENT


def test_equal_hosts_share_a_row_and_the_worst_comes_first() -> None:
    facts = run_facts(**A, **ON_MIGRATION, second={**OTHER_TOO, **KB_TOO})
    run, _ = whole_run(facts)
    found = rails_of(run)
    assert found is not None
    assert [(each.names, each.word, each.repair) for each in found.rows] == [
        ((HOST, OTHER), "restricted", 1)
    ]
    run, _ = whole_run(run_facts(**A, second={**OTHER_TOO, **KB_TOO}))
    found = rails_of(run)
    assert found is not None
    assert [(each.names, each.word) for each in found.rows] == [
        ((OTHER,), "restricted"),
        ((HOST,), "ready"),
    ]


def small_run(case: Case) -> Run:
    """Return a run of the first host alone, by the checks on which its marks rest."""
    results = [judged(check, case.facts, case.policy, case.exchanges) for check in DECIDING]
    network = network_of(case.facts, {})
    return made_run(results, network=replace(network, hosts=network.hosts[:1]))


def names(result: Result, network: NetworkEvidence) -> bool:
    """Whether a result says an address, a subnet or a port that was tried."""
    tried = {str(each.address) for each in network.hosts[0].attempts}
    tried |= {str(each.subnet) for each in network.hosts[0].attempts}
    text = " ".join(each.observed for each in result.findings)
    return any(each in text for each in tried) or re.search(r"\bport \d+", text) is not None


@over_each(CASES, every=6)
def test_a_red_mark_has_a_failing_check_that_names_what_was_tried(case: Case) -> None:
    run = small_run(case)
    found = rails_of(run)
    assert found is not None
    assert run.network is not None
    (mine,) = found.rows
    assert len(mine.marks) == len(found.rails) <= MAX_RAILS + 1
    failing = [each for each in run.results if each.red]
    assert bool(mine.repair) is bool(failing)
    if any(mark.red for mark in mine.marks):
        assert run.exit_code != ExitCode.READY
        assert any(names(result, run.network) for result in failing)
