"""Whole runs of the suite against machines of the tests' realm."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from canary import every_byte, found_in
from directory_accounts import PEOPLE
from plugin_runs import ROOT, Ended, command, run, run_here
from process_list import THERE, watched
from realm import Realm, program

from livemigration.lab.launch import LabMachine

_LIMITS = "{connect: 3, message: 10, probe: 3, kdc: 4, host: 60}"


def inventory(
    folder: Path,
    vmm: LabMachine,
    hosts: Sequence[LabMachine],
    connection: str = "",
    *,
    names: Mapping[str, str] | None = None,
    more: str = "",
) -> Path:
    """Write an inventory of a lab's machines as if they were none of a lab.

    Args:
        folder: where to.
        vmm: the VMM server.
        hosts: the hosts.
        connection: more of how they are reached.
        names: those under which it has machines, where another.
        more: further lines of the file.
    """

    def entry(machine: LabMachine) -> str:
        name = (names or {}).get(machine.name, machine.name)
        return f"{{name: {name}, address: {machine.address}}}"

    lines = "".join(f"  - {entry(each)}\n" for each in hosts)
    path = folder / "realm-site.yaml"
    path.write_text(
        f"schema: 1\nvmm: {entry(vmm)}\nhosts:\n{lines}"
        f"connection: {{port: {vmm.port}, time_limits: {_LIMITS}{connection}}}\n{more}",
        encoding="utf-8",
    )
    return path


def account(realm: Realm, user: str, password: str | None = None) -> dict[str, str]:
    """Return the variables in which the suite finds user name and password."""
    return {
        "LIVEMIGRATION_USERNAME": realm.principal(user) if "@" not in user else user,
        "LIVEMIGRATION_PASSWORD": realm.password(user) if password is None else password,
    }


def ran(
    folder: Path,
    site: Path,
    variables: Mapping[str, str],
    *arguments: str,
    apart: bool = False,
    clock: str = "",
) -> Ended:
    """Run the suite, which writes all that it can below `folder`; `apart`: in its own process.

    `clock`: that process has a clock that is wrong by so much, such as `+10m`.

    No byte of what it writes or says may hold a password, however it is written, and no process
    that it starts may have been given one.
    """
    out = folder / "out"
    out.mkdir()
    everything = (
        *(f"--inventory={site}", "-m", "livemigration", "--bundle", "--showlocals", "--tb=long"),
        *(f"--junitxml={out / 'junit.xml'}", f"--save-facts={out / 'facts.json'}"),
    )
    with watched() as listed:
        given = {**variables, **listed.variables}
        if clock:
            ended = _at_another_time(clock, out / "reports", *everything, *arguments, **given)
        else:
            start = run if apart else run_here
            ended = start(out / "reports", *everything, *arguments, variables=given)
    told = ended.output.encode() + every_byte(out)
    # A process of its own was given the password, and nothing that it starts is; what makes another
    # clock stands between.
    given_to = os.getpid() if apart else 0
    assert listed.programs or not apart or not THERE
    for password in {*(each.password for each in PEOPLE), variables.get("LIVEMIGRATION_PASSWORD")}:
        assert not password or found_in(told, password) == []
        assert not password or clock or listed.found(password, but_of=given_to) == []
    return ended


def _at_another_time(clock: str, reports: Path, *arguments: str, **variables: str) -> Ended:
    ended = subprocess.run(
        [program("faketime"), "-f", clock, *command(reports, *arguments)],
        cwd=ROOT,
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=55,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, reports)


def red(ended: Ended) -> list[dict[str, Any]]:
    """Return the results that are red for a cause of their own."""
    return [each for each in ended.results["results"] if each["state"] == "fail"]


def the_finding(ended: Ended) -> tuple[str, str, str]:
    """Return whom the only red finding of a run is of, what it says, and what to do."""
    (result,) = red(ended)
    return finding_of(result)


def finding_of(result: Mapping[str, Any]) -> tuple[str, str, str]:
    (finding,) = result["findings"]
    return result["entry"]["target"], finding["observed"], " ".join(finding["fix"]["console"])
