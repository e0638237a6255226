"""A run that is worked out again, held against what its results say, part by part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from fact_builders import CHECKS, HOST, OTHER, VMM, run_facts
from in_turn import in_turn
from test_bundle_forgeries import WAIVER
from whole_run import BEGAN, whole_run

from livemigration.bundle.again import Pairs, dropped, run_again, unlike
from livemigration.bundle.likeness import Likeness
from livemigration.bundle.replay import Replay
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.run.result import Result, State
from livemigration.run.run import HostSummary, Run
from livemigration.run.selected import suite_checks
from livemigration.verdict.findings import Finding, Level

OWN = Pairs({name: name for name in (HOST, OTHER, VMM)})
# A host that selects one subnet, on which nothing of it listens: one repair mends LM102 and LM203.
NARROW: dict[str, Any] = {
    "networks": (("10.0.50.0/24", "Microsoft:UserManaged"),),
    "listeners": ("10.0.50.11",),
}
SIGNED = replace(WAIVER, pairs=(("LM102", HOST),))


@cache
def run() -> Run:
    return whole_run(run_facts(**NARROW))[0]


def told(said: Run, again: Run) -> list[str]:
    """Return what a run says that another does not; neither has replaced names."""
    return list(unlike(said, again, Likeness(b"key", {})))


def with_result(**changes: Any) -> Run:
    """Return the run with something else in the result of LM101 on the first host."""
    return replace(
        run(),
        results=tuple(
            replace(each, **changes)
            if (each.entry.check, each.entry.target) == ("LM101", HOST)
            else each
            for each in run().results
        ),
    )


def observed(text: str) -> Run:
    return with_result(findings=(Finding(Level.OK, text),))


@in_turn(
    "said, sentences",
    [
        (run(), []),
        (observed("It is so."), [f"LM101 {HOST}: its findings.0.observed"]),
        (with_result(reason="So."), [f"LM101 {HOST}: its reason"]),
        # A verdict is told as such elsewhere; how long it took follows from nothing.
        (with_result(state=State.FAIL, reason="So."), []),
        (with_result(red=True, reason="So."), []),
        (with_result(seconds=9.0), []),
        (replace(run(), vmm_release="2019"), ["results.json: vmm_release"]),
        (
            replace(run(), hosts=(replace(run().hosts[0], scope="x"), *run().hosts[1:])),
            ["results.json: hosts.0.scope"],
        ),
        (replace(run(), evidence=None), ["results.json: evidence"]),
        (
            replace(run(), vmm="vmm02", inventory="x.yaml"),
            ["results.json: inventory", "results.json: vmm"],
        ),
    ],
)
def test_each_part_that_does_not_follow_is_named_once(said: Run, sentences: list[str]) -> None:
    assert told(said, run()) == [f"{each} is not what the facts lead to." for each in sentences]


def again(
    said: Run, facts: RunFacts, policy: Policy, change: Callable[[Result], Result]
) -> dict[str, str]:
    """Return the states of a host, once a run is worked out again from changed judgements."""
    assert said.demands is not None
    found: Sequence[Result] = [
        change(replace(each, state=State.FAIL, red=True, reason=""))
        if each.state is State.WAIVED
        else each
        for each in said.results
    ]
    demands = replace(said.demands, site=policy, policies=())
    replay = Replay(1, tuple(each.entry.target for each in said.results), demands)
    made = run_again(said, facts, replay, found, CHECKS, OWN)
    return {
        each.entry.check: each.state.value for each in made.results if each.entry.target == HOST
    }


@pytest.mark.parametrize(("fail_on", "state"), [("fail", State.WAIVED), ("warning", State.FAIL)])
def test_what_a_signed_repair_leaves_open_is_not_waived_where_warnings_count(
    fail_on: str, state: State
) -> None:
    facts = run_facts(**NARROW)
    said, _ = whole_run(facts, waivers=(SIGNED,))

    def warned(result: Result) -> Result:
        if result.entry.check != "LM203":
            return result
        return replace(result, findings=(*result.findings, Finding(Level.WARNING, "And more.")))

    policy = Policy.model_validate({"fail_on": fail_on})
    states = again(said, facts, policy, warned)
    assert (states["LM102"], states["LM203"]) == ("waived", state.value)


def test_a_check_after_one_that_the_site_lacks_is_still_missed() -> None:
    fewer = replace(
        run(),
        plan=tuple(each for each in run().plan if each.check not in {"LM101", "LM205"}),
        selection=replace(run().selection, lacking=("LM101",)),
    )
    assert list(dropped(fewer, run_facts(), OWN, suite_checks())) == [
        f"LM205 is neither planned nor left out for {HOST} and 1 more."
    ]


def test_where_no_demands_are_told_no_vmm_server_is_missed() -> None:
    assert list(dropped(replace(run(), demands=None), run_facts(), OWN, suite_checks())) == []


def test_each_host_that_no_result_is_of_is_missed_in_the_facts() -> None:
    hosts = run_facts().hosts
    hidden = replace(run_facts(), hosts=dict(zip(("a1", "a2"), hosts.values(), strict=True)))
    assert list(dropped(run(), hidden, Pairs({VMM: "a3"}), suite_checks())) == [
        "facts.json has hosts that the results lack: 2.",
        "facts.json lacks hosts that the results have: 2.",
    ]


def test_a_host_that_nothing_else_names_keeps_its_name() -> None:
    facts = run_facts()
    said, _ = whole_run(facts)
    assert said.demands is not None
    more = replace(said, hosts=(*said.hosts, HostSummary("hv99.contoso.com", ("Test",))))
    replay = Replay(1, tuple(each.entry.target for each in said.results), said.demands)
    made = run_again(more, facts, replay, said.results, CHECKS, OWN)
    assert [(each.name, each.groups) for each in made.hosts] == [
        (HOST, ()),
        (OTHER, ()),
        ("hv99.contoso.com", ("Test",)),
    ]


def test_facts_are_of_the_time_that_their_file_says() -> None:
    facts = run_facts()
    said, _ = whole_run(facts)
    assert said.demands is not None
    replay = Replay(1, tuple(each.entry.target for each in said.results), said.demands)
    later = datetime(2026, 11, 23, 20, 0, 5, tzinfo=UTC)

    def gathered(run: Run, at: datetime | None) -> Any:
        timed = replace(facts, gathered=at)
        return run_again(run, timed, replay, run.results, CHECKS, OWN).gathered

    assert said.gathered is not None
    assert gathered(said, later) == replace(said.gathered, began=later)
    assert gathered(said, None) == replace(said.gathered, began=BEGAN)
    unsaid = replace(said, gathered=None)
    # Without a time of their own they are saved with that of the run.
    assert gathered(unsaid, BEGAN) is None
    assert gathered(unsaid, later).began == later
    assert gathered(unsaid, later).ended is None
