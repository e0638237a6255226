"""What else a run has to say, in short: problems first, then warnings and what was waived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from livemigration.base.text import counted, some
from livemigration.report.naming import ANY_HOST, Names, without_name
from livemigration.report.terminal.lines import Line, Tone
from livemigration.report.wording import ending_sentences, narrowed_sentences
from livemigration.run.result import State
from livemigration.run.run import Run
from livemigration.run.sessions import unsafe_sentences
from livemigration.verdict.findings import Fix, Level

_MOST = 4
_MOST_PROBLEMS = 6
# How many machines a warning names, so that what it says is not cut off a log.
_NAMED = 4


def problems(run: Run) -> Iterator[Line]:
    """Yield what went wrong with the run itself, and the checks that broke."""
    said = [f"PROBLEM {problem}" for problem in run.problems]
    said += [
        f"INTERNAL ERROR {each.entry.check} {each.entry.target}: "
        f"{each.reason or 'no reason was recorded'}"
        for each in run.results
        if each.state is State.INTERNAL_ERROR
    ]
    yield from _some(said, _MOST_PROBLEMS, "problem", Tone.BAD, 3)
    yield from _some(unsafe_sentences(run.sessions), _MOST, "sentence", Tone.BAD, 3)


def notes(run: Run, names: Names) -> Iterator[Line]:
    """Yield warnings, what was waived, and what the run left out."""
    yield from _some(_warnings(run, names), _MOST, "warning", Tone.WARNING, 1)
    yield from _some(_waived(run, names), _MOST, "waived failure", Tone.TEXT, 1)
    signed = [f"waiver: {each.warning}" for each in run.waivers if each.warning]
    yield from _some(signed, _MOST, "waiver to look at", Tone.WARNING, 2)
    yield from _some(_left_out(run), _MOST + 2, "sentence", Tone.TEXT, 2)


def _some(said: Iterable[str], most: int, what: str, tone: Tone, lines: int) -> Iterator[Line]:
    known = tuple(said)
    for each in known[:most]:
        yield Line(each, 2, tone, most=lines)
    if (more := len(known) - most) > 0:
        yield Line(f"and {counted(more, f'more {what}')}: see the report", 2, tone)


def _warnings(run: Run, names: Names) -> Iterator[str]:
    """Yield each warning once for all hosts of which it is said."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    texts: dict[tuple[str, str], dict[str, Fix | None]] = defaultdict(dict)
    for result in run.results:
        if result.state is State.WAIVED or (result.red and result.state is State.WARNING):
            continue
        for finding in result.findings:
            if finding.level is Level.WARNING:
                said = without_name(finding.observed, result.entry.target)
                key = result.entry.check, finding.fix.key if finding.fix else said
                found[key].append(result.entry.target)
                texts[key].setdefault(said, finding.fix)
    for key, targets in sorted(found.items(), key=lambda each: -len(each[1])):
        said = _told(texts[key])
        if len(targets) == 1:
            said = said.replace(ANY_HOST, names.short(targets[0]))
        # What begins with the machine's name needs no other beginning.
        on = "" if said.startswith(targets[0]) else f" {_on(targets, names)}"
        yield f"warning {key[0]}{on}: {said}"


def _told(texts: Mapping[str, Fix | None]) -> str:
    """Return what holds of each machine: of texts that differ, the cause that they share."""
    said, fix = next(iter(texts.items()))
    return fix.cause.wrong + "." if len(texts) > 1 and fix and fix.cause else said


def _waived(run: Run, names: Names) -> Iterator[str]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for result in run.results:
        if result.state is State.WAIVED:
            found[result.entry.check, result.reason].append(result.entry.target)
    for (check, reason), targets in found.items():
        yield f"waived {check} {_on(targets, names)}: {reason}"


def _on(targets: list[str], names: Names) -> str:
    known = tuple(dict.fromkeys(targets))
    if len(known) == 1:
        return names.short(known[0])
    return f"on {len(known)}: {some(map(names.short, known), _NAMED)}"


def _left_out(run: Run) -> Iterator[str]:
    """Yield what the run left out, and what it was made of; nothing of one that is whole."""
    told = (*ending_sentences(run), *unsafe_sentences(run.sessions))
    yield from (said for said in narrowed_sentences(run) if said not in told)
    yield from run.drift.remarks if run.drift else ()
