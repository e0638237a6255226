"""The pages of the checks are what the checks say, and none is of a check that is gone."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from in_turn import in_turn

from livemigration.explain.describe import describe
from livemigration.explain.pages import COMMAND, pages, stale
from livemigration.verdict.loader import load_checks

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "docs" / "checks"
REMEDY = f"run: {COMMAND}"


@cache
def made() -> dict[str, str]:
    return pages([describe(each) for each in load_checks(REPOSITORY / "checks")])


@in_turn("name", made)
def test_a_page_is_what_the_check_says(name: str) -> None:
    path = FOLDER / name
    assert path.is_file(), REMEDY
    assert path.read_text(encoding="utf-8") == made()[name], REMEDY


def test_no_page_is_of_a_check_that_is_gone() -> None:
    assert stale(FOLDER, made()) == [], REMEDY
