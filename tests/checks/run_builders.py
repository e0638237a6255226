"""A plan's entries, results and runs: one builder of each, for every test that needs one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from livemigration.facts.model import Subject
from livemigration.run.exit_code import exit_code_of
from livemigration.run.plan import PlanEntry, RunSelection
from livemigration.run.result import Result, State
from livemigration.run.run import SCHEMA_VERSION, HostSummary, Run, what_was_not_examined
from livemigration.verdict.check import Check
from livemigration.verdict.findings import Finding

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def entry_of(check: Check, target: str) -> PlanEntry:
    """Return one of the suite's own checks on a target."""
    name = check.identifier
    node_id = f"checks::{name}[{target}]"
    return PlanEntry(node_id, name, check.title, check.area, check.target, target)


def made_entry(
    check: str,
    target: str,
    *,
    kind: Subject = Subject.HOST,
    title: str = "It holds.",
    node_id: str = "",
) -> PlanEntry:
    """Return a check that need not be there, on a target."""
    return PlanEntry(node_id or f"{check}[{target}]", check, title, "settings", kind, target)


def made_result(entry: PlanEntry, state: State, *findings: Finding, reason: str = "") -> Result:
    """Return a result that is red where it is a failure, as where no policy says otherwise."""
    return Result(entry, state, red=state is State.FAIL, findings=findings, reason=reason)


def made_run(results: Sequence[Result], hosts: Sequence[str] = (), /, **changes: object) -> Run:
    """Return a whole run of one inventory; `hosts`: those that it looked at, else the results'."""
    targets = (each.entry for each in results if each.entry.target_kind is Subject.HOST)
    names = tuple(hosts) or tuple(dict.fromkeys(each.target for each in targets))
    run = Run(
        schema=SCHEMA_VERSION,
        suite_version="0.1.0",
        inventory="prod.yaml",
        inventory_digest="d" * 64,
        started=NOON,
        finished=NOON,
        simulated=False,
        vmm="vmm01.contoso.com",
        vmm_release="2022",
        selection=RunSelection(len(names), len(names), 0),
        hosts=tuple(map(HostSummary, names)),
        plan=tuple(each.entry for each in results),
        results=tuple(results),
        exit_code=exit_code_of(results),
    )
    return replace(run, **changes)  # type: ignore[arg-type]  # tests name real fields


def with_what_was_not_examined(run: Run) -> Run:
    """Return a run that says what it did not examine, as every real one does."""
    left = what_was_not_examined(
        run.selection, run.hosts, run.plan, run.results, run.gate, run.managed
    )
    return replace(run, not_examined=left)
