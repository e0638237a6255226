"""Each fix tells the cause that it mends, and no other: whatever else is wrong, and what is known.

A cause that is not there sends an administrator after it at night.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cause_rows import TOLD
from cause_told import Told
from fix_rows import HOST, MACHINE, SERVER, failed
from in_turn import in_turn

from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.verdict import blocking, fixes
from livemigration.verdict.findings import HOSTS, Cause, Fix
from livemigration.verdict.fixes import access, records, vmm, wsman

# What is told of a machine by what came back from it: below.
BY_KIND = {"wsman-access", "vmm-access"}


def cause_of(fix: Fix) -> Cause:
    assert fix.cause is not None, fix.key
    return fix.cause


@in_turn("row", TOLD)
def test_a_fix_tells_the_cause_that_it_mends_and_what_of_this_host_matters(row: Told) -> None:
    cause = cause_of(row.fix())
    assert row.title in cause.title
    assert row.wrong in cause.wrong
    assert row.why in cause.why
    assert (cause.word, cause.values) == (row.word, row.values)


def test_no_fix_is_without_a_row() -> None:
    folder = Path(fixes.__file__).parent
    declared = {
        key
        for path in folder.glob("*.py")
        for key in re.findall(r'\bkey="([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert {row.fix().key for row in TOLD} == declared - BY_KIND


def test_causes_of_one_fix_that_read_alike_are_one_cause() -> None:
    found: dict[tuple[str, str, str], set[str]] = {}
    for row in TOLD:
        cause = cause_of(row.fix())
        found.setdefault((row.fix().key, cause.title, cause.wrong), set()).add(cause.why)
    assert all(len(whys) == 1 for whys in found.values())


NO_ACCESS = [
    (FailureKind.NAME_NOT_RESOLVED, "resolve", "does not resolve", "not resolved"),
    (FailureKind.REFUSED, "to answer", "are refused", "refused"),
    (FailureKind.TIMED_OUT, "to answer", "No answer", "no answer"),
    (FailureKind.UNREACHABLE, "to answer", "connection", "unreachable"),
    (FailureKind.DEADLINE, "within the time limit", "before everything was read", "too slow"),
    (FailureKind.AUTHENTICATION, "account accepted", "is refused", "sign-in refused"),
    (FailureKind.ACCESS_DENIED, "account of this run access", "may not use", "access denied"),
    (FailureKind.FAULT, "cannot be read", "answers with a fault", "fault"),
    (FailureKind.PROTOCOL, "cannot be read", "cannot be used", "unusable reply"),
]
HOST_KINDS = [
    *NO_ACCESS,
    (FailureKind.MISSING, "cannot be read", "could not be read", "not read"),
    (FailureKind.SCRIPT, "cannot be read", "could not be read", "not read"),
]
SERVER_KINDS = [
    *NO_ACCESS,
    (FailureKind.MISSING, "Install the VMM console", "is not there", "no cmdlets"),
    (FailureKind.SCRIPT, "cmdlets to work", "fails", "script fails"),
]
# Nothing was read of these; of the others some of it may have been.
NOTHING_READ = {
    FailureKind.NAME_NOT_RESOLVED,
    FailureKind.REFUSED,
    FailureKind.TIMED_OUT,
    FailureKind.UNREACHABLE,
}


@in_turn("kind, title, wrong, word", HOST_KINDS)
def test_a_host_that_is_not_read_is_told_by_what_came_back(
    kind: FailureKind, title: str, wrong: str, word: str
) -> None:
    cause = cause_of(wsman.answer_suite(MACHINE, failed(kind)))
    assert title in cause.title
    assert wrong in cause.wrong
    assert cause.word == word
    assert cause.values == (("Tried", "Reading it"), ("Came back", "it failed"))
    assert cause.why.startswith("Nothing of it" if kind in NOTHING_READ else "What could not")


@in_turn("kind, title, wrong, word", SERVER_KINDS)
def test_a_vmm_server_that_is_not_read_is_told_by_what_came_back(
    kind: FailureKind, title: str, wrong: str, word: str
) -> None:
    fix = vmm.mend_access(SERVER, failed(kind))
    cause = cause_of(fix)
    assert title in cause.title
    assert wrong in cause.wrong
    assert cause.word == word
    assert cause.values == (("Tried", "Reading it"), ("Came back", "it failed"))
    assert "what only VMM knows" in cause.why
    assert fix.summary == f"{cause.title.replace(HOSTS, f'the VMM server {SERVER}')}."


@in_turn(
    "tried, where",
    [
        ("Connecting to hv07 at 10.1.1.7, port 5985", "10.1.1.7:5985"),
        ("Connecting to hv07 at fd00::7, port 5986", "[fd00::7]:5986"),
        ("Connecting to hv07 at 10.1.1.7, port 5985, again", None),
        ("After connecting to hv07 at 10.1.1.7, port 5985", None),
        ("Asking for\nWin32_Service", "Asking for Win32_Service"),
    ],
)
def test_what_was_tried_is_an_address_where_a_connection_was(tried: str, where: str | None) -> None:
    failure = GatherFailure(FailureKind.REFUSED, tried, "no", "", "LM301")
    assert access.came_back(failure) == (("Tried", where or tried), ("Came back", "no"))


@pytest.mark.parametrize(
    ("came_back", "code", "told"),
    [
        ("It was refused.", None, "It was refused"),
        ("It was\nrefused.", 5, "It was refused (5)"),
        ("It was refused", 0, "It was refused (0)"),
    ],
)
def test_what_came_back_is_told_with_its_code(came_back: str, code: int | None, told: str) -> None:
    failure = GatherFailure(FailureKind.REFUSED, "Reading", came_back, "", "LM301", code)
    assert access.came_back(failure) == (("Tried", "Reading"), ("Came back", told))


@in_turn("kind", FailureKind)
def test_only_a_machine_that_timed_out_did_not_answer(kind: FailureKind) -> None:
    said = blocking.no_answer(failed(kind), "VMM server")
    assert said == ("The VMM server did not answer. " if kind is FailureKind.TIMED_OUT else "")


@pytest.mark.parametrize(("known", "asked"), [(True, False), (False, True)])
def test_a_state_that_nobody_knows_is_looked_up_and_not_taken_for_a_lost_host(
    known: bool, asked: bool
) -> None:
    fix = records.reach_host(MACHINE, (), "77", known=known)
    assert ("whether" in fix.summary) is asked
    assert HOST in fix.summary
    assert SERVER in fix.summary
