"""A hook of MkDocs: puts each check's page into the navigation, so that a new check needs no line.

mkdocs.yml names this file.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

INDEX = "checks/index.md"


def on_config(config: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Give the navigation with the pages of the checks; MkDocs calls this before it builds."""
    folder = Path(config["docs_dir"], INDEX).parent
    pages = sorted(path.name for path in folder.glob("LM*.md"))
    config["nav"] = with_checks(config["nav"], pages)
    return config


def with_checks(nav: Any, pages: list[str]) -> Any:
    """Return a navigation in which the index of the checks is followed by their pages."""
    if isinstance(nav, list):
        return [with_checks(each, pages) for each in nav]
    if not isinstance(nav, dict):
        return nav
    return {
        title: [INDEX, *({name.removesuffix(".md"): f"checks/{name}"} for name in pages)]
        if place == INDEX
        else with_checks(place, pages)
        for title, place in nav.items()
    }
