"""The PowerShell files of the collector, and what is in them."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import Any

from powershell_gates import nodes


def file_text(name: str) -> str:
    return resources.files("livemigration.collector").joinpath(name).read_text(encoding="utf-8")


def declared(text: str) -> Any:
    """Return the one JSON document of a file."""
    (found,) = re.findall(r"(?s)ConvertFrom-Json -InputObject @'\n(.*?)\n'@\n", text)
    return json.loads(found)


@cache
def functions(text: str) -> dict[str, str]:
    """Return the text of each function of a file by its name."""
    found = {}
    for node in nodes(text):
        if node.type == "function_statement" and node.text is not None:
            body = node.text.decode()
            (name,) = re.findall(r"\Afunction\s+([\w-]+)", body)
            found[name] = body
    return found
