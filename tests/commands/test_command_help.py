"""`--help` of every command: a sentence, lines that its parser accepts, and codes that are true."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from in_process import run_pytest
from in_turn import in_turn
from run_builders import made_entry, made_result, made_run, with_what_was_not_examined

from livemigration.commands import Command, Commands, Group
from livemigration.commands import main as module
from livemigration.commands.exits import CLOSED_PIPE, EVERY, VERDICT, whole
from livemigration.commands.main import all_commands, main, whole_parser
from livemigration.run import results_file
from livemigration.run.consistency import led_to
from livemigration.run.exit_code import ExitCode
from livemigration.run.merge.model import Besides
from livemigration.run.result import Blocker, State
from livemigration.verdict.findings import Finding, Level

ROOT = Path(__file__).parents[2]
WIDTH = 80


def each_command() -> Iterator[tuple[str, Command | Commands]]:
    for name, command in all_commands().items():
        yield name, command
        if isinstance(command, Commands):
            yield from ((f"{name} {action}", each) for action, each in command.actions.items())


COMMANDS = dict(each_command())


def help_of(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_one_sentence_examples_and_exit_codes(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = COMMANDS[name]
    said = help_of(name, capsys, monkeypatch)
    sentence = said[said.index("") + 1]
    assert re.fullmatch(r"[A-Z][^.]*[^. ]\.", sentence), sentence
    assert sentence.casefold() == f"{command.help}.".casefold()
    examples = said.index("example:" if len(command.examples) == 1 else "examples:")
    shown = said[examples + 1 : examples + 1 + len(command.examples)]
    assert [line.strip() for line in shown] == list(command.examples)
    codes = said[said.index("exit codes:") + 1 :]
    assert [line[:7] for line in codes] == [f"  {code:<4} " for code in whole(command.exits)]
    assert [line for line in said if len(line) > WIDTH] == []


@in_turn("name", COMMANDS)
def test_examples_are_lines_that_its_parser_accepts(name: str) -> None:
    assert COMMANDS[name].examples
    for example in COMMANDS[name].examples:
        program, *words = shlex.split(example)
        assert program == "livemigration"
        chosen, extra = whole_parser(words).parse_known_args(words)
        assert not extra
        assert example.startswith(f"livemigration {name}")
        assert callable(chosen.run)


def test_the_whole_list_is_short_and_has_a_line_for_each_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == ExitCode.READY
    said = capsys.readouterr().out.splitlines()
    assert len(said) <= 55
    assert [line for line in said if len(line) > WIDTH] == []
    for name, command in all_commands().items():
        (line,) = (each for each in said if each.startswith(f"  {name} "))
        assert line.split(maxsplit=1)[1] == command.help
        assert f"{command.group.value}:" in said
    headings = [line.removesuffix(":") for line in said if line.endswith(":")]
    assert [each for each in headings if each in {group.value for group in Group}] == [
        group.value
        for group in Group
        if any(command.group is group for command in all_commands().values())
    ]


def test_the_section_of_pytests_help_that_it_names_is_there(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main([])
    named = re.search(r'pytest --help, under "([^"]+)"', capsys.readouterr().out)
    assert named is not None
    _, said = run_pytest("--help", cwd=ROOT)
    section = said[said.index(f"\n{named[1]}:\n") :]
    assert "--inventory" in section[: section.index("\n\n", 5)]


def test_the_codes_of_a_run_are_all_told_and_are_those_of_the_handbook() -> None:
    assert set(VERDICT) == set(ExitCode)
    page = (ROOT / "docs" / "reference" / "exit-codes.md").read_text(encoding="utf-8")
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == set(VERDICT)


def run_that_ends(code: ExitCode) -> dict[str, object]:
    """Return what differs in a run that ends so."""
    changes: dict[ExitCode, dict[str, object]] = {
        ExitCode.INTERRUPTED: {"interrupted": True},
        ExitCode.USAGE: {"besides": Besides(pytest_code=4)},
        ExitCode.ARTEFACT_NOT_WRITTEN: {
            "besides": Besides(artefact_missing=True),
            "problems": ("latest.html could not be written.",),
        },
    }
    return changes.get(code, {})


def written(folder: Path, code: ExitCode) -> Path:
    """Write a results.json whose run ended with this code; return its path."""
    states = {
        ExitCode.NOT_READY: (State.FAIL, Level.FAIL),
        ExitCode.INTERNAL_ERROR: (State.INTERNAL_ERROR, Level.OK),
        ExitCode.NOTHING_TO_CHECK: (State.NOT_APPLICABLE, Level.OK),
        ExitCode.NO_VERDICT: (State.BLOCKED, Level.OK),
    }
    state, level = states.get(code, (State.PASS, Level.OK))
    result = made_result(made_entry("LM101", "hv01"), state, Finding(level, "It is so."))
    if state is State.BLOCKED:
        result = replace(result, blocked_by=Blocker("LM302", "It did not answer.", "Look."))
    run = with_what_was_not_examined(made_run([result], **run_that_ends(code)))
    run = replace(run, exit_code=led_to(run))
    assert run.exit_code is code
    path = folder / "results.json"
    results_file.save(path, run)
    return path


@pytest.mark.parametrize("code", ExitCode)
@pytest.mark.parametrize("command", ["report", "merge"])
def test_a_command_that_shows_a_run_ends_as_the_run_did(
    command: str, code: ExitCode, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, code)
    to = tmp_path / ("to" if command == "report" else "all.json")
    assert main([command, str(path), "--output", str(to)]) == code
    assert to.exists()
    capsys.readouterr()


# Of commands that end with a code of their own, lines that end so; `None`: where else it is held.
ENDS: dict[tuple[str, int], list[str] | None] = {
    ("discover", 0): None,  # tests/discovery/test_discovered_in_labs.py
    ("discover", 1): None,  # as above
    ("discover", 5): None,  # tests/discovery/test_discover_command.py
    ("discover", 10): None,  # tests/discovery/test_discovered_in_labs.py
    ("doctor", 0): ["doctor", "--inventory", "lab:healthy"],
    ("doctor", 1): None,  # tests/doctor/test_doctor_fleet.py
    ("drain", 0): None,  # test_drain_command.py
    ("drain", 1): None,  # test_drain_command.py
    ("drain", 10): None,  # test_drain_command.py
    ("window", 0): None,  # test_drain_command.py
    ("window", 1): None,  # test_drain_command.py
    ("window", 10): None,  # test_drain_command.py
    ("open", 0): None,  # test_command_open.py
    ("view", 0): ["view", "run", "--format", "csv"],
    ("fix-script", 0): ["fix-script", "run"],
    ("matrix", 0): None,  # test_matrix_command.py
    ("bundle", 0): None,  # tests/plugin/test_plugin_bundle.py
    ("verify", 0): None,  # tests/bundle/test_bundle_forgeries.py
    ("verify", 1): ["verify", "damaged.zip"],
    ("verify", 10): None,  # tests/plugin/test_plugin_bundle.py
    ("attach", 0): None,  # tests/bundle/attach/test_attach.py
    ("attach", 4): ["attach", "damaged.zip", "--to", "file:empty"],
    ("attach", 11): None,  # tests/bundle/attach/test_attach.py
    ("explain", 0): ["explain", "10061"],
    ("explain", 4): ["explain", "0x80338999"],
    ("checks", 0): ["checks", "--json"],
    ("collector", 0): ["collector", "new.ps1"],
    ("redact", 0): ["redact", "facts.json", "new.json"],
    ("init", 0): None,  # tests/site/test_site_init.py
    ("schema", 0): ["schema", "waivers"],
    ("lab up", 0): None,  # test_lab_command.py
    ("lab up", 2): None,  # as of every command: below
    ("lab apply", 0): None,  # tests/plugin/test_plugin_lab.py
    ("lab fleets", 0): ["lab", "fleets", "healthy"],
}


def test_every_code_of_a_command_is_held_somewhere() -> None:
    told = {
        (name, int(code))
        for name, command in COMMANDS.items()
        if isinstance(command, Command) and command.exits is not VERDICT
        for code in command.exits
    }
    assert told == {(name, int(code)) for name, code in ENDS}


@pytest.mark.parametrize(
    ("name", "code"), [key for key, words in ENDS.items() if words is not None]
)
def test_a_code_that_help_tells_is_true(
    name: str,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("run", "empty"):
        Path(folder).mkdir()
    written(Path("run"), ExitCode.NOT_READY)
    Path("damaged.zip").write_bytes(b"PK")
    Path("facts.json").write_text('{"schema": 1, "hosts": {}}', encoding="utf-8")
    words = ENDS[name, code]
    assert words is not None
    assert main(words) == code
    capsys.readouterr()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_ends_a_misspelt_option_as_usage(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--hepl"])
    assert ended.value.code == ExitCode.USAGE
    said = capsys.readouterr().err
    assert f"livemigration {name}: error: there is no option --hepl. Did you mean --help?" in said


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "livemigration: interrupted."),
        (ZeroDivisionError("x"), ExitCode.INTERNAL_ERROR, "internal error: report it"),
        (OSError(28, "No space left on device"), ExitCode.USAGE, "cannot be written: No space"),
        (PermissionError(13, "Denied", "a.json"), ExitCode.USAGE, "a.json: Denied."),
        (BrokenPipeError(), CLOSED_PIPE, ""),
    ],
)
def test_whatever_happens_to_a_command_no_verdict_is_claimed(
    raised: BaseException,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(_: argparse.Namespace) -> int:
        raise raised

    broken = Command("break", lambda _: None, run, examples=("livemigration checks",))
    monkeypatch.setattr(module, "all_commands", lambda: {"checks": broken})
    monkeypatch.setattr(module, "_command", lambda _: broken)
    with contextlib.redirect_stdout(io.StringIO()):
        assert main(["checks"]) == code
    assert words in capsys.readouterr().err
    assert code in EVERY


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is not on this system")
@pytest.mark.long
@pytest.mark.parametrize("words", [["explain"], [], ["schema", "inventory"]])
def test_what_nobody_could_read_is_never_green(words: list[str]) -> None:
    command = [str(Path(sys.executable).with_name("livemigration")), *words]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert ended.returncode == ExitCode.USAGE
    assert ended.stderr == (
        b"livemigration: what was to be printed cannot be written: No space left on device.\n"
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == CLOSED_PIPE
