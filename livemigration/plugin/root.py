"""Paths behind a space: pytest looks for its root before it knows the suite's options."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from livemigration.plugin.compat import root_of
from livemigration.report.formats import FORMATS

# Every option of the suite that takes a value, and the one of pytest-html: whatever stands behind
# it may be the name of something that exists.
OPTIONS = frozenset(
    {
        *(form.option for form in FORMATS.values()),
        "--baseline",
        "--change",
        "--drain",
        "--executor",
        "--executor-ca",
        "--executor-client-certificate",
        "--executor-client-key",
        "--facts",
        "--gate",
        "--html",
        "--inventory",
        "--like",
        "--limit",
        "--operator",
        "--reports",
        "--resume",
        "--save-facts",
        "--shard",
        "--stage-vm",
        "--target",
        "--to",
        "--waivers",
        "--window",
        "--without",
    }
)


def refuse_a_moved_root(config: pytest.Config) -> None:
    """Refuse a run whose root follows from the value of an option, and print the right command.

    pytest takes such a value for a test path while it looks for the root: from another root, none
    of the settings and checks of this folder would be there.

    Raises:
        pytest.UsageError: with the same command, its values written with `=`.
    """
    given = config.invocation_params
    joined = _joined([str(each) for each in given.args], given.dir)
    ours = {option for option in OPTIONS if option in given.args}
    if not ours:
        return
    right = root_of(config)
    if right == (config.rootpath, config.inipath):
        return
    raise pytest.UsageError(
        f"pytest took the value of an option for a test path, and {config.rootpath} for the root "
        f"instead of {right[0]}. Write it with =:\n  pytest {command_line(joined)}"
    )


def _joined(arguments: Sequence[str], folder: Path) -> list[str]:
    """Return a command line in which no value of an option can be taken for a test path."""
    joined: list[str] = []
    for each in arguments:
        if joined and joined[-1] in OPTIONS and _is_there(folder / each):
            joined[-1] = f"{joined[-1]}={each}"
        else:
            joined.append(each)
    return joined


def _is_there(path: Path) -> bool:
    # A value may be longer than any path.
    with suppress(OSError, ValueError):
        return path.exists()
    return False


def command_line(arguments: Sequence[str]) -> str:
    """Return arguments as the shell of this machine takes them."""
    return subprocess.list2cmdline(arguments) if os.name == "nt" else shlex.join(arguments)
