"""The last lines of a run: the verdict, what was not examined, its files, and its exit code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livemigration.report.grouping import hosts_sentence, view_of
from livemigration.report.terminal.drains import drain_lines
from livemigration.report.terminal.lines import Line, Tone
from livemigration.report.wording import (
    SIMULATED,
    change_sentences,
    counts_sentence,
    ending_sentences,
    not_examined_sentence,
    verdict_sentences,
)
from livemigration.run.exit_code import ExitCode
from livemigration.run.run import Run

_MEANS = {
    ExitCode.READY: "ready, as far as examined.",
    ExitCode.NOT_READY: "not ready. Mend what is listed, then run the whole suite again.",
    ExitCode.INTERRUPTED: "interrupted, so this is no verdict. Run again.",
    ExitCode.INTERNAL_ERROR: "the suite itself failed, so this is no verdict. Report it.",
    ExitCode.USAGE: "usage or configuration, so this is no verdict.",
    ExitCode.NOTHING_TO_CHECK: "nothing was checked, so this is no verdict.",
    ExitCode.NO_VERDICT: "nothing failed, but something could not be checked: no verdict.",
    ExitCode.ARTEFACT_NOT_WRITTEN: "the verdict stands, but a file could not be written.",
}
_TONES = {
    ExitCode.READY: Tone.GOOD,
    ExitCode.ARTEFACT_NOT_WRITTEN: Tone.WARNING,
    ExitCode.NOT_READY: Tone.BAD,
}


@dataclass(frozen=True)
class Places:
    """Where the files of a run are, as a person may copy it; what was not written is empty.

    `facts` is the folder in which the facts of the run are.
    """

    report: str = ""
    fix_script: str = ""
    bundle: str = ""
    resume: str = ""
    results: str = ""
    facts: str = ""


def closing(run: Run, places: Places) -> Iterator[Line]:
    """Yield the last lines of a run; `places.resume` is named where the run was cut off."""
    tone = _TONES.get(run.exit_code, Tone.WARNING)
    yield Line(verdict_sentences(run, hosts_sentence(view_of(run))), 2, tone)
    yield from (Line(said, 2) for said in ending_sentences(run))
    if places.resume and run.interrupted:
        yield Line(f"Go on with the same command and --resume={places.resume}", whole=True)
    yield from drain_lines(run, places.facts)
    yield Line(counts_sentence(run), 2, most=2)
    if run.not_examined:
        yield Line(not_examined_sentence(run), 2, most=3, logged=True)
    if said := " ".join(change_sentences(run)):
        yield Line(said, 2, most=3)
    if run.simulated:
        yield Line(SIMULATED, 2)
    yield from _files(places)
    yield Line(meaning(run.exit_code), 2)


def meaning(code: ExitCode) -> str:
    """Return an exit code with what it means, the last line of every run."""
    return f"Exit code {int(code)}: {_MEANS[code]}"


def _files(places: Places) -> Iterator[Line]:
    if places.report:
        yield Line(f"Report: {places.report}", whole=True)
    else:
        yield Line("No report was written.")
    if places.results:
        yield Line(f"Results: {places.results}", whole=True)
    if places.fix_script:
        yield Line(f"Fix script: {places.fix_script}", whole=True)
    if places.bundle:
        yield Line(f"Bundle: {places.bundle}", whole=True)
