from __future__ import annotations

from dataclasses import replace

import report_runs
from in_turn import in_turn
from report_runs import entry, kb_host, passed, result, run_of

from livemigration.report.grouping import TargetView, View, hosts_sentence, reasons, view_of
from livemigration.report.html.check_table import NOT_PLANNED, check_table_of
from livemigration.report.repairs import to_mend
from livemigration.report.wording import counts_sentence, scope_sentences
from livemigration.run.exit_code import ExitCode
from livemigration.run.plan import RunSelection
from livemigration.run.result import Result, State
from livemigration.run.run import HostSummary, Run
from livemigration.verdict.findings import Fix, Level, fail, not_applicable, ok, warn


def host(view: View, name: str) -> TargetView:
    return next(each for each in view.hosts if each.name == name)


def test_warnings_of_a_red_policy_are_repairs() -> None:
    warned = result("LM201", "hv01", warn("stale", "fresh"))
    run = run_of(replace(warned, red=True))
    view = host(view_of(run), "hv01")
    assert view.failing
    (repair,) = to_mend(run).repairs
    assert [each.finding.observed for each in repair.machines[0].said] == ["stale"]
    assert view.warnings == ()
    assert scope_sentences(run)[-1] == (
        "Warnings count as failures: the policy says fail_on: warning."
    )


def test_a_warning_does_not_repeat_the_fix_of_a_failure() -> None:
    fix = Fix("k", "Mend it.")
    run = run_of(
        result("LM102", "hv01", fail("o", "e", fix)), result("LM201", "hv01", warn("o", "e", fix))
    )
    (warned,) = host(view_of(run), "hv01").warnings
    assert (warned.fix, warned.same_fix_as) == (None, "LM102")


def test_identical_reasons_of_a_host_are_told_once() -> None:
    (reason,) = reasons(
        (
            result("LM203", "hv01", not_applicable("resolved")),
            result("LM304", "hv01", not_applicable("resolved")),
        )
    )
    assert reason.checks == ("LM203", "LM304")


def test_every_target_appears_even_if_only_the_plan_names_it() -> None:
    run = run_of(result("LM101", "hv01", ok("fine")))
    run = replace(
        run,
        plan=(*run.plan, entry("LM101", "hv02")),
        hosts=(*run.hosts, HostSummary("hv03")),
    )
    view = view_of(run)
    assert {each.name for each in view.hosts} == {"hv01", "hv02", "hv03"}
    assert [each.check for each in host(view, "hv02").not_run] == ["LM101"]
    assert [each.name for each in view.undecided] == ["hv02"]


def test_internal_errors_are_apart() -> None:
    error = Result(entry("LM103", "hv01"), State.INTERNAL_ERROR, reason="yielded nothing")
    run = run_of(error)
    view = view_of(run)
    assert view.internal_errors == (error,)
    assert to_mend(run).repairs == ()
    assert host(view, "hv01").undecided


def test_waived_failures_are_kept_with_who_signed() -> None:
    view = view_of(run_of(report_runs.waived_result("hv07")))
    (waived,) = view.waived
    assert "J. Doe" in waived.reason
    assert [each.observed for each in waived.statements] == ["CredSSP is configured."]


HOSTS = [
    (run_of(*passed("a"), *passed("b")), "2 of 2 hosts are ready."),
    (run_of(*passed("a")), "1 of 1 host is ready."),
    (run_of(*kb_host("a"), *passed("b")), "1 of 2 hosts is not ready."),
    (
        report_runs.vmm_down(),
        "The VMM server is not ready. 20 of 20 hosts could not be judged.",
    ),
    (run_of(report_runs.vmm_result(Level.OK)), "No host was checked."),
    (
        run_of(*passed("a"), exit_code=ExitCode.USAGE),
        "No host failed a check, but the run has no verdict.",
    ),
]


@in_turn("run, sentence", HOSTS)
def test_hosts_sentence(run: Run, sentence: str) -> None:
    assert hosts_sentence(view_of(run)) == sentence


def test_counts_are_true_and_plurals_right() -> None:
    assert counts_sentence(report_runs.broken_fleet()) == (
        "71 checks: 49 passed, 4 warned, 5 failed, 11 blocked, 1 waived, 1 not applicable."
    )
    assert counts_sentence(run_of(result("LM101", "a", warn("o", "e")))) == "1 check: 1 warned."
    assert counts_sentence(run_of()) == "No check was planned."
    assert counts_sentence(report_runs.interrupted_fleet()).endswith("8 not run.")


def test_scope_says_what_was_left_out() -> None:
    run = run_of(*passed("a"), selection=RunSelection(10, 1, 12, "hv0*"), facts_from="facts.json")
    assert scope_sentences(run) == (
        "1 of 10 hosts of the inventory selected; 9 hosts were deselected.",
        "Limited by --limit hv0*.",
        "12 checks were deselected.",
        "Replayed from the facts file facts.json: no machine was asked in this run.",
    )


def test_an_unfinished_run_says_how_much_of_the_plan_ran() -> None:
    run = report_runs.interrupted_fleet()
    assert "Interrupted: 12 of 20 planned checks ran." in scope_sentences(run)
    stopped = replace(run, interrupted=False, stopped_early="-x")
    assert "Stopped early (-x): 12 of 20 planned checks ran." in scope_sentences(stopped)
    silent = replace(run, interrupted=False)
    assert "12 of 20 planned checks ran." in scope_sentences(silent)


def test_the_matrix_has_every_entry_in_words() -> None:
    run = report_runs.interrupted_fleet()
    run = replace(run, plan=(*run.plan, entry("LM101", "hv09")))
    matrix = check_table_of(run, {})
    rows = {name: [cell.words for cell in row.cells] for row in matrix.rows for name in row.names}
    assert rows["hv03.lab.test"].count("fail") == 3
    assert rows["hv01.lab.test"].count("not run") == 8
    assert rows["hv09"] == ["not run"] + [NOT_PLANNED.words] * (len(matrix.checks) - 1)
