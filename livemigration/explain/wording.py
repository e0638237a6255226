"""What `livemigration explain` and `livemigration checks` print."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping

from livemigration.base.text import capitalized, one_line
from livemigration.explain.catalogue import of_check
from livemigration.explain.describe import Description, ReadFact
from livemigration.explain.entry import (
    FACILITIES,
    Confidence,
    Entry,
    Kind,
    facility_of,
    hexadecimal,
    signed,
)
from livemigration.explain.found import Found

_WIDTH = 100
_LABEL = 16


def _row(label: str, text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=f"  {label:<{_LABEL}}",
        subsequent_indent=" " * (_LABEL + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _rows(label: str, texts: Iterable[str]) -> list[str]:
    return [_row(label if at == 0 else "", text) for at, text in enumerate(texts)]


def _command(label: str, command: str) -> str:
    # Never folded: it is copied.
    return f"  {label:<{_LABEL}}{command}"


def found_text(found: Found, checks: Mapping[str, Description]) -> str:
    """Return what is known of one code."""
    if not found.entries:
        return _unknown(found)
    return "\n\n".join(_entry(entry, found.spelling, checks) for entry in found.entries)


def _entry(entry: Entry, spelling: str, checks: Mapping[str, Description]) -> str:
    lines = [f"{entry.title} ({entry.kind.value})"]
    given = _given(spelling)
    if given and given.casefold() not in entry.title.casefold():
        lines.append(_row("Given as:", given))
    lines.append(_row("Means:", entry.meaning))
    if entry.cause:
        lines.append(_row("Comes from:", entry.cause))
    if entry.caution:
        lines.append(_row("Beware:", entry.caution))
    lines += _rows("Do:", _numbered(entry.steps))
    lines += _finders(entry, checks)
    if entry.confidence is not Confidence.DOCUMENTED:
        lines.append(_row("Founded on:", f"{entry.confidence.value}."))
    lines += _rows("Sources:", entry.sources)
    return "\n".join(lines)


def _given(spelling: str) -> str:
    """Return a spelling in one line, with the parenthesis that it opens closed."""
    given = one_line(spelling)
    return given + ")" * (given.count("(") > given.count(")"))


def _numbered(steps: tuple[str, ...]) -> Iterable[str]:
    if len(steps) == 1:
        return steps
    return (f"{number}. {step}" for number, step in enumerate(steps, start=1))


def _finders(entry: Entry, checks: Mapping[str, Description]) -> list[str]:
    if not entry.checks:
        return [_row("Found by:", "no check of this suite.")]
    here = [checks[each] for each in entry.checks if each in checks]
    later = [each for each in entry.checks if each not in checks]
    lines = _rows("Found by:", (f"{each.identifier} {each.title}" for each in here))
    if here:
        lines.append(_command("Run first:", here[0].run))
    if later:
        lines.append(_row("Not here:", f"{', '.join(later)}: not among the checks of this folder."))
    return lines


def _unknown(found: Found) -> str:
    number = found.number or 0
    by = f" of {one_line(found.source)}" if found.source else ""
    spelling = _given(found.spelling)
    lines = [f"{spelling}{by}: not in this catalogue, so what it means is not said."]
    if Kind.RESULT in found.kinds:
        facility = facility_of(number)
        name = FACILITIES.get(facility, "not one that this suite knows")
        lines.append(
            _row(
                "Decoded:",
                f"{hexadecimal(number)}, {signed(number)}: "
                f"facility {facility} ({name}), code {number & 0xFFFF}.",
            )
        )
        tool = "winrm helpmsg" if facility == 0x33 else "certutil -error"
        lines.append(_row("Do:", f"On Windows run: {tool} {hexadecimal(number)}"))
        return "\n".join(lines)
    if Kind.WIN32 in found.kinds:
        small = number & 0xFFFF if number >= 1 << 31 else number
        lines.append(_row("Decoded:", f"As a Win32 error it is number {small}."))
        lines.append(_row("Do:", f"On Windows run: net helpmsg {small}"))
    if Kind.VMM in found.kinds:
        label = "" if len(lines) > 1 else "Do:"
        lines.append(_row(label, "As a VMM job error: read the job's recommended action in VMM."))
    if Kind.EVENT in found.kinds:
        label = "" if len(lines) > 1 else "Do:"
        lines.append(_row(label, "As an event: read its text, and explain the codes in it."))
    if found.kinds == (Kind.METHOD,):
        lines.append(_row("Do:", "Read the Hyper-V-VMMS-Admin log of the host."))
    return "\n".join(lines)


def check_text(check: Description) -> str:
    """Return what a check asserts, why, from what, and how to run it alone."""
    lines = [f"{check.identifier} (area {check.area}, one result for each {check.target})"]
    lines.append(_row("Asserts:", check.title))
    for paragraph in check.paragraphs:
        label, text = labelled(paragraph)
        lines.append(_row(f"{label}:" if label else "", text))
    lines.append(_row("Results:", results_text(check)))
    lines += _rows("Reads:", (read_text(each) for each in check.reads))
    codes = of_check(check.identifier)
    lines += _rows("Codes:", (f"{each.title}: {each.meaning}" for each in codes))
    lines += _rows("References:", (f"{each.title} <{each.url}>" for each in check.references))
    lines.append(_command("Run only it:", check.run))
    lines.append(_command("Run its area:", check.run_area))
    return "\n".join(lines)


def labelled(paragraph: str) -> tuple[str, str]:
    """Return a paragraph's label, as Why or Warns, and its text; a text without one has none."""
    label, colon, text = paragraph.partition(": ")
    plain = label.replace(" ", "")
    if colon and plain.isalpha() and label[0].isupper() and len(label) < _LABEL - 1:
        return label, text
    return "", paragraph


def results_text(check: Description) -> str:
    """Return the results that a check can come to, in a sentence."""
    sentence = f"{'; '.join(check.results)}. Blocked where facts that it needs cannot be read."
    if check.opt_in:
        sentence += f" Part of a run only with {check.opt_in}."
    return sentence


def read_text(fact: ReadFact) -> str:
    """Return what a check reads, from where, in a line."""
    when = "" if fact.needed else " (on some paths)"
    return f"{fact.title}: {fact.source}, seen from {fact.vantage}{when}"


def list_line(check: Description) -> str:
    """Return a check in one line: what holds when it passes, and what is wrong when it fails."""
    titles = list(dict.fromkeys(each.title for each in check.reads))
    reads = f" Reads: {', '.join(titles)}." if titles else ""
    wrong = "".join(f" {each}" for each in check.paragraphs if labelled(each)[0] == "Fails")
    return f"{check.identifier}  {check.area:<12}  {check.title}{wrong}{reads}"


def catalogue_text(entries: Iterable[Entry]) -> str:
    """Return a line for each code, under a heading for each kind."""
    known = tuple(entries)
    blocks = []
    for kind in Kind:
        lines = [f"{each.title}: {each.meaning}\n" for each in known if each.kind is kind]
        if lines:
            blocks.append("".join([f"{capitalized(kind.value)}:\n", *lines]))
    return "\n".join(blocks)
