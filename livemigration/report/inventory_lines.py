"""Where a run's hosts stand in its inventory file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from livemigration.base.errors import UsageError
from livemigration.inventory.inventory import LAB_PREFIX
from livemigration.inventory.ranges import names_in
from livemigration.inventory.sources import names_a_source
from livemigration.inventory.yaml_file import read_text
from livemigration.inventory.yaml_problems import line_in
from livemigration.run.run import Run


def lines_of_hosts(run: Run, folder: Path) -> dict[str, int]:
    """Return the line of each host in the inventory file, which is looked for in this folder.

    Of those that stand in its CSV file, the line that names that. Empty where there is no such
    file, where it has changed since the run, and where it lists no hosts, as that of a simulated
    fleet.
    """
    try:
        path = folder / run.inventory
        text = read_text(path)
        document = YAML(typ="rt").load(text)
        more = document.get("hosts_from")
        whole = text + (read_text(path.parent / str(more)) if more else "")
        if hashlib.sha256(whole.encode()).hexdigest() != run.inventory_digest:
            return {}
        hosts = document.get("hosts", [])
        lines = {
            name: _line(hosts, place)
            for place, host in enumerate(hosts)
            for name in names_in(str(host["name"]))
        }
        elsewhere = line_in(document, ("hosts_from",)) if more else 0
        return {host.name: elsewhere for host in run.hosts if elsewhere} | lines
    except (UsageError, YAMLError, ValueError, LookupError, TypeError, AttributeError):
        # A line is a convenience; without it the file's first line is named.
        return {}


def _line(hosts: Any, place: int) -> int:
    return int(hosts.lc.item(place)[0]) + 1


def relative_path(run: Run) -> str:
    """Return the inventory's path with forward slashes; empty where it is no relative path."""
    path = run.inventory.replace("\\", "/")
    absolute = path.startswith("/") or path[1:2] == ":"
    no_file = path.startswith(LAB_PREFIX) or names_a_source(path)
    # A gate has targets in the place of a file.
    return "" if absolute or no_file or run.gate else path


def uri(run: Run) -> str:
    """Return a URI reference for the inventory as the run names it.

    A path relative to the repository stays relative; `lab:FLEET` has its colon escaped, as it is
    no scheme.
    """
    path = run.inventory.replace("\\", "/")
    if path.startswith("//"):
        return f"file:{_quoted(path)}"
    if path[1:3] == ":/":
        return f"file:///{path[:2]}{_quoted(path[2:])}"
    return f"file://{_quoted(path)}" if path.startswith("/") else _quoted(path) or "inventory"


def _quoted(path: str) -> str:
    # A name that is no UTF-8 reaches Python with lone surrogates.
    return quote(path, errors="replace")
