"""`livemigration lab`: a simulated fleet in the foreground, for other clients and for scripts."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from livemigration.base import codec
from livemigration.base.errors import UsageError
from livemigration.base.files import is_taken, write_text
from livemigration.base.json_text import load_json
from livemigration.commands import Command, Commands, Group
from livemigration.commands.completion import completed, fleets, nothing, run_or
from livemigration.commands.parsing import milliseconds, number, share
from livemigration.commands.paths import given_file, given_results, not_written
from livemigration.inventory.inventory import is_fleet_file
from livemigration.lab.apply import Mended, apply
from livemigration.lab.conduct import FAULTS
from livemigration.lab.draining import Drained, drain
from livemigration.lab.errors import LabError
from livemigration.lab.fleet import Fleet, load_fleet, shipped_fleets, shipped_text
from livemigration.lab.fleet_file import fleet_text
from livemigration.lab.launch import RunningLab, start
from livemigration.placement.plan_document import PlanDocument
from livemigration.run import results_file
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result

_FLEET = "a shipped fleet, or a file *.yaml"


def _fill_up(up: argparse.ArgumentParser) -> None:
    fleet = up.add_argument("--fleet", default="kb-2853203", help=_FLEET)
    completed(fleet, fleets(files=True))
    hosts = up.add_argument(
        "--hosts",
        type=number,
        metavar="N",
        help="so many hosts: the fleet's own, then healthy copies",
    )
    completed(hosts, nothing)
    latency = up.add_argument(
        "--latency",
        type=milliseconds,
        metavar="TIME",
        default=0.0,
        help="each reply so much later, such as 100ms, and the first of a connection twice that",
    )
    completed(latency, nothing)
    faults = up.add_argument(
        "--faults",
        type=share,
        metavar="SHARE",
        default=0.0,
        help=f"such a share of the hosts, as 1%%, shows a fault: {', '.join(FAULTS)} in turn",
    )
    completed(faults, nothing)
    up.add_argument(
        "--record", metavar="FILE", help="write every message that clients send to this file"
    )
    up.add_argument(
        "--keytabs",
        metavar="FOLDER",
        help="take Kerberos tickets as well, with the keys in NAME.keytab of each machine's name",
    )


def _fill_apply(mend: argparse.ArgumentParser) -> None:
    results = mend.add_argument(
        "results", nargs="?", help="results.json of a run of this fleet, or its folder: its fixes"
    )
    completed(results, run_or("results.json"))
    mend.add_argument(
        "--drain",
        metavar="PLAN",
        help="in place of fixes, the moves of a plan that livemigration drain --json printed",
    )
    fleet = mend.add_argument("--fleet", required=True, help=_FLEET)
    completed(fleet, fleets(files=True))
    mend.add_argument("--output", required=True, metavar="FILE", help="a new file, *.yaml")


def _fill_fleets(listing: argparse.ArgumentParser) -> None:
    fleet = listing.add_argument(
        "fleet", nargs="?", help="print this one's file, to begin one of your own with"
    )
    completed(fleet, fleets(files=False))


def _named_fleet(name: str) -> str:
    """Return a fleet's name, or its file's.

    Raises:
        UsageError: a file is named that is not there.
    """
    if is_fleet_file(name):
        given_file(name, "a fleet file (*.yaml), or one of: livemigration lab fleets")
    return name


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
        mended = _changed(load_fleet(_named_fleet(chosen.fleet)), chosen)
    except LabError as error:
        raise UsageError(str(error)) from None
    try:
        write_text(path, fleet_text(mended.fleet))
    except OSError as error:
        raise not_written(path, error) from None
    for each in mended.done:
        sys.stdout.write(f"done  {each}\n")
    for each in mended.left:
        sys.stdout.write(f"left  {each}\n")
    sys.stdout.write(f"Wrote {path}. Judge it: pytest -m livemigration --inventory lab:{path}\n")
    return ExitCode.READY


def _changed(fleet: Fleet, chosen: argparse.Namespace) -> Mended | Drained:
    """Return the fleet after a run's fixes, or after a plan's moves.

    Raises:
        LabError: a step of the plan is not possible.
        UsageError: neither is named, or both are, or it is none of a simulated fleet.
    """
    if (chosen.results is None) == (chosen.drain is None):
        raise UsageError("Name either the results of a run, or a plan with --drain.")
    if chosen.results is not None:
        return apply(fleet, _results(given_results(chosen.results)))
    path = given_file(chosen.drain, "a plan that livemigration drain --json printed")
    try:
        return drain(fleet, _plan(path))
    except LabError as error:
        raise UsageError(f"{path}: {error}") from None


def _plan(path: Path) -> PlanDocument:
    try:
        document = load_json(path.read_text(encoding="utf-8"))
        plan: PlanDocument = codec.from_json(PlanDocument, document)
    except (OSError, ValueError, RecursionError):
        raise UsageError(f"{path}: no plan that livemigration drain --json printed.") from None
    if not plan.asked.simulated:
        raise UsageError(f"{path}: a plan of real machines. Only a simulated fleet's runs here.")
    return plan


def _results(path: Path) -> tuple[Result, ...]:
    run = results_file.load(path)
    if not run.simulated:
        raise UsageError(f"{path}: a run of real machines. Only a simulated fleet can be mended.")
    return run.results


def _up(chosen: argparse.Namespace) -> int:
    try:
        keytabs = Path(chosen.keytabs) if chosen.keytabs is not None else None
        fleet = _named_fleet(chosen.fleet)
        with start(
            fleet,
            hosts=chosen.hosts,
            record=chosen.record,
            keytabs=keytabs,
            latency=chosen.latency,
            faults=chosen.faults,
        ) as lab:
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
        *_conduct(lab),
        "WS-Management over HTTP with NTLM and message encryption:",
        *(f"  VMM server {e.name}: http://{e.address}:{e.port}/wsman" for e in lab.vmms),
        *(f"  {host.name}: http://{host.address}:{host.port}/wsman" for host in lab.hosts),
        "Who is there, without a user:",
        f"  curl --data '' --header 'WSMANIDENTIFY: unauthenticated' {vmm}",
    ]
    return "\n".join(lines) + "\n"


def _conduct(lab: RunningLab) -> Iterator[str]:
    """Yield how the machines were asked to answer, where they were."""
    if lab.latency:
        late = f"{lab.latency * 1000:g} ms"
        yield f"Latency:   each reply {late} later, and the first of a connection twice that"
    if not lab.faults:
        return
    yield f"Faults:    {len(lab.faults)} of {len(lab.hosts)} hosts, always the same ones"
    by_kind: dict[str, list[str]] = {kind: [] for kind in FAULTS}
    for name, kind in lab.faults.items():
        by_kind[kind].append(name)
    for kind, names in by_kind.items():
        if names:
            yield f"  {kind}: {', '.join(names)}"


COMMAND = Commands(
    "run a simulated fleet, list them, or try a run's fixes on one",
    {
        "up": Command(
            "run a fleet until Ctrl-C and say how to reach it",
            _fill_up,
            _up,
            examples=(
                "livemigration lab up --fleet healthy --hosts 20",
                "livemigration lab up --fleet healthy --hosts 10000 --latency 100ms --faults 1%",
            ),
            exits={
                ExitCode.READY: "ended with Ctrl-C, once it ran",
                ExitCode.INTERRUPTED: "interrupted with Ctrl-C before it ran",
            },
        ),
        "apply": Command(
            "carry out a run's fixes, or a plan's moves, on a simulated fleet, to a new file",
            _fill_apply,
            _apply,
            examples=(
                "livemigration lab apply reports/FOLDER --fleet kb-2853203 --output mended.yaml",
                "livemigration lab apply --drain plan.json --fleet drain-fits --output new.yaml",
            ),
        ),
        "fleets": Command(
            "list the shipped fleets and what each shows, or print the file of one",
            _fill_fleets,
            _fleets,
            examples=("livemigration lab fleets", "livemigration lab fleets healthy"),
        ),
    },
    group=Group.SUITE,
    order=1,
)
