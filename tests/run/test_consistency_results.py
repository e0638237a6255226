"""What a results.json says of results and waivers, and the rest of it denies."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from consistent_runs import (
    FAILED,
    FINE,
    GIVEN,
    MINUTE,
    WAIVER,
    WARNED,
    Denied,
    Edit,
    Fitting,
    demands_with,
    denied_otherwise,
    real,
    reason_of,
    result,
    said,
    selection,
    waiver,
    with_code,
)
from fact_builders import HOST, OTHER, VMM, run_facts
from whole_run import BEGAN, whole_run

from livemigration.inventory.policy import Policy
from livemigration.run.merge.join import join
from livemigration.run.result import Blocker, State
from livemigration.run.run import Run
from livemigration.run.waivers.apply import uses_of, waive
from livemigration.run.waivers.roots import signed_roots
from livemigration.verdict.findings import Finding


def midnight(hours: int) -> datetime:
    """Return the end of the waiver's last day where it is so many hours after that of UTC."""
    return WAIVER.ends + timedelta(hours=hours)


DENIED: list[Denied] = [
    (
        "passed with a failure",
        result("LM101", OTHER, findings=(FAILED,)),
        [f"LM101 {OTHER} is pass, and its findings are not."],
    ),
    (
        "passed with a warning",
        result("LM101", OTHER, findings=(FINE, WARNED)),
        [f"LM101 {OTHER} is pass, and its findings are not."],
    ),
    (
        "failed with warnings alone",
        result("LM102", findings=(WARNED,)),
        [f"LM102 {HOST} is fail, and its findings are not."],
    ),
    (
        "a warning with a failure",
        result("LM106", findings=(WARNED, FAILED)),
        [f"LM106 {HOST} is warning, and its findings are not."],
    ),
    (
        "blocked with a failure",
        result("LM203", findings=(FAILED,)),
        [f"LM203 {HOST} is blocked, and its findings are not."],
    ),
    (
        "waived without a failure",
        result("LM101", findings=(FINE,)),
        [f"LM101 {HOST} is waived, and its findings are not."],
    ),
    (
        "passed in silence",
        result("LM101", OTHER, findings=()),
        [f"LM101 {OTHER} is pass and has no finding."],
    ),
    (
        "failed and not red",
        lambda run: with_code(result("LM102", red=False)(run)),
        [f"LM102 {HOST} is fail, and red is false."],
    ),
    (
        "passed and red",
        result("LM101", OTHER, red=True),
        [f"LM101 {OTHER} is pass, and red is true."],
    ),
    (
        "a red warning that the policy lets through",
        result("LM106", red=True),
        [f"LM106 {HOST} is warning, and red is true."],
    ),
    (
        "a red warning of the VMM server that the policy lets through",
        result("LM001", VMM, red=True),
        [f"LM001 {VMM} is warning, and red is true."],
    ),
    (
        "blocked by nothing",
        result("LM203", blocked_by=None),
        [f"LM203 {HOST} is blocked, and blocked_by says something else."],
    ),
    (
        "passed and blocked",
        result("LM101", OTHER, blocked_by=Blocker("LM302", "No answer.")),
        [f"LM101 {OTHER} is pass, and blocked_by says something else."],
    ),
    (
        "a waiver used more often",
        lambda run: replace(run, waivers=(replace(run.waivers[0], waived=2),)),
        ["waivers: what became of them does not follow from the results."],
    ),
    (
        "waived by no waiver",
        lambda run: replace(run, waivers=()),
        [f"LM101 {HOST} is waived, and no waiver of the run covers it with this reason."],
    ),
    (
        "waived for another reason",
        result("LM101", reason="Waived by Lou."),
        [f"LM101 {HOST} is waived, and no waiver of the run covers it with this reason."],
    ),
    (
        "a waiver that ends later than its day",
        waiver(ends=WAIVER.ends + MINUTE),
        ["waivers[0] ends at another time than its last day does."],
    ),
    (
        "a waiver with more days left",
        lambda run: result("LM101", reason=reason_of(9))(waiver(days_left=9)(run)),
        ["waivers[0] ends at another time than its last day does."],
    ),
    (
        "a waiver longer than the policy's",
        lambda run: replace(run, demands=demands_with(run, site=Policy(waivers_at_most=7))),
        ["waivers[0] lasts longer than the policy allows (7 days)."],
    ),
]


@pytest.mark.parametrize(
    ("edit", "sentences"),
    [pytest.param(edit, sentences, id=name) for name, edit, sentences in DENIED],
)
def test_what_the_rest_of_results_denies_is_said(edit: Edit, sentences: list[str]) -> None:
    assert denied_otherwise(edit(real()), sentences) == set()


