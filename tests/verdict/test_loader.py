"""Where the checks of a site are, and what is said of a folder of them that cannot be used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from livemigration.base.errors import UsageError
from livemigration.base.shipped import CHECKS, shipped
from livemigration.verdict.loader import checks_folder, holds_checks, identifiers_in, load_checks

CHECK = '''
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from beside import NAME
from livemigration.verdict.check import check
from livemigration.verdict.findings import ok


@check("{identifier}")
def {name}(host):
    """It holds."""
    yield ok(NAME)


kept = {name}


# What a module of somebody's own checks may do as well.
@dataclass
class Demand:
    name: str


assert Path(__file__).with_name("beside.py").is_file()
'''


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of two checks, in a folder below and in a module of the other kind of name."""
    found = tmp_path / "checks"
    (found / "below").mkdir(parents=True)
    for place, name, identifier in (
        (found / "below" / "test_one.py", "test_one", "LM298"),
        (found / "two_test.py", "test_two", "LM197"),
    ):
        place.write_text(CHECK.format(identifier=identifier, name=name), encoding="utf-8")
        (place.parent / "beside.py").write_text("NAME = 'hv07'\n", encoding="utf-8")
    (found / "helper.py").write_text("raise RuntimeError\n", encoding="utf-8")
    yield found
    sys.modules.pop("beside", None)


def test_checks_are_found_in_every_folder_below_in_the_order_of_their_identifiers(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What lies beside a module comes before what another folder calls the same.
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "beside.py").write_text("raise RuntimeError\n", encoding="utf-8")
    monkeypatch.syspath_prepend(elsewhere)
    before = list(sys.path)
    loaded = load_checks(folder)
    assert sys.path == before
    assert [(each.check.identifier, each.place) for each in loaded] == [
        ("LM197", "checks/two_test.py::test_two"),
        ("LM298", "checks/below/test_one.py::test_one"),
    ]
    assert identifiers_in(folder) == {"LM197", "LM298"}


def test_two_checks_of_one_identifier_are_named_with_both_places(folder: Path) -> None:
    again = folder / "test_again.py"
    again.write_text(CHECK.format(identifier="LM197", name="test_again"), encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        load_checks(folder)
    said = "two checks are called LM197: checks/test_again.py::test_again and checks/two_test.py"
    assert said in str(refused.value)


def test_a_module_that_cannot_be_imported_is_named_and_has_no_checks(folder: Path) -> None:
    broken = folder / "test_broken.py"
    broken.write_text("raise RuntimeError('no')\n", encoding="utf-8")
    before = list(sys.path)
    with pytest.raises(UsageError, match=r"test_broken\.py cannot be imported: RuntimeError"):
        load_checks(folder)
    assert sys.path == before
    assert identifiers_in(folder) == {"LM197", "LM298"}


def test_a_folder_of_somebody_elses_tests_is_not_one_of_checks(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert holds_checks(folder)
    monkeypatch.chdir(folder.parent)
    assert checks_folder() == Path.cwd() / "checks"
    for path in (folder / "two_test.py", folder / "below" / "test_one.py"):
        path.write_text("def test_it():\n    assert True\n", encoding="utf-8")
    assert not holds_checks(folder)
    assert checks_folder() == shipped(CHECKS)
    assert not holds_checks(folder / "not-there")
