"""A Dask cluster of processes, over TLS: a scheduler and workers on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import trustme

from livemigration.executor.address import CA, CERTIFICATE, KEY, OPTION, Scheduler

HERE = Path(__file__).parent
# What must happen, on a machine that is busy with other tests.
PATIENCE = 50.0


def until(reached: Callable[[], bool], what: str) -> None:
    """Wait for something that must happen."""
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@dataclass
class Cluster:
    """A scheduler and its workers. Everything that they write lies in `folder`."""

    folder: Path
    address: str = ""
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    dashboard: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1", "localhost")
        authority.cert_pem.write_to_path(self.path("ca.pem"))
        issued.cert_chain_pems[0].write_to_path(self.path("certificate.pem"))
        issued.private_key_pem.write_to_path(self.path("key.pem"))
        self.path("key.pem").chmod(0o600)

    def path(self, name: str) -> Path:
        return self.folder / name

    @property
    def scheduler(self) -> Scheduler:
        """The cluster as the suite knows it."""
        files = (self.path(each) for each in ("ca.pem", "certificate.pem", "key.pem"))
        return Scheduler(self.address, *files)

    @property
    def options(self) -> list[str]:
        """What has a run ask the hosts through it."""
        at = self.scheduler
        given = {OPTION: at.address, CA: at.ca, CERTIFICATE: at.certificate, KEY: at.key}
        return [f"{name}={value}" for name, value in given.items()]

    def start(self, name: str, *arguments: str, variables: Mapping[str, str] = {}) -> None:
        """Start one of its processes, which says everything that it does."""
        kind = "scheduler" if name == "scheduler" else "worker"
        files = {"ca-file": "ca.pem", "cert": "certificate.pem", "key": "key.pem"}
        tls = [f"--tls-{option}={self.path(file)}" for option, file in files.items()]
        self.path("dask.yaml").write_text("logging: {distributed: debug, tornado: debug}\n")
        variables = {
            **os.environ,
            "DASK_CONFIG": str(self.path("dask.yaml")),
            "DASK_TEMPORARY_DIRECTORY": str(self.folder),
            "PYTHONPATH": str(HERE),
            **variables,
        }
        module = f"distributed.cli.dask_{kind}"
        with self.path(f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", module, *arguments, *tls],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=variables,
                cwd=self.folder,
            )

    def log(self, name: str) -> str:
        path = self.path(f"{name}.log")
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start_scheduler(self) -> None:
        file = self.path("scheduler.json")
        where = ("--host=127.0.0.1", "--port=0", "--protocol=tls")
        self.start(
            "scheduler", *where, f"--scheduler-file={file}", "--dashboard-address=127.0.0.1:0"
        )
        until(lambda: file.exists() and self._read(file), "the scheduler has no address")

    def _read(self, file: Path) -> bool:
        with suppress(ValueError):
            told = json.loads(file.read_text(encoding="utf-8"))
            self.address, self.dashboard = told["address"], told["services"]["dashboard"]
        return bool(self.address)

    def start_worker(
        self, name: str, *, preload: str = "", variables: Mapping[str, str] = {}
    ) -> None:
        """Start a worker, which runs a script first that lies beside this file."""
        preloaded = [f"--preload={preload}"] if preload else []
        where = ("--host=127.0.0.1", "--nthreads=1", "--no-nanny", "--no-dashboard")
        self.start(name, self.address, *where, *preloaded, variables=variables)

    def joined(self, *names: str) -> None:
        """Wait until workers have joined."""
        for name in names:
            until(partial(self._has_joined, name), f"{name} does not join")

    def _has_joined(self, name: str) -> bool:
        return "Registered to:" in self.log(name)

    def kill(self, name: str) -> None:
        """End a process as no process ends itself."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)

    def stop(self, name: str) -> None:
        """Have a process stand still."""
        self.processes[name].send_signal(signal.SIGSTOP)

    def close(self) -> None:
        for name in list(self.processes):
            self.kill(name)


@contextmanager
def cluster(folder: Path, *workers: str, preload: str = "", **variables: str) -> Iterator[Cluster]:
    """Give a cluster with these workers."""
    made = Cluster(folder)
    try:
        made.start_scheduler()
        for name in workers:
            made.start_worker(name, preload=preload, variables=variables)
        made.joined(*workers)
        yield made
    finally:
        made.close()
