"""Whole pytest sessions in this process, and in forks of it, for what needs no interpreter anew."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NoReturn

import pytest

# This process has loaded the plugin already, so that a session in it cannot rewrite it.
LOADED = "-Wignore::pytest.PytestAssertRewriteWarning"


def run_pytest(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Run pytest in this process, in a folder; return its exit code and what it said."""
    modules, path = set(sys.modules), list(sys.path)
    output = io.StringIO()
    freeze()
    try:
        with (
            chdir(cwd),
            redirect_stdout(output),
            redirect_stderr(output),
            pytest.MonkeyPatch.context() as patch,
        ):
            # To count what is set aside takes as long as to look through it.
            patch.setattr(gc, "get_freeze_count", lambda: 1)
            code = pytest.main(["--capture=no", LOADED, *arguments])
    finally:
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if name.startswith(("test_", "conftest")):
                del sys.modules[name]
    return int(code), output.getvalue()


def freeze() -> None:
    """Leave what is loaded out of the search for garbage, which pytest makes at its end."""
    gc.collect()
    gc.freeze()


def forked(act: Callable[[], int], cwd: Path) -> tuple[int, str]:
    """Act in a fork of this process, to its end; return its exit code and what it said."""
    freeze()
    # A pipe: the act may limit the size of files.
    said, saying = os.pipe()
    with warnings.catch_warnings():
        # Python 3.12 warns of other threads: what those of xdist hold, no run needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _become(act, cwd, saying)
    os.close(saying)
    ended = False
    try:
        with os.fdopen(said, encoding="utf-8", errors="replace") as stream:
            text = stream.read()
        _, status = os.waitpid(child, 0)
        ended = True
    finally:
        if not ended:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), text


def _become(act: Callable[[], int], cwd: Path, output: int) -> NoReturn:
    code = 70
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for theirs, ours in ((nothing, 0), (output, 1), (output, 2)):
            os.dup2(theirs, ours)
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - to the end
            for number, mode in ((0, "r"), (1, "w"), (2, "w"))
        )
        os.chdir(cwd)
        code = act()
    except BaseException:  # noqa: BLE001 - this process ends here
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
