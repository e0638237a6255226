"""Each fix has its parts: the values in its summary and steps, its scripts, its source."""

from __future__ import annotations

from dataclasses import replace

from cluster_role_rows import OF_CLUSTER_ROLES
from cluster_rows import OF_CLUSTERS
from console_rows import OF_PERSONS
from fix_rows import HOST, MACHINE, SERVER, Row, failed
from in_turn import in_turn
from rows_of_pairs import OF_PAIRS
from rows_of_windows import OF_WINDOWS
from scripted_rows import SCRIPTED

from livemigration.facts.migration import KERBEROS
from livemigration.facts.model import FailureKind
from livemigration.verdict.findings import fail, note
from livemigration.verdict.fixes import (
    outside_vmm,
    records,
    settings,
    vmm,
    wsman,
)
from livemigration.verdict.fixes.script import FixTarget, console
from livemigration.verdict.references import (
    VMM_PORTS,
)


@in_turn("row", [*SCRIPTED, *OF_PERSONS, *OF_WINDOWS, *OF_CLUSTERS, *OF_CLUSTER_ROLES, *OF_PAIRS])
def test_a_fix_has_each_of_its_parts(row: Row) -> None:
    fix = row.fix()
    assert all(value in fix.summary for value in row.summary)
    assert len(fix.console) == len(row.steps)
    for step, value in zip(fix.console, row.steps, strict=True):
        assert value in step
    assert fix.source == row.source
    assert row.cost in fix.cost
    assert bool(row.cost) is bool(fix.cost)
    assert fix.precondition == row.precondition
    assert (fix.commands, fix.undo, fix.done) == (row.commands, row.undo, row.done)


@in_turn(
    "kind, said",
    [
        (FailureKind.ACCESS_DENIED, f"On {SERVER}, give the account of this run"),
        (FailureKind.AUTHENTICATION, "password"),
        (FailureKind.MISSING, f"Check that {SERVER} is the VMM server"),
        (FailureKind.SCRIPT, f"On {SERVER}, open the VMM command shell"),
        (FailureKind.TIMED_OUT, f"Check that {SERVER} is up"),
    ],
)
def test_a_vmm_server_is_mended_by_what_went_wrong(kind: FailureKind, said: str) -> None:
    fix = vmm.mend_access(SERVER, failed(kind))
    assert said in fix.console[0]
    assert fix.console[1:] == ("Then run the suite again.",)
    assert SERVER in fix.summary
    assert fix.source == VMM_PORTS
    # What the conversation advises is the same in other words, but for what only VMM knows.
    advised = vmm.mend_access(SERVER, failed(kind, "Look there")).console
    own = {FailureKind.ACCESS_DENIED, FailureKind.MISSING, FailureKind.SCRIPT}
    assert advised == (fix.console if kind in own else ("Look there.", *fix.console[1:]))


@in_turn(
    "kind, said",
    [
        (FailureKind.NAME_NOT_RESOLVED, "DNS"),
        (FailureKind.REFUSED, "winrm enumerate"),
        (FailureKind.AUTHENTICATION, "password"),
        (FailureKind.ACCESS_DENIED, "WMI"),
        (FailureKind.TIMED_OUT, "Check that the host is up"),
        (FailureKind.FAULT, ""),
    ],
)
def test_a_host_is_let_in_by_what_went_wrong(kind: FailureKind, said: str) -> None:
    fix = wsman.answer_suite(MACHINE, failed(kind))
    *advice, last = fix.console
    assert last == "Then run the suite again."
    assert len(advice) == bool(said)
    assert all(said in each for each in advice)
    advised = wsman.answer_suite(MACHINE, failed(kind, "Look there"))
    assert advised.console == ("Look there.", last)
    assert HOST in fix.summary
    assert fix.source == VMM_PORTS


def test_what_vmm_says_of_a_host_is_left_out_where_it_says_nothing() -> None:
    assert (
        "VMM says: Agent: stopped." in records.reach_host(MACHINE, ("Agent: stopped",)).console[0]
    )
    assert "VMM says" not in records.reach_host(MACHINE, ()).console[0]


def test_a_host_without_vmm_is_mended_in_hyper_v_manager_and_by_no_script() -> None:
    alone = FixTarget(HOST, "")
    (where, step) = console(alone, "Select it.")
    assert f"Hyper-V Settings of {HOST}" in where
    assert step == "Select it."
    finding = fail("off", "on", settings.enable_live_migration(MACHINE))
    stripped = outside_vmm.outside_vmm(finding).fix
    assert stripped is not None
    assert finding.fix is not None
    assert stripped == replace(finding.fix, precondition="", commands=(), undo=())
    by_hand = fail("shut", "open", wsman.answer_vmm(MACHINE, 5985))
    assert outside_vmm.outside_vmm(by_hand) is by_hand
    assert outside_vmm.outside_vmm(note("seen")) == note("seen")
    done = fail("off", "on", settings.use_credssp(MACHINE, KERBEROS))
    kept = outside_vmm.outside_vmm(done).fix
    assert kept is not None
    assert kept.done == ()
