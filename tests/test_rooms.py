"""The rooms of the package: one direction of imports, kept by a contract that notices a breach."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import grimp
import pytest
from importlinter.api import read_configuration
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract
from importlinter.domain.contract import Contract, ContractCheck
from sampling import sampled

ROOT = Path(__file__).parents[1]
PACKAGE = "livemigration"
LINT = str(Path(sys.executable).with_name("lint-imports"))
CONFIGURATION = read_configuration(str(ROOT / "pyproject.toml"))
OPTIONS = {each["id"]: each for each in CONFIGURATION["contracts_options"]}
KINDS: dict[str, Callable[..., Contract]] = {
    "layers": LayersContract,
    "forbidden": ForbiddenContract,
    "protected": ProtectedContract,
}
ROOMS: list[str] = OPTIONS["layers"]["layers"]


@pytest.fixture(scope="module")
def built() -> grimp.ImportGraph:
    return grimp.build_graph(PACKAGE, include_external_packages=True, cache_dir=None)


@pytest.fixture
def graph(built: grimp.ImportGraph) -> Iterator[grimp.ImportGraph]:
    """The imports; what a test adds to them is taken away after it."""
    modules, imports = set(built.modules), _imports(built)
    yield built
    for importer, imported in _imports(built) - imports:
        built.remove_import(importer=importer, imported=imported)
    for module in built.modules - modules:
        built.remove_module(module)


def _imports(graph: grimp.ImportGraph) -> set[tuple[str, str]]:
    return {
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }


def _check(identifier: str, graph: grimp.ImportGraph) -> ContractCheck:
    options = OPTIONS[identifier]
    contract = KINDS[options["type"]](options["name"], CONFIGURATION["session_options"], options)
    return contract.check(graph, verbose=False)


def _kept(identifier: str, graph: grimp.ImportGraph) -> bool:
    return _check(identifier, graph).kept


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [LINT, "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_room_imports_only_from_rooms_below_it() -> None:
    ended = _lint(ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.long
def test_the_command_fails_on_the_first_arrow_against_the_stream(tmp_path: Path) -> None:
    shutil.copytree(ROOT / PACKAGE, tmp_path / PACKAGE)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    lowest = tmp_path / PACKAGE / ROOMS[-1] / "against_the_stream.py"
    lowest.write_text(f"from {PACKAGE}.{ROOMS[-2]} import anything\n", encoding="utf-8")
    ended = _lint(tmp_path)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    wrong = f"{PACKAGE}.{ROOMS[-1]} is not allowed to import {PACKAGE}.{ROOMS[-2]}"
    assert wrong in " ".join(ended.stdout.split())


@pytest.mark.long
def test_every_arrow_against_the_stream_breaks_the_contract(graph: grimp.ImportGraph) -> None:
    against = {
        (f"{PACKAGE}.{lower}", f"{PACKAGE}.{higher}") for higher, lower in combinations(ROOMS, 2)
    }
    for importer, imported in against:
        graph.add_import(importer=importer, imported=imported)
    found = _check("layers", graph).metadata["invalid_dependencies"]
    assert {(each["importer"], each["imported"]) for each in found} == against


def test_a_room_without_a_place_breaks_the_contract(graph: grimp.ImportGraph) -> None:
    assert _kept("layers", graph)
    graph.add_module(f"{PACKAGE}.cellar")
    assert not _kept("layers", graph)


def test_every_folder_and_module_has_a_place() -> None:
    # A folder without __init__.py is none of the modules that the contract looks at.
    folders = {path.parent.name for path in (ROOT / PACKAGE).glob("*/*.py")}
    modules = {path.stem for path in (ROOT / PACKAGE).glob("*.py")}
    assert (folders | modules) - {"checks", "__init__"} == set(ROOMS)


@pytest.mark.parametrize(
    "room", sampled([each for each in ROOMS if each not in {"plugin", "commands"}], every=5)
)
def test_another_room_that_knows_the_lab_breaks_the_contract(
    room: str, graph: grimp.ImportGraph
) -> None:
    if room != "lab":
        graph.add_import(importer=f"{PACKAGE}.{room}", imported=f"{PACKAGE}.lab.fleet")
    assert _kept("lab", graph) == (room == "lab")


@pytest.mark.parametrize("room", ["gather", "verdict", "report"])
def test_a_way_to_the_lab_through_another_room_breaks_the_contract(
    room: str, graph: grimp.ImportGraph
) -> None:
    assert _kept("no-simulation", graph)
    graph.add_import(importer=f"{PACKAGE}.{room}", imported=f"{PACKAGE}.elsewhere")
    graph.add_import(importer=f"{PACKAGE}.elsewhere", imported=f"{PACKAGE}.lab.fleet")
    assert not _kept("no-simulation", graph)


@pytest.mark.parametrize("room", sampled([each for each in ROOMS if each != "plugin"], every=5))
def test_pytest_below_the_plugin_breaks_the_contract(room: str, graph: grimp.ImportGraph) -> None:
    assert _kept("no-pytest", graph)
    for name in ("pytest", "_pytest", "pytest_html", "pytest_metadata", "testinfra"):
        if name not in graph.modules:
            graph.add_module(name, is_squashed=True)
        graph.add_import(importer=f"{PACKAGE}.{room}", imported=name)
        assert not _kept("no-pytest", graph), name
        graph.remove_import(importer=f"{PACKAGE}.{room}", imported=name)


def test_the_contract_has_no_exceptions() -> None:
    for each in OPTIONS.values():
        assert not {"ignore_imports", "allow_indirect_imports"} & set(each), each["name"]
    assert "exclude_type_checking_imports" not in CONFIGURATION["session_options"]


def test_the_package_itself_leads_to_no_room(graph: grimp.ImportGraph) -> None:
    # Every room may import it, so what it imported would be a way against the stream.
    assert graph.find_modules_directly_imported_by(PACKAGE) == set()


def test_no_two_modules_of_tests_or_checks_have_one_name() -> None:
    """Pytest imports them by their names alone, checks and tests of one process together."""
    names = [each.name for room in ("tests", "checks") for each in (ROOT / room).rglob("test_*.py")]
    assert [name for name, number in Counter(names).items() if number > 1] == []
