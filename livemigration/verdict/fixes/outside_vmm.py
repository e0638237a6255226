"""Fixes of a host that VMM does not know yet: no cmdlet of VMM can change it."""

from __future__ import annotations

from dataclasses import replace

from livemigration.verdict.findings import Finding
from livemigration.verdict.fixes.script import VMM_MODULE


def outside_vmm(finding: Finding) -> Finding:
    """Return a finding whose fix asks nothing of VMM: what it scripted, a person does."""
    fix = finding.fix
    if fix is None or VMM_MODULE not in fix.commands:
        return finding
    return replace(finding, fix=replace(fix, precondition="", commands=(), undo=(), done=()))
