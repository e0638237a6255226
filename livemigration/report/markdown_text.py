"""Text of hosts in Markdown, which nothing in it can leave."""

from __future__ import annotations

import re
from collections.abc import Iterable

from livemigration.report.text import plain

_BACKTICKS = re.compile(r"`+")


def span(text: str) -> str:
    """Return text as a code span: no HTML, link, emphasis, mention or number of an issue in it.

    Escapes would not do: GitHub and GitLab look for mentions after they are gone.
    """
    line = " ".join(plain(text).split()) or "?"
    marks = "`" * (_longest(line) + 1)
    # A space on each side is taken off again (CommonMark 0.31, 6.1).
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{marks}{pad}{line}{pad}{marks}"


def fenced(lines: Iterable[str], language: str = "text") -> str:
    """Return lines as a fenced block; its fence is longer than any run of backticks inside."""
    shown = [plain(line).rstrip() for line in lines]
    fence = "`" * max([3, *(_longest(line) + 1 for line in shown)])
    return "\n".join((f"{fence}{language}", *shown, fence))


def _longest(line: str) -> int:
    return max((len(found) for found in _BACKTICKS.findall(line)), default=0)
