"""Whole runs of a fleet in which each machine but a few shows a fault of its own."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest
from canary import CANARY, every_byte, found_in
from directory_accounts import DOMAIN
from fault_front import PLAN
from fault_plays import Kind
from fault_tickets import account, joined
from in_process import forked
from process_list import THERE, watched
from realm import Realm

from livemigration.collector import facts_file
from livemigration.facts.model import FailureKind, NotGathered
from livemigration.facts.sheets import RunFacts
from livemigration.lab import launch
from livemigration.run import results_file
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import Level

ROOT = Path(__file__).parents[2]
GOOD = 6
# So many share a fleet: what one host may take passes for all of them side by side.
TOGETHER = 50
# The number of the first machine that shows a fault.
_FIRST = 40
# Seconds. The limits of the run are generous where a healthy machine on a busy runner needs them,
# and short where only what is broken takes them.
LIMITS = {"connect": 2, "message": 4, "probe": 2, "host": 14, "run": 120}

# All that pytest and the suite can be made to write.
_LOUD = ("--showlocals", "--tb=long", "--log-level=DEBUG", "--log-file-level=DEBUG")
_LAB = launch._running
_CLIENT = "client.pem"
_WRITTEN = {"seen.json", "left.json", "facts.json", "pytest.log", "junit.xml", _CLIENT}

_HEAD = f"""\
name: faults
title: a fleet in which each machine but a few shows a fault of its own
domain: {DOMAIN}
password: {json.dumps(CANARY)}
networks:
  management: {{subnet: 1.0/24}}
  migration: {{subnet: 50.0/24, dropped: true}}
