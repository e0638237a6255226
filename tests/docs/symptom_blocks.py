"""What the symptoms' pages take from the checks, their tables of cases, and the codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from case_tables import cases_of
from reference_blocks import cell

from livemigration.explain.catalogue import CATALOGUE
from livemigration.explain.describe import Description, describe
from livemigration.explain.entry import Confidence, Entry
from livemigration.verdict.findings import Finding, Fix, Level
from livemigration.verdict.loader import load_checks

ROOT = Path(__file__).parents[2]
_LISTED = re.compile(r"<!-- made by [^:]+: codes (.+) -->")


@cache
def known_checks() -> dict[str, Description]:
    """Return the suite's checks by their identifiers."""
    return {each.identifier: each for each in map(describe, load_checks(ROOT / "checks"))}


def checks_table(identifiers: Sequence[str]) -> str:
    """Return which of these checks says what, and how each is run alone."""
    rows = ["| check | fails |", "|---|---|"]
    for identifier in identifiers:
        check = known_checks()[identifier]
        fails = next(
            (each.partition(": ")[2] for each in check.paragraphs if each.startswith("Fails: ")), ""
        )
        rows.append(f"| [{identifier}](../checks/{identifier}.md) | {cell(fails)} |")
    return "\n".join(rows)


def entries_of(titles: str) -> list[Entry]:
    """Return the entries of the catalogue whose title begins with one of these, split by |.

    Raises:
        ValueError: a title is of no entry, or of several.
    """
    found = []
    for title in (each.strip() for each in titles.split("|")):
        entries = [each for each in CATALOGUE if _begins(each.title, title)]
        if len(entries) != 1:
            said = ", ".join(each.title for each in entries) or "none"
            raise ValueError(f"'{title}' has to name one entry of livemigration explain: {said}")
        found += entries
    return found


def _begins(whole: str, title: str) -> bool:
    return whole == title or whole.startswith(f"{title}, ")


def codes_table(entries: Iterable[Entry]) -> str:
    """Return what each of these codes means, and the causes that are known of it."""
    rows = ["| what Windows or VMM says | what it means | known causes |", "|---|---|---|"]
    for each in entries:
        doubt = "" if each.confidence is Confidence.DOCUMENTED else f" ({each.confidence.value})"
        rows.append(f"| `{each.title}` | {cell(each.meaning)}{doubt} | {cell(each.cause)} |")
    return "\n".join(rows)


def example(check: str, row: str) -> str:
    """Return what a check says, and what mends it, in the first red case of a row of its table.

    Raises:
        ValueError: the check's table has no such row that fails or warns with a fix.
    """
    for case in cases_of(check):
        if case.row == row:
            for finding in case.result().findings:
                if finding.level in {Level.FAIL, Level.WARNING} and finding.fix is not None:
                    return "\n".join(_told(check, finding, finding.fix))
    rows = sorted({case.row for case in cases_of(check)})
    raise ValueError(f"{check} has no case '{row}' with a fix. There are: {rows}")


def _told(check: str, finding: Finding, fix: Fix) -> Iterator[str]:
    yield f"> **[{check}](../checks/{check}.md):** {_prose(finding.observed)}"
    yield f">\n> Expected: {_prose(finding.expected)}"
    yield f"\n**{_prose(fix.summary)}**"
    if fix.cause is not None and fix.cause.why:
        yield f"\n{_prose(fix.cause.why)}"
    if fix.precondition:
        yield f"\nBefore: {_prose(fix.precondition)}"
    if fix.console:
        yield ""
        yield from (f"{number}. {_prose(step)}" for number, step in enumerate(fix.console, 1))
    for label, text in (("Cost", fix.cost), ("Or", fix.alternative)):
        if text:
            yield f"\n{label}: {_prose(text)}"
    if fix.source is not None:
        yield f"\nSource: [{fix.source.title}]({fix.source.url})"
    for title, lines in (("PowerShell for this example", fix.commands), ("Its undo", fix.undo)):
        if lines:
            yield f'\n<details markdown="1"><summary>{title}</summary>'
            yield from ("\n```powershell", *lines, "```\n", "</details>")


def _prose(text: str) -> str:
    """Return a text in which Markdown finds nothing but words."""
    return re.sub(r"([\\`*_\[\]])", r"\\\1", text).replace("<", "&lt;")


def pages_of_codes() -> dict[str, list[str]]:
    """Return links to the pages that speak of each code, by the code's title."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "docs" / "symptoms").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix("# ")
        for titles in _LISTED.findall(text):
            for entry in entries_of(titles):
                found.setdefault(entry.title, []).append(f"[{title}]({path.name})")
    return found


def all_codes() -> str:
    """Return every code that `livemigration explain` knows, with its pages and its checks."""
    found, checks = pages_of_codes(), known_checks()
    rows = ["| code | what it means | checks | pages |", "|---|---|---|---|"]
    for each in CATALOGUE:
        links = [
            f"[{name}](../checks/{name}.md)" if name in checks else name for name in each.checks
        ]
        pages = ", ".join(found.get(each.title, []))
        rows.append(f"| `{each.title}` | {cell(each.meaning)} | {', '.join(links)} | {pages} |")
    return "\n".join(rows)
