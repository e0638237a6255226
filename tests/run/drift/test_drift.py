"""Two runs held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fact_builders import HOST, run_facts
from in_turn import in_turn
from run_builders import made_entry, made_result, made_run
from told_lines import told_lines
from whole_run import whole_run

from livemigration.base.errors import UsageError
from livemigration.facts.host import HOST_ACCESS, SERVICES
from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Subject,
)
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.inventory.demands import Demands
from livemigration.inventory.policy import Policy
from livemigration.plugin.comparing import drift_since
from livemigration.report.html.page import REPORT, pages
from livemigration.report.markdown import markdown_text
from livemigration.report.wording import drift_sentence
from livemigration.run import results_file
from livemigration.run.drift.baseline import load
from livemigration.run.drift.compare import compare
from livemigration.run.drift.facts import changed_facts
from livemigration.run.drift.model import ChangedFact, Drift, Moved, Unreached
from livemigration.run.result import State
from livemigration.run.run import Run

BEGAN = datetime(2026, 11, 22, 21, tzinfo=UTC)
LATER = BEGAN + timedelta(days=1)
RED = {State.FAIL}


def run_of(states: Mapping[str, State], *, began: datetime = LATER, **changes: object) -> Run:
    """Return a run in which each host has a state in LM102."""
    results = [made_result(made_entry("LM102", host), state) for host, state in states.items()]
    own: dict[str, object] = {"started": began, "finished": began, "vmm": "vmm01"}
    return made_run(results, **{**own, **changes})


def drift(
    was: Mapping[str, State],
    now: Mapping[str, State],
    before: RunFacts | None = None,
    after: RunFacts | None = None,
) -> Drift:
    return compare(
        run_of(was, began=BEGAN), run_of(now), label="earlier", before=before, after=after
    )


FIELDS = ("new", "fixed", "still", "waived", "blocked", "seen", "unjudged")


@in_turn(
    "was, now, field",
    [
        (State.PASS, State.FAIL, "new"),
        (State.WAIVED, State.FAIL, "new"),
        (State.BLOCKED, State.FAIL, "new"),
        (State.FAIL, State.PASS, "fixed"),
        (State.FAIL, State.WARNING, "fixed"),
        (State.WAIVED, State.PASS, "fixed"),
        (State.FAIL, State.FAIL, "still"),
        (State.FAIL, State.WAIVED, "waived"),
        (State.PASS, State.WAIVED, "waived"),
        (State.WAIVED, State.WAIVED, ""),
        (State.PASS, State.BLOCKED, "blocked"),
        (State.FAIL, State.BLOCKED, "blocked"),
        (State.BLOCKED, State.BLOCKED, ""),
        (State.BLOCKED, State.PASS, "seen"),
        (State.PASS, State.PASS, ""),
        (State.FAIL, State.NOT_APPLICABLE, "unjudged"),
        (State.WAIVED, State.NOT_APPLICABLE, "unjudged"),
        (State.FAIL, State.INTERNAL_ERROR, "unjudged"),
        (State.FAIL, State.NOT_RUN, "unjudged"),
        (State.BLOCKED, State.NOT_APPLICABLE, ""),
        (State.PASS, State.INTERNAL_ERROR, ""),
    ],
)
def test_each_pair_of_states_is_told_once_or_not_at_all(was: State, now: State, field: str) -> None:
    found = drift({"hv01": was}, {"hv01": now})
    assert {name: len(getattr(found, name)) for name in FIELDS} == {
        name: int(name == field) for name in FIELDS
    }
    if field:
        (moved,) = getattr(found, field)
        assert (moved.target, moved.was, moved.now) == ("hv01", was.value, now.value)


def test_what_one_of_the_runs_did_not_look_at_is_neither_new_nor_fixed() -> None:
    found = drift(
        {"hv01": State.FAIL, "hv02": State.PASS}, {"hv02": State.PASS, "hv03": State.FAIL}
    )
    assert not any(getattr(found, name) for name in FIELDS)
    told = "1 check of the earlier run was not part of this one: all of hv01."
    assert told in found.remarks
    assert "1 check of this run was not part of the earlier one: all of hv03." in found.remarks


def test_of_many_machines_that_one_run_did_not_look_at_some_are_named() -> None:
    many = {f"hv{number:02}": State.FAIL for number in range(1, 8)}
    found = drift(many, {"hv01": State.FAIL})
    told = "6 checks of the earlier run were not part of this one"
    assert f"{told}: all of hv02, hv03, hv04 and 3 more." in found.remarks


@in_turn(
    "changes, words",
    [
        ({"simulated": True}, "One of the two runs is simulated"),
        ({"inventory": "fra.yaml"}, "The earlier run is of another inventory: fra.yaml."),
        ({"inventory_digest": "e" * 64}, "The inventory has changed since."),
        ({"demands": Demands("p", Policy())}, "The policy has changed since"),
        ({"suite_version": "0.0.9"}, "The earlier run is of livemigration 0.0.9."),
        ({"interrupted": True}, "The earlier run did not come to its end."),
        ({"stopped_early": "--maxfail=1"}, "The earlier run did not come to its end."),
        ({"started": LATER + timedelta(hours=1)}, "The earlier run began after this one."),
    ],
)
def test_what_makes_two_runs_unlike_is_told(changes: dict[str, object], words: str) -> None:
    earlier = run_of({"hv01": State.PASS}, began=BEGAN)
    now = run_of({"hv01": State.PASS})
    same = compare(earlier, now, label="x", before=None, after=None)
    assert same.remarks == (
        "Settings were not compared: keep facts.json of the earlier run beside its results.",
    )
    other = replace(earlier, **changes)  # type: ignore[arg-type]  # tests name real fields
    found = compare(other, now, label="x", before=None, after=None)
    assert any(each.startswith(words) for each in found.remarks)


def moved(before: RunFacts, after: RunFacts) -> set[tuple[str, str, str, str]]:
    return {(each.target, each.name, each.was, each.now) for each in changed_facts(before, after)}


def test_a_setting_that_moved_is_told_though_no_check_minds() -> None:
    facts = run_facts()
    changed = with_value(facts, "migration-settings", maximum_migrations=9)
    assert (HOST, "maximum_migrations", "2", "9") in moved(facts, changed)
    shown = drift({HOST: State.PASS}, {HOST: State.PASS}, facts, changed)
    assert shown.facts is not None
    assert drift_sentence(shown) == "Since 2026-11-22 21:00:00 UTC: 1 setting moved."


def test_without_facts_of_this_run_settings_are_not_compared() -> None:
    found = drift({HOST: State.PASS}, {HOST: State.PASS}, run_facts(), None)
    assert found.facts is None
    assert found.remarks == ("Settings were not compared: this run has no facts.",)


def test_the_end_of_a_long_value_that_moved_is_told() -> None:
    facts = run_facts()
    common = "same " * 200
    before = with_value(facts, "domain-membership", domain=f"{common}2019")
    after = with_value(facts, "domain-membership", domain=f"{common}2022")
    (found,) = changed_facts(before, after)
    assert (found.was[-4:], found.now[-4:]) == ("2019", "2022")
    assert len(found.now) < 100
    longer = with_value(facts, "domain-membership", domain=f"{common}2022{common}")
    (cut,) = changed_facts(before, longer)
    assert len(cut.now) == 300
    assert cut.now.endswith("…")


def test_more_moved_settings_than_anyone_reads_are_not_all_listed_and_that_is_told() -> None:
    facts = run_facts()
    many = tuple(f"10.{number // 250}.{number % 250}.1" for number in range(2001))
    found = drift(
        {HOST: State.PASS},
        {HOST: State.PASS},
        with_value(facts, "listeners", listeners=()),
        with_value(facts, "listeners", listeners=many),
    )
    assert found.facts is not None
    assert len(found.facts) == 2000
    assert "More settings moved than the 2000 that are listed." in found.remarks


@in_turn(
    "kind, told",
    [
        (FailureKind.REFUSED, True),
        (FailureKind.TIMED_OUT, True),
        (FailureKind.AUTHENTICATION, False),
        (FailureKind.NOT_IN_FILE, False),
    ],
)
def test_a_machine_that_cannot_be_reached_any_more_is_told(
    kind: FailureKind, *, told: bool
) -> None:
    facts = run_facts()
    failure = GatherFailure(kind, "Connecting to hv01", "nobody answers", "Look.", "LM302")
    silent = with_outcome(facts, HOST_ACCESS.name, NotGathered(failure))
    found = drift({HOST: State.PASS}, {HOST: State.FAIL}, facts, silent)
    assert found.unreached == ((Unreached(HOST, "Connecting to hv01: nobody answers"),) * told)
    assert ("1 newly unreachable" in drift_sentence(found)) is told
    assert not drift({HOST: State.FAIL}, {HOST: State.FAIL}, silent, silent).unreached
    assert not drift({HOST: State.FAIL}, {HOST: State.PASS}, silent, facts).unreached


def test_a_vmm_server_that_cannot_be_reached_any_more_is_told() -> None:
    facts = run_facts()
    (name,) = facts.vmms
    failure = GatherFailure(FailureKind.REFUSED, "Connecting to VMM", "refused", "Look.", "LM001")
    sheet = FactSheet(Subject.VMM, name, {VMM_ACCESS.name: NotGathered(failure)})
    silent = RunFacts(facts.hosts, {name: sheet}, facts.managers)
    (found,) = drift({HOST: State.PASS}, {HOST: State.BLOCKED}, facts, silent).unreached
    assert found == Unreached(name, "Connecting to VMM: refused")


def with_outcome(facts: RunFacts, group: str, outcome: Outcome[Any]) -> RunFacts:
    """Return facts in which one group of the host came to something else."""
    outcomes = {**facts.hosts[HOST].outcomes, group: outcome}
    hosts = {**facts.hosts, HOST: FactSheet(Subject.HOST, HOST, outcomes)}
    return RunFacts(hosts, facts.vmms, facts.managers)


def with_value(facts: RunFacts, group: str, **changes: Any) -> RunFacts:
    """Return facts in which one group of the host has other values."""
    outcome = facts.hosts[HOST].outcomes[group]
    assert isinstance(outcome, Gathered)
    value = replace(outcome.value, **changes)
    return with_outcome(facts, group, replace(outcome, value=value))


def test_the_same_fleet_in_another_order_and_with_other_processes_has_not_moved() -> None:
    facts = run_facts()
    sheet = facts.hosts[HOST]
    outcomes = {}
    for name, outcome in sheet.outcomes.items():
        value = outcome.value if isinstance(outcome, Gathered) else None
        turned = (
            replace(outcome, value=value[::-1], seconds=9.0)
            if isinstance(outcome, Gathered) and isinstance(value, tuple)
            else outcome
        )
        outcomes[name] = turned
    services = outcomes[SERVICES.name]
    assert isinstance(services, Gathered)
    renumbered = tuple(replace(each, process_id=4242) for each in services.value.installed)
    outcomes[SERVICES.name] = replace(services, value=replace(services.value, installed=renumbered))
    other = RunFacts({HOST: FactSheet(Subject.HOST, HOST, outcomes)}, facts.vmms, facts.managers)
    assert moved(facts, other) == set()


def test_what_was_not_gathered_has_not_moved() -> None:
    facts = run_facts()
    gone = {name: Inapplicable("not there") for name in facts.hosts[HOST].outcomes}
    other = RunFacts({HOST: FactSheet(Subject.HOST, HOST, gone)}, facts.vmms, facts.managers)
    assert moved(facts, other) == set()
    assert moved(facts, RunFacts({}, {})) == set()


def test_a_row_that_came_and_one_that_went_are_told_apart() -> None:
    facts = run_facts()
    rows = facts.hosts[HOST].outcomes["listeners"]
    assert isinstance(rows, Gathered)
    more = with_value(facts, "listeners", listeners=(*rows.value.listeners, "10.9.9.9"))
    assert moved(facts, more) == {(HOST, "listeners", "", "10.9.9.9")}
    assert moved(more, facts) == {(HOST, "listeners", "10.9.9.9", "")}


def test_drift_is_the_first_thing_on_the_page_and_stands_in_the_closing_lines() -> None:
    found = drift(
        {"hv01": State.PASS, "hv02": State.FAIL}, {"hv01": State.FAIL, "hv02": State.PASS}
    )
    hostile = replace(found, remarks=("<script>\u202e",))
    run = run_of({"hv01": State.FAIL, "hv02": State.PASS}, drift=hostile)
    moved = "Since 2026-11-22 21:00:00 UTC: 1 newly not ready, 1 ready again."
    assert moved in told_lines(run)
    assert "Since 2026-11-22 21:00:00 UTC: 1 new, 1 fixed." in markdown_text(run)
    page = pages(run)[REPORT]
    assert "&lt;script&gt;?" in page
    assert page.count("<script>") == 1
    first, _, rest = page.partition('id="mend"')
    assert moved in first
    assert '<b class="t-new">new</b>' in rest
    assert "New failures" in rest


def test_without_an_earlier_run_there_is_nothing_to_compare_with() -> None:
    nothing = Drift("last", None)
    assert drift_sentence(nothing).startswith("There is no earlier run of this inventory")
    same = drift({"hv01": State.PASS}, {"hv01": State.PASS})
    assert drift_sentence(same) == "Since 2026-11-22 21:00:00 UTC: nothing changed."


def test_what_a_view_cannot_take_for_its_own_stands_escaped_on_the_page() -> None:
    hostile = "<img src=x>\u202e"
    moved = (Moved("LM102", "It holds.", hostile, "fail", "not-applicable"),)
    facts = tuple(ChangedFact(hostile, "services", "name", hostile, "") for _ in range(21))
    told = Drift("x", BEGAN, unjudged=moved, unreached=(Unreached(hostile, hostile),), facts=facts)
    page = pages(run_of({"hv01": State.PASS}, drift=told))[REPORT]
    assert "<img" not in page
    assert "\u202e" not in page
    assert "Failed before, not judged now: not known to be fixed" in page
    assert "Settings that moved, also where they are still right (21)" in page


def test_a_results_file_of_any_name_is_a_baseline_and_damaged_facts_are_told(
    tmp_path: Path,
) -> None:
    run, _ = whole_run(run_facts())
    results_file.save(tmp_path / "all-sites.json", run)
    assert load(tmp_path / "all-sites.json").run == run
    results_file.save(tmp_path / "results.json", run)
    (tmp_path / "facts.json").write_text("[", encoding="utf-8")
    found = load(tmp_path / "results.json")
    assert (found.run, found.facts) == (run, None)
    path = tmp_path / "facts.json"
    assert (found.remarks, found.damaged) == (
        (),
        f"{path}, the facts of the earlier run, is damaged: not a facts file",
    )
    told = drift_since(found, run, run_facts())
    assert told.facts is None
    said = "Put the file back as its bundle has it, or compare with another run."
    assert told.remarks == (f"Settings were not compared: {found.damaged}. {said}",)
    with pytest.raises(UsageError, match="not the folder of a run"):
        load(tmp_path / "gone.json")
