"""`livemigration lab`: a simulated fleet in the foreground, for other clients and for scripts."""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from livemigration import results_file
from livemigration.errors import UsageError
from livemigration.files import is_taken, write_text
from livemigration.lab.apply import apply
from livemigration.lab.fleet import (
    LabError,
    is_fleet_file,
    load_fleet,
    shipped_fleets,
    shipped_text,
)
from livemigration.lab.fleet_file import fleet_text
from livemigration.lab.launch import RunningLab, start
from livemigration.results import ExitCode, Result


def add(commands: Any) -> None:
    """Add the command to an argument parser's commands."""
    lab = commands.add_parser("lab", help="run a simulated fleet, or list the shipped ones")
    actions = lab.add_subparsers(dest="action", metavar="ACTION", required=True)
    up = actions.add_parser("up", help="run a fleet until Ctrl-C and say how to reach it")
    up.add_argument("--fleet", default="kb-2853203", help="a shipped fleet, or a file *.yaml")
    up.add_argument(
        "--hosts", type=int, metavar="N", help="so many hosts: the fleet's own, then healthy copies"
    )
    up.add_argument(
        "--record", metavar="FILE", help="write every message that clients send to this file"
    )
    up.set_defaults(run=_up)
    mend = actions.add_parser(
        "apply", help="carry out a run's fixes on a simulated fleet, and write it to a new file"
    )
    mend.add_argument("results", help="results.json of a run of this fleet")
    mend.add_argument("--fleet", required=True, help="a shipped fleet, or a file *.yaml")
    mend.add_argument("--output", required=True, metavar="FILE", help="a new file, *.yaml")
    mend.set_defaults(run=_apply)
    fleets = actions.add_parser(
        "fleets", help="list the shipped fleets and what each shows, or print the file of one"
    )
    fleets.add_argument(
        "fleet", nargs="?", help="print this one's file, to begin one of your own with"
    )
    fleets.set_defaults(run=_fleets)


def _fleets(chosen: argparse.Namespace) -> int:
    if chosen.fleet is not None:
        try:
            sys.stdout.write(shipped_text(chosen.fleet))
        except LabError as error:
            raise UsageError(str(error)) from None
        return ExitCode.READY
    for name in shipped_fleets():
        fleet = load_fleet(name)
        sys.stdout.write(f"{name}: {fleet.title}\n")
        for host in fleet.hosts:
            sys.stdout.write(f"  {host.name}: {host.shows}\n")
    return ExitCode.READY


def _apply(chosen: argparse.Namespace) -> int:
    path = Path(chosen.output)
    if is_taken(path) or not is_fleet_file(path.name):
        raise UsageError(f"{path}: name a new file that ends in .yaml.")
    try:
        mended = apply(load_fleet(chosen.fleet), _results(Path(chosen.results)))
    except LabError as error:
        raise UsageError(str(error)) from None
    try:
        write_text(path, fleet_text(mended.fleet))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be written'}.") from None
    for each in mended.done:
        sys.stdout.write(f"done  {each}\n")
    for each in mended.left:
        sys.stdout.write(f"left  {each}\n")
    sys.stdout.write(f"Wrote {path}. Judge it: pytest -m livemigration --inventory lab:{path}\n")
    return ExitCode.READY


def _results(path: Path) -> tuple[Result, ...]:
    run = results_file.load(path)
    if not run.simulated:
        raise UsageError(f"{path}: a run of real machines. Only a simulated fleet can be mended.")
    return run.results


def _up(chosen: argparse.Namespace) -> int:
    try:
        with start(chosen.fleet, hosts=chosen.hosts, record=chosen.record) as lab:
            sys.stdout.write(how_to_reach(lab))
            sys.stdout.flush()
            with suppress(KeyboardInterrupt):
                while True:
                    # A wait without end would not hear Ctrl-C on Windows.
                    time.sleep(1)
    except LabError as error:
        raise UsageError(f"the lab does not start: {error}") from None
    return ExitCode.READY


def how_to_reach(lab: RunningLab) -> str:
    """Return what a person needs to talk to a running fleet. The password is the lab's own."""
    secret = lab.credentials.password.reveal()
    vmm = f"http://{lab.vmm.address}:{lab.vmm.port}/wsman"
    lines = [
        f"The simulated fleet {lab.fleet} is running. It is not Windows. End it with Ctrl-C.",
        f"User name: {lab.credentials.username}",
        f"Password:  {secret}",
        "WS-Management over HTTP with NTLM and message encryption:",
        *(f"  VMM server {e.name}: http://{e.address}:{e.port}/wsman" for e in lab.vmms),
        *(f"  {host.name}: http://{host.address}:{host.port}/wsman" for host in lab.hosts),
        "Who is there, without a user:",
        f"  curl --data '' --header 'WSMANIDENTIFY: unauthenticated' {vmm}",
    ]
    return "\n".join(lines) + "\n"
