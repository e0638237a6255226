"""What a fleet's run must say, read from a file beside the fleet, and where a run differs.

For each host, by check: `fail`, `warn` and `na` are exact; `blocked` names the check that blocks;
`may` allows more states beside a pass. What is not named passes or does not apply. `cause` and
`fix` are patterns of what a check says and of its fixes, `notfix` of what no fix of the host says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_runs import Judged
from pydantic import Field

from livemigration.inventory.yaml_file import load_model, read_text
from livemigration.lab.fleet import Fleet
from livemigration.lab.fleet_values import FleetModel
from livemigration.run.result import Result, State
from livemigration.verdict.findings import Fix

__all__ = ["Expectation", "HostExpectation", "differences", "exchanges_of", "fix_words"]

_EXACT = {"fail": State.FAIL, "warn": State.WARNING, "na": State.NOT_APPLICABLE}
_UNNAMED = {State.PASS, State.NOT_APPLICABLE}


class HostExpectation(FleetModel):
    """What is expected of one target."""

    fail: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()
    na: tuple[str, ...] = ()
    blocked: dict[str, str] = Field(default_factory=dict)
    may: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    cause: dict[str, str] = Field(default_factory=dict)
    fix: dict[str, str] = Field(default_factory=dict)
    notfix: tuple[str, ...] = ()

    def states(self, check: str) -> set[State]:
        """Return the states that a check may have."""
        for name, state in _EXACT.items():
            if check in getattr(self, name):
                return {state}
        if check in self.blocked:
            return {State.BLOCKED}
        if check in self.may:
            return {State(each) for each in self.may[check]} | {State.PASS}
        return _UNNAMED


class Expectation(FleetModel):
    """What is expected of a run."""

    kind: str
    title: str
    release: str
    exit: int
    vmm: HostExpectation = HostExpectation()
    hosts: dict[str, HostExpectation] = Field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = Field(default_factory=dict)
    exit_any: tuple[int, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Expectation:
        """Return the expectation in a file; an unknown key in it is an error."""
        return load_model(read_text(path), str(path), cls)


def exchanges_of(
    fleet: Fleet, groups: Mapping[str, Mapping[str, Any]]
) -> dict[str, frozenset[str]]:
    """Return which hosts exchange virtual machines, where the groups say so."""
    said = {name for name, group in groups.items() if group.get("exchanges_vms")}
    return {
        host.name: frozenset(
            other.name
            for other in fleet.hosts
            if other is not host and said & {*host.groups} & {*other.groups}
        )
        for host in fleet.hosts
        if said & {*host.groups}
    }


def fix_words(fix: Fix) -> str:
    """Return everything that a fix tells its reader."""
    prose = (fix.summary, fix.precondition, fix.cost, fix.alternative)
    return "\n".join((*prose, *fix.console, *fix.commands, *fix.undo, *fix.done))


def differences(expected: Expectation, fleet: Fleet, results: Judged) -> list[str]:
    """Return where a run is not as expected, a line each."""
    found = [*_exit(expected, results.values())]
    targets = {fleet.vmm.name: expected.vmm} | {
        host.name: expected.hosts.get(host.name, HostExpectation()) for host in fleet.hosts
    }
    assert set(expected.hosts) <= set(targets)
    for target, wanted in targets.items():
        of_target = {check: each for (check, name), each in results.items() if name == target}
        found += [f"{target}: {line}" for line in _of_target(wanted, of_target)]
    return found


def _exit(expected: Expectation, results: Iterable[Result]) -> Iterator[str]:
    states = {each.state for each in results}
    code = 1 if State.FAIL in states else 10 if State.BLOCKED in states else 0
    wanted = expected.exit_any or (expected.exit,)
    if code not in wanted:
        yield f"exit code {code}, not {wanted}"


def _of_target(wanted: HostExpectation, results: Mapping[str, Result]) -> Iterator[str]:
    for check, result in results.items():
        if result.state not in wanted.states(check):
            yield f"{check} is {result.state.value}: {_said(result)}"
        by = result.blocked_by.check if result.blocked_by is not None else ""
        if check in wanted.blocked and by != wanted.blocked[check]:
            yield f"{check} is blocked by {by}, not {wanted.blocked[check]}"
    for check, pattern in wanted.cause.items():
        if not re.search(pattern, _said(results[check])):
            yield f"{check} does not say {pattern}: {_said(results[check])}"
    for check, pattern in wanted.fix.items():
        if not re.search(pattern, "\n".join(_fixes(results[check]))):
            yield f"no fix of {check} says {pattern}"
    for pattern in wanted.notfix:
        for check, result in results.items():
            if re.search(pattern, "\n".join(_fixes(result))):
                yield f"a fix of {check} says {pattern}"


def _said(result: Result) -> str:
    return " ".join((result.reason, *(each.observed for each in result.findings)))


def _fixes(result: Result) -> Iterator[str]:
    return (fix_words(each.fix) for each in result.findings if each.fix is not None)
