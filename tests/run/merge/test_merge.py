"""Joining runs: in any order, any grouping and however often, with the same outcome."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from jsonschema import Draft202012Validator
from properties import examples
from run_builders import made_entry, made_result, made_run, with_what_was_not_examined
from told_lines import told_lines

from livemigration.base.errors import UsageError
from livemigration.commands.main import main
from livemigration.commands.schema import schema_text
from livemigration.inventory.change import Change
from livemigration.inventory.demands import Demands, HostsPolicy
from livemigration.inventory.policy import Policy
from livemigration.run import results_file
from livemigration.run.evidence.model import Gathering, NetworkEvidence, NetworkHost, Zone
from livemigration.run.exit_code import ExitCode, exit_code_of, worst
from livemigration.run.merge.join import join
from livemigration.run.merge.model import Besides, Conflict
from livemigration.run.plan import RunSelection
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import Finding, Level

BEGAN = datetime(2026, 11, 23, 20, tzinfo=UTC)
HOSTS = ("hv01", "hv02", "hv03")
CHECKS = ("LM101", "LM102")


@cache
def published() -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text("results")))


def result(check: str, host: str, state: State, said: str = "") -> Result:
    level = Level.FAIL if state is State.FAIL else Level.OK
    return made_result(made_entry(check, host), state, Finding(level, said))


def run_of(*results: Result, minutes: int = 0, **changes: object) -> Run:
    names = tuple(dict.fromkeys(each.entry.target for each in results))
    own: dict[str, object] = {
        "started": BEGAN + timedelta(minutes=minutes),
        "finished": BEGAN + timedelta(minutes=minutes + 1),
        "vmm": "vmm01",
        "selection": RunSelection(3, len(names), 0),
        "gathered": Gathering(BEGAN, BEGAN + timedelta(minutes=minutes)),
        "valid_until": BEGAN + timedelta(hours=12, minutes=minutes),
    }
    return with_what_was_not_examined(made_run(results, names, **{**own, **changes}))


states = st.sampled_from([each for each in State if each is not State.NOT_RUN])
results = st.dictionaries(
    st.tuples(st.sampled_from(CHECKS), st.sampled_from(HOSTS)),
    st.tuples(states, st.sampled_from(["", "a", "b"])),
    max_size=6,
).map(lambda found: tuple(result(*key, *value) for key, value in found.items()))
policies = st.sampled_from([Policy(), Policy(fail_on="warning")])


@st.composite
def runs(draw: st.DrawFn) -> Run:
    found = draw(results)
    hosts = tuple(dict.fromkeys(each.entry.target for each in found))
    demands = Demands(
        digest=draw(st.sampled_from(["p" * 64, "q" * 64])),
        site=draw(policies),
        policies=tuple(HostsPolicy(draw(policies), (host,)) for host in hosts),
        exchanges=tuple((host, HOSTS) for host in hosts),
        managers=tuple((host, draw(st.sampled_from(["vmm01", "vmm02"]))) for host in hosts),
    )
    lacking = draw(st.sampled_from([(), ("LM204",), ("LM205", "LM303")]))
    return run_of(
        *found,
        minutes=draw(st.integers(0, 3)),
        selection=RunSelection(3, len(hosts), 0, lacking=lacking),
        inventory=draw(st.sampled_from(["ams.yaml", "fra.yaml"])),
        suite_version=draw(st.sampled_from(["0.1.0", "0.2.0"])),
        problems=draw(st.sampled_from([(), ("The journal could not be written.",)])),
        interrupted=draw(st.booleans()),
        gate=draw(st.sampled_from(["", "host-build"])),
        facts_from=draw(st.sampled_from([None, "ams.json", "fra.json"])),
        resumed=draw(st.sampled_from([None, BEGAN, BEGAN - timedelta(hours=1)])),
        change=draw(st.sampled_from([None, Change("CHG1", "Kim"), Change("CHG2", "Lou")])),
        demands=draw(st.sampled_from([None, demands])),
        zone=draw(st.sampled_from([None, Zone("CET", 60)])),
        network=draw(
            st.sampled_from([None, NetworkEvidence(tuple(NetworkHost(h, "vmm01") for h in hosts))])
        ),
        exit_code=draw(st.sampled_from([exit_code_of(found), ExitCode.INTERRUPTED])),
        gathered=draw(st.sampled_from([None, Gathering(BEGAN), Gathering(BEGAN, BEGAN)])),
        valid_until=draw(st.sampled_from([None, BEGAN])),
    )


@pytest.mark.long
@examples(150)
@given(runs(), runs(), runs())
def test_joining_does_not_depend_on_order_grouping_or_repetition(a: Run, b: Run, c: Run) -> None:
    whole = join([a, b, c])
    assert join([join([a, b]), c]) == whole
    assert join([a, join([b, c])]) == whole
    assert join([c, a, b]) == whole
    assert join([b, a, c, a]) == whole
    assert join([whole, whole]) == whole
    assert join([whole, b]) == whole


@examples(50)
@given(runs(), runs())
def test_nothing_red_is_lost_and_nothing_is_made_up(a: Run, b: Run) -> None:
    whole = join([a, b])
    both = (*a.results, *b.results)
    assert {r.entry for r in whole.results} == {r.entry for r in both}
    for each in both:
        if each.red:
            kept = next(r for r in whole.results if r.entry == each.entry)
            assert kept.red or kept.state is State.INTERNAL_ERROR
    if any(r.red for r in both):
        assert whole.exit_code is not ExitCode.READY


@examples(20)
@given(runs(), runs())
def test_a_joined_run_fits_the_published_schema_and_can_be_read_again(a: Run, b: Run) -> None:
    text = results_file.text_of(join([a, b]))
    published().validate(json.loads(text))
    assert results_file.run_of_text(text) == join([a, b])


def test_shards_of_one_inventory_are_counted_once() -> None:
    one = run_of(result("LM101", "hv01", State.PASS))
    two = run_of(result("LM101", "hv02", State.FAIL), result("LM101", "hv03", State.PASS))
    whole = join([one, two])
    assert (whole.selection.inventory_hosts, whole.selection.selected_hosts) == (3, 3)
    assert whole.exit_code is ExitCode.NOT_READY
    assert {each.entry.target for each in whole.results if each.red} == {"hv02"}


def test_what_any_of_the_sites_lacks_is_lacking() -> None:
    one = run_of(selection=RunSelection(3, 0, 0, lacking=("LM204", "LM303")))
    two = run_of(minutes=1, selection=RunSelection(3, 0, 0, lacking=("LM001", "LM204")))
    assert join([one, two]).selection.lacking == ("LM001", "LM204", "LM303")


@examples(100)
@given(runs(), runs(), st.sampled_from([each for each in ExitCode if each != ExitCode.READY]))
def test_no_code_of_a_run_is_lost_where_its_results_do_not_explain_it(
    a: Run, b: Run, code: ExitCode
) -> None:
    for one in (replace(a, exit_code=code), a):
        whole = join([one, b])
        joined = whole.exit_code
        # Where one of two runs had nothing to check, the other did.
        codes = {each.exit_code for each in (one, b)} - {ExitCode.NOTHING_TO_CHECK}
        if whole.conflicts:
            # A check that broke in one run and failed in the other has failed.
            assert joined is not ExitCode.READY or codes <= {ExitCode.READY}
        else:
            assert worst({joined, *codes}) is joined


def test_a_test_of_the_sites_own_that_failed_is_not_joined_away() -> None:
    green = run_of(result("LM101", "hv01", State.PASS))
    failed = run_of(
        result("LM101", "hv02", State.PASS),
        minutes=1,
        exit_code=ExitCode.NOT_READY,
        besides=Besides(own_tests_failed=1),
    )
    for whole in (join([green, failed]), join([join([failed]), green])):
        assert (whole.exit_code, whole.verdict) == (ExitCode.NOT_READY, "NOT READY")
        said = told_lines(whole)
        verdict = "NOT READY. No host failed a check, but 1 of the site's own tests failed."
        assert any(each.startswith(verdict) for each in said)
    # Of a run that does not say what it was, too.
    silent = replace(failed, besides=Besides())
    assert join([green, silent]).exit_code is ExitCode.NOT_READY


def test_what_no_run_says_is_not_told_as_none() -> None:
    one, two = (run_of(result("LM101", host, State.PASS)) for host in ("hv01", "hv02"))
    whole = join([one, two])
    assert (whole.selection.limit, whole.stopped_early) == ("", "")
    said = "\n".join(told_lines(whole))
    assert "none" not in said
    assert "--limit" not in said
    assert "Stopped early" not in said


def test_gates_joined_are_a_gate_and_beside_a_whole_run_they_are_told_apart() -> None:
    one = run_of(result("LM101", "hv01", State.PASS), vmm="", gate="host-build")
    two = run_of(result("LM101", "hv02", State.PASS), minutes=1, vmm="", gate="host-build")
    (verdict,) = (each for each in told_lines(join([one, two])) if each.startswith("READY "))
    assert "gate host-build, without VMM" in verdict
    mixed = join([one, run_of(result("LM101", "hv03", State.PASS))])
    assert mixed.gate == ""
    told = "The runs differ in gate: host-build and none, VMM was asked."
    assert told in told_lines(mixed)


def test_runs_in_which_no_check_applied_are_no_green_one() -> None:
    one, two = (run_of(result("LM102", host, State.NOT_APPLICABLE)) for host in ("hv01", "hv02"))
    assert one.exit_code == join([one, two]).exit_code == ExitCode.NOTHING_TO_CHECK


def test_sites_are_counted_together() -> None:
    one = run_of(result("LM101", "hv01", State.PASS), inventory="ams.yaml", inventory_digest="a")
    two = run_of(result("LM101", "hv02", State.PASS), inventory="fra.yaml", inventory_digest="b")
    whole = join([one, two])
    assert whole.selection.inventory_hosts == 6
    assert whole.inventory == "ams.yaml and fra.yaml"


@in_turn(
    "one, other, kept",
    [
        (State.PASS, State.FAIL, State.FAIL),
        (State.PASS, State.BLOCKED, State.BLOCKED),
        (State.WAIVED, State.FAIL, State.FAIL),
        (State.WAIVED, State.BLOCKED, State.BLOCKED),
        (State.PASS, State.WAIVED, State.WAIVED),
        (State.NOT_APPLICABLE, State.PASS, State.PASS),
        (State.WARNING, State.PASS, State.WARNING),
    ],
)
def test_where_runs_disagree_the_worst_counts_and_it_is_told(
    one: State, other: State, kept: State
) -> None:
    pair = [run_of(result("LM102", "hv01", state)) for state in (one, other)]
    whole = join(pair)
    assert whole.results[0].state is kept
    (conflict,) = whole.conflicts
    assert set(conflict.states) == {one.value, other.value}
    told = [line for line in told_lines(whole) if "disagree on LM102 hv01" in line]
    assert told
    assert told[0].endswith("The worst counts.")
    assert join([pair[0], pair[0]]).conflicts == ()


def test_runs_that_agree_on_a_failure_but_not_on_what_they_found_are_told() -> None:
    one, other = (run_of(result("LM102", "hv01", State.FAIL, said)) for said in ("a", "b"))
    whole = join([one, other])
    assert whole.conflicts == (Conflict("LM102", "hv01", ("fail",)),)
    told = [line for line in told_lines(whole) if "disagree" in line]
    assert told == [
        "The runs disagree on LM102 hv01: fail, with different findings. One of them is shown."
    ]
    slower = replace(one, results=(replace(one.results[0], seconds=9.0),))
    assert join([one, slower]).conflicts == ()


def test_replays_joined_are_a_replay_and_beside_a_live_run_they_are_told_apart() -> None:
    live = run_of(result("LM101", "hv01", State.PASS))
    ams, fra = (
        run_of(result("LM101", host, State.PASS), facts_from=name)
        for host, name in (("hv02", "ams.json"), ("hv03", "fra.json"))
    )
    assert join([ams, fra]).facts_from == "ams.json and fra.json"
    mixed = join([live, ams])
    assert mixed.facts_from is None
    said = told_lines(mixed)
    assert "The runs differ in facts file: ams.json and none, machines were asked." in said


def test_what_the_runs_differ_in_is_named() -> None:
    one = run_of(result("LM101", "hv01", State.PASS))
    other = run_of(
        result("LM101", "hv02", State.PASS),
        inventory="fra.yaml",
        suite_version="0.2.0",
        change=Change("CHG1", "Kim"),
        demands=Demands("q" * 64, Policy()),
    )
    said = "\n".join(told_lines(join([one, other])))
    assert "Joined from 2 runs." in said
    assert "The runs differ in inventory: fra.yaml and prod.yaml." in said
    assert "The runs differ in livemigration: 0.1.0 and 0.2.0." in said
    assert "The runs differ in change: CHG1 and none." in said
    assert "The runs differ in policy:" in said


def test_simulated_runs_are_not_joined_with_real_ones() -> None:
    real = run_of(result("LM101", "hv01", State.PASS))
    with pytest.raises(UsageError, match="simulated runs stand beside real ones"):
        join([real, replace(real, simulated=True)])
    with pytest.raises(UsageError, match=r"name at least one results\.json"):
        join([])


def test_the_command_joins_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, two = tmp_path / "a.json", tmp_path / "b.json"
    results_file.save(one, run_of(result("LM101", "hv01", State.PASS)))
    results_file.save(two, run_of(result("LM101", "hv02", State.FAIL, "It is off.")))
    to, page = tmp_path / "all.json", tmp_path / "all.html"
    command = ["merge", str(one), str(two), "--output", str(to)]
    assert main([*command, "--html", str(page)]) == 1
    lines = capsys.readouterr().out.splitlines()
    end = next(at for at, each in enumerate(lines) if each.startswith("NOT READY. 1 of 2 hosts"))
    assert lines[end - 3 : end] == ["Not ready, and why:", "hv02  1. Not so: It holds", ""]
    assert lines[-3:] == [
        f"Report: {page}",
        f"Results: {to}",
        "Exit code 1: not ready. Mend what is listed, then run the whole suite again.",
    ]
    assert {each.name for each in results_file.load(to).hosts} == {"hv01", "hv02"}
    assert "It is off." in page.read_text(encoding="utf-8")
    assert main(["merge", str(one), str(to), "--output", str(to)]) == 1
    assert results_file.load(to) == join([results_file.load(one), results_file.load(to)])
    assert main(["merge", str(tmp_path / "gone.json"), "--output", str(to)]) == 4
    assert "gone.json is not there. Name a results.json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("state", "code"),
    [(State.PASS, ExitCode.ARTEFACT_NOT_WRITTEN), (State.FAIL, ExitCode.NOT_READY)],
)
def test_a_report_that_cannot_be_written_takes_neither_results_nor_verdict_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], state: State, code: ExitCode
) -> None:
    one, to = tmp_path / "a.json", tmp_path / "all.json"
    results_file.save(one, run_of(result("LM101", "hv01", state)))
    page = tmp_path / "page.html"
    page.mkdir()
    assert main(["merge", str(one), "--output", str(to), "--html", str(page)]) == code
    shown = capsys.readouterr()
    assert "page.html: the report could not be written:" in shown.err
    assert "No report was written." in shown.out
    assert shown.out.splitlines()[-1].startswith(f"Exit code {int(code)}: ")
    assert results_file.load(to) == join([results_file.load(one)])
    assert main(["merge", str(one), "--output", str(to), "--html", str(to)]) == 4
    assert "--output and --html name the same file" in capsys.readouterr().err
