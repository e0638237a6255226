"""Starting the lab as a child process."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from livemigration.base.environment import for_children
from livemigration.base.secret import Credentials, Secret
from livemigration.lab.errors import LabError

_START_SECONDS = 60
_STOP_SECONDS = 5


@dataclass(frozen=True)
class LabMachine:
    """A simulated machine and where it answers; `https_port` counts where the lab speaks HTTPS."""

    name: str
    address: str
    port: int
    https_port: int = 0


@dataclass(frozen=True)
class LabDirectory:
    """The simulated domain controller, and where it answers."""

    name: str
    address: str
    port: int
    catalogue_port: int


@dataclass(frozen=True)
class RunningLab:
    """A running fleet. Machines that are down are listed with the address they would have.

    `authority` is the certificate of its CA, and `client` one that signs in, with its key; both in
    PEM, and empty where it speaks no HTTPS. `latency`: the seconds by which each reply is late;
    `faults`: the kind of fault of each host that was chosen to show one; `processes`: their ids.
    `directory`: where its directory answers; None: it plays none.
    """

    fleet: str
    credentials: Credentials
    vmms: tuple[LabMachine, ...]
    hosts: tuple[LabMachine, ...]
    authority: str = ""
    client: str = field(default="", repr=False)
    latency: float = 0.0
    faults: Mapping[str, str] = field(default_factory=dict)
    processes: tuple[int, ...] = ()
    directory: LabDirectory | None = None

    @property
    def vmm(self) -> LabMachine:
        """The VMM server; of several, the first."""
        return self.vmms[0]

    @cached_property
    def _machines(self) -> dict[str, LabMachine]:
        return {each.name: each for each in (*self.vmms, *self.hosts)}

    def machine(self, name: str) -> LabMachine:
        """Return a machine by its name."""
        return self._machines[name]


@contextmanager
def start(  # noqa: PLR0913 - each is an option of the lab's process
    fleet: str,
    *,
    hosts: int | None = None,
    record: str | None = None,
    network: int | None = None,
    https: bool = False,
    passwords: Iterable[str] = (),
    keytabs: Path | None = None,
    latency: float = 0.0,
    faults: float = 0.0,
) -> Iterator[RunningLab]:
    """Run a fleet until the context ends.

    Args:
        fleet: a shipped fleet, or a file.
        hosts: so many hosts; None: the fleet's own.
        record: a file that gets every plain request, a JSON document a line.
        network: the second number of its addresses, 127.N.…; None: one that is free.
        https: whether each machine answers over HTTPS as well.
        passwords: environment variables that hold passwords, which the lab does not get.
        keytabs: a folder with the keys of its machines, NAME.keytab; those that have one take
            tickets of their realm.
        latency: seconds by which each reply is late, and the first one of a connection twice.
        faults: the share of the hosts that show a fault, from 0 to 1.

    Raises:
        LabError: it does not start; the text says why.
    """
    more = [] if hosts is None else ["--hosts", str(hosts)]
    more += [] if record is None else ["--record", record]
    more += [] if network is None else ["--network", str(network)]
    more += ["--https"] if https else []
    more += [] if keytabs is None else ["--keytabs", str(keytabs)]
    more += [] if not latency else ["--latency", str(latency)]
    more += [] if not faults else ["--faults", str(faults)]
    with tempfile.TemporaryFile() as errors:
        process = _process(["--fleet", fleet, *more], errors, for_children(passwords))
        try:
            yield _running(_first_line(process, errors))
        finally:
            _end(process)


def _process(
    arguments: Sequence[str], errors: IO[bytes], environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - this interpreter, a name from the inventory
        [sys.executable, "-m", "livemigration.lab", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=dict(environment),
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the lab's process, which does so when its input ends."""
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
        document["authority"],
        document["client"],
        document["latency"],
        document["faults"],
        tuple(document["processes"]),
        LabDirectory(**document["directory"]) if document["directory"] else None,
    )
