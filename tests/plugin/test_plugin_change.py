"""--change: every artefact, and its file name, says for which change a run is evidence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plugin_runs import Ended, run_here

WINDOW = "2026-11-24T22:00+01:00/2026-11-25T02:00+01:00"
CHANGE = ("--change=CHG0012345", "--operator=Kim <kim@example>", f"--window={WINDOW}")


@pytest.fixture(scope="module")
def ended(healthy: tuple[Ended, Path], tmp_path_factory: pytest.TempPathFactory) -> Ended:
    reports = tmp_path_factory.mktemp("change")
    return run_here(reports, "--inventory=lab:healthy", f"--facts={healthy[1]}", *CHANGE)


def test_every_file_of_a_change_carries_its_number(ended: Ended) -> None:
    assert ended.code == 0, ended.output
    assert ended.folder.name.endswith("-lab-healthy-CHG0012345")
    names = {each.name for each in ended.folder.iterdir()}
    assert {"CHG0012345-report.html", "CHG0012345-results.json"} <= names
    assert all("CHG0012345" in name for name in names)
    for each in ended.folder.iterdir():
        assert "CHG0012345" in each.read_bytes().decode("utf-8", "replace"), each.name


def test_results_name_the_change_its_operator_and_its_window(ended: Ended) -> None:
    text = (ended.folder / "CHG0012345-results.json").read_text(encoding="utf-8")
    document = json.loads(text)
    assert document["change"] == {
        "identifier": "CHG0012345",
        "operator": "Kim <kim@example>",
        "window": {"start": "2026-11-24T21:00:00Z", "end": "2026-11-25T01:00:00Z"},
    }
    assert len(document["demands"]["digest"]) == 64


def test_the_report_and_the_terminal_name_the_change(ended: Ended) -> None:
    said = "Change CHG0012345 for the window 2026-11-24 21:00:00 UTC to 2026-11-25 01:00:00 UTC"
    assert f"{said}, run by Kim <kim@example>." in ended.output
    page = (ended.folder / "CHG0012345-report.html").read_text(encoding="utf-8")
    assert f"{said}, run by Kim &lt;kim@example&gt;" in page
    assert "<dt>Window</dt>" in page


def test_the_operator_is_the_account_where_nobody_is_named(
    tmp_path: Path, healthy_replay: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "CONTOSO\\kim")
    assert "run by CONTOSO\\kim." in run_here(tmp_path, *healthy_replay, "--change=OPS-1").output

    def nobody() -> str:
        raise OSError("no account")

    monkeypatch.setattr("getpass.getuser", nobody)
    ended = run_here(tmp_path / "none", *healthy_replay, "--change=OPS-1")
    assert ended.code == 4
    assert "Say who runs this with --operator" in ended.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--change=CHG 1",), "is no change's number"),
        (("--change=CHG1", "--window=tonight"), "--window 'tonight': it is not two times"),
        (("--change=CHG1", "--operator="), "--operator is no name"),
        (("--operator=Kim",), "--operator belongs to a change"),
        ((f"--window={WINDOW}",), "--window belongs to a change"),
    ],
)
def test_a_change_that_cannot_be_written_down_is_a_usage_error(
    tmp_path: Path, healthy_replay: tuple[str, str], options: tuple[str, ...], words: str
) -> None:
    ended = run_here(tmp_path, *healthy_replay, *options)
    assert ended.code == 4, ended.output
    assert words in ended.output
    assert not list(tmp_path.iterdir())


def test_every_other_form_of_the_results_names_change_operator_and_window(
    tmp_path: Path, healthy_replay: tuple[str, str]
) -> None:
    forms = {
        each: tmp_path / f"results.{each}" for each in ("csv", "markdown", "sarif", "junitxml")
    }
    options = [f"--{name}={path}" for name, path in forms.items()]
    ended = run_here(tmp_path / "reports", *healthy_replay, *CHANGE, *options)
    assert ended.code == 0, ended.output
    for name, path in forms.items():
        text = path.read_text(encoding="utf-8")
        assert "CHG0012345" in text, name
        assert "Kim " in text, name
        assert "2026-11-24T21:00:00Z" in text or "2026-11-24 21:00:00 UTC" in text, name
