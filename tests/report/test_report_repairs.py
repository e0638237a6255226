"""What a run leaves to do, by its causes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import report_runs
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from report_runs import blocked, entry, kb_host, passed, result, run_of

from livemigration.facts.model import Subject
from livemigration.report.naming import ANY_HOST, Names
from livemigration.report.repairs import RepairGroup, ToMend, failures, to_mend
from livemigration.run.result import Blocker, Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import HOSTS, Cause, Finding, Fix, Level, fail

CHECKS = ("LM101", "LM102", "LM103", "LM203")
HOST_NAMES = ("hv1", "hv2", "hv10.lab.test", "hv10", "a b", "é")


def fix_of(host: str, key: str, **changes: object) -> Fix:
    cause = Cause(f"Mend {key} of {HOSTS}", f"{key} is wrong", key, values=(("Host", host),))
    return replace(Fix(key, f"Mend {key} of {host}.", cause=cause), **changes)  # type: ignore[arg-type]  # tests name real fields


def red(check: str, host: str, *fixes: Fix) -> Result:
    return result(check, host, *(fail(f"{host} is wrong.", "right", fix) for fix in fixes))


def mended(*results: Result) -> ToMend:
    return to_mend(run_of(*results))


STATES = st.sampled_from((State.PASS, State.FAIL, State.WARNING, State.BLOCKED))
RUNS = st.dictionaries(
    st.tuples(st.sampled_from(HOST_NAMES), st.sampled_from(CHECKS)),
    st.tuples(
        STATES,
        st.lists(st.sampled_from(("k1", "k2", "")), max_size=3),
        st.sampled_from(CHECKS),
        st.booleans(),
    ),
    min_size=1,
)


def made(found: dict[tuple[str, str], tuple[State, list[str], str, bool]]) -> Run:
    results = []
    for (host, check), (state, keys, by, is_red) in found.items():
        level = Level.WARNING if state is State.WARNING else Level.FAIL
        findings = tuple(
            Finding(level, f"{host}: {place}", "right", fix_of(host, key) if key else None)
            for place, key in enumerate(keys)
        )
        blocker = Blocker(by, f"{host} does not answer") if state is State.BLOCKED else None
        results.append(
            Result(
                entry(check, host),
                state,
                state is State.FAIL or (state is State.WARNING and is_red),
                () if state in {State.PASS, State.BLOCKED} else findings,
                blocked_by=blocker,
            )
        )
    return run_of(*results)


@examples(200)
@given(RUNS)
def test_each_red_finding_is_in_one_repair_of_its_host_and_no_host_is_lost(
    found: dict[tuple[str, str], tuple[State, list[str], str, bool]],
) -> None:
    run = made(found)
    mend = to_mend(run)
    told = Counter(
        (machine.name, said.entry.check, said.finding)
        for repair in mend.repairs
        for machine in repair.machines
        for said in machine.said
    )
    assert told == Counter(
        (each.entry.target, each.entry.check, finding)
        for each in run.results
        for finding in failures(each)
    )
    assert {name for each in mend.repairs for name in each.names} == {
        each.entry.target for each in run.results if each.red
    }
    for repair in mend.repairs:
        assert len(set(repair.names)) == len(repair.names)


@examples(200)
@given(RUNS)
def test_each_blocked_check_waits_once_behind_a_repair_or_is_unresolved(
    found: dict[tuple[str, str], tuple[State, list[str], str, bool]],
) -> None:
    run = made(found)
    mend = to_mend(run)
    waits = [entry for each in mend.repairs for entry in each.waiting]
    stuck = [entry for each in mend.unresolved for entry in each.entries]
    expected = Counter(each.entry for each in run.results if each.state is State.BLOCKED)
    assert Counter((*waits, *stuck)) == expected
    failing = {(each.entry.target, each.entry.check) for each in run.results if each.red}
    by = {each.entry: each.blocked_by for each in run.results if each.blocked_by}
    for each in waits:
        assert (each.target, by[each].check) in failing
    for each in stuck:
        assert (each.target, by[each].check) not in failing


@examples(200)
@given(RUNS)
def test_the_worst_comes_first_and_anchors_are_stable(
    found: dict[tuple[str, str], tuple[State, list[str], str, bool]],
) -> None:
    run = made(found)
    repairs = to_mend(run).repairs
    order = [(-len(each.names), -each.weight) for each in repairs]
    assert order == sorted(order)
    assert [each.number for each in repairs] == list(range(1, len(repairs) + 1))
    anchors = [each.anchor for each in repairs]
    assert len(set(anchors)) == len(anchors)
    again = to_mend(replace(run, results=run.results[::-1])).repairs
    assert {each.anchor for each in again} == set(anchors)


def test_a_key_keeps_its_anchor_whatever_else_fails() -> None:
    (alone,) = mended(red("LM101", "hv1", fix_of("hv1", "k1"))).repairs
    both = mended(
        red("LM101", "hv1", fix_of("hv1", "k1")),
        *(red("LM102", name, fix_of(name, "k0")) for name in ("hv2", "hv3")),
    ).repairs
    assert alone.anchor == "fix-k1"
    assert [each.anchor for each in both] == ["fix-k0", "fix-k1"]


def test_hosts_of_one_cause_are_one_repair_and_of_two_causes_two() -> None:
    other = replace(fix_of("hv3", "k"), cause=Cause("Mend k otherwise", "otherwise", "k"))
    repairs = mended(
        red("LM101", "hv1", fix_of("hv1", "k")),
        red("LM102", "hv2", fix_of("hv2", "k")),
        red("LM101", "hv3", other),
    ).repairs
    assert [each.names for each in repairs] == [("hv1", "hv2"), ("hv3",)]
    assert [each.anchor for each in repairs] == ["fix-k", "fix-k-2"]
    assert repairs[0].checks == ("LM101", "LM102")


def test_findings_without_a_cause_are_grouped_by_what_the_fix_says_without_the_name() -> None:
    fixes = {name: Fix("k", f"Start {name} again.") for name in ("hv1.lab", "hv2.lab")}
    (repair,) = mended(*(red("LM101", name, fix) for name, fix in fixes.items())).repairs
    assert repair.names == ("hv1.lab", "hv2.lab")
    assert repair.about(Names(repair.names)) == "Start 2 hosts again"
    assert repair.wrong == f"Not so: {report_runs.TITLES['LM101'].rstrip('.')}"
    (one,) = mended(red("LM101", "hv1.lab", fixes["hv1.lab"])).repairs
    assert one.about(Names(one.names)) == "Start hv1 again"


def test_a_failure_that_no_check_can_mend_is_a_repair_by_hand() -> None:
    bare = Result(entry("LM103", "hv1"), State.FAIL, red=True, reason="lost")
    (repair,) = mended(bare).repairs
    assert (repair.anchor, repair.scripted, repair.title) == (
        "fix-none-LM103",
        False,
        f"Look at {HOSTS}: LM103 failed, and names no fix",
    )
    assert [each.finding.observed for each in repair.machines[0].said] == ["lost"]


def test_a_warning_that_the_policy_makes_red_is_not_said_to_be_untrue() -> None:
    warned = result("LM102", "hv1", Finding(Level.WARNING, "hv1 may change."))
    (repair,) = mended(replace(warned, red=True)).repairs
    assert repair.wrong == "LM102 warns, which the policy counts as a failure"
    assert (repair.title, repair.word) == (
        f"Look at {HOSTS}: LM102 warns, and names no fix",
        "LM102 warns",
    )


def test_what_waits_for_the_vmm_server_waits_for_its_repair() -> None:
    mend = to_mend(report_runs.vmm_down())
    (repair,) = mend.repairs
    assert (repair.kind, len(repair.waiting), mend.unresolved) == (Subject.VMM, 40, ())


def test_an_unresolved_reason_is_told_once_with_the_name_where_it_is_one_hosts() -> None:
    def stuck(host: str) -> Result:
        return blocked("LM103", host, "LM302", f"{host} denied it", f"Look at {host}.")

    (one,) = mended(stuck("hv1")).unresolved
    assert (one.reason, one.next_step) == ("hv1 denied it", "Look at hv1.")
    (both,) = mended(stuck("hv1"), stuck("hv2"), *passed("hv3")).unresolved
    assert both.names == ("hv1", "hv2")
    assert (both.reason, both.next_step) == (
        f"{ANY_HOST} denied it",
        f"Look at {ANY_HOST}.",
    )
    assert both.kind_of("hv2") is Subject.HOST


def test_what_is_waived_or_only_warned_is_no_repair() -> None:
    assert mended(report_runs.waived_result("hv1")).repairs == ()
    assert mended(*report_runs.warned_host("hv1")).repairs == ()
    warned = replace(report_runs.warned_host("hv1")[-2], red=True)
    assert len(mended(warned).repairs) == 1


def consoles(*fixes: tuple[str, tuple[str, ...]]) -> RepairGroup:
    (repair,) = mended(
        *(red("LM101", host, fix_of(host, "k", console=lines)) for host, lines in fixes)
    ).repairs
    return repair


def test_lines_that_differ_in_values_alone_are_told_once_with_placeholders() -> None:
    repair = consoles(
        *((f"hv{n}", (f"Open hv{n} and take 10.0.0.{n} off the list.",)) for n in (1, 2))
    )
    (told,) = repair.told(lambda fix: fix.console)
    assert told.lines == (f"Open {ANY_HOST} and take <address> off the list.",)
    assert (told.names, told.whole) == (("hv1", "hv2"), False)


def test_lines_that_are_equal_but_for_the_name_are_whole() -> None:
    (told,) = consoles(*((f"hv{n}", (f"Restart hv{n}.",)) for n in (1, 2))).told(
        lambda fix: fix.console
    )
    assert (told.lines, told.whole) == ((f"Restart {ANY_HOST}.",), True)
    (one,) = consoles(("hv1", ("Restart hv1.",))).told(lambda fix: fix.console)
    assert one.lines == ("Restart hv1.",)


def test_lines_that_are_unlike_are_told_apart_those_of_most_hosts_first() -> None:
    told = consoles(
        ("hv1", ("Open the console.", "Delete it.")),
        ("hv2", ("Call the owner.",)),
        ("hv3", ("Call the owner.",)),
    ).told(lambda fix: fix.console)
    assert [each.names for each in told] == [("hv2", "hv3"), ("hv1",)]


def test_values_that_all_hosts_share_are_no_column() -> None:
    def with_values(host: str, net: str) -> Result:
        cause = Cause("Mend", "wrong", "w", values=(("Network", net), ("Host", host)))
        return red("LM101", host, fix_of(host, "k", cause=cause))

    (repair,) = mended(with_values("hv1", "n"), with_values("hv2", "n")).repairs
    assert (repair.labels, repair.shared) == (("Host",), (("Network", "n"),))
    (one,) = mended(with_values("hv1", "n")).repairs
    assert (one.labels, one.shared) == (("Network", "Host"), ())


def test_a_repair_is_scripted_where_a_command_changes_something() -> None:
    scripted = to_mend(run_of(*kb_host("hv03"))).repairs[0].scripted
    looks = (
        mended(red("LM101", "hv1", fix_of("hv1", "k", commands=("Get-VM",)))).repairs[0].scripted
    )
    assert (scripted, looks) == (True, False)


def test_each_of_several_fixes_of_one_key_is_a_round_of_its_own() -> None:
    first, second = (
        {
            host: fix_of(host, "k", commands=(f"Set-SCVMHost {place} {host}",))
            for host in ("hv1", "hv2")
        }
        for place in (1, 2)
    )
    same = replace(first["hv1"], console=("Open the console.",))
    repair = mended(
        red("LM101", "hv1", first["hv1"], same, second["hv1"]), red("LM101", "hv2", first["hv2"])
    ).repairs[0]
    assert repair.rounds == (first, {"hv1": second["hv1"]})
