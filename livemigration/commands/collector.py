"""`livemigration collector`: the PowerShell file that collects facts where the suite is not."""

from __future__ import annotations

import argparse

from livemigration.base.files import words_beside
from livemigration.collector.script import FILE_NAME, script_text
from livemigration.commands import Command, Group
from livemigration.commands.new_file import new_file, write_new
from livemigration.run.exit_code import ExitCode


def _fill(collector: argparse.ArgumentParser) -> None:
    collector.add_argument("file", nargs="?", default=FILE_NAME, help=f"default: {FILE_NAME}")
    collector.add_argument(
        "--redact",
        action="store_true",
        help="let it replace names, addresses and SIDs in what it writes",
    )


def _collector(chosen: argparse.Namespace) -> int:
    path = new_file(chosen.file)
    # Windows PowerShell reads a file without a mark in the code page of the machine; this is ASCII.
    write_new(path, script_text(redacted=chosen.redact))
    words_beside(path).write(
        f"Wrote {path}. Read it, then run it in PowerShell: its head says how.\n"
    )
    return ExitCode.READY


COMMAND = Command(
    "write a PowerShell file that collects facts without the suite",
    _fill,
    _collector,
    examples=("livemigration collector", "livemigration collector collect.ps1 --redact"),
    group=Group.FACTS,
    order=1,
)
