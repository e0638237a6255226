"""What a shell offers when Tab is pressed: commands, options, and the words that belong here.

argcomplete speaks with the shell, which starts the program with `_ARGCOMPLETE` set; it is loaded
only then.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from livemigration.base.errors import UsageError
from livemigration.commands.paths import REPORTS, runs_in

# Called by argcomplete with what is typed of the word, and with what else it knows.
Completer = Callable[..., Iterable[str] | Mapping[str, str]]


def complete(parser: argparse.ArgumentParser) -> None:
    """Tell the shell what fits, and end this process. Only where `words_so_far` are not None."""
    import argcomplete  # noqa: PLC0415 - only a shell that completes waits for it

    argcomplete.autocomplete(parser)


def words_so_far() -> list[str] | None:
    """Return the words of the command before the one that is completed; None where none is.

    They only say which commands are worth loading: argcomplete reads the line as a shell does.
    """
    # Neither alone is a shell that completes: a program may hand one of them on.
    if not {"_ARGCOMPLETE", "COMP_LINE", "COMP_POINT"} <= os.environ.keys():
        return None
    line, point = os.environ["COMP_LINE"], os.environ["COMP_POINT"]
    before = line[: int(point)] if point.isdecimal() else line
    words = before.split()
    start = os.environ["_ARGCOMPLETE"]
    first = int(start) if start.isdecimal() else 1
    return words[first:] if before[-1:].isspace() else words[first:-1]


def completed(argument: argparse.Action, by: Completer) -> None:
    """Let an argument be completed by this; without it, by the names of files."""
    vars(argument)["completer"] = by


def nothing(**_: Any) -> Iterable[str]:
    """Offer nothing: only the person knows it."""
    return ()


def run_or(*suffixes: str) -> Completer:
    """Return a completer of the runs in the reports folder, and of files that end so."""

    def offered(prefix: str, **_: Any) -> Iterator[str]:
        if not prefix or "reports/".startswith(prefix):
            yield from (f"{REPORTS}/{each.name}" for each in runs_in(Path(REPORTS)))
        if prefix:
            yield from _paths(prefix, suffixes)

    return offered


def fleets(*, files: bool) -> Completer:
    """Return a completer of the shipped fleets, and of fleet files."""

    def offered(prefix: str, **_: Any) -> Iterator[str]:
        from livemigration.lab.fleet import shipped_fleets  # noqa: PLC0415 - only `lab` loads it

        yield from shipped_fleets()
        if files:
            yield from _paths(prefix, (".yaml",))

    return offered


def checks(**_: Any) -> Mapping[str, str]:
    """Offer the checks that are known here, each with its title."""
    from livemigration.commands.described import described  # noqa: PLC0415 - loads the checks

    with suppress(UsageError):
        return {each.identifier: each.title for each in described()}
    return {}


def _paths(prefix: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    """Yield folders, and files that end in one of these, which begin with what is typed."""
    # As it is typed: `pathlib` would take away a leading ./
    head, slash, begun = prefix.rpartition("/")
    folder = Path(f"{head}{slash}" or ".").expanduser()
    with suppress(OSError):
        for each in sorted(folder.iterdir()):
            if not each.name.startswith(begun) or (each.name.startswith(".") and not begun):
                continue
            if each.is_dir():
                yield f"{head}{slash}{each.name}/"
            elif each.name.endswith(suffixes):
                yield f"{head}{slash}{each.name}"
