"""Options with a path, from any folder, with a space and with `=`; and runs that are not ours."""

from __future__ import annotations

import shlex
import shutil
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from plugin_runs import ROOT, run_bare, run_here
from plugin_runs import site as site_of

from livemigration.plugin import more_views
from livemigration.plugin.options import add_options
from livemigration.plugin.root import OPTIONS

OWN = """
from livemigration.api import check, ok


@check("LM199")
def test_site(host):
    '''The site is right.'''
    yield ok(host.name)
"""
# Options with a path, and the replay's own; a value of each that exists is made where it is used.
PATHS = (
    "--inventory",
    "--facts",
    "--save-facts",
    "--reports",
    "--baseline",
    "--waivers",
    "--sarif",
    "--csv",
    "--markdown",
    "--html",
)

WRITTEN = ("--save-facts", "--reports", "--sarif", "--csv", "--markdown", "--html")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with settings of its own, a folder in it, and its inventory."""
    folder = site_of(tmp_path / "site", test_own="")
    (folder / "checks").mkdir()
    (folder / "checks" / "test_own.py").write_text(OWN, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = checks\n", encoding="utf-8")
    (folder / "inventories").mkdir()
    return folder


@pytest.fixture
def values(tmp_path: Path, healthy: object, healthy_replay: tuple[str, str]) -> dict[str, Path]:
    """A value for each option, outside the site; all of them exist."""
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    found = {name: outside / name.strip("-") for name in PATHS}
    found["--inventory"].write_text("schema: 1\nlab: {fleet: healthy}\n", encoding="utf-8")
    shutil.copy(healthy_replay[1].removeprefix("--facts="), found["--facts"])
    found["--waivers"].write_text("schema: 1\ntime_zone: UTC\nwaivers: []\n", encoding="utf-8")
    for name in ("--sarif", "--csv", "--markdown", "--save-facts", "--html"):
        found[name].write_text("old", encoding="utf-8")
    found["--reports"].mkdir()
    document = next(Path(str(healthy[0].reports)).glob("*/results.json"))  # type: ignore[index]  # a run and its facts
    shutil.copy(document, found["--baseline"])
    return found


def given(values: dict[str, Path], spaced: str) -> list[str]:
    """Return the options of a run, one of them with a space."""
    arguments = ["-m", "livemigration"]
    for name, value in values.items():
        arguments += [name, str(value)] if name == spaced else [f"{name}={value}"]
    return arguments


class Registered:
    """Stands in for pytest's parser, and keeps the names of the options that take a value."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def getgroup(self, *_: str) -> Registered:
        return self

    def addoption(self, name: str, *, action: str = "store", **_: object) -> None:
        if action in {"store", "append"}:
            self.names.add(name)

    def addini(self, *_: str, **__: object) -> None:
        pass


def test_every_option_with_a_value_is_known_to_the_guard() -> None:
    parser = Registered()
    add_options(parser)  # type: ignore[arg-type]  # a stand-in
    more_views.add_options(parser)  # type: ignore[arg-type]  # as above
    assert parser.names | {"--html"} == OPTIONS


@pytest.mark.parametrize("option", PATHS)
def test_no_path_behind_a_space_moves_the_root(
    option: str, site: Path, values: dict[str, Path], tmp_path: Path
) -> None:
    ended = run_bare(values["--reports"], *given(values, option), cwd=site)
    assert ended.code == 4, ended.output
    assert f"instead of {site}. Write it with =:" in ended.output
    printed = next(line for line in ended.output.splitlines() if line.startswith("  pytest "))
    again = shlex.split(printed)[1:]
    assert f"{option}={values[option]}" in again
    told = run_bare(values["--reports"], *again, cwd=site)
    assert told.code == 0, told.output
    assert "READY" in told.output or "ready." in told.output


@pytest.mark.parametrize("option", ["--inventory", "--facts", "--waivers"])
def test_a_path_behind_a_space_inside_the_root_needs_no_sign(
    option: str, site: Path, values: dict[str, Path]
) -> None:
    inside = site / "inventories" / "a file of ours"
    shutil.move(values[option], inside)
    values[option] = inside.relative_to(site)
    ended = run_bare(values["--reports"], *given(values, option), cwd=site)
    assert ended.code == 0, ended.output


@pytest.mark.parametrize("option", ["--inventory", "--facts", "--baseline", "--waivers"])
@pytest.mark.parametrize("sign", ["=", " "])
def test_a_file_that_is_not_there_is_named(
    option: str, sign: str, site: Path, values: dict[str, Path]
) -> None:
    values[option] = values["--reports"].parent / "not there"
    spaced = option if sign == " " else ""
    ended = run_bare(values["--reports"], *given(values, spaced), cwd=site)
    assert ended.code == 4, ended.output
    assert f"ERROR: {values[option]}: " in ended.output


