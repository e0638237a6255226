"""Ids that are pasted in numbers select what they name, as one by one, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from many_targets import NAME, host, many
from plugin_runs import run_here

PARAMETRIZED = """
import pytest


@pytest.mark.parametrize("number", range(5))
def test_many(number):
    pass


class TestInside:
    @pytest.mark.parametrize("number", range(5))
    def test_many(self, number):
        pass
"""


def ids(*numbers: int) -> list[str]:
    return [f"{NAME}[{host(number)}]" for number in numbers]


def collected(folder: Path, *arguments: str) -> list[str]:
    where, replay = many(folder, 12, test_param=PARAMETRIZED)
    ended = run_here(folder / "reports", *replay, "--co", "-q", *arguments, cwd=where)
    assert ended.code == 0, ended.output
    return [line for line in ended.output.splitlines() if "::" in line]


OTHERS = [
    "test_param.py::TestInside::test_many[4]",
    "test_param.py::TestInside::test_many[0]",
    "test_param.py::test_many[2]",
    "test_param.py::test_many[1]",
]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (ids(9, 3, 5), ids(9, 3, 5)),
        (ids(3, 3, 5), ids(3, 5)),
        ([*ids(9, 3), *OTHERS], [*ids(9, 3), *OTHERS]),
        ([*OTHERS, *ids(9)], [*ids(9), *OTHERS]),
        ([*ids(9, 3), NAME], ids(*range(1, 13))),
        ([*ids(9, 3), "test_own.py"], ids(*range(1, 13))),
        ([*ids(9, 3), f"./{NAME}[{host(4)}]"], ids(9, 3, 4)),
        ([*OTHERS, "test_param.py::TestInside"], None),
    ],
    ids=[
        "in their order",
        "one of them twice",
        "beside tests of the site",
        "after tests of the site",
        "beside the whole check",
        "beside the whole module",
        "of two spellings",
        "beside a whole class",
    ],
)
def test_pasted_ids_select_what_they_name(
    arguments: list[str], expected: list[str] | None, tmp_path: Path
) -> None:
    inside = [f"test_param.py::TestInside::test_many[{number}]" for number in range(5)]
    found = collected(tmp_path, *arguments)
    assert found == expected if expected is not None else sorted(found) == [*inside, *OTHERS[:1:-1]]


def test_pasted_ids_select_from_another_folder_as_well(tmp_path: Path) -> None:
    where, replay = many(tmp_path, 12)
    below = where / "below"
    below.mkdir()
    named = [f"../{each}" for each in ids(7, 2)]
    ended = run_here(tmp_path / "reports", *replay, "--co", "-q", *named, cwd=below)
    assert [line for line in ended.output.splitlines() if "::" in line] == ids(7, 2), ended.output


@pytest.mark.parametrize("given", [[3, 99, 5, 98], [99, 98], [99]], ids=str)
def test_an_id_that_nothing_has_is_refused(given: list[int], tmp_path: Path) -> None:
    where, replay = many(tmp_path, 12)
    ended = run_here(tmp_path / "reports", *replay, *ids(*given), cwd=where)
    assert ended.code == 4, ended.output
    assert not ended.reports.exists()
    for number in given:
        told = f"{NAME}[{host(number)}]" in ended.output or len(given) == 1
        assert told is (number > 12 or len(given) == 1), ended.output
    assert "not found: " in ended.output


def test_of_many_ids_that_nothing_has_some_are_named(tmp_path: Path) -> None:
    where, replay = many(tmp_path, 12)
    ended = run_here(tmp_path / "reports", *replay, *ids(1, *range(100, 150)), cwd=where)
    assert ended.code == 4, ended.output
    assert ended.output.count("not found: ") == 10
    assert "and 40 more." in ended.output


def test_a_function_that_is_not_there_is_refused_by_pytest(tmp_path: Path) -> None:
    where, replay = many(tmp_path, 12)
    named = [f"{NAME}s[{host(number)}]" for number in (1, 2)]
    ended = run_here(tmp_path / "reports", *replay, *named, cwd=where)
    assert ended.code == 4, ended.output
    assert f"{NAME}s" in ended.output


def test_lf_selects_among_pasted_ids(tmp_path: Path) -> None:
    where, replay = many(tmp_path, 12, "number % 2")
    options = (*replay, f"--override-ini=cache_dir={tmp_path / 'cache'}")
    run_here(tmp_path / "first", *options, cwd=where, keep=True)
    again = run_here(tmp_path / "again", *options, "--lf", *ids(6, 5, 4, 3), cwd=where, keep=True)
    assert [target for _, target in again.states()] == [host(5), host(3)]
