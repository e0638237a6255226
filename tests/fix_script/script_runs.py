"""Runs with repairs, for fix scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from livemigration.facts.model import Subject
from livemigration.findings import Finding, Fix, Level
from livemigration.fixes.script import Machine
from livemigration.fixes.settings import enable_live_migration, use_kerberos
from livemigration.results import (
    ExitCode,
    HostSummary,
    PlanEntry,
    Result,
    Run,
    Selection,
    State,
    what_was_not_examined,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MACHINE = Machine("hv01.contoso.com", "vmm01.contoso.com")
ENABLE = enable_live_migration(MACHINE)
KERBEROS = use_kerberos(MACHINE, 0)
BY_HAND = Fix(
    key="dns-record",
    summary="Remove 10.0.0.9 from the name hv01.",
    console=("Open the DNS console.", "Delete the record."),
    commands=("Resolve-DnsName -Name 'hv01'",),
)


def result(
    check: str,
    target: str,
    *fixes: Fix,
    state: State = State.FAIL,
    kind: Subject = Subject.HOST,
    observed: str = "It is wrong.",
) -> Result:
    entry = PlanEntry(f"{check}[{target}]", check, "It is right.", "settings", kind, target)
    level = Level.WARNING if state is State.WARNING else Level.FAIL
    findings = tuple(Finding(level, observed, "It is right.", fix) for fix in fixes)
    return Result(entry, state, red=state is State.FAIL, findings=findings)


def run_of(results: Sequence[Result], hosts: Sequence[str] = (), **changes: object) -> Run:
    names = hosts or tuple(
        dict.fromkeys(r.entry.target for r in results if r.entry.target_kind is Subject.HOST)
    )
    run = Run(
        schema=1,
        suite_version="0.1.0",
        inventory="prod.yaml",
        inventory_digest="d" * 64,
        started=NOON,
        finished=NOON,
        simulated=False,
        vmm="vmm01.contoso.com",
        vmm_release="2022",
        selection=Selection(len(names), len(names), 0),
        hosts=tuple(HostSummary(name) for name in names),
        plan=tuple(each.entry for each in results),
        results=tuple(results),
        exit_code=ExitCode.NOT_READY,
    )
    run = replace(run, **changes)  # type: ignore[arg-type]  # tests name real fields
    left = what_was_not_examined(run.selection, run.hosts, run.plan, run.gate, run.managed)
    return replace(run, not_examined=left)
