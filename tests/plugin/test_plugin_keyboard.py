"""What people type without reading the manual."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from plugin_runs import ROOT, Ended, run_here

from livemigration.commands.main import main
from livemigration.facts.sheets import RunFacts
from livemigration.plugin.facts import refuse_facts_of_another


@pytest.mark.parametrize("typed", ["LM101", "lm101", "LM101 and hv01"])
def test_a_check_is_selected_by_its_identifier(typed: str, tmp_path: Path) -> None:
    ended = run_here(tmp_path, "--co", "-q", "-k", typed)
    found = [line for line in ended.output.splitlines() if "::" in line]
    assert len(found) == (1 if "hv01" in typed else 10)
    assert all("test_live_migration_is_enabled" in line for line in found)


def test_facts_of_another_fleet_are_refused(
    tmp_path: Path, demo_facts: str, healthy_replay: tuple[str, str]
) -> None:
    for inventory, facts, own in (
        ("lab:healthy", demo_facts, "inventories/lab.yaml"),
        ("inventories/lab.yaml", healthy_replay[1], "lab:healthy"),
        ("lab:windows-2025", healthy_replay[1], "lab:healthy"),
    ):
        ended = run_here(tmp_path / "reports", f"--inventory={inventory}", facts)
        assert ended.code == 4, ended.output
        assert f"these are facts of {own}, not of {inventory}. Give --inventory={own}" in (
            ended.output
        )
    assert not (tmp_path / "reports").exists()


def test_facts_are_those_of_their_inventory_wherever_its_file_lies_and_whatever_changed_since(
    tmp_path: Path, demo: tuple[Ended, Path]
) -> None:
    text = (ROOT / "inventories" / "lab.yaml").read_text(encoding="utf-8")
    for name, more in (("lab.yaml", "policy: {fail_on: warning}\n"), ("other.yaml", "# other\n")):
        path = tmp_path / name
        path.write_text(f"{text}{more}", encoding="utf-8")
        ended = run_here(tmp_path / "reports", f"--inventory={path}", f"--facts={demo[1]}")
        assert ended.code == 1, ended.output
    # Written by the collector, or by hand: it does not say what it is of.
    document = json.loads(demo[1].read_text(encoding="utf-8"))
    refuse_facts_of_another(RunFacts({}, {}), None, "x")  # type: ignore[arg-type]  # not looked at
    assert document["inventory"] == "inventories/lab.yaml"


def test_redacted_facts_are_judged_though_they_do_not_say_what_they_are_of(
    tmp_path: Path, demo: tuple[Ended, Path]
) -> None:
    redacted = tmp_path / "redacted.json"
    assert main(["redact", str(demo[1]), str(redacted)]) == 0
    document = json.loads(redacted.read_text(encoding="utf-8"))
    # One host of ten is enough to look at.
    path = tmp_path / "theirs.yaml"
    vmm, host = document["vmms"][0]["name"], document["hosts"][2]["name"]
    path.write_text(
        f"schema: 1\nvmm: {{name: {vmm}}}\nhosts: [{{name: {host}}}]\n", encoding="utf-8"
    )
    ended = run_here(tmp_path / "reports", f"--inventory={path}", f"--facts={redacted}")
    assert ended.code == 1, ended.output
    assert ended.states()["LM102", host] == "fail"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes of this kind")
@pytest.mark.parametrize("command", ["schema results", "explain LM102", "checks"])
def test_a_reader_that_has_seen_enough_ends_a_command_quietly(command: str) -> None:
    program = (
        "import sys; from livemigration.commands.main import main; sys.exit(main(sys.argv[1:]))"
    )
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program, *command.split()],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
            timeout=50,
        )
    finally:
        os.close(writing)
    assert ended.stderr == b""
    assert ended.returncode == 141
