"""`livemigration init`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from livemigration.addresses import listed
from livemigration.results import ExitCode
from livemigration.site.writing import create, update


def add(commands: Any) -> None:
    """Add the command to an argument parser's commands."""
    init = commands.add_parser(
        "init",
        help="write a repository for a site of your own",
        description="Writes a repository for a site: its inventories and its own checks, with the "
        "suite as a dependency. Upgrading is then: pip install -U livemigration",
    )
    init.add_argument("folder", metavar="DIR", help="a new or empty folder")
    init.add_argument(
        "--update",
        action="store_true",
        help="DIR is a site's repository: add the modules of checks that an upgrade brought",
    )
    init.set_defaults(run=_init)


def _init(chosen: argparse.Namespace) -> int:
    folder = Path(chosen.folder)
    said = _updated(folder) if chosen.update else _created(folder)
    sys.stdout.write(f"{said}\n")
    return ExitCode.READY


def _created(folder: Path) -> str:
    files = create(folder)
    return (
        f"Wrote {len(files)} files to {folder}.\n"
        f"Next: in {folder}, copy inventories/example.yaml to inventories/prod.yaml, edit it, and "
        "run: pytest -m livemigration --inventory inventories/prod.yaml\n"
        "To try it on a simulated fleet: pytest -m livemigration --inventory lab:healthy"
    )


def _updated(folder: Path) -> str:
    done = update(folder)
    said = []
    if done.added:
        said.append(f"Added to checks: {listed(done.added)}.")
    if done.removed:
        said.append(f"Removed what the suite no longer has: {listed(done.removed)}.")
    return " ".join(said) or "Nothing to add: every check of the suite is there."
