"""Text for a terminal or a log: plain lines, without colour or control characters."""

from __future__ import annotations

import re

# Azure Pipelines (azure-pipelines-agent, "Logging commands") and GitHub Actions (actions/runner,
# ActionCommand) obey such a beginning anywhere in a line of a log.
_PIPELINE_COMMAND = re.compile(r"##(?=(?:vso)?\[)", re.IGNORECASE)


def plain(text: str) -> str:
    """Return text that cannot steer a terminal, command a pipeline or reorder a line.

    White space of any kind becomes a space; control characters, bidirectional overrides, invisible
    format characters and lone surrogates become `?`; `##[` and `##vso[` are taken apart.
    """
    if not text.isprintable():
        text = "".join(
            each if each.isprintable() else " " if each.isspace() else "?"
            for each in text.replace("\r\n", "\n")
        )
    return _PIPELINE_COMMAND.sub("# #", text)