@pytest.mark.parametrize("spaced", ["", *WRITTEN])
def test_a_file_to_be_written_need_not_be_there(
    spaced: str, site: Path, values: dict[str, Path]
) -> None:
    for name in WRITTEN:
        values[name] = values[name].parent / "new" / name
    ended = run_bare(values["--reports"], *given(values, spaced), cwd=site)
    assert ended.code == 0, ended.output
    assert all(values[name].exists() for name in WRITTEN)


def test_checks_are_found_and_paths_are_read_from_a_folder_of_the_root(
    site: Path, values: dict[str, Path]
) -> None:
    values["--inventory"] = Path("prod.yaml")
    (site / "inventories" / "prod.yaml").write_text("schema: 1\nlab: {fleet: healthy}\n", "utf-8")
    for spaced in ("", "--inventory"):
        arguments = given(values, spaced)
        ended = run_bare(values["--reports"], *arguments, cwd=site / "inventories")
        assert ended.code == 0, ended.output
        assert "prod.yaml (6 of 6 hosts" in ended.output


def test_a_run_from_outside_the_root_is_told_how_to_name_its_checks(
    site: Path, values: dict[str, Path], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewh\u00e9re, with blanks"
    elsewhere.mkdir()
    arguments = ["-c", str(site / "pytest.ini"), *given(values, "")]
    ended = run_bare(values["--reports"], *arguments, cwd=elsewhere)
    assert ended.code == 4, ended.output
    assert f"pytest was started in {elsewhere}, outside {site}." in ended.output
    printed = next(line for line in ended.output.splitlines() if line.startswith("  pytest "))
    told = run_bare(values["--reports"], *shlex.split(printed)[1:], cwd=elsewhere)
    assert told.code == 0, told.output


def test_the_plugin_is_registered_once_and_under_the_name_of_the_conftest() -> None:
    (found,) = (each for each in entry_points(group="pytest11") if "livemigration" in each.value)
    assert found.name == found.value == "livemigration.plugin"
    written = (ROOT / "conftest.py").read_text(encoding="utf-8")
    assert f'pytest_plugins = ("{found.name}",)' in written


def test_a_run_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text("def test_theirs():\n    pass\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", "utf-8")
    ended = run_bare(tmp_path / "reports", cwd=tmp_path)
    assert ended.code == 0, ended.output
    assert "1 passed" in ended.output
    assert "inventory" not in ended.output
    assert not (tmp_path / "reports").exists()
    asked = run_bare(tmp_path / "reports", "-m", "livemigration", cwd=tmp_path)
    assert asked.code == 4, asked.output


def test_an_empty_folder_says_how_to_begin(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    ended = run_here(tmp_path / "reports", "-m", "livemigration", cwd=folder)
    assert ended.code == 4, ended.output
    assert f"{folder}: there are no checks here. livemigration init DIR" in ended.output
    named = run_here(tmp_path / "reports", "--inventory=lab:healthy", cwd=folder)
    assert named.code == 5, named.output
    assert f"{folder}: there are no checks here. livemigration init DIR" in named.output
    assert not (tmp_path / "reports").exists()


def test_a_host_of_testinfra_that_is_unknown_leaves_no_folder(tmp_path: Path) -> None:
    pytest.importorskip("testinfra")
    given = ("--inventory=lab:healthy", "--hosts=wsman://nope")
    ended = run_here(tmp_path / "reports", *given, cwd=ROOT)
    assert ended.code == 4, ended.output
    assert "--hosts: " in ended.output
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("named", [True, False], ids=["an inventory in the settings", "none"])
def test_a_sites_tests_of_its_checks_need_no_inventory_and_no_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, named: bool
) -> None:
    for name in ("LIVEMIGRATION_USERNAME", "LIVEMIGRATION_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    folder = site_of(tmp_path / "site")
    (folder / "prod.yaml").write_text(
        "schema: 1\nvmm: {name: vmm01.contoso.com}\nhosts: [{name: hv01.contoso.com}]\n", "utf-8"
    )
    setting = "livemigration_inventory = prod.yaml\n" if named else ""
    (folder / "pytest.ini").write_text(f"[pytest]\n{setting}", encoding="utf-8")
    for name, text in (("checks", OWN), ("tests", "def test_it():\n    pass\n")):
        (folder / name).mkdir()
        (folder / name / f"test_{name}.py").write_text(text, encoding="utf-8")
    arguments = ["-o", f"livemigration_reports={tmp_path / 'reports'}", "tests/test_tests.py"]
    ended = run_bare(tmp_path / "reports", *arguments, cwd=folder)
    assert ended.code == 0, ended.output
    assert "1 passed" in ended.output
    assert not (tmp_path / "reports").exists()
    met = run_bare(tmp_path / "reports", *arguments[:2], "checks/test_checks.py", cwd=folder)
    assert met.code == 4, met.output
    wanted = "LIVEMIGRATION_USERNAME is not set" if named else "no inventory is named"
    assert wanted in met.output
