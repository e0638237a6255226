"""What the handbook's reference takes from the code: options, commands, exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from livemigration.commands import Group
from livemigration.commands.main import all_commands, whole_parser
from livemigration.commands.parsing import Parser
from livemigration.plugin import more_views, options
from livemigration.run.exit_code import MEANINGS, PRECEDENCE, ExitCode

# Where nothing was checked, or all is ready, no other code holds.
_ORDERED = tuple(
    each for each in PRECEDENCE if each not in {ExitCode.NOTHING_TO_CHECK, ExitCode.READY}
)


@dataclass
class Registered:
    """Stands in for pytest's parser, and keeps what the suite registers there."""

    options: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    settings: list[tuple[str, str, Any]] = field(default_factory=list)

    def getgroup(self, *_: str) -> Registered:
        return self

    def addoption(self, name: str, **given: Any) -> None:
        self.options.append((name, given))

    def addini(self, name: str, help: str, default: Any = "") -> None:  # noqa: A002 # pytest's own
        self.settings.append((name, help, default))


def registered() -> Registered:
    """Return the options and settings that the suite adds to pytest's."""
    found = Registered()
    # Two duck types of pytest's parser.
    options.add_options(found)  # type: ignore[arg-type]  # it collects what a parser is given
    more_views.add_options(found)  # type: ignore[arg-type]  # it collects what a parser is given
    return found


def options_table() -> str:
    """Return the options of a run as a table."""
    rows = (
        f"| `{_spelled(name, given.get('metavar'))}` | {cell(given['help'])} |"
        for name, given in sorted(registered().options)
    )
    return "\n".join(["| option | meaning |", "|---|---|", *rows])


def settings_table() -> str:
    """Return the settings of `pyproject.toml` as a table."""
    rows = (
        f"| `{name}` | {cell(said)}{f'; left out: `{default}`' if default else ''} |"
        for name, said, default in registered().settings
    )
    return "\n".join(["| setting | meaning |", "|---|---|", *rows])


def _spelled(name: str, metavar: str | None) -> str:
    return f"{name} {metavar}" if metavar else name


def cell(text: str) -> str:
    """Return a text as it may stand in a table."""
    escaped = text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")
    return escaped.replace("\n", " ")


def command_parser() -> Parser:
    """Return the parser of `livemigration` with all its commands."""
    return whole_parser([])


def commands_sections() -> str:
    """Return a section for each group of commands, and in it for each command."""
    parsers = command_parser().nested
    lines: list[str] = []
    for group in Group:
        lines += ["", f"## {group.value}"]
        for name, command in all_commands().items():
            if command.group is group:
                lines += _told(name, parsers[name], "###")
    return "\n".join(lines[1:])


def _told(name: str, parser: Parser, heading: str) -> Iterator[str]:
    """Yield what a command does, its arguments, examples and exit codes, and then its actions."""
    yield from ("", f"{heading} {name}", "", parser.description or "")
    rows = [
        f"| `{_argument(action)}` | {cell(_filled(parser, action))} |"
        for action in parser._actions
        if not isinstance(action, argparse._SubParsersAction | argparse._HelpAction)
    ]
    if rows:
        yield from ("", f"| `livemigration {name}` | meaning |", "|---|---|", *rows)
    if not parser.nested:
        yield from ("", "```text", (parser.epilog or "").rstrip(), "```")
    for each, action in parser.nested.items():
        yield from _told(f"{name} {each}", action, f"{heading}#")


def _argument(action: argparse.Action) -> str:
    named = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if not action.option_strings:
        return named
    spelled = ", ".join(action.option_strings)
    return spelled if action.nargs == 0 else f"{spelled} {named}"


def _filled(command: argparse.ArgumentParser, action: argparse.Action) -> str:
    said = (action.help or "") % {**vars(action), "prog": command.prog}
    if action.choices is not None:
        said = f"{said}{'; ' if said else ''}one of {', '.join(map(str, action.choices))}"
    return said + (" (needed)" if action.required and action.option_strings else "")


def exit_codes_table() -> str:
    """Return the exit codes of a run as a table, and which of them wins."""
    rows = (f"| {int(code)} | {MEANINGS[code]} |" for code in sorted(ExitCode))
    order = ", ".join(str(int(code)) for code in _ORDERED)
    return "\n".join(
        ["| code | meaning |", "|---|---|", *rows, "", f"Where several hold: {order}."]
    )
