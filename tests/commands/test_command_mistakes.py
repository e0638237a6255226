"""Commands as a tired person mistypes them: what is wrong, what would be right, exit code 4."""

from __future__ import annotations

import io
import re
import sys
from argparse import Namespace
from contextlib import redirect_stderr
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from properties import examples

from livemigration.commands import Commands
from livemigration.commands.kept import keep_records
from livemigration.commands.main import all_commands, main
from livemigration.run.exit_code import ExitCode

NAMES = list(all_commands())
# What a path of a command may be given as; `{}` is the path.
READING = {
    "report": "report {}",
    "view": "view {} --format csv",
    "fix-script": "fix-script {}",
    "merge": "merge {} --output new.json",
    "bundle": "bundle {}",
    "bundle --sign": "bundle run --sign {}",
    "verify": "verify {}",
    "verify --key": "verify run.zip --key {}",
    "attach": "attach {} --to file:empty",
    "redact": "redact {} new.json",
    "init --wheel": "init new --wheel {}",
    "lab apply": "lab apply {} --fleet healthy --output new.yaml",
    "lab apply --fleet": "lab apply run --fleet {}.yaml --output new.yaml",
    "lab up": "lab up --fleet {}.yaml",
    "open": "open {}",
}
WRITING = {
    "collector": "collector {}",
    "view": "view run --format csv --output {}",
    "checks": "checks --docs {}",
    "redact": "redact facts.json {}",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for folder in ("run", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "run" / "journal.jsonl").touch()
    (tmp_path / "run.zip").touch()
    (tmp_path / "facts.json").write_text('{"schema": 1, "hosts": {}}', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return what is said to words that a command refuses."""
    try:
        code = main(words)
    except SystemExit as ended:
        code = int(ended.code or 0)
    told = capsys.readouterr()
    assert code == ExitCode.USAGE, told
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err


def filled(line: str, path: str) -> list[str]:
    return [word.replace("{}", path) for word in line.split()]


def contents(folder: Path) -> set[str]:
    return {str(each.relative_to(folder)) for each in folder.rglob("*")}


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize("path", ["gone", "gone/results.json", "no/such/folder"])
def test_what_is_not_there_is_said_with_what_would_be_right(
    command: str, path: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = contents(here)
    told = refused(filled(READING[command], path), capsys)
    assert re.search(r"is not there[.,].* Name (a|an|one|the) ", told), told
    assert "No such file" not in told
    assert contents(here) == before


@pytest.mark.parametrize("command", [each for each in READING if "{}." not in READING[each]])
def test_an_empty_path_is_not_the_folder_that_somebody_is_in(
    command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "an empty path was given. Name " in refused(filled(READING[command], ""), capsys)


@pytest.mark.parametrize(
    "command", [each for each in READING if each not in {"open", "lab up", "lab apply --fleet"}]
)
def test_a_folder_that_is_none_of_a_run_is_said_to_be_one(
    command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(filled(READING[command], "empty"), capsys)
    assert re.search(r"empty(: not the folder of a run\.| is a folder\.) Name ", told), told
    assert "Is a directory" not in told


@pytest.mark.parametrize("command", ["report", "view", "merge", "bundle", "fix-script", "verify"])
def test_the_folder_of_all_runs_is_told_from_that_of_one(
    command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("2026-11-01T200000Z-a", "2026-11-02T200000Z-a"):
        (here / "reports" / name).mkdir(parents=True)
        (here / "reports" / name / "results.json").touch()
    told = refused(filled(READING[command], "reports"), capsys)
    assert "reports holds runs, and is none itself." in told
    assert "the newest is reports/2026-11-02T200000Z-a." in told


@pytest.mark.parametrize(
    ("line", "command"),
    [("view run --format csv", "report"), ("merge run --output a.json", "report"),
     ("fix-script run", "report"), ("lab apply run --fleet healthy --output a.yaml", "report"),
     ("verify run", "bundle"), ("attach run --to file:empty", "bundle")],
)  # fmt: skip
def test_what_a_run_does_not_hold_yet_is_said_with_the_command_that_writes_it(
    line: str, command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(line.split(), capsys)
    assert told.endswith(f"To write it: livemigration {command} run\n")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("merge run.json other.json --output new.json --html ./other.json", "it is what is read"),
        ("merge run.json other.json --output run/results.json", "it is the record of a run"),
        ("view run --format csv --output run/results.json", "it is the record of a run"),
        ("bundle run --output run/journal.jsonl", "it is the record of a run"),
        ("fix-script run --output run/facts.json.gz", "it is the record of a run"),
        ("drain hv01 --facts facts.json --powershell facts.json", "it is what is read"),
        ("drain hv01 --facts facts.json --svg run/results.json", "it is the record of a run"),
        ("matrix run.json --svg run.json", "it is what is read"),
    ],
)
def test_no_output_replaces_what_is_read_or_what_a_run_recorded(
    line: str, why: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("run.json", "other.json", "run/results.json", "run/facts.json.gz"):
        (here / name).write_text("{}", encoding="utf-8")
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    told = refused(line.split(), capsys)
    assert f": {why}. Name another file with --" in told
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before


def test_an_output_of_an_earlier_time_is_written_again(here: Path) -> None:
    for name in ("all-results.json", "facts.json"):
        keep_records(Namespace(results=["run.json"], output=name))


@pytest.mark.parametrize("line", ["explain LM102", "checks", "drain hv01"])
def test_a_closed_output_is_no_verdict_and_no_internal_error(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    assert main(line.split()) == ExitCode.USAGE
    assert told.getvalue().startswith("livemigration: standard output is closed.")
    monkeypatch.setattr(sys, "stderr", None)
    assert main(line.split()) == ExitCode.USAGE


def test_a_file_that_is_nearly_so_called_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(["redact", "fatcs.json", "new.json"], capsys)
    assert "fatcs.json is not there. Did you mean facts.json? Name " in told
    # Only the kind is alike.
    assert "Did you mean" not in refused(["redact", "hv03.json", "new.json"], capsys)


@pytest.mark.parametrize("command", [each for each in WRITING if each not in {"checks", "view"}])
def test_a_file_in_a_folder_that_is_not_there_names_the_folder(
    command: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(filled(WRITING[command], "no/such/file"), capsys)
    assert "no/such/file: there is no folder no/such. Make it, or name another file." in told
    assert "No such file" not in told


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "explian LM102",
            "there is no command explian. Did you mean explain? There are: disco",
        ),
        ("EXPLAIN LM102", "Did you mean explain?"),
        ("fix_script run", "Did you mean fix-script?"),
        ("lab ip", "there is no action ip. There are: up, apply, fleets."),
        ("lab fleet", "Did you mean fleets?"),
        ("lab fleets helthy", "no such fleet. Did you mean healthy?"),
        ("lab up --flet healthy", "there is no option --flet. Did you mean --fleet?"),
        ("lab up --hosts three", "three is no whole number. Write one, such as 8."),
        ("view run --fromat csv", "there is no option --fromat. Did you mean --format?"),
        ("view run --fromat=csv", "there is no option --fromat. Did you mean --format?"),
        ("view run --format cvs", "there is no form cvs. Did you mean csv? There are: sarif, "),
        ("schema inventry", "there is no schema inventry. Did you mean inventory?"),
        ("checks LM102", "livemigration checks: error: there is no place for LM102."),
        ("checks -j", "livemigration checks: error: there is no option -j."),
        ("--inventory prod.yaml", "The checks run with: pytest -m livemigration --inventory FILE"),
        ("--verison", "Did you mean --version?"),
        ("report", "required: RUN\nFor example: livemigration report reports/FOLDER"),
    ],
)
def test_a_mistype_names_what_was_meant(
    line: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = refused(line.split(), capsys)
    assert words in told
    assert len(told) < 700


def test_a_mistyped_command_of_a_command_says_how_it_is_called(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, command in all_commands().items():
        actions = command.actions if isinstance(command, Commands) else {}
        for action in actions:
            told = refused([name, f"{action}x"], capsys)
            assert f"For example: {command.examples[0]}" in told


LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz")


@examples(150)
@given(st.sampled_from([each for each in NAMES if len(each) > 4]), st.data())
def test_one_wrong_letter_in_a_command_is_forgiven(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(LETTERS)
    typed = data.draw(
        st.sampled_from(
            [
                name[:at] + name[at + 1 :],
                name[:at] + letter + name[at:],
                name[:at] + letter + name[at + 1 :],
                name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
            ]
        )
    )
    assume(typed not in NAMES and not typed.startswith("-"))
    with redirect_stderr(io.StringIO()) as said, pytest.raises(SystemExit) as ended:
        main([typed])
    assert ended.value.code == ExitCode.USAGE
    assert f"Did you mean {name}?" in said.getvalue()
