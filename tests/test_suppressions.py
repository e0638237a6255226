"""Every suppression of a warning says on its line why it is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from in_turn import in_turn

ROOT = Path(__file__).parents[1]
PLACES = ("bench", "checks", "docs", "livemigration", "tests")
_COMMENT = r"#\s*(?:noqa\b(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type:\s*ignore\b(?:\[[^\]]*\])?)"
_WITHOUT = re.compile(rf"(?:\s{_COMMENT})+\s*$")


def sources() -> Iterator[Path]:
    yield from ROOT.glob("*.py")
    for place in PLACES:
        yield from (ROOT / place).rglob("*.py")


def unexplained(text: str) -> list[int]:
    """Return the numbers of the lines that suppress a warning, and say nothing else."""
    return [number for number, line in enumerate(text.splitlines(), 1) if _WITHOUT.search(line)]


@in_turn(
    "comment", ["noqa", "noqa: PLC0415", "type: ignore", "type: ignore[misc]  # noqa: S101, S102"]
)
def test_a_suppression_without_a_reason_is_found(comment: str) -> None:
    assert unexplained(f"x = 1  # {comment}\n") == [1]
    assert unexplained(f"x = 1  # {comment} - it is one\ny = 2\n") == []
    assert unexplained(f"x = 1  # {comment}  # it is one\n") == []


@pytest.mark.long
def test_each_suppression_says_why() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        for number in unexplained(path.read_text(encoding="utf-8"))
    ]
    assert found == []
