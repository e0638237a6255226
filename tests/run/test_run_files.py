"""The files of a run: found from its folder or any of them, and held against each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fact_builders import run_facts
from whole_run import whole_run

from livemigration.base.errors import UsageError
from livemigration.run import results_file
from livemigration.run.files import RunFiles
from livemigration.run.run import Run
from livemigration.run.stored import load, load_beside_journal


def run() -> Run:
    return whole_run(run_facts())[0]


@pytest.mark.parametrize("change", ["", "CHG0012345"])
@pytest.mark.parametrize("kind", ["results", "report", "journal", "facts"])
def test_a_run_is_found_from_each_of_its_files(tmp_path: Path, change: str, kind: str) -> None:
    files = RunFiles(tmp_path, change)
    path: Path = getattr(files, kind)
    assert RunFiles.of(path) == files
    assert path.name.startswith(f"{change}-" if change else kind)


@pytest.mark.parametrize("kind", ["results", "journal"])
def test_a_run_is_found_from_its_folder_where_there_is_one(tmp_path: Path, kind: str) -> None:
    with pytest.raises(UsageError, match="not the folder of a run"):
        RunFiles.of(tmp_path)
    files = RunFiles(tmp_path, "CHG1")
    getattr(files, kind).write_text("", encoding="utf-8")
    (tmp_path / "results.json.d").mkdir()
    assert RunFiles.of(tmp_path) == files
    getattr(RunFiles(tmp_path, "CHG2"), kind).write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds results\.json"):
        RunFiles.of(tmp_path)


def test_the_journal_tells_the_run_before_its_results_do(tmp_path: Path) -> None:
    files = RunFiles(tmp_path, "CHG1")
    files.journal.write_text("", encoding="utf-8")
    RunFiles(tmp_path, "CHG2").results.write_text("", encoding="utf-8")
    assert RunFiles.of(tmp_path) == files


def test_script_and_bundle_have_the_name_of_the_folder(tmp_path: Path) -> None:
    files = RunFiles(tmp_path / "run-7", "CHG1")
    assert files.fix_script == tmp_path / "run-7" / "run-7.fix.ps1"
    assert files.bundle == tmp_path / "run-7" / "run-7.zip"
    assert files.facts == tmp_path / "run-7" / "CHG1-facts.json"
    assert files.tests == tmp_path / "run-7" / "CHG1-tests.html"


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results_file.save(path, run())
    assert load(path) == results_file.load(path) == run()
    assert path.read_text(encoding="utf-8") == results_file.text_of(run())
    # A line for each value: two of them can be held against each other.
    assert results_file.text_of(run()).startswith('{\n"schema":2,\n"suite_version":')
    marked = path.read_text(encoding="utf-8")
    path.write_text(marked, encoding="utf-8-sig")
    assert load(path) == run()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"{\n  x", "line 2: not JSON"),
        (b"{}", "not the results.json of a run of this release: "),
        (b"[" * 100_000, "not the results.json of a run of this release: "),
    ],
)
def test_what_is_no_results_file_is_refused_by_its_name(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(content)
    with pytest.raises(UsageError) as refused:
        load(path)
    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)
    assert len(str(refused.value)) < len(str(path)) + 300


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        load(tmp_path / "results.json")
    assert "No such file" in str(refused.value)


def changed(path: Path, **fields: Any) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, **fields}), encoding="utf-8")


def test_results_that_contradict_themselves_are_refused_with_what_is_wrong(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    results_file.save(files.results, run())
    changed(files.results, not_examined=[])
    for reader in (load, lambda path: load_beside_journal(RunFiles.of(path))):
        with pytest.raises(UsageError) as refused:
            reader(files.results)
        assert str(refused.value).startswith(f"{files.results}: not_examined is not")
        assert str(refused.value).endswith("Run again.")


def test_a_run_without_its_journal_is_read_by_its_results(tmp_path: Path) -> None:
    files = RunFiles(tmp_path)
    results_file.save(files.results, run())
    assert load_beside_journal(files) == run()
    files.journal.write_text("half a li", encoding="utf-8")
    assert load_beside_journal(files) == run()


def test_of_a_long_reason_the_beginning_is_told(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    results_file.save(path, run())
    document = json.loads(path.read_text(encoding="utf-8"))
    document["demands"]["site"]["x" * 300] = 1
    changed(path, demands=document["demands"])
    with pytest.raises(UsageError) as refused:
        load(path)
    _, _, why = str(refused.value).partition("of this release: ")
    assert why.startswith("demands.site.x")
    assert len(why) == 201
