"""Results as the test cases of a JUnit file, one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from livemigration.report.junit import (
    case_message,
    case_name,
    case_properties,
    case_text,
    class_name,
)
from livemigration.run.result import Result, State

# XML 1.0, "Character Range"; pytest leaves out the delete character as well.
_ILLEGAL = re.compile("[^\t\n\r\x20-\x7e\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Names of checks and most of what is said stand in as many cases as there are hosts.
_quoted = lru_cache(maxsize=4096)(quoteattr)


@dataclass(frozen=True)
class CaseForm:
    """How pytest was told to write test cases.

    `shorten` is how it cuts a message, `places` says where each check is written: file and line.
    """

    prefix: str
    says_place: bool
    counts_setup: bool
    shorten: Callable[[str], str]
    places: dict[str, tuple[str, int | None]]


def case_xml(result: Result, form: CaseForm, why: str) -> str:
    """Return a result as a test case.

    Args:
        result: the result.
        form: how it is to be written.
        why: why it was left aside, where it is skipped.
    """
    own = class_name(result.entry)
    names = [
        ("classname", f"{form.prefix}.{own}" if form.prefix else own),
        ("name", case_name(result.entry)),
    ]
    path, line = form.places.get(result.entry.check, ("", None))
    if form.says_place:
        names += [("file", path)] + ([("line", str(line))] if line is not None else [])
    is_setup = result.state is State.BLOCKED
    seconds = 0.0 if is_setup and not form.counts_setup else result.seconds
    attributes = "".join(f" {name}={_quoted(value)}" for name, value in names)
    properties = "".join(
        f'<property name="{name}" value={_quoted(value)} />'
        for name, value in case_properties(result)
    )
    whole = (
        f'<testcase{attributes} time="{seconds:.3f}"><properties>{properties}</properties>'
        f"{_outcome(result, form, f'{path}:{line or 0}', why)}</testcase>"
    )
    return _ILLEGAL.sub(_shown, whole)


def _outcome(result: Result, form: CaseForm, place: str, why: str) -> str:
    """Return the element of what did not pass; nothing where it did."""
    match result.state:
        case State.WAIVED:
            message = result.reason.removeprefix("reason: ")
            return f'<skipped type="pytest.xfail" message={quoteattr(message)} />'
        case State.NOT_APPLICABLE:
            said = why.removeprefix("Skipped: ")
            return (
                f'<skipped type="pytest.skip" message={quoteattr(said)}>'
                f"{escape(f'{place}: {said}')}</skipped>"
            )
        case State.BLOCKED:
            return _failed(
                "error", form.shorten(f'failed on setup with "{case_message(result)}"'), result
            )
        case _ if result.red or result.state is State.INTERNAL_ERROR:
            return _failed("failure", form.shorten(case_message(result)), result)
    return ""


def _failed(tag: str, message: str, result: Result) -> str:
    return f"<{tag} message={quoteattr(message)}>{escape(case_text(result))}</{tag}>"


def _shown(found: re.Match[str]) -> str:
    return f"#x{ord(found[0]):02X}" if found[0] <= "\xff" else f"#x{ord(found[0]):04X}"
