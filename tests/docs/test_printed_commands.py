"""Every command of README.md, CONTRIBUTING.md and the handbook is run, or at least parsed."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import whole
from commands_table import COMMANDS, STANDING_FOR, Parsed, of_checks, of_jq
from in_process import run_pytest
from in_turn import in_turn
from powershell_gates import later_than_version_3, syntax_errors
from printed_commands import (
    NO_COMMANDS,
    POWERSHELL,
    ROOT,
    SHELL,
    Block,
    blocks,
    commands,
    of_powershell,
    plain,
    pytest_parser,
    spans,
    steps,
)
from reference_blocks import command_parser

from livemigration.commands.parsing import refuse_unknown
from livemigration.verdict.check import AREAS

MARKERS = {"livemigration", *AREAS.values()}
# What is not this project's: bash, the tests that run it, or the tasks hold it.
OTHERS = {"cp", "export", "read", "eval", "source", "openssl", "mkdocs", "pre-commit", "py"}
OTHERS |= {"jq", "register-python-argcomplete", ".ci/run", ".ci/mutate"}
OF_TESTS = {"browser", "peer", "fleet", "handbook", "kerberos", "long"}


def own() -> dict[str, list[str]]:
    """Return what is printed and follows from no check, with its pages."""
    return {each: pages for each, pages in commands().items() if each not in of_checks()}


def every_command() -> list[str]:
    quoted = [each for each in spans() if each not in own()]
    return [*COMMANDS, *of_jq(), *of_checks(), *quoted, *of_powershell()]


def shells() -> list[Block]:
    return [each for each in blocks() if each.language in SHELL]


def powershells() -> list[Block]:
    return [each for each in blocks() if each.language == POWERSHELL]


def test_every_command_that_is_printed_is_in_the_table_and_no_other() -> None:
    printed = own()
    known = {*COMMANDS, *of_jq()}
    assert {each: printed[each] for each in sorted(printed.keys() - known)} == {}
    assert known - printed.keys() == set()
    assert of_checks().keys() <= commands().keys()


def test_a_block_is_of_a_language_that_some_test_reads() -> None:
    known = SHELL | NO_COMMANDS | {POWERSHELL}
    strange = {(each.page, each.language) for each in blocks() if each.language not in known}
    assert strange == set()


def test_what_cannot_be_run_here_says_why() -> None:
    for command, how in COMMANDS.items():
        if isinstance(how, Parsed):
            assert len(how.why.split()) > 3, command
            for path in re.findall(r"(?:tests|\.ci)/[\w/.]+", how.why):
                assert (ROOT / path).exists(), path


@in_turn("command", every_command)
def test_a_command_is_one_that_its_program_takes(command: str) -> None:
    take_all(command)


def take_all(command: str) -> None:
    for words in steps(command):
        take(words)


def take(words: list[str]) -> None:
    """Hold the words of one program against its own parser.

    Raises:
        AssertionError: it would not take them.
    """
    program, *given = words
    if program == "livemigration":
        take_livemigration(given)
    elif program == "pytest":
        take_pytest(given)
    elif program == "nox":
        names = [given[number + 1] for number, each in enumerate(given) if each == "-s"]
        tasks = (ROOT / "noxfile.py").read_text(encoding="utf-8")
        assert all(f"def {name}(session" in tasks for name in names)
    elif program == "bench/run":
        whole.arguments(given)
    elif program in {"python", "python3"}:
        assert given[:2] == ["-m", "venv"] or (ROOT / given[0]).is_file()
    elif program == "pip":
        (extras,) = re.findall(r"\.\[(.+)\]", " ".join(given)) or [""]
        project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        assert all(f"\n{each} = [\n" in project for each in extras.split(",") if each)
    elif program == "pwsh":
        assert all((ROOT / each).is_file() for each in given if "/" in each)
    else:
        assert program in OTHERS, f"say here how {program} is held against its parser"


def take_livemigration(given: list[str]) -> None:
    text = " ".join(given)
    if text in names_of_commands():
        return
    for name, value in STANDING_FOR.items():
        if name in text:
            given = text.replace(name, value).split()
    parser = command_parser()
    try:
        refuse_unknown(parser, given)
        assert parser.parse_known_args(given)[1] == []
    except SystemExit as ended:
        assert ended.code == 0, f"livemigration does not take: {text}"  # noqa: PT017 # the parser's


def names_of_commands() -> set[str]:
    """The names of the commands and of their actions: a sentence may name one alone."""
    parsers = command_parser().nested
    actions = {f"{name} {each}" for name, own in parsers.items() for each in own.nested}
    return {*parsers, *actions}


def take_pytest(given: list[str]) -> None:
    if given == ["--help"]:
        return
    known, unknown = pytest_parser().parse_known_and_unknown_args(given)
    assert unknown == []
    assert set(re.findall(r"\w+", known.markexpr or "")) <= MARKERS | OF_TESTS | {
        "and",
        "or",
        "not",
    }
    for path in known.file_or_dir:
        own = path.startswith("tests/test_site_")
        assert own or (ROOT / path.partition("::")[0]).exists()


@in_turn(
    "command",
    [
        "livemigration explian 0x8007274D",
        "livemigration verify",
        "livemigration bundle reports/FOLDER --signed signing.pem",
        "pytest -m livemigration --inventry inventories/prod.yaml",
        'pytest -m "livemigration and setings"',
        "pytest -m livemigration checks/test_gone.py::test_gone",
        "nox -s handbok",
        "pip install -e '.[doc]'",
        "python tests/docs/gone.py > docs/gone.md",
        "winrm quickconfig",
    ],
)
def test_a_command_that_its_program_does_not_take_is_found(command: str) -> None:
    if command == "livemigration verify":
        # As a name in a sentence it is right.
        assert command.partition(" ")[2] in names_of_commands()
        command += " --key signing.pub"
    with pytest.raises(AssertionError):
        take_all(command)


def test_a_command_line_is_split_as_the_shell_does() -> None:
    assert steps("a 'b && c' && .venv/bin/d -e=\"f > g\" > h; i") == [
        ["a", "b && c"],
        ["d", "-e=f > g"],
        ["i"],
    ]
    assert plain("  .venv/bin/pytest   -m x ") == "pytest -m x"


@in_turn("block", shells)
def test_a_block_of_the_shell_is_bash(block: Block) -> None:
    ended = subprocess.run(
        [shutil.which("bash") or "bash", "-n"],
        input=block.text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr == ""


@in_turn("block", powershells)
def test_a_block_of_powershell_is_of_version_3(block: Block) -> None:
    assert syntax_errors(block.text) == []
    assert later_than_version_3(block.text) == []


def test_there_are_blocks_of_both_kinds() -> None:
    assert len(shells()) > 50
    assert len(powershells()) > 20


@pytest.mark.fleet
@pytest.mark.timeout(900)
@in_turn("command", of_checks)
def test_the_command_of_a_check_or_its_area_selects_something(command: str) -> None:
    # A host's name stands in it as NAME, where one has to be given.
    (words,) = steps(command.replace("NAME", "hv01.contoso.com"))
    code, said = run_pytest(*words[1:], "--collect-only", "-q", cwd=ROOT)
    assert code == 0, said
    assert "::" in said
