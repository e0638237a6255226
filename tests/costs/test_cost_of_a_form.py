"""A new form of a run is one file and one line; a new command is one file."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path

import pytest
from trees import contents, copy_of, python, touched

# A copy of the suite is run, which takes longer than a quick test may.
pytestmark = pytest.mark.fleet

PARTS = ("livemigration", "checks", "inventories", "conftest.py", "pyproject.toml")
FORM = '''\
"""A run as plain lines, for a script."""

from __future__ import annotations

from pathlib import Path

from livemigration.run.run import Run


def export(run: Run, _folder: Path) -> str:
    """Return a line for each result."""
    rows = (f"{each.entry.check} {each.entry.target} {each.state.value}" for each in run.results)
    return "".join(f"{row}\\n" for row in rows)
'''
LINE = '        Format("lines", "plain lines", ".txt", "livemigration.report.lines:export"),\n'
COMMAND = '''\
"""`livemigration say-hello`: greets."""

from __future__ import annotations

import argparse
import sys

from livemigration.commands import Command


def _fill(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="who is greeted")


def _hello(chosen: argparse.Namespace) -> int:
    sys.stdout.write(f"Hello {chosen.name}.\\n")
    return 0


COMMAND = Command("greet somebody", _fill, _hello, examples=("livemigration say-hello Kim",))
'''
FORMATS, FORM_FILE = "livemigration/report/formats.py", "livemigration/report/lines.py"
COMMAND_FILE = "livemigration/commands/say_hello.py"
RUN = """
import pathlib, pytest
from livemigration.commands.main import main
from livemigration.plugin.root import OPTIONS
code = pytest.main(["-q", "-p", "no:cacheprovider", "-m", "livemigration", "-k", "enabled",
    "--inventory=lab:healthy", "--limit=hv01*", "--reports=../reports", "--lines=../run.txt"])
assert code == 0, code
(folder,) = (each for each in pathlib.Path("../reports").iterdir() if each.is_dir())
assert main(["view", str(folder), "--format", "lines", "--output", "../view.txt"]) == 0
pytest.main(["--help"])
main([])
assert "--lines" in OPTIONS
"""
CALL = """
from livemigration.commands.main import main
assert main(["say-hello", "Kim"]) == 0
main([])
main(["say-hello", "--help"])
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of(PARTS, tmp_path_factory.mktemp("costs") / "tree")


def test_a_form_of_a_run_is_one_file_and_one_line(tree: Path) -> None:
    before = contents(tree)
    (tree / FORM_FILE).write_text(FORM, encoding="utf-8")
    table = (tree / FORMATS).read_text(encoding="utf-8")
    head, end, tail = table.rpartition("    )\n}\n")
    (tree / FORMATS).write_text(f"{head}{LINE}{end}{tail}", encoding="utf-8")
    ended = python(tree, RUN)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert touched(before, tree) == {FORM_FILE, FORMATS}
    changed = unified_diff(
        table.splitlines(), (tree / FORMATS).read_text(encoding="utf-8").splitlines(), n=0
    )
    assert [each for each in changed if each[:1] in "+-" and each[:3] not in {"+++", "---"}] == [
        f"+{LINE.rstrip()}"
    ]
    written = (tree.parent / "run.txt").read_text(encoding="utf-8")
    assert "LM101 hv01.contoso.com pass\n" in written
    assert (tree.parent / "view.txt").read_text(encoding="utf-8") == written
    assert (
        "--lines=FILE          also write the results to this file as plain lines" in ended.stdout
    )
    assert "print the results of a run as SARIF, CSV, Markdown or plain lines" in ended.stdout


def test_a_command_is_one_file(tree: Path) -> None:
    before = contents(tree)
    (tree / COMMAND_FILE).write_text(COMMAND, encoding="utf-8")
    ended = python(tree, CALL)
    assert ended.returncode == 0, ended.stderr
    assert touched(before, tree) == {COMMAND_FILE}
    said = ended.stdout.splitlines()
    assert said[0] == "Hello Kim."
    headings = [at for at, line in enumerate(said) if line == "More:"]
    assert said[headings[0] + 1].split(maxsplit=1) == ["say-hello", "greet somebody"]
    assert "usage: livemigration say-hello [-h] name" in said


def test_no_other_command_is_imported_for_the_one_that_is_called(tree: Path) -> None:
    code = (
        "import sys\nfrom livemigration.commands.main import main\n"
        "assert main(['schema', 'waivers']) == 0\n"
        "print(*(n for n in sys.modules if n.startswith('livemigration.commands.')))"
    )
    loaded = python(tree, code).stdout.splitlines()[-1].split()
    others = {each.removeprefix("livemigration.commands.") for each in loaded}
    assert others & {"explain", "lab", "open", "report"} == set()
