"""`livemigration collector` and `livemigration redact`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from livemigration.collector.script import script_text
from livemigration.commands.main import main
from livemigration.run.exit_code import ExitCode


def test_the_collector_is_written_as_ascii_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["collector"]) == ExitCode.READY
    assert (tmp_path / "collect.ps1").read_text(encoding="ascii") == script_text()
    assert "Wrote collect.ps1." in capsys.readouterr().out
    assert main(["collector", "--redact", "other.ps1"]) == ExitCode.READY
    text = (tmp_path / "other.ps1").read_text(encoding="ascii")
    assert text == script_text(redacted=True)


def test_a_file_that_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "collect.ps1"
    path.write_text("mine", encoding="utf-8")
    assert main(["collector", str(path)]) == ExitCode.USAGE
    assert path.read_text(encoding="utf-8") == "mine"
    assert "is there already: name a new file" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["collector", str(tmp_path / "no" / "collect.ps1")]) == ExitCode.USAGE
    assert str(tmp_path / "no") in capsys.readouterr().err


def test_a_facts_file_is_redacted_into_a_new_file(tmp_path: Path) -> None:
    source, made = tmp_path / "in.json", tmp_path / "out.json"
    document = {"redacted": False, "hosts": [{"name": "hv01.contoso.com"}]}
    source.write_text(json.dumps(document), encoding="utf-8-sig")
    assert main(["redact", str(source), str(made)]) == ExitCode.READY
    redacted = json.loads(made.read_text(encoding="utf-8"))
    assert redacted["redacted"] is True
    assert "contoso" not in json.dumps(redacted)
    assert json.loads(source.read_text(encoding="utf-8-sig")) == document


@pytest.mark.parametrize("text", ["", "[]", "{}", "no json", "[" * 100_000])
def test_what_is_no_facts_file_is_refused(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, made = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(text, encoding="utf-8")
    assert main(["redact", str(source), str(made)]) == ExitCode.USAGE
    assert f"{source}: not a facts file" in capsys.readouterr().err
    assert not made.exists()
