"""The checks of a run as the rules of SARIF 2.1.0."""

from __future__ import annotations

import re

from livemigration.report.markdown_text import span
from livemigration.report.text import plain
from livemigration.run.plan import PlanEntry
from livemigration.run.run import Run
from livemigration.verdict.findings import Reference

# GitHub refuses more of a description and of a name.
_LONGEST_DESCRIPTION = 1024
_LONGEST_NAME = 255
_DEMANDED = "Must hold: "
# What can stand in <> in Markdown, and is a URI as SARIF demands one.
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?")


def rules_of(run: Run) -> list[dict[str, object]]:
    """Return one rule for each check of the plan, in the order of their numbers.

    A rule says the same in every run in which the check is planned.
    """
    entries = {each.entry.check: each.entry for each in run.results}
    entries |= {entry.check: entry for entry in run.plan}
    refs = {each.entry.check: each.refs for each in run.results if each.refs}
    return [_rule(entries[check], refs.get(check, ())) for check in sorted(entries)]


def _rule(entry: PlanEntry, refs: tuple[Reference, ...]) -> dict[str, object]:
    # It stands beside results that failed, where the title alone would say the opposite.
    title = f"{_DEMANDED}{plain(entry.title) or entry.check}"
    more = f"livemigration explain {entry.check}"
    links = tuple(each for each in refs if _LINK.fullmatch(each.url))
    described = f"{title} What it reads, and when it fails: {more}"
    return {
        "id": entry.check,
        "name": title.rstrip(".")[:_LONGEST_NAME],
        "shortDescription": {"text": title[:_LONGEST_DESCRIPTION]},
        "fullDescription": {"text": described[:_LONGEST_DESCRIPTION]},
        **({"helpUri": links[0].url} if links else {}),
        "help": {
            "markdown": _markdown(title, more, links),
            "text": " ".join(
                (described, *(f"See {plain(each.title)}: {each.url}" for each in links))
            ),
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["live-migration", entry.area]},
    }


def _markdown(title: str, more: str, links: tuple[Reference, ...]) -> str:
    lines = [f"{span(title)}\n\nWhat it reads, and when it fails: {span(more)}\n"]
    lines += [f"- [{span(each.title)}](<{each.url}>)" for each in links]
    return "\n".join(lines) + "\n"
