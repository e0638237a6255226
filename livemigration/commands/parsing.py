"""The parsers of the commands: what `--help` prints, and what is said of a mistake."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NoReturn, Protocol

from livemigration.base.text import capitalized
from livemigration.commands import Command, Commands, Group
from livemigration.commands.exits import Exits, whole
from livemigration.inventory.nearest import did_you_mean
from livemigration.run.exit_code import ExitCode

_TIME = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(ms|s)", re.ASCII)
_LONGEST_SECONDS = 60
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)%", re.ASCII)
_OPTION = re.compile(r"--[\w-]+")


class Parser(argparse.ArgumentParser):
    """As argparse's, but a mistake ends as every mistake of a user does: with what is right.

    `hint` is said beside a mistake. `nested` are the parsers that one of its words, a `word`,
    chooses from, by that word.
    """

    hint = ""
    word = "command"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, formatter_class=argparse.RawDescriptionHelpFormatter)
        self.nested: dict[str, Parser] = {}

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and what would be right, and end."""
        self.print_usage(sys.stderr)
        self.exit(int(ExitCode.USAGE), f"{self.prog}: error: {message}\n{self.hint}\n")

    def options(self) -> list[str]:
        """Return its long options."""
        return ["--help", *dict.fromkeys(_OPTION.findall(self.format_usage()))]


class Adding(Protocol):
    """Where argparse adds the parser of one word."""

    def add_parser(self, name: str, *, help: str, description: str, epilog: str) -> Parser:  # noqa: A002 - as argparse calls it
        """Return the new parser."""
        ...


def add_command(to: Adding, name: str, command: Command | Commands) -> Parser:
    """Add the parser of a command, and of its actions."""
    parser = to.add_parser(
        name,
        help=command.help,
        description=sentence_of(command),
        epilog=f"{_example(command.examples)}\n\n{exit_codes(command.exits)}",
    )
    parser.hint = f"For example: {command.examples[0]}"
    if isinstance(command, Commands):
        actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
        parser.word = "action"
        parser.nested = {
            each: add_command(actions, each, action) for each, action in command.actions.items()
        }
    else:
        command.fill(parser)
        parser.set_defaults(run=command.run)
    return parser


def sentence_of(command: Command | Commands) -> str:
    """Return what a command does, as a sentence."""
    return f"{capitalized(command.help)}."


def list_of(commands: Mapping[str, Command | Commands]) -> str:
    """Return a line for each command, under the heading of its group."""
    width = max(map(len, commands), default=0)
    blocks = []
    for group in Group:
        lines = [
            f"  {name:<{width}}  {command.help}"
            for name, command in commands.items()
            if command.group is group
        ]
        if lines:
            blocks.append("\n".join([f"{group.value}:", *lines]))
    return "\n\n".join(blocks)


def exit_codes(exits: Exits) -> str:
    """Return the codes that a command can end with, a line each."""
    return "\n".join(
        ["exit codes:", *(f"  {int(code):<4} {each}" for code, each in whole(exits).items())]
    )


def _example(lines: Sequence[str]) -> str:
    heading = "example:" if len(lines) == 1 else "examples:"
    return "\n".join([heading, *(f"  {line}" for line in lines)])


def refuse_unknown(parser: Parser, words: Sequence[str]) -> Parser:
    """Return the parser that the last of these words are for; end where a word is unknown.

    argparse would name another mistake first, or print every word that there is.
    """
    for at, word in enumerate(words):
        if word == "--":
            break
        if word.startswith("--"):
            _refuse_option(parser, word.partition("=")[0])
        elif parser.nested and not word.startswith("-"):
            if word not in parser.nested:
                parser.error(_no_such(parser.word, word, parser.nested))
            return refuse_unknown(parser.nested[word], words[at + 1 :])
    return parser


def _refuse_option(parser: Parser, option: str) -> None:
    known = parser.options()
    if not any(each.startswith(option) for each in known):
        parser.error(f"there is no option {option}.{did_you_mean(option, known)}")


def _no_such(what: str, word: str, known: Collection[str]) -> str:
    near = did_you_mean(word.replace("_", "-"), known)
    return f"there is no {what} {word}.{near} There are: {', '.join(known)}."


def chosen_from(what: str, known: Iterable[str]) -> Callable[[str], str]:
    """Return what argparse reads an argument with that is one of these words."""
    words = tuple(known)

    def read(word: str) -> str:
        if word not in words:
            raise argparse.ArgumentTypeError(_no_such(what, word, words))
        return word

    return read


def number(word: str) -> int:
    """Read an argument that is a whole number."""
    try:
        return int(word)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{word} is no whole number. Write one, such as 8."
        ) from None


def milliseconds(word: str) -> float:
    """Read an argument that is a time, such as 100ms or 1.5s, as seconds."""
    match = _TIME.fullmatch(word)
    if match is None:
        raise argparse.ArgumentTypeError(f"{word} is no time. Write one such as 100ms or 1.5s.")
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if seconds > _LONGEST_SECONDS:
        raise argparse.ArgumentTypeError(f"{word} is too long. Write {_LONGEST_SECONDS}s at most.")
    return seconds


def share(word: str) -> float:
    """Read an argument that is a share in percent, such as 1%, as a number from 0 to 1."""
    match = _SHARE.fullmatch(word)
    if match is None or float(match[1]) > 100:
        raise argparse.ArgumentTypeError(f"{word} is no share. Write one from 0% to 100%, as 1%.")
    return float(match[1]) / 100
