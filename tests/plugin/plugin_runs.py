"""Whole runs: as a user starts them, or in this process where no process is the matter."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
from fact_builders import CHECKS
from in_process import LOADED, forked, run_pytest

from livemigration.base import codec
from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.facts.model import Subject
from livemigration.run import results_file

ROOT = Path(__file__).parents[2]
PASSWORD = "S3cret-Pw-of-the-test"
CREDENTIALS = {"LIVEMIGRATION_USERNAME": "user", "LIVEMIGRATION_PASSWORD": PASSWORD}
# The suite's checks of a host that need no option of their own, by area; one more is of VMM.
_OF_HOSTS = [
    each for each in CHECKS.values() if each.target is Subject.HOST and each.opt_in is None
]
SETTINGS, REACHABILITY, STAGING = (
    {each.identifier for each in _OF_HOSTS if each.area == area}
    for area in ("settings", "reachability", "staging")
)
HOST_CHECKS = {each.identifier for each in _OF_HOSTS}
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
        """What results.json holds, in the fields of a run."""
        document: dict[str, Any] = codec.to_json(results_file.load(self.folder / "results.json"))
        return document

    @property
    def last_lines(self) -> list[str]:
        return self.output.rstrip().splitlines()[-8:]

    def states(self) -> dict[tuple[str, str], str]:
        results = self.results["results"]
        return {(r["entry"]["check"], r["entry"]["target"]): r["state"] for r in results}


def command(reports: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "pytest", *NEVER_KEEP, f"--reports={reports}", *arguments]


def run(
    reports: Path,
    *arguments: str,
    cwd: Path = ROOT,
    variables: Mapping[str, str] | None = None,
) -> Ended:
    """Run pytest in a process of its own."""
    ended = subprocess.run(
        command(reports, *arguments),
        cwd=cwd,
        env={**os.environ, **(variables or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout + ended.stderr, reports)


def run_here(
    reports: Path,
    *arguments: str,
    cwd: Path = ROOT,
    keep: bool = False,
    variables: Mapping[str, str] | None = None,
) -> Ended:
    """Run pytest in this process, which takes a fifth of the time, with these variables set.

    `keep` leaves pytest's cache on, for --lf.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (variables or {}).items():
            patch.setenv(name, value)
        return run_bare(reports, f"--reports={reports}", *arguments, cwd=cwd, keep=keep)


def run_bare(reports: Path, *arguments: str, cwd: Path = ROOT, keep: bool = False) -> Ended:
    """Run pytest in this process with these arguments alone."""
    return Ended(*run_pytest(*(() if keep else NEVER_KEEP), *arguments, cwd=cwd), reports)


def run_forked(
    reports: Path,
    *arguments: str,
    before: str = "",
    variables: Mapping[str, str] | None = None,
) -> Ended:
    """Run pytest in a process of its own that has everything imported: for runs that are killed.

    `before` is Python that the process runs first. Where there is no fork, it starts from nothing.
    """
    if not hasattr(os, "fork"):
        plugin = reports.parent / "before_this_run"
        plugin.mkdir()
        (plugin / "run_before.py").write_text(before, encoding="utf-8")
        more = {**(variables or {}), "PYTHONPATH": str(plugin)}
        return run(reports, "-p", "run_before", *arguments, variables=more)

    def act() -> int:
        exec(before, {})  # noqa: S102 - a text of these tests
        os.environ.update(variables or {})
        return int(pytest.main([LOADED, *NEVER_KEEP, f"--reports={reports}", *arguments]))

    return Ended(*forked(act, ROOT), reports)


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
