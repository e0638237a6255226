"""What the handbook's pages take from the code is as the code is, and a mistake in it is told."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from handbook_nav import INDEX, with_checks
from handbook_pages import COMMAND, DOCS, END, KINDS, made, pages
from in_turn import in_turn
from inventory_blocks import SCHEMA, inventory_sections
from markdown_it import MarkdownIt
from printed_commands import pytest_parser
from reference_blocks import command_parser, options_table, registered
from symptom_blocks import all_codes, entries_of, example, known_checks, pages_of_codes

from livemigration.commands.main import all_commands
from livemigration.explain.catalogue import CATALOGUE
from livemigration.explain.entry import Kind
from livemigration.run import files

ROOT = Path(__file__).parents[2]
MADE = list(pages())
READ = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
SYMPTOMS = sorted(
    path for path in (DOCS / "symptoms").glob("*.md") if path.name not in {"index.md", "codes.md"}
)


@in_turn("path", MADE)
def test_a_page_is_what_the_code_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert made(text) == text, f"run: {COMMAND}"


@pytest.mark.long
def test_the_command_that_makes_them_starts_without_pytest() -> None:
    # Under another name than __main__ it imports everything, and writes nothing.
    ended = subprocess.run(
        [sys.executable, "-c", "import handbook_pages"],
        cwd=ROOT / Path(COMMAND.split()[1]).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_every_kind_of_block_is_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in MADE)
    assert set(re.findall(rf"<!-- made by {COMMAND}: ([\w-]+)", text)) == set(KINDS)


def block(kind: str, inside: str = "") -> str:
    return f"<!-- made by {COMMAND}: {kind} -->\n{inside}\n{END}"


@in_turn(
    "text, words",
    [
        (block("exit-codes").replace(END, ""), "each block begins"),
        (block("exit-codes") + block("exit-codes").replace(COMMAND, "me"), "each block begins"),
        (block("exit-code"), "no kind exit-code"),
        (block("codes 10061 | 99999999"), "'99999999' has to name one entry"),
        (block("codes Event 1"), "'Event 1' has to name one entry"),
        (block("example LM101 gone"), "LM101 has no case 'gone' with a fix"),
    ],
)
def test_a_marker_that_names_nothing_is_told(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        made(text)


def test_what_stands_between_markers_is_made_anew_and_nothing_else() -> None:
    stale = f"a\n{block('exit-codes', 'stale!')}\nb\n{block('settings', 'stale!')}\nc"
    fresh = made(stale)
    assert "stale!" not in fresh
    assert re.findall(r"^[abc]$", fresh, re.MULTILINE) == ["a", "b", "c"]
    assert made(fresh) == fresh


def test_every_option_of_the_suite_is_on_its_page_and_is_one_of_pytests() -> None:
    table = options_table()
    names = [name for name, _ in registered().options]
    assert "--inventory" in names
    assert "--sarif" in names
    assert re.findall(r"^\| `(--[\w-]+)", table, re.MULTILINE) == sorted(names)
    for name in names:
        known, unknown = pytest_parser().parse_known_and_unknown_args([name, "x"])
        assert unknown == []
        assert hasattr(known, name.removeprefix("--").replace("-", "_"))


def test_every_command_and_action_is_on_its_page_with_its_exit_codes() -> None:
    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    named = re.findall(r"^###+ ([\w -]+)$", text, re.MULTILINE)
    assert {each for each in named if " " not in each} == set(all_commands())
    assert "lab up" in named
    leaves = [each for each in named if not command_parser().nested[each.split()[0]].nested]
    leaves += [each for each in named if " " in each]
    assert text.count("\nexit codes:\n") == len(leaves)


def test_a_key_of_the_inventory_that_says_nothing_of_itself_is_told() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    del schema["$defs"]["Connection"]["properties"]["port"]["description"]
    with pytest.raises(ValueError, match="connection: port has no description"):
        inventory_sections(schema)


def test_a_part_of_the_inventory_without_a_section_is_told() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    schema["$defs"]["Directory"] = {"properties": {}}
    with pytest.raises(ValueError, match="Directory"):
        inventory_sections(schema)


@in_turn("path", SYMPTOMS)
def test_a_page_of_a_symptom_says_what_is_seen_what_says_it_and_what_to_do(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert re.search(r"^\*\*What you see( in VMM)?:\*\*", text, re.MULTILINE)
    assert "\n## What to do\n" in text
    assert "\n## Which check says it\n" in text or path.stem == "no-verdict"
    # Somebody who knows only the symptom finds it.
    assert f"({path.name})" in (DOCS / "symptoms" / "index.md").read_text(encoding="utf-8")


def test_every_check_that_can_fail_is_on_the_page_of_a_symptom() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SYMPTOMS)
    missing = [name for name in known_checks() if f"../checks/{name}.md" not in text]
    assert missing == []


def test_every_code_is_in_the_table_of_codes_and_links_its_pages() -> None:
    table, found = all_codes(), pages_of_codes()
    rows = table.splitlines()[2:]
    assert len(rows) == len(CATALOGUE)
    (row,) = (each for each in rows if each.startswith("| `10061, 0x8007274D"))
    assert "[Port 6600 is refused](port-refused.md)" in row
    assert "[LM103](../checks/LM103.md)" in row
    (kb,) = (each for each in CATALOGUE if each.kind is Kind.ARTICLE and each.number == 2853203)
    assert found[kb.title] == ["[Zero rating, 0x8007274D](zero-rating.md)"]


def test_an_entry_is_named_by_the_whole_of_its_first_words() -> None:
    (entry,) = entries_of("Event 280")
    assert entry.number == 280
    with pytest.raises(ValueError, match="none"):
        entries_of("Event 28")


def test_an_example_is_what_the_check_says() -> None:
    text = example("LM101", "cross-host: false")
    assert text.startswith("> **[LM101](../checks/LM101.md):** ")
    assert "\n1. In the VMM console, open Fabric" in text
    assert text.count("```powershell") == text.count("</details>") == 2


def test_the_checks_stand_in_the_navigation_below_their_index() -> None:
    nav = [{"Reference": [{"Checks": INDEX}, {"Other": "other.md"}]}, "index.md"]
    assert with_checks(nav, ["LM001.md"]) == [
        {"Reference": [{"Checks": [INDEX, {"LM001": "checks/LM001.md"}]}, {"Other": "other.md"}]},
        "index.md",
    ]


def links(path: Path) -> list[str]:
    """Return what a page links to, and the pictures that it shows."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(path.read_text(encoding="utf-8"))
    inline = [each for token in tokens for each in token.children or ()]
    found = [each.attrGet("href") or each.attrGet("src") for each in inline]
    return [str(each) for each in found if each]


