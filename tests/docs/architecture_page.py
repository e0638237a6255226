"""The parts of docs/architecture.md that follow from the code: the rooms and who imports whom.

python tests/docs/architecture_page.py
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import grimp
from layered_drawing import drawing

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "livemigration"
PAGE = ROOT / "docs" / "architecture.md"
PICTURE = ROOT / "docs" / "architecture.svg"
COMMAND = "python tests/docs/architecture_page.py"

# From an importing room to the rooms that it imports.
Arrows = dict[str, set[str]]


def rooms() -> list[str]:
    """Return the rooms, top to bottom, as the contract of layers has them."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = configuration["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in contracts if each["type"] == "layers")
    return list(layers)


def purpose(room: str) -> str:
    """Return the first sentence of what a room says of itself."""
    inside = PACKAGE / room / "__init__.py"
    source = inside if inside.exists() else PACKAGE / f"{room}.py"
    said = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    return said.split("\n\n")[0].replace("\n", " ")


def arrows() -> Arrows:
    """Return which rooms each room imports, as the code is."""
    graph = grimp.build_graph("livemigration", cache_dir=None)
    found: Arrows = {room: set() for room in rooms()}
    for room, imported in found.items():
        inside = {f"livemigration.{room}", *graph.find_descendants(f"livemigration.{room}")}
        for module in inside:
            for name in graph.find_modules_directly_imported_by(module) - inside:
                imported.update(name.split(".")[1:2])
    return found


def reduced(whole: Arrows) -> Arrows:
    """Return the arrows that no way through other rooms replaces. There must be no ring."""
    return {
        room: {
            each
            for each in imported
            if not any(each in _reached(whole, other) for other in imported - {each})
        }
        for room, imported in whole.items()
    }


def _reached(whole: Arrows, start: str) -> set[str]:
    return whole[start].union(*(_reached(whole, each) for each in whole[start]))


def picture(whole: Arrows) -> str:
    """Return the drawing of the rooms, as SVG."""
    return drawing(reduced(whole))


def table(whole: Arrows) -> str:
    """Return the rooms as a table: what each is, and every room that it imports."""
    order = list(whole)
    rows = ["| room | what it is | imports |", "|---|---|---|"]
    for room, imported in whole.items():
        names = ", ".join(sorted(imported, key=order.index)) or "no other"
        rows.append(f"| `{room}` | {purpose(room)} | {names} |")
    return "\n".join(rows)


def page(text: str, whole: Arrows) -> str:
    """Return the page with the table of these arrows between its markers.

    Raises:
        ValueError: the page lacks a marker, or has it twice.
    """
    begin, end = f"<!-- rooms: made by `{COMMAND}` -->\n", "<!-- end of rooms -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{PAGE.name} needs these two lines once: {begin}{end}")
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{table(whole)}\n\n{end}{rest.partition(end)[2]}"


if __name__ == "__main__":
    found = arrows()
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8", newline="\n")
    PICTURE.write_text(picture(found), encoding="utf-8", newline="\n")
