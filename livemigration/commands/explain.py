"""`livemigration explain`: a check, a code, an event, or what is behind a message."""

from __future__ import annotations

import argparse
import re
import sys

from livemigration.base.errors import UsageError
from livemigration.commands import Command, Group
from livemigration.commands.completion import checks as completed_checks
from livemigration.commands.completion import completed
from livemigration.commands.described import described, say
from livemigration.explain.catalogue import CATALOGUE
from livemigration.explain.describe import Description
from livemigration.explain.extract import alone, inside
from livemigration.explain.found import Found
from livemigration.explain.normal import decoded
from livemigration.explain.wording import catalogue_text, check_text, found_text, list_line
from livemigration.inventory.nearest import did_you_mean
from livemigration.run.exit_code import ExitCode

NOTHING = "no code was found."
WHAT_TO_GIVE = (
    "Give a code (0x8007274D, -2147014835, 10061), a check (LM102), or a whole "
    "message in quotation marks, or - to read it from standard input. Inside a message a plain "
    "number counts only after a word such as Error, Event or VMM, or where a log prints it."
)
_CHECK = re.compile(r"LM[-_ ]?([0-9]+)", re.IGNORECASE)
# As Windows names its codes: WSAECONNREFUSED, ERROR_ACCESS_DENIED.
_SYMBOL = re.compile(r"[A-Z][A-Z0-9_]{5,}")
_LONGEST = 1_000_000


def _fill(explain: argparse.ArgumentParser) -> None:
    what = explain.add_argument(
        "what",
        nargs="*",
        metavar="WHAT",
        help="LM102, 0x8007274D, -2147014835, 10061, 'Event 21502', a message, or - for standard "
        "input (default: list what is known)",
    )
    completed(what, completed_checks)


def _explain(chosen: argparse.Namespace) -> int:
    given: list[str] = chosen.what
    if not given:
        return _list()
    if given == ["-"]:
        found: list[Found | str] = list(inside(_standard_input()))
    else:
        read = [_argument(each) for each in given]
        found = [each for part in read for each in part]
        if not all(read):
            # Somebody typed a message without quotation marks.
            found = list(inside(" ".join(given)))
    if not found:
        raise UsageError(_nothing(given))
    checks, trouble = _known_checks()
    texts = [_text(each, checks, trouble) for each in found]
    say("\n\n".join(texts) + "\n")
    if trouble:
        sys.stderr.write(f"livemigration: {trouble}\n")
    known = any(isinstance(each, str) or each.entries for each in found)
    return ExitCode.READY if known else ExitCode.USAGE


def _list() -> int:
    """Print the checks and the codes that are known, a line each."""
    checks, trouble = _known_checks()
    lines = "".join(f"{list_line(each)}\n" for each in checks.values())
    say(f"Checks:\n{lines}\n" if checks else "")
    say(f"{catalogue_text(CATALOGUE)}\nOne of them in full: livemigration explain LM102\n")
    if trouble:
        sys.stderr.write(f"livemigration: {trouble}\n")
    return ExitCode.READY


def _nothing(given: list[str]) -> str:
    """Return what is said where nothing in the words is a code: what may have been meant first."""
    symbols = [each for each in given if _SYMBOL.fullmatch(each)]
    names = [name for entry in CATALOGUE for name in entry.names if _SYMBOL.fullmatch(name)]
    near = did_you_mean(symbols[0], names) if len(given) == len(symbols) == 1 else ""
    return f"{NOTHING}{near} {WHAT_TO_GIVE}"


def _argument(argument: str) -> list[Found | str]:
    """Return what one argument is: a check's identifier, a code, or the codes in a message."""
    if (check := _CHECK.fullmatch(argument.strip())) is not None:
        return [f"LM{check[1]}"]
    code = alone(argument)
    return [code] if code is not None else list(inside(argument))


def _text(found: Found | str, checks: dict[str, Description], trouble: str) -> str:
    if isinstance(found, Found):
        return found_text(found, checks)
    if found not in checks:
        if trouble:
            raise UsageError(trouble)
        near = did_you_mean(found, checks)
        raise UsageError(f"there is no check {found}.{near} There are: {', '.join(checks)}.")
    return check_text(checks[found])


def _standard_input() -> str:
    """Return what is piped in; Windows PowerShell may send UTF-16."""
    data = sys.stdin.buffer.read(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise UsageError(f"more than {_LONGEST} bytes were given. Paste the part with the error.")
    return decoded(data)


def _known_checks() -> tuple[dict[str, Description], str]:
    """Return the checks, or none and why: a code can be explained without them."""
    try:
        return {each.identifier: each for each in described()}, ""
    except UsageError as error:
        return {}, str(error)


COMMAND = Command(
    "explain a check, an error code, an event, or a whole error message",
    _fill,
    _explain,
    examples=(
        "livemigration explain LM102",
        "livemigration explain 0x8007274D",
        "livemigration explain 'Error (2912) ... (0x8007274D)'",
    ),
    exits={
        ExitCode.READY: "explained, or listed",
        ExitCode.USAGE: "nothing is known of it, or wrong arguments",
    },
    group=Group.MEANING,
    order=1,
)
