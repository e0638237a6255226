"""docs/architecture.md shows the rooms as they are, and names only what there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from architecture_page import (
    COMMAND,
    PACKAGE,
    PAGE,
    PICTURE,
    ROOT,
    arrows,
    page,
    picture,
    reduced,
    rooms,
)
from layered_drawing import drawing

TEXT = PAGE.read_text(encoding="utf-8")
# A path in the package or from the top, and a function that is said to stand in it.
NAMED = sorted({*re.findall(r"`([\w./-]+/[\w./-]*)`(?::\s+`(\w+)`)?", TEXT)})
WORDS = re.findall(r"^\| ([a-z ]+) \| [^|]+ \|$", TEXT.partition("## One word")[2], re.MULTILINE)
WORDS.remove("word")


@pytest.mark.long
def test_the_picture_and_the_table_are_what_the_imports_are() -> None:
    assert page(TEXT, arrows()) == TEXT, f"run: {COMMAND}"
    assert PICTURE.read_text(encoding="utf-8") == picture(arrows()), f"run: {COMMAND}"
    assert f"]({PICTURE.name})" in TEXT


def test_one_arrow_more_or_less_makes_the_page_stale() -> None:
    whole = arrows()
    assert page(TEXT, {**whole, "plugin": whole["plugin"] - {"base"}}) != TEXT
    assert page(TEXT, {**whole, "inventory": whole["inventory"] | {"vmm"}}) != TEXT
    drawn = PICTURE.read_text(encoding="utf-8")
    assert picture({**whole, "plugin": whole["plugin"] - {"site"}}) != drawn


def test_a_drawing_has_every_node_and_every_arrow_and_loads_nothing() -> None:
    graph = {"a": {"b", "d"}, "b": {"c"}, "c": {"d"}, "d": set()}
    root = ET.fromstring(drawing(graph))  # noqa: S314 - written two lines above
    svg = "{http://www.w3.org/2000/svg}"
    at = {each.text: float(each.get("y", "")) for each in root.iter(f"{svg}text")}
    assert list(at) == list(graph)
    assert all(at[name] < at[each] for name, below in graph.items() for each in below)
    arrows_drawn = [each for each in root.iter(f"{svg}path") if each.get("marker-end")]
    assert len(arrows_drawn) == 4
    assert not re.search(r"\b(href|src|import)\b|url\((?!#)", drawing(graph))


def test_the_picture_leaves_out_what_a_longer_way_replaces_and_nothing_else() -> None:
    whole = {"a": {"b", "c", "d"}, "b": {"c"}, "c": set(), "d": set()}
    assert reduced(whole) == {"a": {"b", "d"}, "b": {"c"}, "c": set(), "d": set()}


def test_every_room_is_on_the_page() -> None:
    for room in rooms():
        assert f"| `{room}` | " in TEXT


def test_a_page_without_its_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="needs these two lines once"):
        page(TEXT.replace("<!-- end of rooms -->", ""), arrows())


@pytest.mark.parametrize(("path", "function"), NAMED)
def test_what_the_page_names_exists(path: str, function: str) -> None:
    (found,) = [each for each in (PACKAGE / path, ROOT / path) if each.exists()][:1]
    if function:
        assert function in _defined(found)


def _defined(module: Path) -> set[str]:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_the_way_of_the_facts_names_modules_and_functions() -> None:
    way = TEXT.partition("## The way of one host's facts")[2].partition("## ")[0]
    assert len(re.findall(r"`[\w/]+\.py`:\s+`\w+`", way)) >= 12


def test_the_glossary_is_one_page_in_order_and_says_each_word_once() -> None:
    assert sorted(set(WORDS)) == WORDS
    assert 20 <= len(WORDS) <= 48
