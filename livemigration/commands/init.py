"""`livemigration init`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from livemigration.base.text import listed
from livemigration.commands import Command, Group
from livemigration.commands.paths import given_file
from livemigration.run.exit_code import ExitCode
from livemigration.site.wheel import REQUIREMENTS, wheel_of
from livemigration.site.writing import create, update


def _fill(init: argparse.ArgumentParser) -> None:
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


def _init(chosen: argparse.Namespace) -> int:
    folder = Path(chosen.folder)
    if chosen.wheel is not None:
        given_file(chosen.wheel, "the suite's wheel: pip wheel writes it, from a clone")
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


COMMAND = Command(
    "write a site's repository: inventories, checks, the suite's wheel",
    _fill,
    _init,
    examples=("livemigration init DIR", "livemigration init --update DIR"),
    group=Group.SUITE,
    order=2,
)
