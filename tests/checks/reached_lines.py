"""Which lines of a module of checks no case reaches."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from fact_builders import CHECKS, failure, judged, run_facts
from verdict_case import Case

from livemigration.facts.model import FactSheet, FailureKind, Gathered, Subject
from livemigration.facts.sheets import RunFacts
from livemigration.inventory.gate import HOST_BUILD, without_vmm


def unreached(path: str, cases: Sequence[Case], elsewhere: Sequence[str]) -> list[int]:
    """Return the lines of functions in a module that no case reaches.

    What the table says is reached elsewhere is left out.

    Where the cases as they are do not reach them all, each is also judged at the gate, and with
    each fact lost that its check may read: what that comes to is asserted elsewhere.
    """
    texts = Path(path).read_text(encoding="utf-8").splitlines()
    lines = _lines(path)
    wanted = {each for each in lines if not texts[each - 1].strip().startswith(tuple(elsewhere))}
    reached: set[int] = set()
    for ways in (_as_it_is, _elsewhere):
        for case in cases:
            if wanted <= reached:
                return []
            for run in ways(case):
                reached |= _lines_of_run(path, run)
    return sorted(wanted - reached)


def _as_it_is(case: Case) -> Iterator[Callable[[], object]]:
    yield partial(
        judged, case.check, run_facts(**case.given), case.policy, case.exchanges, case.drain
    )


def _elsewhere(case: Case) -> Iterator[Callable[[], object]]:
    facts = run_facts(**case.given)
    check = CHECKS[case.check]
    if check.target is Subject.HOST:
        gate = without_vmm(facts, HOST_BUILD)
        yield partial(judged, case.check, gate, case.policy, case.exchanges, case.drain)
    for group in check.groups:
        for sheets in ([facts.vmm], list(facts.hosts.values())[:1], list(facts.hosts.values())[1:]):
            lost = _losing(facts, sheets, group.name)
            yield partial(judged, case.check, lost, case.policy, case.exchanges, case.drain)


def _losing(facts: RunFacts, sheets: Sequence[FactSheet], group: str) -> RunFacts:
    unread = failure(FailureKind.FAULT, "LM302")
    lost = {
        each.name: replace(each, outcomes={**each.outcomes, group: unread})
        for each in sheets
        if isinstance(each.outcomes.get(group), Gathered)
    }
    return replace(
        facts,
        hosts={name: lost.get(name, each) for name, each in facts.hosts.items()},
        vmms={name: lost.get(name, each) for name, each in facts.vmms.items()},
    )


def _lines(path: str) -> set[int]:
    """Return the lines of the functions of a module, without those that define them."""
    module = compile(Path(path).read_text(encoding="utf-8"), path, "exec")
    return {
        line
        for code in _functions(module)
        for *_, line in code.co_lines()
        if line is not None and line != code.co_firstlineno
    }


def _functions(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            # The body of a class is none, and runs when the module is imported.
            if inner.co_flags & inspect.CO_OPTIMIZED:
                yield inner
            yield from _functions(inner)


def _lines_of_run(path: str, run: Callable[[], object]) -> set[int]:
    reached: set[int] = set()

    def inside(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            reached.add(frame.f_lineno)
        return inside

    def entered(frame: FrameType, _event: str, _: Any) -> Any:
        return inside if frame.f_code.co_filename == path else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        run()
    finally:
        sys.settrace(before)
    return reached
