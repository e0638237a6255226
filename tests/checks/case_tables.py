"""The tables of cases, `*_cases.py` beside this file, and what follows from them for each check.

A table is found by its name. It holds `CASES`, and where something does not follow from a check's
declaration, `OTHERWISE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from fact_builders import CHECKS, judged, run_facts
from verdict_case import Case, Otherwise

from livemigration.facts.model import NotGathered, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.run.result import State
from livemigration.verdict.check import Check

_TABLES = [import_module(path.stem) for path in sorted(Path(__file__).parent.glob("*_cases.py"))]

CASES: tuple[Case, ...] = tuple(case for table in _TABLES for case in table.CASES)
_OTHERWISE: tuple[Otherwise, ...] = tuple(
    each for table in _TABLES for each in getattr(table, "OTHERWISE", ())
)


def otherwise(check: str) -> Otherwise:
    """Return what the table of a check states beside its cases."""
    return next((each for each in _OTHERWISE if each.check == check), Otherwise(check))


def stated() -> Iterable[Otherwise]:
    """Return what all tables state beside their cases."""
    return _OTHERWISE


def cases_of(check: str) -> list[Case]:
    """Return the cases of a check; none where nobody wrote a table."""
    return [case for case in CASES if case.check == check]


def table_to_write(check: str) -> str:
    """Return which file has, or should have, the cases of a check."""
    path = Path(CHECKS[check].function.__code__.co_filename)
    return (
        f"write cases of {check} in tests/checks/{path.stem.removeprefix('test_')}_cases.py, or in "
        "another table there: CASES = (Case(...), ...)"
    )


def at_the_gate(check: str) -> State:
    """Return what a check comes to for a healthy host at the gate.

    What needs VMM does not apply; the rest is as it is with VMM.
    """
    known = otherwise(check).at_the_gate
    if known is not None:
        return known
    if any(_of_vmm(group) for group in CHECKS[check].needs):
        return State.NOT_APPLICABLE
    return judged(check, run_facts()).state


def behind(scene: str, facts: RunFacts) -> set[str]:
    """Return the checks that a root cause hides: what they need is lost, or their table says so."""
    return {
        name
        for name, check in CHECKS.items()
        if scene in otherwise(name).behind or _is_lost(check, facts)
    }


def _is_lost(check: Check, facts: RunFacts) -> bool:
    host = next(iter(facts.hosts.values()))
    sheets = [(facts.vmm if each.subject is Subject.VMM else host, each) for each in check.needs]
    return any(isinstance(sheet.outcomes.get(each.name), NotGathered) for sheet, each in sheets)


def _of_vmm(group: Any) -> bool:
    return group.subject is Subject.VMM or group.name.startswith("vmm-")