@in_turn("path", READ)
def test_a_link_leads_to_a_file_or_has_the_form_of_a_public_address(path: Path) -> None:
    for link in links(path):
        parts = urlsplit(link)
        if parts.scheme:
            assert parts.scheme == "https", link
            assert re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc), link
            assert not re.search(r"[\s<>\"]|\.\.|…", link), link
        elif parts.path:
            assert (path.parent / parts.path).exists(), link


def test_every_file_of_a_run_is_on_the_page_of_files() -> None:
    text = (DOCS / "reference" / "files.md").read_text(encoding="utf-8")
    for name in (files.RESULTS, files.REPORT, files.TESTS, files.JOURNAL, files.FACTS):
        assert f"| `{name}` |" in text
    led = {link.rpartition("/")[2] for link in links(DOCS / "reference" / "files.md")}
    assert {path.name for path in (DOCS / "schemas").iterdir()} <= led


def test_pages_that_the_code_and_tickets_name_stay_where_they_are() -> None:
    for name in ("ci", "lab", "fleets", "waivers", "change-records", "fidelity", "own-checks"):
        assert (DOCS / f"{name}.md").is_file()
    assert (DOCS / "checks" / "LM102.md").is_file()


def test_the_readme_is_short_and_leads_into_the_handbook() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) < 80
    led = {link.partition("#")[0] for link in links(ROOT / "README.md")}
    tops = {path.relative_to(ROOT).as_posix() for path in DOCS.glob("*.md")}
    # The page on own checks leads to the one; the other is SECURITY.md.
    beside = {"docs/api.md", "docs/security.md"}
    assert "SECURITY.md" in led
    assert tops - beside <= led
