"""`livemigration init`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from livemigration.addresses import listed
from livemigration.results import ExitCode
from livemigration.site.wheel import REQUIREMENTS, wheel_of
from livemigration.site.writing import create, update


def add(commands: Any) -> None:
    """Add the command to an argument parser's commands."""
    init = commands.add_parser(
        "init",
        help="write a repository for a site of your own",
        description="Writes a repository for a site: its inventories and its own checks, and the "
        "suite's wheel, which its requirements.txt pins.",
    )
    init.add_argument("folder", metavar="DIR", help="a new or empty folder")
    init.add_argument(
        "--update",
        action="store_true",
        help="DIR is a site's repository: add the modules of checks that an upgrade brought",
    )
    init.add_argument(
        "--wheel",
        metavar="FILE",
        help="the suite's wheel, to be put into the repository (default: the one it was installed "
        "from). With --update: the one to pin from now on",
    )
    init.set_defaults(run=_init)


def _init(chosen: argparse.Namespace) -> int:
    folder = Path(chosen.folder)
    said = _updated(folder, chosen.wheel) if chosen.update else _created(folder, chosen.wheel)
    sys.stdout.write(f"{said}\n")
    return ExitCode.READY


def _created(folder: Path, wheel: str | None) -> str:
    files = create(folder, wheel_of(wheel))
    return (
        f"Wrote {len(files)} files to {folder}.\n"
        f"Next: in {folder}, copy inventories/example.yaml to inventories/prod.yaml, edit it, and "
        "run: pytest -m livemigration --inventory inventories/prod.yaml\n"
        "To try it on a simulated fleet: pytest -m livemigration --inventory lab:healthy"
    )


def _updated(folder: Path, wheel: str | None) -> str:
    done = update(folder, wheel_of(wheel) if wheel else None)
    said = []
    if done.pinned:
        said.append(f"Pinned in {REQUIREMENTS}: {done.pinned}.")
    if done.added:
        said.append(f"Added to checks: {listed(done.added)}.")
    if done.removed:
        said.append(f"Removed what the suite no longer has: {listed(done.removed)}.")
    return " ".join(said) or "Nothing to add: every check of the suite is there."
