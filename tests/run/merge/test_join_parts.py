"""What a joined run keeps of its runs: each value of one, all of both, or what both leave out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from in_turn import in_turn
from test_merge import BEGAN, result, run_of

from livemigration.facts.model import Subject
from livemigration.inventory.change import Change
from livemigration.run.evidence.model import (
    CheckGroups,
    Evidence,
    Gathering,
    NetworkEvidence,
    NetworkHost,
    Source,
    TargetFacts,
    Zone,
)
from livemigration.run.exit_code import ExitCode
from livemigration.run.merge.join import join
from livemigration.run.merge.model import Besides, Conflict
from livemigration.run.not_examined import Managed, OptIn
from livemigration.run.plan import RunSelection
from livemigration.run.result import Blocker, State
from livemigration.run.run import HostSummary, Run

HOUR = timedelta(hours=1)


def first(**changes: Any) -> Run:
    return run_of(result("LM101", "hv01", State.PASS), **changes)


def second(**changes: Any) -> Run:
    return run_of(result("LM101", "hv02", State.PASS), minutes=1, **changes)


@in_turn(
    "field, one, other, expected",
    [
        ("inventory", "ams.yaml", "fra.yaml", "ams.yaml and fra.yaml"),
        ("inventory_digest", "d", "d", "d"),
        ("suite_version", "0.1.0", "0.2.0", "0.1.0 and 0.2.0"),
        ("vmm", "vmm01", "vmm02", "vmm01 and vmm02"),
        ("vmm_release", "2022", "", "2022"),
        ("stopped_early", "", "--maxfail", "--maxfail"),
        ("lab", "a.yaml", "b.yaml", "a.yaml and b.yaml"),
        ("problems", ("b", "a"), ("c", "a"), ("a", "b", "c")),
        ("interrupted", False, True, True),
        ("interrupted", False, False, False),
        ("resumed", BEGAN - HOUR, BEGAN - 2 * HOUR, BEGAN - 2 * HOUR),
        ("resumed", None, BEGAN - HOUR, BEGAN - HOUR),
        ("resumed", None, None, None),
        ("change", Change("CHG1", "Kim"), Change("CHG1", "Kim"), Change("CHG1", "Kim")),
        ("change", Change("CHG1", "Kim"), Change("CHG2", "Kim"), None),
        ("change", None, Change("CHG2", "Kim"), None),
        ("gate", "host-build", "host-build", "host-build"),
        ("gate", "host-build", "", ""),
        ("facts_from", "a.json", "b.json", "a.json and b.json"),
        ("facts_from", "a.json", None, None),
        ("zone", Zone("CET", 60), None, Zone("CET", 60)),
        ("zone", Zone("CET", 60), Zone("UTC", 0), Zone("UTC", 0)),
        ("zone", None, None, None),
        ("valid_until", BEGAN + HOUR, BEGAN + 2 * HOUR, BEGAN + HOUR),
        ("valid_until", BEGAN + HOUR, None, None),
        ("gathered", Gathering(BEGAN, BEGAN), None, None),
        (
            "gathered",
            Gathering(BEGAN, BEGAN + HOUR),
            Gathering(BEGAN - HOUR, BEGAN),
            Gathering(BEGAN - HOUR, BEGAN + HOUR),
        ),
        ("gathered", Gathering(BEGAN), Gathering(BEGAN, BEGAN), Gathering(BEGAN)),
        (
            "managed",
            (Managed("vmm02", 3),),
            (Managed("vmm01", 4), Managed("vmm02", 3)),
            (Managed("vmm01", 4), Managed("vmm02", 3)),
        ),
        (
            "besides",
            Besides(own_tests_failed=2),
            Besides(own_tests_failed=1, artefact_missing=True),
            Besides(own_tests_failed=3, artefact_missing=True),
        ),
    ],
)
def test_a_value_of_both_runs_is_joined(field: str, one: Any, other: Any, expected: Any) -> None:
    for runs in (
        [first(**{field: one}), second(**{field: other})],
        [second(**{field: other}), first(**{field: one})],
    ):
        assert getattr(join(runs), field) == expected


def test_each_run_is_a_part_with_what_is_its_own() -> None:
    change = Change("CHG1", "Kim")
    own = {
        "change": change,
        "lab": "a.yaml",
        "gate": "host-build",
        "facts_from": "a.json",
        "stopped_early": "--maxfail",
        "valid_until": BEGAN + HOUR,
        "besides": Besides(own_tests_failed=1),
        "selection": RunSelection(3, 1, 2, limit="hv*", lacking=("LM204",)),
        "exit_code": ExitCode.NOT_READY,
    }
    run = first(**own)
    part, other = sorted(join([run, second()]).parts, key=lambda each: each.started)
    assert (part.inventory_hosts, part.deselected_checks, part.limit) == (3, 2, "hv*")
    assert part.lacking == ("LM204",)
    for name in ("change", "lab", "gate", "facts_from", "stopped_early", "valid_until", "besides"):
        assert getattr(part, name) == own[name], name
    for name in ("inventory", "inventory_digest", "suite_version", "vmm", "vmm_release"):
        assert getattr(part, name) == getattr(run, name), name
    assert (part.started, part.finished) == (run.started, run.finished)
    # Its results are green, so that its code is its own; the other's follows from them.
    assert (part.exit_code, part.holds) == (1, 1)
    assert (other.exit_code, other.holds) == (0, 0)
    # So does that of a failure: nothing is held against the run beside it.
    failed = join([run_of(result("LM101", "hv01", State.FAIL))]).parts[0]
    assert (failed.exit_code, failed.holds) == (1, 0)
    again = join([join([run, second()]), run])
    assert set(again.parts) == {part, other}
    assert len(again.parts) == 2


def test_what_one_run_left_out_and_another_did_is_not_left_out() -> None:
    one = first(
        selection=RunSelection(
            3,
            1,
            1,
            unselected_hosts=("hv02", "hv03"),
            unselected_checks=("LM101", "LM102"),
            opt_ins=(OptIn("LM306", "--stage-vm"), OptIn("LM101", "--more")),
        )
    )
    other = second(selection=RunSelection(3, 1, 2, unselected_hosts=("hv01", "hv03")))
    selection = join([one, other]).selection
    assert selection.unselected_hosts == ("hv03",)
    assert selection.unselected_checks == ("LM102",)
    assert selection.opt_ins == (OptIn("LM306", "--stage-vm"),)
    assert (selection.inventory_hosts, selection.selected_hosts) == (3, 2)
    assert selection.deselected_checks == 3
    apart = join([one, replace(other, inventory_digest="e")]).selection
    assert apart.inventory_hosts == 6
    assert join([first(selection=RunSelection(1, 1, 0)), second()]).selection.inventory_hosts == 3
    limited = first(selection=RunSelection(3, 1, 0, limit="hv01"))
    assert join([limited, second()]).selection.limit == "hv01"


def test_evidence_and_network_of_both_are_kept_once_for_each_target() -> None:
    def evidence(name: str, *checks: str) -> Evidence:
        return Evidence(
            (Source(f"of-{name}", "t", Subject.HOST), Source("of-both", "t", Subject.HOST)),
            tuple(CheckGroups(each, ("g",)) for each in checks),
            (TargetFacts(Subject.HOST, name, ()), TargetFacts(Subject.VMM, "vmm01", ())),
        )

    network = [NetworkEvidence((NetworkHost(name, "vmm01"),)) for name in ("hv02", "hv01")]
    one = first(evidence=evidence("hv01", "LM101"), network=network[0])
    other = second(evidence=evidence("hv02", "LM101", "LM102"), network=network[1])
    whole = join([one, other])
    assert whole.evidence is not None
    assert {each.group for each in whole.evidence.sources} == {"of-hv01", "of-hv02", "of-both"}
    assert len(whole.evidence.sources) == 3
    assert [each.check for each in whole.evidence.checks] == ["LM101", "LM102"]
    targets = [(each.kind, each.target) for each in whole.evidence.targets]
    assert targets == [
        (Subject.HOST, "hv01"),
        (Subject.HOST, "hv02"),
        (Subject.VMM, "vmm01"),
    ]
    assert whole.network is not None
    assert [host.name for host in whole.network.hosts] == ["hv01", "hv02"]


def test_runs_that_do_not_agree_are_told_with_what_each_says() -> None:
    passed, failed = (result("LM101", "hv01", state) for state in (State.PASS, State.FAIL))
    told = Conflict("LM101", "hv01", ("fail", "pass"))
    whole = join([run_of(passed), run_of(failed, minutes=1)])
    assert whole.conflicts == (told,)
    blocked = replace(failed, state=State.BLOCKED, red=False, findings=())
    by = [replace(blocked, blocked_by=Blocker(each, "No.")) for each in ("LM201", "LM302")]
    apart = join([run_of(by[0]), run_of(by[1], minutes=1)])
    assert apart.conflicts == (Conflict("LM101", "hv01", ("blocked",)),)
    # How long it took is no matter of dispute, and a conflict that was told stays.
    slower = replace(passed, seconds=9.0)
    assert join([run_of(passed), run_of(slower, minutes=1)]).conflicts == ()
    assert join([whole, run_of(result("LM102", "hv01", State.PASS))]).conflicts == (told,)
    more = join([whole, run_of(blocked, minutes=2)])
    assert more.conflicts == (Conflict("LM101", "hv01", ("blocked", "fail", "pass")),)
    # Also where its results are in none of the files any more.
    assert join([replace(whole, results=())]).conflicts == (told,)


def test_of_what_runs_say_differently_of_a_host_one_is_kept_in_whichever_order() -> None:
    older = first(hosts=(HostSummary("hv01", system="Windows Server 2019"),))
    newer = first(hosts=(HostSummary("hv01", system="Windows Server 2022"),))
    for runs in ([older, newer], [newer, older], [older, newer, older]):
        (host,) = join(runs).hosts
        assert host.system == "Windows Server 2022"
