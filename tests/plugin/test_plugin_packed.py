"""A large run leaves its facts and its journal compressed; they are read wherever others are."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
from plugin_runs import Ended, run_here

from livemigration.base import packed
from livemigration.collector import facts_file
from livemigration.commands.main import main
from livemigration.run import journal
from livemigration.run.exit_code import ExitCode
from livemigration.run.files import RunFiles

FILES = {"results.json", "report.html", "tests.html", "facts.json.gz", "journal.jsonl.gz"}


@pytest.fixture
def large(
    tmp_path: Path, healthy: tuple[Ended, Path], monkeypatch: pytest.MonkeyPatch
) -> tuple[Ended, Path]:
    """Return a replay whose files count as large, and the facts that were replayed."""
    monkeypatch.setattr(packed, "LARGE", 10_000)
    facts = tmp_path / "saved.json.gz"
    facts.write_bytes(gzip.compress(healthy[1].read_bytes()))
    ended = run_here(tmp_path / "reports", "--inventory=lab:healthy", f"--facts={facts}", "-q")
    assert ended.code == 0, ended.output
    return ended, facts


def test_large_facts_and_journals_are_compressed_named_so_and_read_wherever_others_are(
    tmp_path: Path,
    healthy: tuple[Ended, Path],
    large: tuple[Ended, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended, _ = large
    folder = ended.folder
    assert {each.name for each in folder.iterdir()} == FILES
    assert ended.states() == healthy[0].states()
    files = RunFiles.of(folder)
    assert files.facts == folder / "facts.json.gz"
    assert files == RunFiles.of(files.facts) == RunFiles.of(files.journal)
    assert 'href="facts.json.gz"' in files.report.read_text(encoding="utf-8")
    document = json.loads(gzip.decompress(files.facts.read_bytes()))
    assert document["hosts"] == json.loads(healthy[1].read_text(encoding="utf-8"))["hosts"]
    for named in (folder, files.journal, files.facts):
        assert main(["report", str(named), f"--output={tmp_path / 'again'}"]) == 0, named
    assert main(["bundle", str(folder)]) == 0
    assert main(["verify", str(folder)]) in {ExitCode.READY, ExitCode.NO_VERDICT}
    redacted = tmp_path / "redacted.json.gz"
    assert main(["redact", str(files.facts), str(redacted)]) == 0
    assert facts_file.load(redacted).hosts.keys() != facts_file.load(files.facts).hosts.keys()
    capsys.readouterr()
    # Its settings are compared as well, which only its facts tell.
    later = run_here(
        tmp_path / "later",
        "--inventory=lab:healthy",
        f"--facts={files.facts}",
        f"--baseline={folder}",
    )
    assert later.code == 0, later.output
    assert "facts.json" not in str(later.results["drift"]["remarks"])


def test_facts_are_saved_as_their_name_says_and_small_ones_of_a_run_stay_plain(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    saved = tmp_path / "saved.json.gz"
    ended = run_here(tmp_path / "reports", *healthy_replay, f"--save-facts={saved}", "-q")
    assert ended.code == 0, ended.output
    plain = ended.folder / "facts.json"
    assert gzip.decompress(saved.read_bytes()) == plain.read_bytes()
    assert (ended.folder / "journal.jsonl").is_file()


def test_compressed_files_that_were_cut_are_told_as_far_as_they_go_or_refused_by_name(
    tmp_path: Path, large: tuple[Ended, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    ended, facts = large
    whole = ended.folder / "journal.jsonl.gz"
    told, cut = journal.read(whole), tmp_path / "cut" / "journal.jsonl.gz"
    cut.parent.mkdir()
    shutil.copy(ended.folder / "facts.json.gz", cut.parent)
    data = whole.read_bytes()
    cut.write_bytes(data[: len(data) * 9 // 10])
    rest = journal.read(cut)
    assert rest.beginning == told.beginning
    assert rest.ending is None
    assert 0 < len(rest.results) < len(told.results)
    assert rest.results == told.results[: len(rest.results)]
    assert main(["report", str(cut.parent)]) == ExitCode.INTERRUPTED
    capsys.readouterr()
    cut.write_bytes(data[:200])
    assert main(["report", str(cut)]) == ExitCode.USAGE
    assert "the journal was cut in its first line, by a full disk or a" in capsys.readouterr().err
    facts.write_bytes(facts.read_bytes()[:-9])
    refused = run_here(tmp_path / "refused", "--inventory=lab:healthy", f"--facts={facts}")
    assert refused.code == ExitCode.USAGE
    assert f"{facts}: it ends before its last byte: the disk was full, or the" in refused.output
    assert "gather again with --save-facts." in refused.output


def test_a_run_whose_journal_is_compressed_and_cut_is_gone_on_with(
    tmp_path: Path, healthy: tuple[Ended, Path]
) -> None:
    folder = tmp_path / "earlier"
    shutil.copytree(healthy[0].folder, folder)
    plain = folder / "journal.jsonl"
    lines = plain.read_bytes().splitlines(keepends=True)
    known = next(at for at, line in enumerate(lines) if b'"kind":"result"' in line)
    (folder / "journal.jsonl.gz").write_bytes(gzip.compress(b"".join(lines[:known]))[:-20])
    for each in (plain, folder / "results.json"):
        each.unlink()
    told = journal.read(folder / "journal.jsonl.gz")
    asked = run_here(tmp_path / "reports", "--inventory=lab:healthy", f"--resume={folder}", "-q")
    assert asked.code == 0, asked.output
    assert asked.results["resumed"] is not None
    # Of the machines that the journal tells, nothing was gathered again.
    facts = facts_file.load(asked.folder / "facts.json")
    one, sheet = next(iter(told.facts.hosts.items()))
    assert sheet.outcomes
    assert {
        name: each for name, each in facts.hosts[one].outcomes.items() if name in sheet.outcomes
    } == sheet.outcomes
