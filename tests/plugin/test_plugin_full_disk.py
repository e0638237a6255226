"""A disk that is full: what is on it and what the process says agree, or there is nothing on it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugin_runs import Ended, run_forked, run_here

from livemigration.base.errors import UsageError
from livemigration.commands.main import main
from livemigration.run import journal, results_file

LIMITED = """
import resource

resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""


def sizes(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())


def agrees(ended: Ended) -> bool:
    """Whether the run left an exit code; each that it left must be that of the process."""
    (folder,) = (each for each in ended.reports.iterdir() if each.is_dir())
    left = False
    for results in folder.glob("*results.json"):
        assert results_file.load(results).exit_code == ended.code, ended.output
        left = True
    for name in folder.glob("*journal.jsonl"):
        try:
            ending = journal.read(name).ending
        except UsageError:
            continue
        if ending is not None and left:
            assert ending.exit_code == ended.code, ended.output
    return left


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder to mount a small disk at."""
    folder = tmp_path / "disk"
    folder.mkdir()
    yield folder
    if (umount := shutil.which("umount")) is not None:
        subprocess.run([umount, folder], check=False, capture_output=True)


@pytest.mark.parametrize("part", [0.1, 0.4, 0.6, 0.8, 0.9, 0.96])
def test_a_full_disk_never_keeps_another_exit_code_than_the_process_ends_with(
    disk: Path, healthy: tuple[Ended, Path], part: float
) -> None:
    mount = shutil.which("mount")
    if mount is None or sys.platform != "linux":
        pytest.skip("there is no mount here")
    size = int(sizes(healthy[0].reports) * part)
    ended = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size}", "none", disk], check=False, capture_output=True
    )
    if ended.returncode:
        pytest.skip("this account may not mount a disk")
    reports = disk / "reports"
    whole = run_here(reports, "--inventory=lab:healthy", f"--facts={healthy[1]}", "--bundle", "-q")
    assert whole.code == 11, whole.output
    assert "could not be written" in whole.output
    if reports.is_dir():
        agrees(whole)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file's size")
@pytest.mark.parametrize("size", [2_000, 30_000, 80_000])
def test_files_that_may_not_grow_leave_no_other_exit_code_than_the_process_ends_with(
    tmp_path: Path, healthy_replay: tuple[str, str], size: int
) -> None:
    before = LIMITED.format(size=size)
    ended = run_forked(tmp_path / "reports", *healthy_replay, before=before)
    assert ended.code == 11, ended.output
    agrees(ended)


def test_a_journal_that_was_cut_in_its_first_line_is_not_called_empty(
    tmp_path: Path, healthy: tuple[Ended, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    first = (healthy[0].folder / "journal.jsonl").read_bytes().split(b"\n")[0]
    path = tmp_path / "journal.jsonl"
    path.write_bytes(first[:200])
    assert main(["report", str(path)]) == 4
    said = capsys.readouterr().err
    assert f"{path}: the journal was cut in its first line, by a full disk or a killed" in said
    assert "Run again." in said
    path.write_bytes(b"")
    assert main(["report", str(path)]) == 4
    assert "the journal is empty: the run ended before it began." in capsys.readouterr().err
