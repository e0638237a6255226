"""Copies of the repository in which a test adds something, and what that touched."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What tests and imports leave.
_MADE = {"__pycache__", ".hypothesis"}
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


def copy_of(parts: Iterable[str], to: Path) -> Path:
    """Copy these files and folders of the repository."""
    for part in parts:
        source, target = ROOT / part, to / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=_LEFT_OUT)
        else:
            shutil.copy2(source, target)
    return to


def contents(tree: Path) -> dict[str, str]:
    """Return a digest of each file."""
    return {
        path.relative_to(tree).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(tree.rglob("*"))
        if path.is_file() and not _MADE & set(path.parts)
    }


def touched(before: Mapping[str, str], tree: Path) -> set[str]:
    """Return the files that are new, changed or gone since."""
    after = contents(tree)
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def python(tree: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a tree whose own modules come first."""
    environment = {**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200"}
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        environment.pop(name, None)
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
