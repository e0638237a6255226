"""Makes anew what the handbook's pages take from the code, between its markers.

python tests/docs/handbook_pages.py
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# As tests/pytest.ini has it.
sys.path[:0] = [str(ROOT / "tests" / "checks"), str(ROOT / "tests")]

import inventory_blocks  # noqa: E402 # needs these paths
import reference_blocks  # noqa: E402 # as above
import symptom_blocks  # noqa: E402 # as above

DOCS = ROOT / "docs"
COMMAND = "python tests/docs/handbook_pages.py"
END = "<!-- end of what is made -->"
_BLOCK = re.compile(
    rf"(<!-- made by {re.escape(COMMAND)}: (?P<kind>[\w-]+)(?: (?P<given>[^\n]+?))? -->\n).*?"
    rf"({re.escape(END)})",
    re.DOTALL,
)


def _example(given: str) -> str:
    check, _, row = given.partition(" ")
    return symptom_blocks.example(check, row)


# What a block is made by, from what its marker says behind its kind.
KINDS: dict[str, Callable[[str], str]] = {
    "options": lambda _: reference_blocks.options_table(),
    "settings": lambda _: reference_blocks.settings_table(),
    "commands": lambda _: reference_blocks.commands_sections(),
    "exit-codes": lambda _: reference_blocks.exit_codes_table(),
    "inventory": lambda _: inventory_blocks.published(),
    "checks": lambda given: symptom_blocks.checks_table(given.split()),
    "codes": lambda given: symptom_blocks.codes_table(symptom_blocks.entries_of(given)),
    "example": _example,
    "all-codes": lambda _: symptom_blocks.all_codes(),
}


def made(text: str) -> str:
    """Return a page with every block as the code is now.

    Raises:
        ValueError: a marker does not stand as it must, or names what is not there.
    """
    if text.count("<!-- made by") != len(_BLOCK.findall(text)) or text.count(END) != len(
        _BLOCK.findall(text)
    ):
        raise ValueError(f"each block begins '<!-- made by {COMMAND}: KIND -->' and ends '{END}'")
    return _BLOCK.sub(_block, text)


def _block(match: re.Match[str]) -> str:
    kind = KINDS.get(match["kind"])
    if kind is None:
        raise ValueError(f"there is no kind {match['kind']}. There are: {', '.join(KINDS)}")
    return f"{match[1]}\n{kind(match['given'] or '')}\n\n{END}"


def pages() -> Iterator[Path]:
    """Yield the pages that have blocks."""
    for path in sorted(DOCS.rglob("*.md")):
        if f"<!-- made by {COMMAND}" in path.read_text(encoding="utf-8"):
            yield path


if __name__ == "__main__":
    for each in pages():
        each.write_text(made(each.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
