"""What a run left out: the checks that it made on some machines only, and on none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from in_turn import in_turn

from livemigration.facts.model import Subject
from livemigration.inventory.inventory import parse
from livemigration.run.plan import LeftOut, PlanEntry
from livemigration.run.selected import (
    lab_of,
    left_out_of,
    made_on_none,
    pairs_of,
    suite_checks,
    unselected,
    whole_suite,
)

HOSTS = {"LM101": Subject.HOST, "LM102": Subject.HOST, "LM001": Subject.VMM}


def planned(check: str, target: str) -> PlanEntry:
    return PlanEntry(f"{check}[{target}]", check, "", "", HOSTS[check], target)


PLAN = (planned("LM101", "hv01"), planned("LM101", "hv02"), planned("LM001", "vmm01"))


def test_a_check_that_is_not_planned_is_left_out_of_each_machine_of_its_kind() -> None:
    assert left_out_of(PLAN, HOSTS) == (LeftOut("LM102", 2),)
    partly = (*PLAN, planned("LM102", "hv02"))
    assert left_out_of(partly, HOSTS) == (LeftOut("LM102", 1, ("hv01",)),)
    assert left_out_of((*partly, planned("LM102", "hv01")), HOSTS) == ()


def test_machines_that_the_plan_does_not_name_are_left_out_as_well() -> None:
    more = ((Subject.HOST, "hv03"), (Subject.HOST, "hv01"), (Subject.VMM, "vmm02"))
    assert left_out_of(PLAN, HOSTS, machines=more) == (
        LeftOut("LM001", 1, ("vmm02",)),
        LeftOut("LM101", 1, ("hv03",)),
        LeftOut("LM102", 3),
    )
    # What a site does not have is told elsewhere; what comes after it is still told here.
    assert left_out_of(PLAN, HOSTS, without=("LM101",), machines=more) == (
        LeftOut("LM001", 1, ("vmm02",)),
        LeftOut("LM102", 3),
    )
    assert left_out_of((), HOSTS) == ()


def test_pairs_are_counted_over_machines() -> None:
    assert pairs_of((LeftOut("LM101", 2), LeftOut("LM102", 1, ("hv01",)))) == 3
    assert pairs_of(()) == 0


def test_at_a_gate_what_asks_vmm_or_waits_for_an_option_is_not_told_again() -> None:
    suite = whole_suite()
    made = {"LM101"}
    none = made_on_none(suite, made, "")
    assert {each.identifier for each in none} == {each.identifier for each in suite} - made
    at_gate = made_on_none(suite, made, "host-build")
    assert {each.identifier for each in none} - {each.identifier for each in at_gate} == {
        each.identifier for each in suite if each.target is Subject.VMM or each.opt_in is not None
    }
    assert at_gate


def test_every_run_makes_the_checks_that_no_option_asks_for() -> None:
    # What an earlier test made it keep says nothing of what it returns.
    suite_checks.cache_clear()
    asked = {each.identifier for each in whole_suite() if each.opt_in is not None}
    assert asked
    assert set(suite_checks()) == {each.identifier for each in whole_suite()} - asked
    assert suite_checks()["LM001"] is Subject.VMM
    assert suite_checks()["LM101"] is Subject.HOST


def test_what_a_run_leaves_out_of_the_suite_is_told_with_the_option_that_it_waits_for() -> None:
    by_option = {each.identifier: each.opt_in for each in whole_suite() if each.opt_in}
    made = set(suite_checks()) - {"LM101", "LM001"}
    given: set[str] = set()
    found = unselected(made, "", given.__contains__)
    assert set(found.checks) == {"LM101", "LM001"}
    assert {each.check: each.option for each in found.opt_ins} == by_option
    # Asked for, and made on no machine all the same: no option is missing.
    asked = unselected(made, "", set(by_option.values()).__contains__)
    assert set(asked.checks) == {"LM101", "LM001", *by_option}
    assert asked.opt_ins == ()
    at_gate = unselected(made, "host-build", given.__contains__)
    assert (at_gate.checks, at_gate.opt_ins) == (("LM101",), ())


@in_turn(
    "fleet, name",
    [
        (None, ""),
        ("mixed.yaml", "mixed.yaml"),
        ("/srv/site/fleets/mixed.yaml", "mixed.yaml"),
        ("C:\\site\\fleets\\mixed.yaml", "mixed.yaml"),
        ("../fleets\\mixed.yaml", "mixed.yaml"),
    ],
)
def test_a_fleet_is_told_without_the_folders_of_the_machine_that_ran(
    fleet: str | None, name: str
) -> None:
    made = parse("schema: 1\nvmm: {name: vmm01}\nhosts: [{name: hv01}]\n", "prod.yaml", Path())
    assert lab_of(replace(made, lab_fleet=fleet)) == name
