"""More processes of one lab, each with its share of the hosts: descriptors are counted by process.

They are forks, so that what they share is there once. Each ends with the process that made it,
however that ends: it holds the other end of a pipe.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NoReturn

from livemigration.lab.errors import LabError

_END_SECONDS = 4.0
_LOOK_SECONDS = 0.01
# What a worker says when its sockets are there, before it serves.
Report = dict[str, Any]
# Binds the sockets of a share, reports through the one pipe, and serves until the other closes.
Work = Callable[[range, int, int], None]


@dataclass
class _Worker:
    pid: int
    said: int


class Workers:
    """The other processes of a lab."""

    def __init__(self) -> None:
        self._workers: list[_Worker] = []
        self._life: int | None = None

    @property
    def pids(self) -> tuple[int, ...]:
        """Their process ids."""
        return tuple(each.pid for each in self._workers)

    @property
    def ends(self) -> tuple[int, ...]:
        """File descriptors that become readable when a worker ends."""
        return tuple(each.said for each in self._workers)

    def start(self, shares: Sequence[range], work: Work) -> None:
        """Start a process for each share; `work` serves it."""
        if sys.platform != "win32" and shares:
            gc.collect()
            gc.freeze()
            sys.stdout.flush()
            sys.stderr.flush()
            life, self._life = os.pipe()
            for share in shares:
                said, report = os.pipe()
                pid = os.fork()
                if pid == 0:
                    os.close(self._life)
                    os.close(said)
                    _be_worker(work, share, report, life)
                os.close(report)
                self._workers.append(_Worker(pid, said))
            os.close(life)

    def reports(self) -> list[Report]:
        """Return what each says once its sockets are bound.

        Raises:
            LabError: one ended without a word.
        """
        return [_report(each) for each in self._workers]

    def close(self) -> None:
        """End them, and return when they have ended."""
        if self._life is not None:
            os.close(self._life)
            self._life = None
        until = time.monotonic() + _END_SECONDS
        for each in self._workers:
            os.close(each.said)
            while not _has_ended(each.pid):
                if sys.platform != "win32" and time.monotonic() > until:
                    with suppress(ProcessLookupError):
                        os.kill(each.pid, signal.SIGKILL)
                time.sleep(_LOOK_SECONDS)
        self._workers = []


def say(report: int, document: Report) -> None:
    """Report once, from a worker."""
    data = json.dumps(document).encode() + b"\n"
    while data:
        data = data[os.write(report, data) :]


def _be_worker(work: Work, share: range, report: int, life: int) -> NoReturn:
    code = 1
    try:
        # Ctrl-C reaches every process of a terminal; the first ends the others.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        work(share, report, life)
        code = 0
    except BaseException as error:  # noqa: BLE001 - a fork has nobody to raise to
        with suppress(OSError):
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            sys.stderr.flush()
    finally:
        os._exit(code)


def _report(worker: _Worker) -> Report:
    found = b""
    while not found.endswith(b"\n"):
        piece = os.read(worker.said, 65536)
        if not piece:
            raise LabError("one of its processes ended. Try again with fewer hosts.")
        found += piece
    document: Report = json.loads(found)
    return document


def _has_ended(pid: int) -> bool:
    if sys.platform != "win32":
        with suppress(ChildProcessError):
            return os.waitpid(pid, os.WNOHANG) != (0, 0)
    return True
