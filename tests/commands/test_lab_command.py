"""`livemigration lab`: a fleet in the foreground, and the list of fleets."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from livemigration.commands.main import main
from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.lab.fleet import MOST_HOSTS, load_fleet, shipped_fleets

LAB = (
    sys.executable,
    "-c",
    "import sys; from livemigration.commands.main import main; sys.exit(main())",
)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="SIGINT cannot be sent to one process there")
def test_a_fleet_runs_until_ctrl_c_and_says_how_to_reach_it() -> None:
    command = [*LAB, "lab", "up", "--fleet", "healthy", "--hosts", "8"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(15)]
        urls = [line.split(": ")[1].strip() for line in lines if ".contoso.com: " in line]
        assert len(urls) == 1 + 8
        with requests.Session() as session:
            session.trust_env = False
            headers = {"WSMANIDENTIFY": "unauthenticated"}
            for url in (urls[0], urls[-1]):
                answer = session.post(url, data=b"", headers=headers, timeout=60)
                assert SIMULATED_VENDOR in answer.text
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert "It is not Windows" in lines[0]


@pytest.mark.long
def test_every_shipped_fleet_is_listed_with_what_each_host_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["lab", "fleets"]) == 0
    listed = capsys.readouterr().out
    for name in shipped_fleets():
        fleet = load_fleet(name)
        assert f"{name}: {fleet.title}" in listed
        assert all(f"{each.name}: {each.shows}" in listed for each in fleet.hosts)


def test_a_shipped_fleets_file_can_be_printed_to_begin_ones_own(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["lab", "fleets", "healthy"]) == 0
    mine = tmp_path / "my-fleet.yaml"
    mine.write_text(capsys.readouterr().out, encoding="utf-8")
    assert load_fleet(str(mine)) == load_fleet("healthy")
    assert main(["lab", "fleets", "nowhere"]) == 4
    assert "nowhere: no such fleet" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--fleet", "nowhere"), "no such fleet"),
        (("--fleet", "healthy", "--hosts", "0"), f"0 hosts: choose 1 to {MOST_HOSTS}"),
        (("--fleet", "healthy", "--hosts", "99999"), f"choose 1 to {MOST_HOSTS}"),
    ],
)
def test_a_fleet_that_cannot_run_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    assert main(["lab", "up", *options]) == 4
    assert words in capsys.readouterr().err


def test_keys_that_are_not_there_are_a_usage_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["lab", "up", "--fleet", "healthy", "--keytabs", str(tmp_path)]) == 4
    said = capsys.readouterr().err
    assert f"the lab does not start: {tmp_path}: no keytab of a machine of this fleet." in said
