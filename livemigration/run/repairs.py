"""What a run would mend: the fixes of everything red, each once for its target."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from livemigration.facts.model import Subject
from livemigration.run.result import Result
from livemigration.verdict.findings import Finding, Fix, Level

# How the lines of a fix that change something begin; every other line only reads.
_CHANGING = re.compile(
    r"(?:Set-SCVMHost|New-NetFirewallRule|Set-NetFirewallRule|Remove-NetFirewallRule)\b"
    r"|\$cluster\.\w+ = |\$type \| Set-ClusterParameter\b|Set-ClusterOwnerNode\b"
)


@dataclass
class Repair:
    """One fix of one target, and the checks whose findings it mends."""

    kind: Subject
    target: str
    fix: Fix
    checks: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """What is to be done, each once, whatever its findings tell of the cause."""
        return each_once(each.fix for each in self.findings if each.fix is not None)

    @property
    def scripted(self) -> bool:
        """Whether commands mend any of it; else a person must."""
        return any(map(is_scripted, self.fixes))


def each_once(fixes: Iterable[Fix]) -> tuple[Fix, ...]:
    """Return fixes, of those by which the same is done the first."""
    found: dict[Fix, Fix] = {}
    for each in fixes:
        found.setdefault(to_do(each), each)
    return tuple(found.values())


def is_scripted(fix: Fix) -> bool:
    """Whether commands carry a fix out; else a person must."""
    return any(map(changes, fix.commands))


def to_do(fix: Fix) -> Fix:
    """Return what of a fix is equal where the same is done: what it tells of its cause is not.

    Of one that commands carry out, nothing else that it tells is either.
    """
    if is_scripted(fix):
        return Fix(fix.key, "", commands=fix.commands)
    return replace(fix, cause=None)


def changes(line: str) -> bool:
    """Whether a line of a fix changes something."""
    return _CHANGING.match(line) is not None


def repairs_of(results: Iterable[Result]) -> tuple[Repair, ...]:
    """Return the repairs of everything red, in the order of its results.

    Findings of one target that share a fix's key share the repair. Warnings count where the policy
    makes them red; what is waived is left alone.
    """
    found: dict[tuple[str, str], Repair] = {}
    for result in results:
        if not result.red:
            continue
        entry = result.entry
        for finding in result.findings:
            if finding.fix is None or finding.level not in {Level.FAIL, Level.WARNING}:
                continue
            key = (entry.target, finding.fix.key)
            repair = found.setdefault(key, Repair(entry.target_kind, entry.target, finding.fix))
            if entry.check not in repair.checks:
                repair.checks.append(entry.check)
            repair.findings.append(finding)
    return tuple(found.values())
