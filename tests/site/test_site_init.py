"""`livemigration init`: a site's own repository, and what an upgrade adds to it."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from wheels import wheel

from livemigration import __version__
from livemigration.base.files import write_text
from livemigration.commands.main import main
from livemigration.inventory import inventory
from livemigration.run.exit_code import ExitCode
from livemigration.site import writing
from livemigration.verdict.loader import checks_folder, load_checks

REPOSITORY = Path(__file__).parents[2]
CLONE = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
MODULES = sorted(path.name for path in (REPOSITORY / "checks").glob("test_*.py"))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's repository, as it was written."""
    folder = tmp_path / "site"
    assert main(["init", str(folder), *given(tmp_path)]) == ExitCode.READY
    return folder


def given(folder: Path) -> tuple[str, str]:
    """Return the option that names a wheel, which is written beside the site."""
    return "--wheel", str(wheel(folder.parent / f"{folder.name}-dist"))


def project(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))


def texts(folder: Path) -> dict[str, str]:
    binary = {".whl", ".pyc"}
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    files = [each for each in files if each.suffix not in binary]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_a_sites_pytest_settings_are_the_clones_without_the_demo(site: Path) -> None:
    own, clone = project(site)["tool"]["pytest"], dict(CLONE["tool"]["pytest"])
    assert clone.pop("livemigration_inventory") == "inventories/lab.yaml"
    assert own == clone


def test_a_site_loads_the_plugin_as_the_clone_does(site: Path) -> None:
    written = (site / "conftest.py").read_text(encoding="utf-8")
    assert written == (REPOSITORY / "conftest.py").read_text(encoding="utf-8")


