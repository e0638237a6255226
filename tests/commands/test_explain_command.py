"""`livemigration explain` and `livemigration checks`, as they are typed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import run_pytest

from livemigration.commands.described import described
from livemigration.commands.main import main
from livemigration.explain.catalogue import CATALOGUE
from livemigration.explain.describe import describe, levels_of
from livemigration.explain.wording import labelled
from livemigration.run.exit_code import ExitCode
from livemigration.verdict.findings import Level
from livemigration.verdict.loader import checks_folder, load_checks

REPOSITORY = Path(__file__).parents[2]
A_CHECK = '''\
from site_words import EXPECTED

from livemigration.api import MIGRATION_SETTINGS, check, ok, warn


@check("LM190", needs=(MIGRATION_SETTINGS,))
def test_site(host):
    """The site's own | rule \u00fc holds.

    Why: because
    of it.

    Warns: where it does not.

    Does not apply: nowhere.
    """
    yield from _helper(host)


def _helper(host):
    say = ok if host else warn
    yield say("x", EXPECTED)
'''


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of checks of a site, as the current directory."""
    folder = tmp_path / "checks"
    folder.mkdir()
    (folder / "site_words.py").write_text("EXPECTED = 'y'\n", encoding="utf-8")
    (folder / "test_site.py").write_text(A_CHECK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(arguments)
    return code, " ".join(capsys.readouterr().out.split())


def test_a_check_says_what_why_from_what_and_how_to_run_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, text = said(capsys, "explain", "lm102")
    assert code == ExitCode.READY
    for part in (
        "LM102 (area settings, one result for each host)",
        "Incoming migrations are accepted where this VMM release will stage them.",
        "Why: VMM 2012 SP1 stages on the address",
        "Msvm_VirtualSystemMigrationNetworkSettingData in root/virtualization/v2, seen from the",
        "the VMM release: PowerShell on the VMM server, seen from the VMM server (on some paths)",
        "https://learn.microsoft.com/troubleshoot/system-center/vmm/shared-nothing",
        "checks/test_migration_settings.py::test_network_selection_suits_vmm",
        'pytest -m "livemigration and settings"',
        "WSAECONNREFUSED",
    ):
        assert part in text


def test_a_check_that_must_be_asked_for_names_its_option(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, text = said(capsys, "explain", "LM306")
    assert "--stage-vm NAME" in text
    assert "Part of a run only with --stage-vm." in text


@pytest.mark.parametrize(
    "spelling", ["0x8007274D", "Ox8007274D", "-2147014835", "10061", "error 10061", "(0x8007274d)"]
)
def test_a_code_is_explained_with_its_checks(
    spelling: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(capsys, "explain", spelling)
    assert code == ExitCode.READY
    assert "10061, 0x8007274D, -2147014835, WSAECONNREFUSED" in text
    assert "Alone it is not the VMM bug." in text
    assert "LM102 Incoming migrations are accepted" in text


def test_a_check_that_is_not_there_is_not_offered_to_run(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(capsys, "explain", "0x8009030E")
    assert code == ExitCode.READY
    assert "LM104, LM401, LM504: not among the checks of this folder" in text
    assert "Run first" not in text


def test_several_words_are_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "explain", "Error", "(2912)", "at", "10.0.0.11:6600")
    assert code == ExitCode.READY
    assert text.startswith("VMM 2912 (VMM job error)")
    assert text.count("Means:") == 1


def test_several_codes_are_each_explained(capsys: pytest.CaptureFixture[str]) -> None:
    _, text = said(capsys, "explain", "10060", "Event 20414", "2912", "LM101")
    places = [text.index(each) for each in ("WSAETIMEDOUT", "Event 20414", "VMM 2912", "LM101 (")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "data",
    [
        b"Fehler (12710), 0x80338104",
        "Fehler (12710), 0x80338104".encode("utf-8-sig"),
        "Fehler (12710), 0x80338104".encode("utf-16"),
        b"Fehler \xfc\xff (12710) \x1b[2J 0x80338104",
    ],
)
def test_standard_input_is_read_in_the_encodings_of_windows(
    data: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    code, text = said(capsys, "explain", "-")
    assert code == ExitCode.READY
    assert "0x80338104" in text
    assert "\x1b" not in text


def test_standard_input_has_a_bound(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * 1_000_001)))
    assert main(["explain", "-"]) == ExitCode.USAGE
    assert "Paste the part with the error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("0x80338999", ("facility 51 (WinRM (WS-Management)), code 35225", "winrm helpmsg")),
        ("0x80071234", ("Win32 error it is number 4660", "net helpmsg 4660")),
        ("0x8FFF0001", ("not one that this suite knows", "certutil -error 0x8FFF0001")),
        ("28180", ("net helpmsg 28180", "As an event", "As a VMM job error")),
        ("Event 28180", ("As an event",)),
        ("ReturnValue 40000", ("Hyper-V-VMMS-Admin",)),
    ],
)
def test_an_unknown_code_is_decoded_as_far_as_it_can_be(
    code: str, parts: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    result, text = said(capsys, "explain", code)
    assert result == ExitCode.USAGE
    assert "not in this catalogue" in text
    for part in parts:
        assert part in text


def test_a_known_code_beside_an_unknown_one_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    code, text = said(capsys, "explain", "0x8007274D and 0x80338999")
    assert code == ExitCode.READY
    assert "not in this catalogue" in text


@pytest.mark.parametrize(
    ("argument", "part"),
    [("hv01 is down", "no code was found"), ("LM999", "there is no check LM999. There are: LM001")],
)
def test_what_cannot_be_explained_is_a_usage_error(
    argument: str, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", argument]) == ExitCode.USAGE
    assert part in capsys.readouterr().err


def test_without_an_argument_every_check_and_every_code_has_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["explain"]) == ExitCode.READY
    lines = capsys.readouterr().out.splitlines()
    folder = checks_folder()
    assert folder is not None
    for each in load_checks(folder):
        assert sum(line.startswith(f"{each.check.identifier}  ") for line in lines) == 1
    for entry in CATALOGUE:
        assert lines.count(f"{entry.title}: {entry.meaning}") == 1
    headings = [line for line in lines if line.endswith(":")]
    assert headings[:2] == ["Checks:", "Win32 error:"]
    # Nothing else but empty lines, and how to go on.
    told = len(load_checks(folder)) + len(CATALOGUE) + len(headings)
    assert len([line for line in lines if line]) == told + 1
    assert lines[-1] == "One of them in full: livemigration explain LM102"


def test_without_any_checks_the_codes_are_listed_and_the_trouble_is_said(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "checks" / "test_broken.py").write_text("import nowhere_at_all\n", encoding="utf-8")
    assert main(["explain"]) == ExitCode.READY
    said = capsys.readouterr()
    assert said.out.startswith("Win32 error:\n")
    assert "test_broken.py cannot be imported" in said.err


@pytest.mark.parametrize("spelling", ["LM101", "lm101", "lm-101", "LM_101", "LM 101"])
def test_a_check_is_found_however_it_is_typed(
    spelling: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, text = said(capsys, "explain", spelling)
    assert code == ExitCode.READY
    assert text.startswith("LM101 (area settings")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("LM1O1", ""), ("LM10", "LM10"), ("LM1001", "LM1"), ("WSAECONREFUSED", "WSAECONNREFUSED")],
)
def test_what_was_probably_meant_is_named(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", typed]) == ExitCode.USAGE
    told = capsys.readouterr().err
    assert (f"Did you mean {meant}" in told) is bool(meant)
    assert "Give a code" in told or "There are: LM001" in told


def test_the_list_has_one_line_for_each_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checks"]) == ExitCode.READY
    lines = capsys.readouterr().out.splitlines()
    folder = checks_folder()
    assert folder is not None
    assert [line[:5] for line in lines] == [each.check.identifier for each in load_checks(folder)]
    (line,) = (line for line in lines if line.startswith("LM101"))
    assert line.startswith(
        "LM101  settings      Incoming live migration is enabled. "
        "Fails: live migration is disabled. Reads: "
    )
    # What is wrong where it fails stands beside the sentence that then does not hold.
    told = [any(labelled(text)[0] == "Fails" for text in each.paragraphs) for each in described()]
    assert [" Fails: " in line for line in lines] == told
    assert any(told)


def test_the_list_as_json_holds_what_a_pipeline_needs(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["checks", "--json"]) == ExitCode.READY
    (row,) = json.loads(capsys.readouterr().out)["checks"]
    assert row["identifier"] == "LM190"
    assert row["area"] == "settings"
    assert row["paragraphs"] == [
        "Why: because of it.",
        "Warns: where it does not.",
        "Does not apply: nowhere.",
    ]
    assert row["results"] == ["pass", "warning (green, but listed)"]
    assert row["reads"][0]["name"] == "migration-settings"
    assert row["run"] == "pytest -m livemigration checks/test_site.py::test_site"


def test_pages_are_written_and_those_of_checks_that_are_gone_removed(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = site / "docs" / "checks"
    folder.mkdir(parents=True)
    for name in ("LM777.md", "notes.md"):
        (folder / name).write_text("old", encoding="utf-8")
    assert main(["checks", "--docs", str(folder)]) == ExitCode.READY
    assert {path.name for path in folder.iterdir()} == {"index.md", "LM190.md", "notes.md"}
    page = (folder / "LM190.md").read_text(encoding="utf-8")
    assert "**Warns:** where it does not.\n\n**Does not apply:** nowhere.\n" in page
    assert "The site's own \\| rule" in (folder / "index.md").read_text(encoding="utf-8")
    assert "Wrote 2 pages" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_is_named(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "file").write_text("", encoding="utf-8")
    assert main(["checks", "--docs", "file"]) == ExitCode.USAGE
    assert "file is a file. Name a folder." in capsys.readouterr().err


def test_a_broken_check_is_named_and_codes_are_explained_all_the_same(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "checks" / "test_broken.py").write_text("import nowhere_at_all\n", encoding="utf-8")
    assert main(["checks"]) == ExitCode.USAGE
    assert main(["explain", "LM190"]) == ExitCode.USAGE
    assert "test_broken.py cannot be imported" in capsys.readouterr().err
    assert main(["explain", "10061"]) == ExitCode.READY
    assert "test_broken.py cannot be imported" in capsys.readouterr().err


def test_two_checks_of_one_identifier_are_refused(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "checks" / "test_twin.py").write_text(A_CHECK, encoding="utf-8")
    assert main(["checks"]) == ExitCode.USAGE
    assert "two checks are called LM190" in capsys.readouterr().err


def test_a_folder_of_checks_of_somebody_else_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "test_other.py").write_text("raise SystemExit\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert checks_folder() == REPOSITORY / "checks"


def test_without_any_folder_a_code_is_explained_and_the_folder_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("livemigration.__file__", str(tmp_path / "livemigration" / "__init__.py"))
    assert main(["explain", "10061"]) == ExitCode.READY
    assert "There is no folder of checks here" in capsys.readouterr().err
    assert main(["checks"]) == ExitCode.USAGE


def test_what_a_terminal_cannot_show_is_escaped(site: Path) -> None:
    command = [sys.executable, "-X", "utf8=0", "-c"]
    script = "import sys; from livemigration.commands.main import main; sys.exit(main(['checks']))"
    done = subprocess.run(
        [*command, script],
        cwd=site,
        env={"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert rb"rule \xfc holds" in done.stdout


def test_the_results_of_a_check_are_those_of_its_code() -> None:
    folder = checks_folder()
    assert folder is not None
    levels = {each.check.identifier: levels_of(each.check.function) for each in load_checks(folder)}
    assert levels["LM101"] == {Level.OK, Level.FAIL, Level.NOT_APPLICABLE}
    assert levels["LM102"] == set(Level)
    # What a class in the check's own file makes counts as well.
    assert levels["LM605"] == set(Level)
    # And so does what it hands on to a frame that several checks have.
    assert levels["LM502"] == set(Level)


def test_a_command_that_is_printed_selects_that_check(tmp_path: Path) -> None:
    folder = checks_folder()
    assert folder is not None
    (loaded,) = (each for each in load_checks(folder) if each.check.identifier == "LM102")
    words = describe(loaded).run.split()
    assert words.pop(0) == "pytest"
    _, said = run_pytest(*words, "--co", "-q", f"--reports={tmp_path}", cwd=REPOSITORY)
    found = [line for line in said.splitlines() if "::" in line]
    assert found, said
    assert {line.split("::")[1].split("[")[0] for line in found} == {
        "test_network_selection_suits_vmm",
        "test_vmm_answers_and_its_release_is_known",
    }
