"""Runs with repairs, for fix scripts."""

from __future__ import annotations

from collections.abc import Sequence

from run_builders import made_entry, made_result, made_run, with_what_was_not_examined

from livemigration.facts.model import Subject
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import Finding, Fix, Level
from livemigration.verdict.fixes.script import FixTarget
from livemigration.verdict.fixes.settings import enable_live_migration, use_kerberos

MACHINE = FixTarget("hv01.contoso.com", "vmm01.contoso.com")
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
    entry = made_entry(check, target, kind=kind, title="It is right.")
    level = Level.WARNING if state is State.WARNING else Level.FAIL
    findings = (Finding(level, observed, "It is right.", fix) for fix in fixes)
    return made_result(entry, state, *findings)


def run_of(results: Sequence[Result], hosts: Sequence[str] = (), **changes: object) -> Run:
    run = made_run(results, hosts, **{"exit_code": ExitCode.NOT_READY, **changes})
    return with_what_was_not_examined(run)
