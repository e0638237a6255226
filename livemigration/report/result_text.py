"""What a result says, in single lines: the same words in every view that machines read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from livemigration.report.text import plain
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import Finding, Level

_WEIGHTY = (Level.FAIL, Level.WARNING)
_NO_REASON = "The reason was not recorded."


@dataclass(frozen=True)
class ResultText:
    """Observed, expected and the fix of a result; what it does not say is empty."""

    observed: str
    expected: str = ""
    fix: str = ""


def results_in_plan_order(run: Run) -> Iterator[Result]:
    """Yield a result for every plan entry, `not-run` for those without one."""
    found = {result.entry.node_id: result for result in run.results}
    for entry in run.plan:
        yield found.pop(entry.node_id, Result(entry, State.NOT_RUN))
    # Of a results.json whose plan lacks them: nothing is left out.
    yield from found.values()


def weighty(result: Result) -> tuple[Finding, ...]:
    """Return the findings for which a result is not a pass; one where none was recorded.

    Of a failing result its failures come before its warnings.
    """
    if result.state not in {State.FAIL, State.WARNING, State.WAIVED}:
        return ()
    found = tuple(each for level in _WEIGHTY for each in result.findings if each.level is level)
    level = Level.WARNING if result.state is State.WARNING else Level.FAIL
    return found or (Finding(level, result.reason or _NO_REASON),)


def result_text(result: Result) -> ResultText:
    """Return what a result says, each part on one line that cannot steer a terminal."""
    if result.blocked_by is not None:
        by = f"Blocked by {result.blocked_by.check}: " if result.blocked_by.check else "Blocked: "
        return ResultText(
            plain(by + result.blocked_by.reason), "", plain(result.blocked_by.next_step)
        )
    if found := weighty(result):
        return of_findings(found)
    said = " ".join(each.observed for each in result.findings)
    return ResultText(plain(said or result.reason))


def of_findings(found: tuple[Finding, ...]) -> ResultText:
    """Return what findings say together; a fix that several share is said once."""
    fixes = {each.fix.key: each.fix.summary for each in found if each.fix is not None}
    return ResultText(
        plain(" ".join(each.observed for each in found)),
        plain(" ".join(dict.fromkeys(each.expected for each in found if each.expected))),
        plain(" ".join(fixes.values())),
    )


def called(result: Result) -> str:
    """Return what a result is called: what is wrong, where something is; else its check's title.

    A check's title is the sentence that holds when it passes.
    """
    wrong = wrong_of(result.entry, weighty(result))
    return wrong or plain(result.entry.title)


def wrong_of(entry: PlanEntry, found: Iterable[Finding]) -> str:
    """Return what findings of a check say is wrong, in sentences, each once."""
    return plain(" ".join(dict.fromkeys(_wrong(entry, each) for each in found)))


def _wrong(entry: PlanEntry, finding: Finding) -> str:
    cause = finding.fix.cause if finding.fix is not None else None
    if cause is not None:
        return sentence(cause.wrong)
    # A warning may be of a check that holds.
    return not_so(entry) if finding.level is Level.FAIL else finding.observed


def not_so(entry: PlanEntry) -> str:
    """Return that what a check asserts is not so, where no cause says what is."""
    return sentence(f"Not so: {entry.title}")


def sentence(text: str) -> str:
    """Return a text that ends as a sentence does."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def headline(entry: PlanEntry) -> str:
    """Return `LM102 hv03.contoso.com`: the name of a check on a target, unique in a run."""
    return plain(f"{entry.check} {entry.target}")
