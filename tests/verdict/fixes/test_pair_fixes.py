"""Fixes of pairs that depend on more than their rows show."""

from __future__ import annotations

from fix_rows import HOST
from rows_of_pairs import USERS

from livemigration.verdict.fixes import pairs
from livemigration.verdict.fixes.script import FixTarget

WITHOUT_VMM = FixTarget(HOST, "")


def test_without_vmm_the_console_is_that_of_hyper_v() -> None:
    fix = pairs.have_switches(WITHOUT_VMM, ("Green",), USERS, ())
    assert f"Hyper-V Manager > {HOST} > Virtual Switch Manager" in fix.console[0]
    assert "has: none." in fix.console[0]
