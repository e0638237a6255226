"""Files of a run are whole or not there."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from plugin_runs import run_here, site

from livemigration.base.files import write_text
from livemigration.plugin.artefacts import RunFolder

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LEFT = {"facts.json", "journal.jsonl", "results.json"}
REPORTED = {*LEFT, "report.html"}
CHECK = """
from livemigration.api import check, ok


@check("LM199")
def test_site(host):
    '''The site is right.'''
    yield ok(host.name)
"""
# Breaks pytest-html's page while it is written, as a full disk does.
HALF = """
from pytest_html.basereport import BaseReport

def half(self, page):
    self._report_path.write_text(page[:500], encoding="utf-8")
    raise {error}

BaseReport._write_report = half
"""


@pytest.fixture
def whole_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put pytest-html back as it was."""
    from pytest_html.basereport import BaseReport

    monkeypatch.setattr(BaseReport, "_write_report", BaseReport._write_report)


@pytest.mark.usefixtures("whole_pages")
@pytest.mark.parametrize(
    ("error", "code"),
    [("OSError(28, 'No space left on device')", 11), ("RuntimeError('a defect')", 11)],
)
def test_half_a_page_of_pytest_is_never_published_and_takes_no_report_along(
    tmp_path: Path, healthy_replay: tuple[str, str], error: str, code: int
) -> None:
    reports = tmp_path / "reports"
    folder = site(tmp_path / "site", test_own=CHECK)
    with (folder / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(HALF.format(error=error))
    ended = run_here(reports, *healthy_replay, cwd=folder)
    assert ended.code == code, ended.output
    assert {each.name for each in ended.folder.iterdir()} == REPORTED
    assert "tests.html could not be written" in ended.output
    assert "tests.html" not in (ended.folder / "report.html").read_text(encoding="utf-8")
    assert ended.results["exit_code"] == code


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), RuntimeError("a defect")]
)
def test_a_report_that_cannot_be_written_leaves_the_previous_one(
    tmp_path: Path,
    healthy_replay: tuple[str, str],
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def write_text(*_: object) -> None:
        raise error

    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "latest.html").write_text("the previous report", encoding="utf-8")
    monkeypatch.setattr("livemigration.report.html.files.write_text", write_text)
    ended = run_here(reports, *healthy_replay)
    assert ended.code == 11, ended.output
    assert (reports / "latest.html").read_text(encoding="utf-8") == "the previous report"
    assert {each.name for each in ended.folder.iterdir()} == {*LEFT, "tests.html"}
    assert "No report was written." in ended.output


@pytest.mark.usefixtures("whole_pages")
def test_ctrl_c_while_the_report_is_written_leaves_the_previous_one(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    (reports / "latest.html").write_text("the previous report", encoding="utf-8")
    folder = site(tmp_path / "site", test_own=CHECK)
    with (folder / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(HALF.format(error="KeyboardInterrupt"))
    with pytest.raises(KeyboardInterrupt):
        run_here(reports, *healthy_replay, cwd=folder)
    assert (reports / "latest.html").read_text(encoding="utf-8") == "the previous report"
    (left,) = (each for each in reports.iterdir() if each.is_dir())
    assert {each.name for each in left.iterdir()} == LEFT


def test_the_report_also_goes_where_html_asks_for_it(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    asked = tmp_path / "elsewhere" / "mine.html"
    ended = run_here(tmp_path / "reports", *healthy_replay, f"--html={asked}")
    assert ended.code == 0, ended.output
    # The same but for the files that stand beside it.
    page = asked.read_text(encoding="utf-8")
    own = (ended.folder / "report.html").read_text(encoding="utf-8")
    beside = re.compile(r"<div><dt>Files beside this page.*?</div>\n?")
    assert page == beside.sub("", own)
    assert own != page
    leads = (ended.reports / "latest.html").read_text(encoding="utf-8")
    assert f'href="{ended.folder.name}/report.html"' in leads
    assert f"Report: {asked}" in ended.output


def test_a_second_run_replaces_the_latest_report_only(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    run_here(tmp_path, *healthy_replay, "-m", "vmm")
    (first,) = tmp_path.glob("*/report.html")
    before = first.read_bytes()
    run_here(tmp_path, *healthy_replay, "-m", "settings")
    (second,) = set(tmp_path.glob("*/report.html")) - {first}
    assert first.read_bytes() == before
    leads = (tmp_path / "latest.html").read_text(encoding="utf-8")
    assert f'href="{second.parent.name}/report.html"' in leads


def _folder(reports: Path, label: str) -> Path:
    return RunFolder(reports, label, STARTED).files.folder


def test_runs_that_start_in_the_same_second_have_folders_of_their_own(tmp_path: Path) -> None:
    names = [_folder(tmp_path, "inventories/prod.yaml").name for _ in range(3)]
    first = "2026-01-02T030405Z-prod"
    assert names == [first, f"{first}-2", f"{first}-3"]


@pytest.mark.parametrize(
    ("label", "stem"), [("lab-healthy", "lab-healthy"), ("../..", "run"), ("a b\u202e.yaml", "a-b")]
)
def test_a_folder_is_named_after_the_inventory_in_harmless_characters(
    tmp_path: Path, label: str, stem: str
) -> None:
    assert _folder(tmp_path, label) == tmp_path / f"2026-01-02T030405Z-{stem}"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_file_that_cannot_be_finished_leaves_the_old_one_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    path = tmp_path / "results.json"
    write_text(path, "old")

    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr("livemigration.base.files.os.fsync", fail)
    with pytest.raises(type(error)):
        write_text(path, "new")
    assert [each.name for each in tmp_path.iterdir()] == ["results.json"]
    assert path.read_text(encoding="utf-8") == "old"