FITS: list[Fitting] = [
    ("not applicable with a warning", result("LM105", findings=(WARNED,))),
    ("blocked with a warning", result("LM203", findings=(WARNED,))),
    (
        "broken after a failure",
        lambda run: with_code(result("LM102", state=State.INTERNAL_ERROR, red=False)(run)),
    ),
    ("a zone that this machine does not know", waiver(zone="Nowhere/At-All")),
    # Whichever zone this machine is in: it is the waiver's that counts.
    ("a day that ends late", waiver(zone="Pacific/Pago_Pago", ends=midnight(11))),
    ("a day that ends early", waiver(zone="Pacific/Kiritimati", ends=midnight(-14), days_left=7)),
    (
        "a waiver as long as the policy's",
        lambda run: replace(run, demands=demands_with(run, site=Policy(waivers_at_most=8))),
    ),
]


@pytest.mark.parametrize("edit", [pytest.param(edit, id=name) for name, edit in FITS])
def test_what_of_results_fits_is_not_denied(edit: Edit) -> None:
    assert [each for each in said(edit(real())) if "no waiver of the run covers" not in each] == []


def test_a_policy_that_makes_warnings_red_is_the_hosts_own_or_the_sites() -> None:
    strict = real("warning")
    assert said(strict) == []
    for check, target in (("LM106", HOST), ("LM001", VMM)):
        told = said(result(check, target, red=False)(strict))
        assert f"{check} {target} is warning, and red is false." in told
    # The hosts' policy lets warnings through, that of the site does not.
    run = real()
    apart = replace(run, demands=demands_with(run, site=Policy(fail_on="warning")), stamp=None)
    assert said(apart) == [f"LM001 {VMM} is warning, and red is false."]


def test_of_joined_runs_the_policies_may_differ_and_a_failure_is_red_in_each() -> None:
    later = replace(
        real("warning"), started=BEGAN + MINUTE, finished=BEGAN + 2 * MINUTE, stamp=None
    )
    both = join([real(), later])
    assert said(both) == []
    loose = demands_with(both, policies=demands_with(real()).policies, site=Policy())
    assert said(replace(both, demands=loose)) == []
    # Its waiver was signed where the policy allows eight days.
    strict = demands_with(both, site=Policy(waivers_at_most=7))
    assert said(replace(both, demands=strict)) == []
    for red, check in ((False, "LM102"), (True, "LM103")):
        state = "not-applicable" if red else "fail"
        told = said(result(check, red=red)(both))
        assert f"{check} {HOST} is {state}, and red is {str(red).lower()}." in told


def mended(*more: Finding, fail_on: str = "fail") -> Run:
    """Return a run in which the repair that is signed for mends failures of three more checks.

    `more` are found beside the first of these.
    """
    given = {**GIVEN, "enabled": True, "maximum": 2}
    policy = Policy.model_validate({"fail_on": fail_on})
    run = whole_run(run_facts(**given), policy)[0]
    signed = replace(WAIVER, pairs=(("LM102", HOST), ("LM001", VMM)))
    roots = signed_roots(run.results, (signed,), run.started)
    results = []
    for each in run.results:
        done = waive(each, (signed,), run.started, roots.get(each.entry.target, ()))
        if more and done.state is State.WAIVED and each.entry.check == "LM202":
            done = replace(done, findings=(*done.findings, *more))
        results.append(done)
    waived = uses_of((signed,), results, run.started)
    return with_code(run, results=tuple(results), waivers=waived)


def test_what_the_repair_of_a_signed_failure_mends_is_covered() -> None:
    run = mended()
    along = [each.entry.check for each in run.results if each.state is State.WAIVED]
    assert along == ["LM102", "LM202", "LM203", "LM304"]
    assert said(run) == []


def test_a_warning_beside_it_is_covered_only_where_warnings_are_let_through() -> None:
    assert said(mended(WARNED)) == []
    assert said(mended(WARNED, fail_on="warning")) == [
        f"LM202 {HOST} is waived, and no waiver of the run covers it with this reason."
    ]


@pytest.mark.parametrize("hosts", [1, 2])
def test_no_waivers_of_a_run_cover_everything(hosts: int) -> None:
    run = real()
    plan = [(each.check, each.target) for each in run.plan if hosts == 1 or each.target != VMM]
    every = tuple(dict.fromkeys(plan))
    covered = "its waivers cover every check of every host."
    for pairs, denied in ((every, True), (every[1:], False)):
        changed = waiver(pairs=pairs)(run)
        if hosts == 1:
            changed = replace(changed, selection=replace(run.selection, inventory_hosts=1))
        assert (covered in said(changed)) is denied
        assert covered not in said(selection(unselected_hosts=("hv09",))(changed))
    # What the site does not have cannot be covered, and need not be.
    kept = tuple(pair for pair in every if pair[0] != "LM205")
    lacking = replace(run.selection, lacking=("LM205",))
    plan_without = tuple(each for each in run.plan if each.check != "LM205")
    results = tuple(each for each in run.results if each.entry.check != "LM205")
    fewer = replace(run, plan=plan_without, results=results, selection=lacking)
    if hosts == 2:
        assert covered in said(waiver(pairs=kept)(fewer))
    ended = replace(WAIVER, pairs=every, ends=run.started)
    assert covered not in said(replace(run, waivers=uses_of((ended,), run.results, run.started)))
