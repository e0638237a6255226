"""The folders that belong to the suite and lie beside the package in a clone."""

from __future__ import annotations

from pathlib import Path

import livemigration

CHECKS = "checks"
INVENTORIES = "inventories"


def shipped(folder: str) -> Path:
    """Return the suite's own folder of this name: inside an installed wheel, else of the clone."""
    package = Path(livemigration.__file__).parent
    # Of a clone's folder inside the package only the redirection of imports is there.
    inside = package / folder
    installed = any(path.name != "__init__.py" for path in inside.glob("*.*"))
    return inside if installed else package.parent / folder
