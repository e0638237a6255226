"""No command shows results that what lies beside them, or they themselves, deny."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fact_builders import run_facts
from whole_run import save, whole_run

from livemigration.commands.main import main
from livemigration.inventory.stamp import Stamp
from livemigration.run import results_file
from livemigration.run.journal import Journal, ending_of
from livemigration.run.record import Beginning
from livemigration.run.run import Run

# A host that fails, beside a healthy one.
GIVEN: dict[str, Any] = {"enabled": False, "maximum": 1}


def test_a_folder_whose_results_are_not_those_of_its_journal_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, asked = whole_run(run_facts(**GIVEN))
    files = save(tmp_path / "run", run, asked)
    green, _ = whole_run(run_facts())
    stream = Journal(files.journal)
    stream.begin(beginning_of(run), Stamp())
    for result in run.results:
        stream.result(result)
    stream.end(ending_of(run), run.stamp)
    stream.close()
    assert main(["view", str(files.folder), "--format", "csv"]) == 0
    results_file.save(files.results, green)
    for command in (["view", str(files.folder), "--format", "csv"], ["report", str(files.folder)]):
        assert main(command) == 4
        assert "not what journal.jsonl beside it says" in capsys.readouterr().err


def beginning_of(run: Run) -> Beginning:
    """Return what a run was before it began."""
    assert run.zone is not None
    assert run.demands is not None
    return Beginning(
        suite_version=run.suite_version,
        inventory=run.inventory,
        inventory_digest=run.inventory_digest,
        started=run.started,
        zone=run.zone,
        servers=(run.vmm,),
        selection=run.selection,
        hosts=run.hosts,
        plan=run.plan,
        reads={},
        demands=run.demands,
    )


def test_no_command_repeats_a_verdict_that_the_results_deny(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, asked = whole_run(run_facts(**GIVEN))
    files = save(tmp_path / "run", run, asked)
    document = json.loads(files.results.read_text(encoding="utf-8"))
    document["exit_code"] = 0
    files.results.write_text(json.dumps(document), encoding="utf-8")
    results = str(files.results)
    for command in (
        ["view", results, "--format", "markdown"],
        ["report", results],
        ["fix-script", results],
        ["bundle", str(files.folder)],
        ["merge", results, "--output", str(tmp_path / "all.json")],
    ):
        assert main(command) == 4, command
        said = capsys.readouterr()
        assert "exit_code is 0 (ready), its results lead to 1 (NOT READY)" in said.err
        assert "ready." not in said.out.lower()
    assert {each.name for each in files.folder.iterdir()} == {"results.json", "facts.json"}
