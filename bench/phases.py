"""A plugin of pytest that writes how much processor time each phase of a run took.

`-p phases`, with the path of the file in PHASES_FILE: a line of JSON for each phase.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from processes import peak

from livemigration.plugin import starting


class _Clock:
    """Processor seconds since the process began, given out phase by phase."""

    def __init__(self) -> None:
        self.before = 0.0
        self.lines: list[str] = []

    def end_of(self, phase: str) -> None:
        """Note that a phase ended now."""
        now = time.process_time()
        line = {"phase": phase, "seconds": now - self.before, "peak": peak()}
        self.lines.append(json.dumps(line))
        self.before = now


_CLOCK = _Clock()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main() -> None:
    """Tell the start of Python and pytest from reading inventory and facts."""
    _CLOCK.end_of("start")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    """Count reading."""
    _CLOCK.end_of("read")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Count collection."""
    found = yield
    _CLOCK.end_of("collect")
    return found


def _counted(begin: Callable[..., None]) -> Callable[..., None]:
    """Return what counts what comes between collection and the first check."""

    def counted(*arguments: Any) -> None:
        begin(*arguments)
        _CLOCK.end_of("begin")

    return counted


starting.begin = _counted(starting.begin)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop() -> Generator[None, object, object]:
    """Count the checks."""
    found = yield
    _CLOCK.end_of("judge")
    return found


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish() -> Generator[None, object, object]:
    """Count results and reports."""
    found = yield
    _CLOCK.end_of("write")
    return found


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_unconfigure() -> Generator[None, object, object]:
    """Count what the terminal is told, and write it all."""
    found = yield
    _CLOCK.end_of("tell")
    Path(os.environ["PHASES_FILE"]).write_text("\n".join(_CLOCK.lines), encoding="utf-8")
    return found
