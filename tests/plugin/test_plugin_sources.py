"""Whole runs whose password a program, a descriptor or a keyring gives, or that need none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from canary import found_in
from plugin_runs import CREDENTIALS, PASSWORD, ROOT, Ended, command, real_inventory, run_here
from test_plugin_groups import no_http
from test_plugin_https import bundle, machine

from livemigration.commands.main import main

USERNAME = "username: CONTOSO\\svc"


def giving(ran: Path) -> str:
    """Return a source whose program notes that it ran."""
    python = f"open({str(ran)!r}, 'a').write('x'); print('{PASSWORD}')"
    return f'from: command, command: ["{sys.executable}", -c, "{python}"], {USERNAME}'


def inventory(path: Path, port: int, source: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    real_inventory(path, port)
    with path.open("a", encoding="utf-8") as stream:
        stream.write(f"credentials: {{{source}}}\n")
    return path


def asked(folder: Path, named: Path, *arguments: str) -> Ended:
    return run_here(folder / "reports", f"--inventory={named}", "-k", "enabled", *arguments)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in CREDENTIALS:
        monkeypatch.delenv(name, raising=False)


def test_a_program_is_started_once_and_only_by_a_run_that_asks_machines(tmp_path: Path) -> None:
    ran, facts = tmp_path / "ran", tmp_path / "facts.json"
    with machine("127.0.0.1", no_http) as port:
        named = inventory(tmp_path / "site.yaml", port, giving(ran))
        for quiet in (("--collect-only",), ("--co", "-q"), ("--help",), ("--markers",)):
            asked(tmp_path / "quiet", named, *quiet)
            assert not ran.exists(), quiet
        ended = asked(tmp_path, named, f"--save-facts={facts}", "--bundle")
    assert ended.states() == {("LM101", "hv01"): "blocked"}, ended.output
    assert ran.read_text() == "x"
    assert PASSWORD not in ended.output
    again = asked(tmp_path / "again", named, f"--facts={facts}")
    assert again.states() == ended.states(), again.output
    for words in (
        ["verify", str(bundle(ended))],
        ["view", str(ended.folder), "--format", "markdown"],
    ):
        main(words)
    assert ran.read_text() == "x"


def test_a_run_whose_inventory_is_wrong_starts_no_program(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    named = inventory(tmp_path / "site.yaml", 5985, f"{giving(ran)}, service: x")
    assert asked(tmp_path, named).code == 4
    assert not ran.exists()


def test_a_program_that_fails_ends_the_run_before_anybody_is_asked(
    tmp_path: Path, no_sockets: list[object]
) -> None:
    python = f"print('{PASSWORD}'); raise SystemExit(7)"
    source = f'from: command, command: ["{sys.executable}", -c, "{python}"], {USERNAME}'
    ended = asked(tmp_path, inventory(tmp_path / "site.yaml", 5985, source))
    assert ended.code == 4
    assert "failed with exit code 7" in ended.output
    assert PASSWORD not in ended.output
    assert not ended.reports.exists()
    assert no_sockets == []


@pytest.mark.parametrize("below", [True, False])
def test_an_inventory_from_elsewhere_is_said_to_start_a_program(
    tmp_path: Path, below: bool
) -> None:
    root = tmp_path / "site"
    root.mkdir()
    named = inventory((root if below else tmp_path / "other") / "x.yaml", 1, giving(tmp_path / "r"))
    ended = asked(tmp_path, named, f"--rootdir={root}", "checks")
    said = f"{named} lies outside of {root}, and has this run start a program for the password: "
    assert (said in ended.output) is not below
    assert (tmp_path / "r").exists()


@pytest.mark.skipif(os.name != "posix", reason="processes of Windows are given none")
def test_a_run_is_given_the_password_on_a_descriptor(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, f"{PASSWORD}\n".encode())
    os.close(theirs)
    with machine("127.0.0.1", no_http) as port:
        named = inventory(tmp_path / "site.yaml", port, f"from: fd, fd: {ours}, {USERNAME}")
        ended = subprocess.run(
            command(tmp_path / "reports", f"--inventory={named}", "-k", "enabled"),
            cwd=ROOT,
            pass_fds=[ours],
            capture_output=True,
            text=True,
            check=False,
        )
    os.close(ours)
    found = Ended(ended.returncode, ended.stdout + ended.stderr, tmp_path / "reports")
    assert found.states() == {("LM101", "hv01"): "blocked"}, found.output
    assert PASSWORD not in found.output


def test_a_machine_without_a_keyring_ends_the_run_with_what_else_there_is(tmp_path: Path) -> None:
    named = inventory(tmp_path / "site.yaml", 5985, f"from: keyring, {USERNAME}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "keyring", None)
        ended = asked(tmp_path, named)
    assert ended.code == 4
    assert "Use from: environment, command or fd." in ended.output
    assert not ended.reports.exists()


LAB = """\
schema: 1
lab: {fleet: healthy}
connection: {time_limits: {connect: 2, probe: 2}}
credentials: {password_variable: SITE_PASSWORD}
groups: {ams: {credentials: {password_variable: EDGE_PASSWORD}}}
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="what a process was started with is there")
def test_the_labs_process_inherits_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("SITE_PASSWORD", "EDGE_PASSWORD", "LIVEMIGRATION_PASSWORD")
    variables = {**dict.fromkeys(names, PASSWORD), "SITE_OTHER": "kept"}
    (tmp_path / "lab.yaml").write_text(LAB, encoding="utf-8")
    # From a process of its own: the lab is its child, and looks at what it was started with.
    python = (
        "import pathlib, sys, pytest\n"
        "from livemigration.lab import launch\n"
        "begin = launch._process\n"
        "def started(*given):\n"
        "    process = begin(*given)\n"
        "    here = pathlib.Path(f'/proc/{process.pid}')\n"
        "    files = [here / name for name in ('environ', 'cmdline')]\n"
        # Both are empty for the moment in which the program takes the place of what forked.
        "    while not all([each.read_bytes() for each in files]) and process.poll() is None:\n"
        "        pass\n"
        "    found = b''.join(each.read_bytes() for each in files)\n"
        "    print('CHILD', found.hex(), file=sys.__stderr__)\n"
        "    return process\n"
        "launch._process = started\n"
        "sys.exit(pytest.main(sys.argv[1:]))\n"
    )
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    words = command(tmp_path / "reports", f"--inventory={tmp_path / 'lab.yaml'}", "-k", "enabled")
    ended = subprocess.run(
        [sys.executable, "-c", python, *words[3:], "--capture=no"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    (line,) = (each for each in ended.stderr.splitlines() if each.startswith("CHILD "))
    started_with = bytes.fromhex(line.split()[1])
    assert b"SITE_OTHER=kept" in started_with
    assert b"livemigration.lab" in started_with
    assert found_in(started_with, PASSWORD) == []
