"""The `livemigration` command: small helps around the suite. The checks run with pytest."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from livemigration import __version__
from livemigration.attach import command as attach_command
from livemigration.bundle import command as bundle_command
from livemigration.collector import command as collector_command
from livemigration.errors import UsageError
from livemigration.explain import command as explain_command
from livemigration.fix_script import command as fix_script_command
from livemigration.lab import command as lab_command
from livemigration.merge import command as merge_command
from livemigration.report import command as report_command
from livemigration.report import view_command
from livemigration.results import ExitCode
from livemigration.schemas import SCHEMAS, schema_text
from livemigration.site import command as site_command

# As of a program that the signal ends: what was not said to the end is never green.
_CLOSED_PIPE = 141


class _Parser(argparse.ArgumentParser):
    """As argparse's, but a mistake ends as every mistake of a user does."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(int(ExitCode.USAGE), f"{self.prog}: error: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = _Parser(
        prog="livemigration",
        description="Helps around the live-migration suite. "
        "The checks themselves run with: pytest -m livemigration",
    )
    parser.add_argument("--version", action="version", version=f"livemigration {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    schema = commands.add_parser("schema", help="print a published JSON Schema")
    schema.add_argument("name", choices=sorted(SCHEMAS))
    schema.set_defaults(run=_schema)
    lab_command.add(commands)
    collector_command.add(commands)
    explain_command.add(commands)
    report_command.add(commands)
    merge_command.add(commands)
    bundle_command.add(commands)
    attach_command.add(commands)
    fix_script_command.add(commands)
    view_command.add(commands)
    site_command.add(commands)
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help()
        return ExitCode.READY
    try:
        code = int(chosen.run(chosen))
        sys.stdout.flush()
    except UsageError as error:
        sys.stderr.write(f"livemigration: {error}\n")
        return ExitCode.USAGE
    except BrokenPipeError:
        # The reader has seen enough, as `head` has. Python would flush once more, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _CLOSED_PIPE
    return code


def _schema(chosen: argparse.Namespace) -> int:
    sys.stdout.write(schema_text(chosen.name))
    return ExitCode.READY
