"""Whole runs, as a user starts them: in a process of their own, or, for replays, in this one."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from livemigration.lab import SIMULATED_VENDOR

ROOT = Path(__file__).parents[2]
PASSWORD = "S3cret-Pw-of-the-test"
CREDENTIALS = {"LIVEMIGRATION_USERNAME": "user", "LIVEMIGRATION_PASSWORD": PASSWORD}
# The suite's checks of a host that need no option of their own, by area; one more is of VMM.
SETTINGS = {f"LM10{number}" for number in range(1, 8)}
REACHABILITY = {f"LM20{number}" for number in range(1, 6)}
STAGING = {f"LM30{number}" for number in range(1, 6)}
HOST_CHECKS = SETTINGS | REACHABILITY | STAGING
PLANNED_FOR_TEN = len(HOST_CHECKS) * 10 + 1
NEVER_KEEP = ("-p", "no:cacheprovider")


@dataclass(frozen=True)
class Ended:
    """What a run came to."""

    code: int
    output: str
    reports: Path

    @property
    def folder(self) -> Path:
        (found,) = (each for each in self.reports.iterdir() if each.name[:1].isdigit())
        return found

    @property
    def results(self) -> dict[str, Any]:
        text = (self.folder / "results.json").read_text(encoding="utf-8")
        document: dict[str, Any] = json.loads(text)
        return document

    @property
    def last_lines(self) -> list[str]:
        return self.output.rstrip().splitlines()[-8:]

    def states(self) -> dict[tuple[str, str], str]:
        results = self.results["results"]
        return {(r["entry"]["check"], r["entry"]["target"]): r["state"] for r in results}


def command(reports: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *NEVER_KEEP, f"--reports={reports}", *arguments]


def run(reports: Path, *arguments: str, cwd: Path = ROOT, **variables: str) -> Ended:
    """Run pytest in a process of its own."""
    ended = subprocess.run(
        command(reports, *arguments),
        cwd=cwd,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout + ended.stderr, reports)


def run_here(reports: Path, *arguments: str, cwd: Path = ROOT, keep: bool = False) -> Ended:
    """Run pytest in this process, which takes a fifth of the time; for runs that ask nobody.

    `keep` leaves pytest's cache on, for --lf.
    """
    return run_bare(reports, f"--reports={reports}", *arguments, cwd=cwd, keep=keep)


def run_bare(reports: Path, *arguments: str, cwd: Path = ROOT, keep: bool = False) -> Ended:
    """Run pytest in this process with these arguments alone."""
    modules, path, folder = set(sys.modules), list(sys.path), Path.cwd()
    output = io.StringIO()
    given = ["--capture=no", *(() if keep else NEVER_KEEP), *arguments]
    os.chdir(cwd)
    try:
        with redirect_stdout(output), redirect_stderr(output):
            code = pytest.main(given)
    finally:
        os.chdir(folder)
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if name.startswith(("test_", "conftest")):
                del sys.modules[name]
    return Ended(int(code), output.getvalue(), reports)


def site(folder: Path, **files: str) -> Path:
    """Write a site's own folder of checks: a conftest that loads the plugin, and these files."""
    texts = {
        "pytest.ini": "[pytest]\naddopts = --tb=line\n",
        "conftest.py": 'pytest_plugins = ("livemigration.plugin",)\n',
        **{f"{name}.py": text for name, text in files.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def real_inventory(path: Path, port: int, *, address: str = "127.0.0.1", more: str = "") -> Path:
    """Write an inventory of one host, `hv01`, at this port; its VMM server is 127.0.0.2."""
    path.write_text(
        f"schema: 1\nvmm: {{name: vmm01, address: 127.0.0.2}}\n"
        f"hosts: [{{name: hv01, address: {address}}}]\nconnection: {{port: {port}{more}}}\n",
        encoding="utf-8",
    )
    return path


def real(facts: Path, folder: Path) -> tuple[str, str]:
    """Return the options that replay a fleet's facts as if Windows had told them.

    Writes an inventory that names its machines, and the facts without the lab's mark.
    """
    document = json.loads(facts.read_text(encoding="utf-8"))
    hosts = "".join(f"  - {{name: {each['name']}}}\n" for each in document["hosts"])
    inventory, told = folder / "prod.yaml", folder / "real.json"
    inventory.write_text(
        f"schema: 1\nvmm: {{name: {document['vmms'][0]['name']}}}\nhosts:\n{hosts}",
        encoding="utf-8",
    )
    text = json.dumps(document).replace(SIMULATED_VENDOR, "Microsoft Corporation")
    told.write_text(text, encoding="utf-8")
    return f"--inventory={inventory}", f"--facts={told}"


class SilentMachine:
    """Accepts connections and never says a word. `asked` is set once somebody connects."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = socket.create_server((address, port))
        self.port: int = self._socket.getsockname()[1]
        self.asked = threading.Event()
        self._kept: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._ends = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends = True
        # Wakes the accepting thread, which closing alone does not.
        with socket.create_connection(self._socket.getsockname()[:2]):
            self._thread.join()
        for each in (self._socket, *self._kept):
            each.close()

    def _accept(self) -> None:
        while not self._ends:
            connection, _ = self._socket.accept()
            self._kept.append(connection)
            self.asked.set()
