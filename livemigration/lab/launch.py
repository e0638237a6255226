"""Starting the lab as a child process."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from livemigration.lab.fleet import LabError
from livemigration.secret import Credentials, Secret

__all__ = ["LabError", "LabMachine", "RunningLab", "start"]

_START_SECONDS = 20
_STOP_SECONDS = 5


@dataclass(frozen=True)
class LabMachine:
    """A simulated machine and where it answers."""

    name: str
    address: str
    port: int


@dataclass(frozen=True)
class RunningLab:
    """A running fleet. Machines that are down are listed with the address they would have."""

    fleet: str
    credentials: Credentials
    vmms: tuple[LabMachine, ...]
    hosts: tuple[LabMachine, ...]

    @property
    def vmm(self) -> LabMachine:
        """The VMM server; of several, the first."""
        return self.vmms[0]


@contextmanager
def start(
    fleet: str,
    *,
    hosts: int | None = None,
    record: str | None = None,
    network: int | None = None,
) -> Iterator[RunningLab]:
    """Run a fleet until the context ends.

    Args:
        fleet: a shipped fleet, or a file.
        hosts: so many hosts; None: the fleet's own.
        record: a file that gets every plain request, a JSON document a line.
        network: the second number of its addresses, 127.N.…; None: one that is free.

    Raises:
        LabError: it does not start; the text says why.
    """
    more = [] if hosts is None else ["--hosts", str(hosts)]
    more += [] if record is None else ["--record", record]
    more += [] if network is None else ["--network", str(network)]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, a name from the inventory
            [sys.executable, "-m", "livemigration.lab", "--fleet", fleet, *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        try:
            yield _running(_first_line(process, errors))
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _first_line(process: subprocess.Popen[bytes], errors: IO[bytes]) -> dict[str, Any]:
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    output = process.stdout
    if output is None:
        raise LabError("it has no output")
    threading.Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
    try:
        line = lines.get(timeout=_START_SECONDS)
    except queue.Empty:
        raise LabError(f"it said nothing for {_START_SECONDS} seconds. Try again.") from None
    try:
        document: dict[str, Any] = json.loads(line)
    except ValueError:
        errors.seek(0)
        tail = errors.read()[-300:].decode("utf-8", "replace").strip().splitlines()
        raise LabError(f"its process ended: {tail[-1] if tail else 'no reason given'}") from None
    if "error" in document:
        raise LabError(str(document["error"]))
    return document


def _running(document: dict[str, Any]) -> RunningLab:
    return RunningLab(
        document["fleet"],
        Credentials(document["username"], Secret(document["password"])),
        tuple(LabMachine(**each) for each in document["vmms"]),
        tuple(LabMachine(**each) for each in document["hosts"]),
    )
