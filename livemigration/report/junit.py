"""What a result is called in a JUnit file, and what its properties are; pytest writes the file."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.base.text import one_line
from livemigration.report.moments import utc
from livemigration.report.result_text import called, headline, result_text, weighty
from livemigration.report.text import plain
from livemigration.report.wording import SIMULATED
from livemigration.run.plan import PlanEntry
from livemigration.run.repairs import changes
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.run.sessions import unsafe_sentences
from livemigration.verdict.findings import Fix

# What a class name of Java cannot hold, Jenkins would take for the end of a package.
PACKAGE = "livemigration"

# pytest cuts a message at 500 letters, and puts some of its own around that of what is blocked.
MOST_OF_MESSAGE = 450
# Of these, what was expected and the fix may each take so many.
_SHARE = 130
MOST_OF_LINE = 1000
MOST_LINES = 40


def class_name(entry: PlanEntry) -> str:
    """Return `livemigration.settings.LM102`, by which every system groups.

    Jenkins shows what stands before the last dot as the package and the rest as the class (JUnit
    plugin, CaseResult); GitLab takes it all for the suite (docs, "Unit test reports"); Azure
    Pipelines for the test's file (PublishTestResults@2, "Result formats mapping"). So all hosts of
    a check stand together, and a file that moves does not begin a new history.
    """
    return f"{PACKAGE}.{plain(entry.area)}.{plain(entry.check)}"


def case_name(entry: PlanEntry) -> str:
    """Return `LM102 hv03.contoso.com`.

    Azure Pipelines lists this name alone, so it says the check again. GitLab drops the second of
    two cases with equal names: a target stands once beside a check.
    """
    return headline(entry)


def case_message(result: Result) -> str:
    """Return what a failure says in one line: what was observed, what was expected, and the fix.

    GitLab and Azure Pipelines show this and the text, and leave out properties (GitLab docs, "Unit
    test reports"; PublishTestResults@2, "Result formats mapping").
    """
    said = result_text(result)
    label = "Next" if result.blocked_by else "Fix"
    head = f"{headline(result.entry)}: "
    tail = _labelled("Expected", said.expected) + _labelled(label, said.fix)
    room = max(MOST_OF_MESSAGE - len(head) - len(tail), _SHARE)
    return f"{head}{one_line(said.observed or result.reason, room)}{tail}"


def _labelled(label: str, said: str) -> str:
    return f" {label}: {one_line(said, _SHARE)}" if said else ""


def case_text(result: Result) -> str:
    """Return what a failure says in lines that cannot steer a terminal: with all steps."""
    lines = [plain(line) for line in _text(result) if line]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = ["The report has the rest."]
    return "\n".join(one_line(line, MOST_OF_LINE) for line in lines)


def _text(result: Result) -> Iterator[str]:
    entry, blocker = result.entry, result.blocked_by
    yield f"{headline(entry)}: {_called(result)}"
    if blocker is not None:
        yield f"Blocked{f' by {blocker.check}' if blocker.check else ''}: {blocker.reason}"
        yield f"Next: {blocker.next_step}" if blocker.next_step else ""
        return
    found = weighty(result)
    if not found:
        yield result.reason or " ".join(each.observed for each in result.findings)
    for each in found:
        yield f"Observed: {each.observed}"
        yield f"Expected: {each.expected}" if each.expected else ""
    fixes = {each.fix.key: each.fix for each in found if each.fix is not None}
    for fix in fixes.values():
        yield from _fix(fix, entry.target)


def _called(result: Result) -> str:
    unknown = result.state in {State.BLOCKED, State.INTERNAL_ERROR, State.NOT_RUN}
    return f"Not examined: {result.entry.title}" if unknown else called(result)


def _fix(fix: Fix, target: str) -> Iterator[str]:
    yield f"Fix: {fix.summary}"
    for number, step in enumerate(fix.console, 1):
        yield f"{number}. {step}"
    if any(map(changes, fix.commands)):
        yield f"By script: the fix script of the run, with -HostName {target}"
    yield f"Cost: {fix.cost}" if fix.cost else ""
    yield f"See: {fix.source.title} {fix.source.url}" if fix.source else ""


def case_properties(result: Result) -> list[tuple[str, str]]:
    """Return the properties of a result's case, always the same ones in the same order.

    Jenkins keeps them where the step `junit` is told `keepProperties`; the other systems ignore
    them. The schema of Jenkins' xUnit plugin (junit-10.xsd) does not know properties of a case.
    """
    entry, said = result.entry, result_text(result)
    levels = [each.level.value for each in result.findings]
    worst = next((each for each in ("fail", "warning") if each in levels), "")
    return [
        ("target", plain(entry.target)),
        ("target_kind", entry.target_kind.value),
        ("check", entry.check),
        ("title", called(result)),
        ("state", result.state.value),
        ("level", worst),
        ("observed", said.observed),
        ("expected", said.expected),
        ("fix", said.fix),
        ("reason", plain(result.reason)),
    ]


def suite_properties(run: Run) -> list[tuple[str, str]]:
    """Return the properties of the whole file: the verdict, and whether it is of the lab."""
    change, until = run.change, run.valid_until
    return [
        ("verdict", run.verdict),
        ("simulated", SIMULATED if run.simulated else "no"),
        ("unsafe", " ".join(unsafe_sentences(run.sessions)) or "no"),
        ("inventory", plain(run.inventory)),
        ("inventory_digest", run.inventory_digest),
        ("policy_digest", run.demands.digest if run.demands is not None else ""),
        ("change", change.identifier if change is not None else ""),
        ("operator", plain(change.operator) if change is not None else ""),
        ("window", change.window_text if change is not None else ""),
        ("started", utc(run.started)),
        ("finished", utc(run.finished)),
        ("valid_until", utc(until) if until is not None and not run.simulated else ""),
        ("suite_version", run.suite_version),
        ("not_examined", plain(" ".join(run.not_examined))),
    ]
