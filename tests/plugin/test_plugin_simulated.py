"""What is simulated says so from its first byte, and what gathered nothing is no evidence."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import pytest
from plugin_runs import CREDENTIALS, Ended, real_inventory, run_forked, run_here

from livemigration.commands.main import main
from livemigration.lab.launch import start
from livemigration.run import journal, results_file
from livemigration.run.exit_code import ExitCode

# Ends the process as an operating system that shuts down does, before or after it asked anybody.
ENDED = """
import os, signal
from livemigration.run.journal import Journal

whole = Journal.{method}

def ending(self, *given):
    whole(self, *given)
    os.kill(os.getpid(), signal.SIGTERM)
    signal.pause()

Journal.{method} = ending
"""
EVIDENCE = "This is evidence until"


def test_a_lab_whose_host_does_not_answer_is_simulated(tmp_path: Path) -> None:
    # Of LM101 alone: VMM, which would say that it is the lab, is not asked.
    ended = run_here(tmp_path, "-m", "livemigration", "--limit=hv05*", "-k", "enabled")
    assert ended.code == 10, ended.output
    assert "SIMULATED: this run talked to the lab" in ended.output
    assert ended.results["simulated"] is True
    for each in ended.folder.iterdir():
        assert EVIDENCE not in each.read_text(encoding="utf-8"), each.name


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGTERM")
@pytest.mark.parametrize("method", ["begin", "gathering"])
def test_a_lab_run_that_is_ended_early_is_simulated_and_no_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], method: str
) -> None:
    ended = run_forked(tmp_path / "reports", before=ENDED.format(method=method))
    assert ended.code == -signal.SIGTERM, ended.output
    assert main(["report", str(ended.folder)]) == ExitCode.INTERRUPTED
    said = capsys.readouterr().out
    assert "SIMULATED: this run talked to the lab" in said
    assert EVIDENCE not in said
    result = results_file.load(ended.folder / "results.json")
    assert (result.simulated, result.valid_until) == (True, None)
    assert "SIMULATED" in (ended.folder / "report.html").read_text(encoding="utf-8")
    assert b"SIMULATED" in (ended.folder / "journal.jsonl").read_bytes().split(b"\n")[0]
    assert journal.read(ended.folder / "journal.jsonl").ending is None


def test_a_run_in_which_nothing_was_gathered_is_no_evidence(tmp_path: Path) -> None:
    inventory = tmp_path / "prod.yaml"
    # Nothing listens on the port 9 of these addresses.
    inventory.write_text(
        "schema: 1\nvmm: {name: vmm01, address: 127.0.0.2}\n"
        "hosts: [{name: hv01, address: 127.0.0.3}]\n"
        "connection: {port: 9, time_limits: {connect: 1}}\n",
        encoding="utf-8",
    )
    ended = run_here(
        tmp_path / "r", f"--inventory={inventory}", "-m", "settings", variables=CREDENTIALS
    )
    assert ended.code in {1, 10}, ended.output
    assert "Nothing was gathered, so this is no evidence: run again." in ended.output
    assert ended.results["valid_until"] is None
    for each in ended.folder.iterdir():
        assert EVIDENCE not in each.read_text(encoding="utf-8"), each.name


@pytest.mark.parametrize("limit", [(), ("--limit=hv01*",)], ids=["all", "one host"])
def test_a_replay_whose_results_were_lost_is_still_simulated(
    tmp_path: Path, demo: tuple[Ended, Path], limit: tuple[str, ...]
) -> None:
    # Of an inventory that names machines: only the facts say that they came from the lab.
    hosts = "".join(f"  - {{name: hv{number:02}.contoso.com}}\n" for number in range(1, 11))
    inventory = tmp_path / "prod.yaml"
    inventory.write_text(
        f"schema: 1\nvmm: {{name: vmm01.contoso.com}}\nhosts:\n{hosts}", encoding="utf-8"
    )
    facts = tmp_path / "facts.json"
    document = json.loads(demo[1].read_text(encoding="utf-8"))
    facts.write_text(json.dumps({**document, "inventory": "", "inventory_digest": ""}), "utf-8")
    ended = run_here(tmp_path / "r", f"--inventory={inventory}", f"--facts={facts}", *limit)
    kept = ended.folder / "results.json"
    before = kept.read_bytes()
    assert json.loads(before)["simulated"] is True, ended.output
    # As a full disk leaves it, which has room for the journal alone.
    kept.unlink()
    main(["report", str(ended.folder)])
    assert kept.read_bytes() == before


def test_a_plain_inventory_of_a_running_lab_is_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither who the machine is, nor VMM, is asked: each reply says it."""
    with start("healthy", hosts=1) as lab:
        host = lab.hosts[0]
        inventory = real_inventory(tmp_path / "site.yaml", host.port, address=host.address)
        monkeypatch.setenv("LIVEMIGRATION_USERNAME", lab.credentials.username)
        monkeypatch.setenv("LIVEMIGRATION_PASSWORD", lab.credentials.password.reveal())
        ended = run_here(
            tmp_path, "-m", "livemigration", f"--inventory={inventory}", "-k", "enabled"
        )
    assert "SIMULATED: this run talked to the lab" in ended.output
    assert ended.results["simulated"] is True
    (told,) = ended.results["traffic"]
    assert told["machine"] == "hv01"
    assert told["requests"] > 3
