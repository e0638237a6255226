"""The list of what is quick here names tests that there are."""

from __future__ import annotations

from pathlib import Path

from in_turn import in_turn
from quick_runs import QUICK, is_quick

HERE = Path(__file__).parent


@in_turn("named", sorted(QUICK))
def test_what_is_named_is_there(named: str) -> None:
    module, _, test = named.partition("::")
    text = (HERE / module).read_text(encoding="utf-8")
    assert (f"\ndef {test}(" if test else "\ndef test_") in text
    assert is_quick(module, test or "test_any")


def test_what_is_not_named_is_long() -> None:
    assert not is_quick("test_plugin_new.py", "test_a_run")
    assert not is_quick("test_plugin_gate.py", "test_a_run")
