"""The threat model names tests that exist, for each attacker, and is in the handbook."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from in_turn import in_turn
from security_page import SOURCE, page

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "security.md"
TEXT = SOURCE.read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)
# A line of the table, from its first cell to its last.
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ")][1:]


def test_the_page_of_the_handbook_is_the_same() -> None:
    """Make it anew: `python tests/docs/security_page.py > docs/security.md`."""
    assert PUBLISHED.read_text(encoding="utf-8") == page()


@in_turn("file, name", NAMED)
def test_each_test_that_is_named_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    tests = {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}
    assert name.startswith("test_")
    assert name in tests


def test_each_claim_names_a_test() -> None:
    assert len(ROWS) > 15
    assert [row for row in ROWS if "::test_" not in row] == []


@in_turn(
    "who",
    [
        "A hostile host",
        "A hostile VMM server",
        "Somebody in the middle",
        "A hostile inventory",
        "A hostile facts file or bundle",
        "Another user on the runner",
        "A reader of the report",
    ],
)
def test_everybody_who_could_attack_has_a_row(who: str) -> None:
    assert any(row.startswith(f"| **{who}") for row in ROWS)


def test_it_is_one_page() -> None:
    assert len(TEXT.splitlines()) < 80
    assert "## What is not stopped" in TEXT
    assert "## Reporting" in TEXT
