"""Each printed command that can be run here ends as its table says, in a copy with a lab."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from commands_table import COMMANDS, OF_JQ, PROD, Parsed, Run, of_jq
from in_turn import in_turn
from printed_commands import ROOT, blocks, steps
from wheels import wheel

from livemigration.lab.launch import RunningLab, start

pytestmark = [pytest.mark.fleet, pytest.mark.timeout(120)]

RUNS: dict[str, Run] = {
    command: how for command, how in COMMANDS.items() if not isinstance(how, Parsed)
}
# Programs that are not installed with the suite.
OF_THE_MACHINE = {"jq", "openssl"}
FLEET = """
name: handbook
title: one healthy host, and one with KB 2853203
domain: contoso.com
networks:
  management: {subnet: 1.0/24}
  migration: {subnet: 50.0/24, dropped: true}
system: {build: 9200, version: 6.2.9200, caption: Microsoft Windows Server 2012 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 3.1.6011.0}
hosts:
  - name: hv01.contoso.com
    shows: healthy
    addresses: {management: "1.11", migration: "50.11"}
  - name: hv03.contoso.com
    shows: KB 2853203
    addresses: {management: "1.13", migration: "50.13"}
    networks: [migration]
virtual_machines: {web01: hv01.contoso.com}
"""
# A waiver of everything that fails there; its last day moves with the clock.
WAIVERS = """
schema: 1
time_zone: Europe/Amsterdam
waivers:
  - hosts: [hv03.contoso.com]
    checks: [LM102, LM202, LM203, LM304]
    owner: virtualization team
    ticket: RISK-118
    reason: The host is replaced.
    expires: {until}
"""


@dataclass(frozen=True)
class Clone:
    """A copy of the repository whose inventory names the machines of a running lab."""

    folder: Path
    lab: RunningLab


def bash(folder: Path, script: str, lab: RunningLab) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder, with the lab's account as that of the site."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "GITHUB_", "LIVEMIGRATION_", "COLUMNS"))
    }
    environment["LIVEMIGRATION_USERNAME"] = lab.credentials.username
    environment["LIVEMIGRATION_PASSWORD"] = lab.credentials.password.reveal()
    environment["PATH"] = os.pathsep.join((str(folder / ".venv" / "bin"), os.environ["PATH"]))
    return subprocess.run(
        [shutil.which("bash") or "bash", "-c", script],
        cwd=folder,
        env=environment,
        input="a password\n",
        capture_output=True,
        text=True,
        check=False,
    )


def programs(folder: Path) -> None:
    """Give a copy the two programs of this environment, as the first steps install them."""
    folder.mkdir(parents=True)
    for name in ("pytest", "livemigration"):
        (folder / name).symlink_to(Path(sys.executable).with_name(name))


def last_day() -> str:
    return (date.today() + timedelta(30)).isoformat()  # noqa: DTZ011 # a day near now


def inventory(lab: RunningLab) -> str:
    """Return an inventory that names the lab's machines as a site names its own."""
    hosts = "".join(f"  - {{name: {each.name}, address: {each.address}}}\n" for each in lab.hosts)
    return (
        f"schema: 1\nvmm: {{name: {lab.vmm.name}, address: {lab.vmm.address}}}\n"
        f"hosts:\n{hosts}connection: {{port: {lab.vmm.port}}}\n"
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    """A clone in which one run of the lab has been made, bundled and cut off."""
    folder = tmp_path_factory.mktemp("clone") / "base"
    fleet = folder.parent / "fleet.yaml"
    fleet.write_text(FLEET, encoding="utf-8")
    with start(str(fleet)) as lab:
        fill(folder, lab)
        yield Clone(folder, lab)


def fill(folder: Path, lab: RunningLab) -> None:
    for name in ("checks", "inventories"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    programs(folder / ".venv" / "bin")
    (folder / "inventories" / "prod.yaml").write_text(inventory(lab), encoding="utf-8")
    waivers = WAIVERS.replace("{until}", last_day())
    (folder / "waivers.yaml").write_text(waivers, encoding="utf-8")
    (folder / "my-fleet.yaml").write_text(fleet_of_the_page(), encoding="utf-8")
    wheel(folder / "dist")
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    keys = [each for each in RUNS if each.startswith("openssl ")]
    script = [f"{PROD} --change CHG0012345 --bundle --save-facts facts.json", *keys]
    made = [bash(folder, each, lab) for each in script]
    said = "".join(each.stdout + each.stderr for each in made)
    # The fleet is broken on purpose.
    assert [each.returncode for each in made] == [1, 0, 0], said
    (run,) = (each for each in (folder / "reports").iterdir() if each.is_dir())
    run = run.rename(folder / "reports" / "FOLDER")
    (bundle,) = run.glob("*.zip")
    bundle.rename(run / "NAME.zip")
    signed = bash(folder, "livemigration bundle reports/FOLDER --sign signing.pem", lab)
    assert signed.returncode == 0, signed.stdout + signed.stderr
    (signature,) = run.glob("*.zip.sig")
    shutil.copy(signature, run / "NAME.zip.sig")
    for path in (*run.glob("CHG*.zip"), *run.glob("CHG*.sig")):
        path.unlink()
    shutil.copy(run / "NAME.zip", folder)
    (results,) = run.glob("*results.json")
    shutil.copy(results, folder / "results.json")
    cut_off(run, folder / "reports" / "CUT-OFF")


def fleet_of_the_page() -> str:
    """Return the first fleet of docs/fleets.md."""
    found = (each.text for each in blocks() if each.page == "docs/fleets.md")
    return next(text for text in found if text.startswith("# yaml-language-server"))


def cut_off(run: Path, to: Path) -> None:
    """Leave of a run what a process that was killed leaves of it: half its journal."""
    to.mkdir()
    (journal,) = run.glob("*journal.jsonl")
    lines = journal.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = lines[: len(lines) // 2]
    assert not any('"finished"' in json.dumps(json.loads(line)) for line in kept[1:])
    (to / journal.name).write_text("".join(kept), encoding="utf-8")


@pytest.mark.parametrize("command", RUNS)
def test_a_command_ends_as_the_table_says(command: str, base: Clone, tmp_path: Path) -> None:
    ends(command, RUNS[command], base, tmp_path)


@in_turn("command", of_jq)
def test_a_question_to_the_results_names_what_fails(
    command: str, base: Clone, tmp_path_factory: pytest.TempPathFactory
) -> None:
    ends(command, OF_JQ, base, tmp_path_factory.mktemp("asked"))


def ends(command: str, how: Run, base: Clone, tmp_path: Path) -> None:
    """Run a command in a copy of the clone, and hold its end against what the table says.

    Raises:
        AssertionError: it ends or says otherwise.
    """
    program = steps(command)[0][0]
    if program in OF_THE_MACHINE and not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    folder = shutil.copytree(base.folder, tmp_path / "clone", symlinks=True)
    if how.leaves:
        (folder / how.leaves).unlink(missing_ok=True)
    ended = bash(folder, command, base.lab)
    said = ended.stdout + ended.stderr
    assert ended.returncode == how.code, said
    assert how.says.casefold() in said.casefold()
    if how.leaves:
        assert (folder / how.leaves).stat().st_size > 0
