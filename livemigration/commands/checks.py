"""`livemigration checks`: the checks, as a list, as JSON, or as pages."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from livemigration.base.codec import to_json
from livemigration.base.errors import UsageError
from livemigration.commands import Command, Group
from livemigration.commands.described import described, say
from livemigration.commands.paths import not_written
from livemigration.explain.pages import write_pages
from livemigration.explain.wording import list_line
from livemigration.run.exit_code import ExitCode


def _fill(checks: argparse.ArgumentParser) -> None:
    form = checks.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print them as JSON")
    form.add_argument("--docs", metavar="DIR", help="write a page for each check into this folder")


def _checks(chosen: argparse.Namespace) -> int:
    found = described()
    if chosen.json:
        rows = [{**to_json(each), "run": each.run} for each in found]
        say(json.dumps({"schema": 1, "checks": rows}, indent=2) + "\n")
    elif chosen.docs:
        folder = Path(chosen.docs)
        try:
            written, removed = write_pages(folder, found)
        except OSError as error:
            if folder.exists() and not folder.is_dir():
                raise UsageError(f"{folder} is a file. Name a folder.") from None
            raise not_written(folder, error, "name another folder") from None
        say(f"Wrote {written} pages to {folder}, and removed {removed} of checks that are gone.\n")
    else:
        say("".join(f"{list_line(each)}\n" for each in found))
    return ExitCode.READY


COMMAND = Command(
    "list the checks, or write a page for each",
    _fill,
    _checks,
    examples=("livemigration checks", "livemigration checks --json"),
    group=Group.MEANING,
    order=2,
)
