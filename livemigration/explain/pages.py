"""The pages under docs/checks/, made from the checks themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from livemigration.base.files import write_text
from livemigration.explain.catalogue import of_check
from livemigration.explain.describe import Description
from livemigration.explain.wording import labelled, results_text

COMMAND = "livemigration checks --docs docs/checks"
_OURS = re.compile(r"LM[0-9]{3}\.md")


def pages(checks: Sequence[Description]) -> dict[str, str]:
    """Return the text of each page by its file name."""
    made = {f"{check.identifier}.md": _page(check) for check in checks}
    return {"index.md": _index(checks), **made}


def stale(folder: Path, made: dict[str, str]) -> list[Path]:
    """Return the pages of checks that are no longer there."""
    return sorted(p for p in folder.glob("*.md") if _OURS.fullmatch(p.name) and p.name not in made)


def write_pages(folder: Path, checks: Sequence[Description]) -> tuple[int, int]:
    """Write the pages, remove those of checks that are gone; return how many of each.

    Raises:
        OSError: a page cannot be written or removed.
    """
    made = pages(checks)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        write_text(folder / name, text)
    gone = stale(folder, made)
    for path in gone:
        path.unlink()
    return len(made), len(gone)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _index(checks: Sequence[Description]) -> str:
    rows = (
        f"| [{each.identifier}]({each.identifier}.md) | {each.area} | {_cell(each.title)} |\n"
        for each in checks
    )
    return (
        "# The checks\n\n"
        f"Made from the checks by `{COMMAND}`; do not edit. `livemigration explain LM102` prints "
        "the same.\n\n"
        "| check | area | holds when it passes |\n|---|---|---|\n" + "".join(rows)
    )


def _page(check: Description) -> str:
    parts = [
        f"# {check.identifier}: {check.title}",
        f"Made from the check by `{COMMAND}`; do not edit. [All checks](index.md)",
        f"One result for each {check.target}. Area: {check.area}.",
        "\n\n".join(_paragraph(each) for each in check.paragraphs),
        f"## Results\n\n{results_text(check)}",
        _facts(check),
        _codes(check),
        _references(check),
        f"## Run only this check\n\n    {check.run}",
        f"All checks of its area:\n\n    {check.run_area}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _paragraph(paragraph: str) -> str:
    label, text = labelled(paragraph)
    return f"**{label}:** {text}" if label else text


def _facts(check: Description) -> str:
    rows = [
        f"| {_cell(each.title)} | {_cell(each.source)} | {each.vantage} | "
        f"{'always' if each.needed else 'on some paths'} |"
        for each in check.reads
    ]
    head = "## What it reads\n\n| facts | from | seen from | needed |\n|---|---|---|---|\n"
    return head + "\n".join(rows) if rows else ""


def _codes(check: Description) -> str:
    rows = [f"- `{each.title}`: {each.meaning}" for each in of_check(check.identifier)]
    head = "## Codes whose cause it looks for\n\n"
    return head + "\n".join(rows) if rows else ""


def _references(check: Description) -> str:
    rows = [f"- [{each.title}]({each.url})" for each in check.references]
    return "## References\n\n" + "\n".join(rows) if rows else ""
