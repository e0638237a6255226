"""The page on fidelity is current, and names tests that there are."""

from __future__ import annotations

from pathlib import Path

from fidelity_rows import By
from fidelity_table import BEHAVIOURS, page
from in_turn import in_turn

TESTS = Path(__file__).parents[1]
NAMED = sorted({name for each in BEHAVIOURS for _, name in each.tests})


def test_the_page_is_what_its_table_says() -> None:
    published = TESTS.parent / "docs" / "fidelity.md"
    assert published.read_text(encoding="utf-8") == page()


@in_turn("name", NAMED)
def test_a_test_that_the_page_names_exists(name: str) -> None:
    path, _, function = name.partition("::")
    assert f"def {function}(" in (TESTS / path).read_text(encoding="utf-8")


def test_a_test_is_credited_with_what_it_is() -> None:
    for each in BEHAVIOURS:
        for by, name in each.tests:
            path = name.partition("::")[0]
            assert (by is By.CLIENT) == path.startswith(("lab/test_lab_peers", "lab/test_lab_prog"))
            assert (by is By.DIRECTORY) == path.startswith("kerberos/")
            assert (by is By.CAPTURE) == path.endswith(("captures.py", "shapes.py"))
