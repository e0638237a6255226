"""The `livemigration` command: small helps around the suite. The checks run with pytest."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from livemigration import __version__
from livemigration import commands as package
from livemigration.base.errors import UsageError
from livemigration.commands import Command, Commands, Group
from livemigration.commands.completion import complete, words_so_far
from livemigration.commands.exits import CLOSED_PIPE, DONE
from livemigration.commands.kept import keep_records
from livemigration.commands.parsing import (
    Parser,
    add_command,
    exit_codes,
    list_of,
    refuse_unknown,
)
from livemigration.run.exit_code import ExitCode

_ABOUT = """\
Helps around the live-migration suite. The checks themselves run with pytest:
  pytest -m livemigration --inventory FILE
Their options: pytest --help, under "live-migration compliance"."""
_EACH = """\
Each has examples and its exit codes: livemigration COMMAND --help
The exit codes of a run of pytest are those of: livemigration report --help"""


class _Main(Parser):
    """The parser of all commands, which lists them by what they are for."""

    commands: Mapping[str, Command | Commands]
    hint = (
        "What there is: livemigration --help\n"
        "The checks run with: pytest -m livemigration --inventory FILE"
    )

    def format_help(self) -> str:
        options = "options:\n  -h, --help  print this\n  --version   print the version"
        parts = (_ABOUT, list_of(self.commands), _EACH, options, exit_codes(DONE))
        return "\n\n".join([self.format_usage().rstrip(), *parts]) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code.

    Raises:
        SystemExit: only help was asked for, or what was typed is no command.
    """
    if sys.stderr is None:
        # Closed by the caller: an exit code of Python's own would be a verdict.
        sys.stderr = io.StringIO()
    given = list(sys.argv[1:] if arguments is None else arguments)
    so_far = words_so_far()
    parser = whole_parser(given if so_far is None else so_far)
    if so_far is not None:
        complete(parser)
    called = refuse_unknown(parser, given)
    chosen, extra = parser.parse_known_args(given)
    if extra:
        option = extra[0].startswith("-")
        called.error(f"there is no {'option' if option else 'place for'} {extra[0]}.")

    def list_all(_: argparse.Namespace) -> int:
        # As every other text: argparse would not say that it cannot be written.
        sys.stdout.write(parser.format_help())
        return ExitCode.READY

    return _ended(list_all if chosen.command is None else chosen.run, chosen)


def _ended(run: Callable[[argparse.Namespace], int], chosen: argparse.Namespace) -> int:
    """Run what was chosen. However that ends, the exit code says no more than is so."""
    code: int = ExitCode.INTERNAL_ERROR
    try:
        _need_output()
        keep_records(chosen)
        code = int(run(chosen))
        sys.stdout.flush()
    except UsageError as error:
        sys.stderr.write(f"livemigration: {error}\n")
        code = ExitCode.USAGE
    except BrokenPipeError:
        # The reader has seen enough, as `head` has.
        _print_no_more()
        code = CLOSED_PIPE
    except OSError as error:
        what = error.filename
        if what is None:
            _print_no_more()
            what = "what was to be printed cannot be written"
        sys.stderr.write(f"livemigration: {what}: {error.strerror or type(error).__name__}.\n")
        code = ExitCode.USAGE
    except KeyboardInterrupt:
        sys.stderr.write("livemigration: interrupted.\n")
        code = ExitCode.INTERRUPTED
    except Exception:  # noqa: BLE001 - Python would end with 1, which is a verdict
        traceback.print_exc()
        sys.stderr.write("livemigration: internal error: report it with the lines above.\n")
        code = ExitCode.INTERNAL_ERROR
    return code


def _need_output() -> None:
    """Raise UsageError where the caller closed standard output, as `>&-` does."""
    if sys.stdout is None:
        raise UsageError("standard output is closed. Send it to a file, or to /dev/null.")


def whole_parser(given: Sequence[str]) -> Parser:
    """Return the parser of these words: of the command that is called, or of all of them."""
    parser = _Main(prog="livemigration")
    parser.add_argument("--version", action="version", version=f"livemigration {__version__}")
    to = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    parser.commands = {} if given[:1] == ["--version"] else _called(given)
    for name, command in parser.commands.items():
        parser.nested[name] = add_command(to, name, command)
    return parser


def _called(given: Sequence[str]) -> Mapping[str, Command | Commands]:
    """Return the command that is called; all of them where it is none, so that they are listed."""
    called = _command(given[0]) if given and given[0] in _names() else None
    return {given[0]: called} if called is not None else all_commands()


def _print_no_more() -> None:
    # Python would flush once more at its end, and complain.
    with suppress(io.UnsupportedOperation):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _names() -> list[str]:
    """Return the names of the modules of this folder, as commands are called."""
    return [each.name.replace("_", "-") for each in pkgutil.iter_modules(package.__path__)]


def _command(name: str) -> Command | Commands | None:
    """Return the command that a module of this folder registers; some only help the others."""
    module = importlib.import_module(f"{package.__name__}.{name.replace('-', '_')}")
    return getattr(module, "COMMAND", None)


def all_commands() -> dict[str, Command | Commands]:
    """Return every command by its name, in the order in which they are listed."""
    found = {name: command for name in _names() if (command := _command(name)) is not None}
    groups = list(Group)

    def place(each: tuple[str, Command | Commands]) -> tuple[int, int, str]:
        name, command = each
        return groups.index(command.group), command.order, name

    return dict(sorted(found.items(), key=place))
