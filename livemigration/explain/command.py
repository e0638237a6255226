"""`livemigration explain` and `livemigration checks`."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from livemigration.codec import to_json
from livemigration.errors import UsageError
from livemigration.explain.describe import Description, describe
from livemigration.explain.extract import alone, inside
from livemigration.explain.found import Found
from livemigration.explain.loaded import checks_folder, load_checks
from livemigration.explain.normal import decoded
from livemigration.explain.pages import write_pages
from livemigration.explain.wording import check_text, found_text, list_line
from livemigration.results import ExitCode

NO_FOLDER = "There is no folder of checks here. Run this where the suite's folder checks/ is."
NOTHING = (
    "no code was found. Give a code (0x8007274D, -2147014835, 10061), a check (LM102), or a whole "
    "message in quotation marks, or - to read it from standard input. Inside a message a plain "
    "number counts only after a word such as Error, Event or VMM, or where a log prints it."
)
_CHECK = re.compile(r"LM[0-9]{3}", re.IGNORECASE)
_LONGEST = 1_000_000


def add(commands: Any) -> None:
    """Add both commands to an argument parser's commands."""
    explain = commands.add_parser(
        "explain", help="explain a check, an error code, an event, or a whole error message"
    )
    explain.add_argument(
        "what",
        nargs="+",
        metavar="WHAT",
        help="LM102, 0x8007274D, -2147014835, 10061, 'Event 21502', a message, or - for standard "
        "input",
    )
    explain.set_defaults(run=_explain)
    checks = commands.add_parser("checks", help="list the checks")
    form = checks.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print them as JSON")
    form.add_argument("--docs", metavar="DIR", help="write a page for each check into this folder")
    checks.set_defaults(run=_checks)


def _say(text: str) -> None:
    # A site's docstrings may hold what the terminal's code page cannot show.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _explain(chosen: argparse.Namespace) -> int:
    given: list[str] = chosen.what
    if given == ["-"]:
        found: list[Found | str] = list(inside(_standard_input()))
    else:
        read = [_argument(each) for each in given]
        found = [each for part in read for each in part]
        if not all(read):
            # Somebody typed a message without quotation marks.
            found = list(inside(" ".join(given)))
    if not found:
        raise UsageError(NOTHING)
    checks, trouble = _known_checks()
    texts = [_text(each, checks, trouble) for each in found]
    _say("\n\n".join(texts) + "\n")
    if trouble:
        sys.stderr.write(f"livemigration: {trouble}\n")
    known = any(isinstance(each, str) or each.entries for each in found)
    return ExitCode.READY if known else ExitCode.USAGE


def _argument(argument: str) -> list[Found | str]:
    """Return what one argument is: a check's identifier, a code, or the codes in a message."""
    if _CHECK.fullmatch(argument.strip()):
        return [argument.strip().upper()]
    code = alone(argument)
    return [code] if code is not None else list(inside(argument))


def _text(found: Found | str, checks: dict[str, Description], trouble: str) -> str:
    if isinstance(found, Found):
        return found_text(found, checks)
    if found not in checks:
        if trouble:
            raise UsageError(trouble)
        raise UsageError(f"there is no check {found}. There are: {', '.join(checks)}.")
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
        return {each.identifier: each for each in _described()}, ""
    except UsageError as error:
        return {}, str(error)


def _described() -> list[Description]:
    folder = checks_folder()
    if folder is None:
        raise UsageError(NO_FOLDER)
    return [describe(each) for each in load_checks(folder)]


def _checks(chosen: argparse.Namespace) -> int:
    found = _described()
    if chosen.json:
        rows = [{**to_json(each), "run": each.run} for each in found]
        _say(json.dumps({"schema": 1, "checks": rows}, indent=2) + "\n")
    elif chosen.docs:
        folder = Path(chosen.docs)
        try:
            written, removed = write_pages(folder, found)
        except OSError as error:
            raise UsageError(f"{folder}: {error.strerror or 'cannot be written'}.") from None
        _say(f"Wrote {written} pages to {folder}, and removed {removed} of checks that are gone.\n")
    else:
        _say("".join(f"{list_line(each)}\n" for each in found))
    return ExitCode.READY
