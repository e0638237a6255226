"""What a shell is offered on Tab, by the protocol that its completion speaks with argcomplete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import forked
from in_turn import in_turn
from sampling import sampled

from livemigration.commands.main import all_commands, main
from livemigration.commands.schema import SCHEMAS, schema_text
from livemigration.explain.describe import describe
from livemigration.lab.fleet import shipped_fleets
from livemigration.verdict.loader import checks_folder, load_checks

PROGRAM = Path(sys.executable).with_name("livemigration")
REGISTER = PROGRAM.with_name("register-python-argcomplete")
OLD, NEW = "2026-11-01T200000Z-prod", "2026-11-23T200000Z-prod"
BASH = shutil.which("bash")
SEPARATOR = "\013"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with two runs in its reports folder, and what else lies about."""
    for name in (OLD, NEW):
        folder = tmp_path / "reports" / name
        folder.mkdir(parents=True)
        (folder / "results.json").write_text("{}", encoding="utf-8")
    (tmp_path / "reports" / NEW / f"{NEW}.zip").touch()
    (tmp_path / "reports" / "latest.html").touch()
    (tmp_path / "reports" / "notes").mkdir()
    for name in ("my-fleet.yaml", "notes.txt", "other.zip"):
        (tmp_path / name).touch()
    return tmp_path


def offered(line: str, cwd: Path, **variables: str) -> list[str]:
    """Return what the program answers on descriptor 8 when Tab is pressed at the end of a line."""

    def act() -> int:
        os.dup2(1, 8)
        given = {"COMP_LINE": line, "COMP_POINT": str(len(line)), "_ARGCOMPLETE": "1"}
        os.environ.update({**given, "_ARGCOMPLETE_SUPPRESS_SPACE": "1", **variables})
        # As a shell starts it: only the variables say what was typed.
        return main([])

    code, said = forked(act, cwd)
    assert code == 0, said
    return said.split(SEPARATOR)


def test_commands_are_completed(site: Path) -> None:
    assert set(offered("livemigration ", site)) >= set(all_commands())
    assert offered("livemigration fi", site) == ["fix-script"]
    assert offered(".venv/bin/livemigration op", site) == ["open"]
    assert set(offered("livemigration lab ", site)) >= {"up", "apply", "fleets"}


@in_turn(
    "line, options",
    [
        ("livemigration --v", {"--version"}),
        ("livemigration view --f", {"--format"}),
        ("livemigration attach x.zip --o", {"--other-change"}),
        (
            "livemigration lab up --",
            {"--help", "--fleet", "--hosts", "--latency", "--faults", "--record", "--keytabs"},
        ),
    ],
)
def test_options_are_completed(line: str, options: set[str], site: Path) -> None:
    assert set(offered(line, site)) == options


@in_turn(
    "line, words",
    [
        ("livemigration view x --format ", {"sarif", "csv", "markdown"}),
        ("livemigration view x --format=s", {"--format=sarif"}),
        ("livemigration schema ", set(SCHEMAS)),
        ("livemigration lab fleets ", set(shipped_fleets())),
        ("livemigration lab up --fleet m", {"my-fleet.yaml"}),
        ("livemigration lab up --hosts ", {""}),
        ("livemigration attach x.zip --to s", {"servicenow:"}),
        ("livemigration attach x.zip --url ", {""}),
    ],
)
def test_words_that_an_argument_takes_are_completed(line: str, words: set[str], site: Path) -> None:
    assert {each for each in offered(line, site) if each[:1] != "-" or "=" in each} == words


def test_explain_is_offered_the_checks_that_are_known_here(site: Path) -> None:
    folder = checks_folder()
    assert folder is not None
    checks = [describe(each) for each in load_checks(folder)]
    of_two = {each.identifier for each in checks if each.identifier.startswith("LM2")}
    assert of_two
    assert set(offered("livemigration explain LM2", site)) == of_two
    in_zsh = offered("livemigration explain LM101", site, _ARGCOMPLETE_SHELL="zsh")
    assert in_zsh == ["LM101:Incoming live migration is enabled."]


def test_checks_that_cannot_be_loaded_are_no_noise_on_tab(site: Path) -> None:
    (site / "checks").mkdir()
    (site / "checks" / "test_broken.py").write_text("import livemigration.api, nowhere\n", "utf-8")
    assert offered("livemigration explain LM", site) == [""]


RUNS = ("open", "report", "view", "fix-script", "merge", "bundle", "verify", "attach")


@pytest.mark.parametrize("command", sampled([*RUNS, "lab apply"], every=4))
def test_the_runs_of_the_reports_folder_are_completed(command: str, site: Path) -> None:
    for begun in ("", "rep", "reports/"):
        found = set(offered(f"livemigration {command} {begun}", site))
        assert found >= {f"reports/{OLD}", f"reports/{NEW}"}
        assert "reports/latest.html" not in found
        assert "notes.txt" not in found


def test_a_bundle_is_completed_inside_a_run_and_elsewhere(site: Path) -> None:
    folder = f"reports/{NEW}"
    assert offered(f"livemigration verify {folder}/", site) == [f"{folder}/{NEW}.zip"]
    assert offered("livemigration verify o", site) == ["other.zip"]
    assert offered("livemigration verify ./o", site) == ["./other.zip"]


def test_a_line_that_no_shell_could_split_yet_is_completed(site: Path) -> None:
    assert offered('livemigration explain "LM101', site) == ["LM101"]


@pytest.mark.long
def test_powershell_is_answered_in_a_file(site: Path) -> None:
    answer = site / "answer"
    variables = {
        "COMP_LINE": "livemigration schema inv",
        "COMP_POINT": "24",
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_SHELL": "powershell",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
    }
    ended = subprocess.run(
        [PROGRAM], cwd=site, env={**os.environ, **variables}, capture_output=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")
    assert answer.read_text(encoding="utf-8").rstrip() == "inventory"


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_completes_with_what_the_page_says(site: Path) -> None:
    # What Tab does: the function that was registered for the program's name is called.
    script = f"""
        eval "$('{REGISTER}' livemigration)"
        registered=$(complete -p livemigration)
        called=${{registered##*-F }}
        COMP_LINE='livemigration open rep' COMP_POINT=22 COMP_TYPE=9
        "${{called%% *}}" '{PROGRAM}'
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    ended = subprocess.run(
        [str(BASH), "-c", script], cwd=site, capture_output=True, text=True, check=False
    )
    assert set(ended.stdout.split()) >= {f"reports/{OLD}", f"reports/{NEW}"}, ended.stderr


@in_turn("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_page_names_a_line_for_each_shell(shell: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "completion.md").read_text(encoding="utf-8")
    lines = [line.strip() for line in page.splitlines() if "register-python-argcomplete" in line]
    option = "" if shell in {"bash", "zsh"} else f"--shell {shell} "
    assert any(f"register-python-argcomplete {option}livemigration" in line for line in lines)
    words = ["--shell", shell, "livemigration"]
    ended = subprocess.run([REGISTER, *words], capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert "livemigration" in ended.stdout


def test_a_variable_of_another_completion_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_ARGCOMPLETE", "1")
    assert main(["schema", "waivers"]) == 0
    assert capsys.readouterr().out == schema_text("waivers")


@pytest.mark.long
def test_nobody_waits_for_argcomplete_who_does_not_complete() -> None:
    code = (
        "import sys\nfrom livemigration.commands.main import main\n"
        "assert main(['schema', 'waivers']) == 0\nassert main([]) == 0\n"
        "sys.exit('argcomplete' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