system: {{build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}}
vmm: {{name: vmm.{DOMAIN}, address: "2.1", registry: 10.22.1287.0, server: 10.22.1287.0}}
"""
_INVENTORY = "schema: 1\nlab: {fleet: fleet.yaml}\nconnection:\n"


@dataclass(frozen=True)
class Machines:
    """The names in one fleet: of its good hosts, and of the machine that shows each kind."""

    good: tuple[str, ...]
    shows: Mapping[str, Kind]


@dataclass(frozen=True)
class Told:
    """What a run came to, and what its process left behind.

    `seconds` is how long it took, `megabytes` by how much its memory grew at most; `threads` are
    the names of those that still ran, `sockets` how many were still open, some seconds after its
    end; `files` are those that it left beside its reports. `trapped` counts connections to where
    nothing may come; `passwords` are the forms in which one stands in what was written, or in the
    list of processes.
    """

    code: int
    output: str
    run: Run
    facts: RunFacts
    seconds: float
    megabytes: float
    threads: tuple[str, ...]
    sockets: int
    children: int
    files: tuple[str, ...]
    trapped: int
    passwords: tuple[str, ...]

    def causes(self, *names: str) -> list[str]:
        """Return what the run says is wrong with machines, each cause once.

        Failures that one repair mends are one, and what waits for a failure of the same machine is
        that failure.
        """
        results = [each for each in self.run.results if each.entry.target in names]
        red = [each for each in results if each.red]
        failed = (f for e in red for f in e.findings if f.level is Level.FAIL)
        told = {each.fix.key if each.fix is not None else "": each.observed for each in failed}
        checks = {each.entry.check for each in red}
        waiting = [each.blocked_by for each in results if each.blocked_by is not None]
        roots = (each.reason for each in waiting if each.check not in checks)
        return [*told.values(), *dict.fromkeys(roots)]

    def kinds(self, *names: str) -> set[FailureKind]:
        """Return why facts of these machines are missing."""
        sheets = [*self.facts.hosts.values(), *self.facts.vmms.values()]
        outcomes = (
            each for sheet in sheets if sheet.name in names for each in sheet.outcomes.values()
        )
        return {each.failure.kind for each in outcomes if isinstance(each, NotGathered)}

    def verdicts(self, names: Sequence[str]) -> dict[tuple[str, str], Any]:
        """Return the state of each check of these machines, and what makes it red."""
        return {
            (each.entry.check, each.entry.target): _verdict(each)
            for each in self.run.results
            if each.entry.target in names
        }


def _verdict(result: Result) -> tuple[State, list[str]]:
    red = (e.observed for e in result.findings if e.level in {Level.FAIL, Level.WARNING})
    # Each lab has a network of its own.
    said = [re.sub(r"127\.[0-9]+\.", "127.N.", text) for text in (*red, result.reason)]
    return result.state, said


def fleet_of(
    kinds: Sequence[Kind],
    folder: Path,
    good: int = GOOD,
    *,
    faults: bool = True,
    basic: bool = False,
) -> Machines:
    """Write a fleet of some good hosts, and one bad machine for each kind; or all of them good."""
    names = [f"good{number}.{DOMAIN}" for number in range(1, good + 1)]
    hosts = [_host(name, number, "") for number, name in enumerate(names, 11)]
    servers, shows = [], {}
    for number, kind in enumerate(kinds, _FIRST):
        name = f"bad{number}.{DOMAIN}"
        down = f", down: {kind.down}" if faults and kind.down else ""
        down += f", {kind.machine}" if faults and kind.machine else ""
        if kind.on == "vmm":
            shows[f"vmm{number}.{DOMAIN}"] = kind
            servers.append(
                f'  - {{name: vmm{number}.{DOMAIN}, address: "2.{number}", '
                f"registry: 10.22.1287.0, server: 10.22.1287.0{down}}}\n"
            )
            hosts.append(_host(name, number, f", vmm: vmm{number}.{DOMAIN}"))
        else:
            shows[name] = kind
            hosts.append(_host(name, number, down))
    if servers:
        hosts = [
            each if "vmm:" in each else each.replace("}\n", f", vmm: vmm.{DOMAIN}}}\n")
            for each in hosts
        ]
    more = "other_vmms:\n" + "".join(servers) if servers else ""
    more += "allow_basic: true\n" if basic else ""
    (folder / "fleet.yaml").write_text(f"{_HEAD}{more}hosts:\n{''.join(hosts)}")
    return Machines(tuple(names), shows)


def computers(most: int) -> list[str]:
    """Return the names, without their domain, of the machines of any fleet of so many kinds."""
    bad = range(_FIRST, _FIRST + most)
    good = (f"good{number}" for number in range(1, GOOD + 1))
    return ["vmm", *good, *(f"{each}{number}" for each in ("bad", "vmm") for number in bad)]


def _host(name: str, number: int, more: str) -> str:
    return (
        f"  - {{name: {name}, shows: a fault or none, networks: [migration], "
        f'addresses: {{management: "1.{number}", migration: "50.{number}"}}{more}}}\n'
    )


def run(
    machines: Machines,
    folder: Path,
    *arguments: str,
    faults: bool = True,
    limits: Mapping[str, float] = LIMITS,
    connection: str = "",
    realm: Realm | None = None,
) -> Told:
    """Run the suite in a process of its own against the fleet in a folder.

    `realm`: its machines are members of it, and are signed in to as one of its people.
    """
    lines = "".join(f"    {name}: {value}\n" for name, value in limits.items())
    inventory = folder / "inventory.yaml"
    inventory.write_text(f"{_INVENTORY}{connection}  time_limits:\n{lines}")
    reports, seen, left = folder / "reports", folder / "seen.json", folder / "left.json"
    shows = machines.shows if faults else {}
    plan = {
        "played": {name: kind.name for name, kind in shows.items() if not kind.down},
        "addresses": {name: machines.good[-1] for name, kind in shows.items() if kind.answers_at},
        "seen": str(seen),
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    before = _files(folder)
    password = realm.password() if realm is not None else CANARY
    command = [
        "-p",
        "no:cacheprovider",
        f"--rootdir={ROOT}",
        "-c",
        str(ROOT / "pyproject.toml"),
        str(ROOT / "checks"),
        f"--inventory={inventory}",
        f"--save-facts={folder / 'facts.json'}",
        f"--reports={reports}",
        f"--log-file={folder / 'pytest.log'}",
        f"--junitxml={folder / 'junit.xml'}",
        "--bundle",
        *_LOUD,
        *arguments,
    ]

    def act() -> int:
        os.environ[PLAN] = str(folder / "plan.json")
        # In this fork alone: a process with faults, and a password as a person would give one.
        os.environ.update(listed.variables, LIVEMIGRATION_PASSWORD=password)
        launch._process = partial(_process, realm)
        launch._running = partial(_with_a_client, folder, realm)
        if realm is not None:
            joined(realm)
        return _measured(command, left)

    with watched() as listed:
        code, output = forked(act, ROOT)
    assert left.exists(), output
    assert seen.exists(), output
    assert listed.programs or not THERE
    (results,) = reports.glob("[0-9]*/results.json")
    measured = json.loads(left.read_text())
    files = _files(folder) - before - _WRITTEN
    return Told(
        code=code,
        output=output,
        run=results_file.load(results),
        facts=facts_file.load(folder / "facts.json"),
        files=tuple(sorted(each for each in files if not each.startswith("reports"))),
        trapped=json.loads(seen.read_text())["trapped"],
        passwords=(*_passwords(folder, output, password), *listed.found(password)),
        **{**measured, "threads": tuple(measured["threads"])},
    )


def _with_a_client(
    folder: Path, realm: Realm | None, document: dict[str, Any]
) -> launch.RunningLab:
    """Keep the certificate that signs in to a lab where the inventory looks for it."""
    own = folder / _CLIENT
    own.touch(mode=0o600)
    own.write_text(document["client"], encoding="ascii")
    return _LAB({**document, **(account(realm) if realm is not None else {})})


def _passwords(folder: Path, output: str, password: str) -> Iterator[str]:
    given = folder / "fleet.yaml"
    # It stands there, so that the search is known to search.
    assert found_in(given.read_bytes(), CANARY)
    given.unlink()
    told = output.encode() + every_byte(folder)
    for each in {CANARY, password}:
        yield from found_in(told, each)


def _files(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file()}


def _process(
    realm: Realm | None,
    arguments: Sequence[str],
    errors: IO[bytes],
    environment: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    front = str(Path(__file__).with_name("fault_front.py"))
    keys = ["--keytabs", str(realm.keytabs)] if realm is not None else []
    return subprocess.Popen(
        [sys.executable, front, *arguments, *keys],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**environment, PLAN: os.environ[PLAN]},
    )


def _measured(command: Sequence[str], left: Path) -> int:
    """Run pytest in this process; write down what it took, and what it left behind."""
    memory, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    sockets = _sockets()
    code = int(pytest.main(list(command)))
    seconds = time.monotonic() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    until = time.monotonic() + LIMITS["message"] + 2
    while time.monotonic() < until and (_working() or _sockets() > sockets):
        time.sleep(0.05)
    document = {
        "seconds": seconds,
        "megabytes": grown / 1024,
        "threads": _working(),
        "sockets": max(_sockets() - sockets, 0),
        "children": len(_children()),
    }
    left.write_text(json.dumps(document))
    return code


def _working() -> list[str]:
    """Return the threads that ask machines; the watchdog's is one for the whole process."""
    return [each.name for each in threading.enumerate() if each.name.startswith("gather")]


def _sockets() -> int:
    found = 0
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found += str(each.readlink()).startswith("socket:")
    return found


def _children() -> list[str]:
    task = Path(f"/proc/self/task/{os.getpid()}/children")
    return task.read_text().split() if task.exists() else []
