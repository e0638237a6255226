"""`livemigration matrix`: of a run, of a facts file, and of the machines of one host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import whole_run
from fact_builders import HOST, OTHER, run_facts
from pair_facts import with_switches
from printed_json import held_against

from livemigration.commands.main import main
from livemigration.facts.sheets import RunFacts
from livemigration.run import results_file, stored
from livemigration.run.exit_code import ExitCode
from livemigration.run.run import Run
from livemigration.verdict.move_answers import Standing

DECLARED = frozenset({HOST, OTHER})
# From Windows Server 2012 R2 on, both hosts listen where they select.
_GIVEN: Mapping[str, Any] = {"release": "10.22.1287.0"}


def two_hosts() -> RunFacts:
    """Return two hosts: a machine of the first uses a switch that the second lacks."""
    return run_facts(
        **_GIVEN,
        also=with_switches("Green", "Blue", web01="Green", web02="Blue", web03="Blue"),
        second={"also": with_switches("Blue", sql01="Blue")},
    )


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of reports with one run, whose hosts are declared to exchange machines."""
    folder = tmp_path_factory.mktemp("site") / "reports"
    peers = {HOST: DECLARED, OTHER: DECLARED}
    run, asked = whole_run.whole_run(two_hosts(), group="tenants", peers=peers)
    whole_run.save(folder / "2026-11-23T200000Z-prod", run, asked)
    return folder


@pytest.fixture
def run_of(reports: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(reports.parent)
    return stored.load(next(reports.glob("*/results.json")))


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["matrix", *words]) == ExitCode.READY
    return capsys.readouterr().out


def test_the_newest_run_is_shown(run_of: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_of.matrix is not None
    text = said(capsys)
    assert "2 hosts in 2 classes of equals." in text
    assert 'refused for some virtual machines: LM502 The virtual switch "Green" is missing' in text
    assert "SIMULATED" not in text


def test_json_is_what_the_record_has(
    run_of: Run, reports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = held_against("matrix", said(capsys, str(next(reports.iterdir())), "--json"))
    own = json.loads(next(reports.glob("*/results.json")).read_text())["matrix"]
    assert document == {"schema": 1, "simulated": False, **own}
    assert run_of.matrix is not None
    standings = {each.standing for each in run_of.matrix.said}
    assert Standing.REFUSED in standings


def test_each_machine_of_a_host_is_shown_to_each_destination(
    run_of: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    text = said(capsys, "--host", "hv01")
    assert "3 virtual machines in 2 classes of equals, to 1 host in 1 class." in text
    assert "web02, web03" in text
    found = held_against("host-matrix", said(capsys, "--host", HOST, "--json"))
    assert (found["schema"], found["simulated"], found["host"]) == (1, False, HOST)
    assert found["machines"] == [["web01"], ["web02", "web03"]]
    assert found["destinations"] == [[OTHER]]
    green, blue = (found["said"][row[0]] for row in found["cells"])
    assert (green["standing"], green["check"]) == ("refused", "LM502")
    assert blue["standing"] in {"allowed", "warned"}
    assert run_of.hosts


def test_a_run_without_a_matrix_is_shown_by_its_facts(
    run_of: Run, reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = said(capsys)
    folder = tmp_path / "without"
    folder.mkdir()
    (folder / "facts.json").write_bytes(next(reports.glob("*/facts.json")).read_bytes())
    results_file.save(folder / "results.json", replace(run_of, matrix=None))
    assert said(capsys, str(folder)) == before
    (folder / "facts.json").unlink()
    assert main(["matrix", str(folder)]) == ExitCode.USAGE
    assert "holds no facts" in capsys.readouterr().err


def test_facts_alone_declare_nothing(
    run_of: Run, reports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = str(next(reports.glob("*/facts.json")))
    assert "They are only assumed to exchange virtual machines" in said(capsys, "--facts", facts)
    inventory = tmp_path / "prod.yaml"
    inventory.write_text(
        "schema: 1\nvmm: {name: vmm01.contoso.com}\n"
        f"hosts:\n  - {{name: {HOST}, groups: [tenants]}}\n"
        f"  - {{name: {OTHER}, groups: [tenants]}}\n"
        "credentials: {from: environment}\ngroups: {tenants: {exchanges_vms: true}}\n"
    )
    declared = said(capsys, "--facts", facts, "--inventory", str(inventory))
    assert "assumed" not in declared
    assert run_of.hosts


def test_a_picture_is_a_file_of_its_own(
    run_of: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "--svg", str(tmp_path / "matrix.svg")) == ""
    text = (tmp_path / "matrix.svg").read_text()
    assert text.startswith("<svg ")
    assert "Green" in text
    assert said(capsys, "--host", HOST, "--svg", str(tmp_path / "host.svg")) == ""
    assert "A is hv02" in (tmp_path / "host.svg").read_text()
    assert main(["matrix", "--svg", str(tmp_path / "nowhere" / "m.svg")]) == ExitCode.USAGE
    assert "there is no folder" in capsys.readouterr().err
    assert run_of.hosts


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--host", "hv77"], "hv77 is no host of this run"),
        (["--inventory", "prod.yaml"], "--inventory goes with --facts"),
        (["reports/nothing"], "is not there"),
        (["--facts", "nothing.json"], "is not there"),
        (["reports", "--facts", "facts.json"], "not both"),
    ],
)
def test_a_mistake_says_what_would_be_right(
    run_of: Run, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    assert main(["matrix", *words]) == ExitCode.USAGE
    assert why in capsys.readouterr().err
    assert run_of.hosts


def test_without_a_run_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["matrix"]) == ExitCode.USAGE
    assert "pytest -m livemigration --inventory FILE" in capsys.readouterr().err