def pinned(folder: Path) -> str:
    """Return the wheel that a site pins, by the one line that is no remark."""
    text = (folder / "requirements.txt").read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if not line.startswith("#"))
    found = re.fullmatch(r"file:wheels/([^#]+)#sha256=([0-9a-f]{64})", line)
    assert found is not None, line
    data = (folder / "wheels" / found[1]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == found[2]
    return found[1]


def test_a_site_installs_the_wheel_it_carries_and_no_package_of_an_index(site: Path) -> None:
    assert pinned(site) == f"livemigration-{__version__}-py3-none-any.whl"
    assert "project" not in project(site)


@pytest.mark.long
def test_pip_takes_the_pinned_file_and_refuses_another_in_its_place(site: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps", "--no-index"]
    command += ["--ignore-installed", "-r", "requirements.txt"]

    def pip() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=site, capture_output=True, text=True, check=False, timeout=50
        )

    assert f"Would install livemigration-{__version__}" in pip().stdout
    path = site / "wheels" / pinned(site)
    path.write_bytes(path.read_bytes() + b"x")
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in pip().stderr


def test_an_upgrade_pins_the_new_wheel_and_leaves_other_lines(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requirements = site / "requirements.txt"
    text = requirements.read_text(encoding="utf-8").replace(__version__, "0.0.1")
    requirements.write_text(f"{text}pytest-csv\n", encoding="utf-8")
    (site / "wheels" / f"livemigration-{__version__}-py3-none-any.whl").rename(
        site / "wheels" / "livemigration-0.0.1-py3-none-any.whl"
    )
    (site / "wheels" / "ours.whl").write_bytes(b"")
    assert main(["init", "--update", str(site), *given(tmp_path)]) == ExitCode.READY
    assert "Pinned in requirements.txt: livemigration-" in capsys.readouterr().out
    assert sorted(path.name for path in (site / "wheels").iterdir()) == [
        f"livemigration-{__version__}-py3-none-any.whl",
        "ours.whl",
    ]
    text = requirements.read_text(encoding="utf-8")
    assert "pytest-csv\n" in text
    requirements.write_text(text.replace("pytest-csv\n", ""), encoding="utf-8")
    assert pinned(site)


@pytest.mark.parametrize("kind", ["missing", "other", "version", "broken", "renamed", "none"])
def test_what_is_no_wheel_of_this_suite_is_refused_and_nothing_is_written(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, words = tmp_path / "gone.whl", "is not there"
    if kind == "other":
        path, words = wheel(tmp_path, name="livemigrations"), "this is no wheel of livemigration."
    elif kind == "version":
        path, words = wheel(tmp_path, "9.9.9"), f"this is version 9.9.9, and {__version__} runs."
    elif kind == "broken":
        path, words = tmp_path / "livemigration-0.1.0-py3-none-any.whl", "this is no wheel of"
        path.write_bytes(b"PK")
    elif kind == "renamed":
        path, words = wheel(tmp_path).rename(tmp_path / "suite.whl"), "this is no wheel of"
    arguments = [] if kind == "none" else ["--wheel", str(path)]
    # From a clone, as here, the suite was installed from no wheel.
    words = "Name it with --wheel FILE." if kind == "none" else words
    assert main(["init", str(tmp_path / "site"), *arguments]) == ExitCode.USAGE
    assert words in capsys.readouterr().err
    assert not (tmp_path / "site").exists()


def test_no_document_tells_to_install_a_name_that_a_stranger_could_register() -> None:
    pages = [REPOSITORY / "README.md", *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob(".ci/*")]
    # What tasks leave in folders there is no document.
    pages = [page for page in pages if page.is_file()]
    pages += REPOSITORY.glob("livemigration/**/*.py")
    bare = re.compile(r"\bpip (?:install|wheel|download)\b[^&;\n]*[ ']livemigration(?![\w./-])")
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert not bare.search(text.replace(".venv/bin/pytest -m livemigration", "")), page


def test_a_sites_template_is_the_suites_and_can_be_used(site: Path) -> None:
    template = site / "inventories" / "example.yaml"
    shipped = (REPOSITORY / "inventories" / "example.yaml").read_text(encoding="utf-8")
    assert shipped.endswith(template.read_text(encoding="utf-8"))
    # A path that only a clone has.
    assert "$schema" not in template.read_text(encoding="utf-8")
    assert inventory.load("inventories/example.yaml", site).hosts


def test_each_module_of_a_site_is_one_line_that_hands_on_the_suites(site: Path) -> None:
    written = {path.name: path.read_text(encoding="utf-8") for path in (site / "checks").iterdir()}
    assert sorted(written) == MODULES
    for name, text in written.items():
        assert text.startswith(f"from livemigration.checks.{name.removesuffix('.py')} import *  ")
        assert text.count("\n") == 1


def test_the_checks_of_a_site_are_the_clones_at_the_same_places(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site)
    assert checks_folder() == site / "checks"
    own = {each.check.identifier: each.place for each in load_checks(site / "checks")}
    clone = {each.check.identifier: each.place for each in load_checks(REPOSITORY / "checks")}
    assert own == clone


@pytest.mark.parametrize("there", [(), (".git",), (".git", ".venv")], ids=str)
def test_a_new_repository_may_have_its_history_and_its_environment(
    there: tuple[str, ...], tmp_path: Path
) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    assert main(["init", str(tmp_path), *given(tmp_path)]) == ExitCode.READY
    assert (tmp_path / "conftest.py").is_file()


def test_a_folder_that_is_not_empty_is_refused_and_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    assert main(["init", str(tmp_path), *given(tmp_path)]) == ExitCode.USAGE
    assert "is not empty: notes.txt." in capsys.readouterr().err
    assert texts(tmp_path) == {"notes.txt": "mine"}


def test_a_folder_that_cannot_be_made_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["init", str(tmp_path / "file" / "site"), *given(tmp_path)]) == ExitCode.USAGE
    assert "Name a folder that you can write to." in capsys.readouterr().err


@pytest.mark.parametrize("written", [0, 3, 8])
@pytest.mark.parametrize("there", [True, False], ids=["a folder that is there", "a new folder"])
def test_a_repository_is_written_whole_or_not_at_all(
    written: int, *, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter(range(written))

    def full_disk(path: Path, text: str) -> None:
        if next(left, None) is None:
            raise OSError(28, "No space left on device")
        write_text(path, text)

    monkeypatch.setattr(writing, "write_text", full_disk)
    folder = tmp_path / "site"
    if there:
        (folder / ".git").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    assert main(["init", str(folder), *given(tmp_path)]) == ExitCode.USAGE
    assert sorted(tmp_path.rglob("*")) == before


def test_an_update_adds_what_is_missing_and_leaves_what_is_the_sites(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = texts(site)
    own = {"checks/test_site.py": "# mine\n", "checks/test_vmm_ports.py": "# changed\n"}
    own["checks/test_vmm_ports.py"] += whole["checks/test_vmm_ports.py"]
    for name, text in own.items():
        (site / name).write_text(text, encoding="utf-8")
    (site / "checks" / "test_firewall.py").unlink()
    assert main(["init", "--update", str(site)]) == ExitCode.READY
    assert "Added to checks: test_firewall.py." in capsys.readouterr().out
    assert texts(site) == {**whole, **own}
    assert main(["init", "--update", str(site)]) == ExitCode.READY
    assert "Nothing to add" in capsys.readouterr().out
    assert texts(site) == {**whole, **own}


def test_an_update_removes_only_modules_that_hand_on_what_is_gone(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = (site / "checks" / "test_firewall.py").read_text(encoding="utf-8")
    old = line.replace("test_firewall", "test_of_an_older_suite")
    # As git leaves it on Windows.
    (site / "checks" / "test_of_an_older_suite.py").write_text(old.replace("\n", "\r\n"))
    (site / "checks" / "test_with_more.py").write_text(f"{old}# mine\n", encoding="utf-8")
    assert main(["init", "--update", str(site)]) == ExitCode.READY
    assert "test_of_an_older_suite.py" in capsys.readouterr().out
    assert not (site / "checks" / "test_of_an_older_suite.py").exists()
    assert (site / "checks" / "test_with_more.py").is_file()


def test_a_check_that_a_file_of_the_sites_stands_in_for_is_named(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "checks" / "test_vmm_server.py").write_text("# mine\n", encoding="utf-8")
    assert main(["init", "--update", str(site)]) == ExitCode.USAGE
    assert "checks still lacks LM001: a file of yours" in capsys.readouterr().err


def test_only_a_site_is_updated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--update", str(tmp_path)]) == ExitCode.USAGE
    assert "no site's repository" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
