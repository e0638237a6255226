"""A run as annotations of GitHub Actions: workflow commands, one a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from livemigration.base.text import counted, some
from livemigration.report.grouping import View, Warned, hosts_sentence, view_of
from livemigration.report.inventory_lines import relative_path
from livemigration.report.repairs import RepairGroup, ToMend, Unresolved, to_mend
from livemigration.report.result_text import headline, sentence
from livemigration.report.text import plain
from livemigration.report.wording import (
    SIMULATED,
    counts_sentence,
    not_examined_sentence,
    verdict_words,
)
from livemigration.run.plan import PlanEntry
from livemigration.run.run import Run
from livemigration.run.sessions import unsafe_sentences

# Of each kind GitHub shows ten for one step, and drops the rest (actions/toolkit,
# docs/problem-matchers.md, "Limitations").
MOST = 10
_NAMED = 12

# Title, target, and message.
Annotation = tuple[str, str, str]


def annotation_lines(run: Run, lines: Mapping[str, int] | None = None) -> tuple[str, ...]:
    """Return the workflow commands of a run: the verdict first, then the worst.

    Each repair is one annotation. The verdict says how many are not shown.

    Args:
        run: the run.
        lines: the line of each host in the inventory file, where it is known.
    """
    view = view_of(run)
    ready = run.verdict == "ready"
    # The verdict itself takes one of the ten errors.
    room = MOST if ready else MOST - 1
    targets = (*view.others, *view.hosts)
    errors = list(_errors(view))
    warnings = [_of_warning(each) for target in targets for each in target.warnings]
    said = [hosts_sentence(view), counts_sentence(run)]
    if run.not_examined:
        said.append(not_examined_sentence(run))
    if run.simulated:
        said.insert(0, SIMULATED)
    said += _more(len(errors) - room, "error") + _more(len(warnings) - MOST, "warning")
    verdict = _command(
        "notice" if ready else "error", f"Live migration: {verdict_words(run)}", said
    )
    shown = [("error", each) for each in errors[:room]]
    shown += [("warning", each) for each in warnings[:MOST]]
    return (verdict, *(_placed(run, kind, *each, lines or {}) for kind, each in shown))


def _errors(view: View) -> Iterator[Annotation]:
    for problem in (*view.run.problems, *unsafe_sentences(view.run.sessions)):
        yield "Problem", "", plain(problem)
    for result in view.internal_errors:
        entry = result.entry
        yield f"{entry.check} {entry.target}", entry.target, _internal(result.reason)
    mend = to_mend(view.run)
    yield from _repairs(mend)
    yield from map(_of_unresolved, mend.unresolved)


def _repairs(mend: ToMend) -> Iterator[Annotation]:
    """Yield each repair of each target: of all causes the first host, then the other hosts.

    Else one cause on many hosts would take all the room that there is.
    """
    groups = mend.repairs
    for place in range(max((len(group.machines) for group in groups), default=0)):
        yield from (_of_repair(each, place) for each in groups if place < len(each.machines))


def _more(number: int, kind: str) -> list[str]:
    if number <= 0:
        return []
    return [f"{number} more {kind if number == 1 else kind + 's'} in the report."]


def _internal(reason: str) -> str:
    return f"Internal error: {plain(reason) or 'no reason was recorded'}"


def _of_repair(group: RepairGroup, place: int) -> Annotation:
    """Return one machine of a repair; at the first stand the others, and what waits for them."""
    machine = group.machines[place]
    first = machine.said[0]
    own = [said.finding for said in machine.said if said.entry == first.entry]
    title, where, message = _annotation(
        first.entry,
        plain(sentence(group.wrong)),
        " ".join(each.observed for each in own),
        first.finding.expected,
        machine.fixes[0].summary if machine.fixes else "",
    )
    return title, where, message if place else "\n".join((message, *_of_others(group)))


def _of_others(group: RepairGroup) -> Iterator[str]:
    if others := group.names[1:]:
        yield plain(f"The same on {counted(len(others), 'other')}: {some(others, _NAMED)}")
    if number := len(group.waiting):
        yield f"{counted(number, 'check')} {'waits' if number == 1 else 'wait'} for it."


def _of_warning(warned: Warned) -> Annotation:
    said, fix = warned.statement, warned.fix
    wrong = sentence(fix.cause.wrong) if fix is not None and fix.cause is not None else ""
    summary = fix.summary if fix is not None else ""
    return _annotation(said.entry, plain(wrong), said.observed, said.expected, summary)


def _annotation(entry: PlanEntry, wrong: str, observed: str, expected: str, fix: str) -> Annotation:
    seen = plain(observed)
    parts = (
        "" if seen.startswith(wrong.rstrip(".")) else wrong,
        seen,
        f"Expected: {plain(expected)}" if expected else "",
        f"Fix: {plain(fix)}" if fix else "",
    )
    return headline(entry), entry.target, "\n".join(each for each in parts if each)


def _of_unresolved(each: Unresolved) -> Annotation:
    names = each.names
    where = names[0] if len(names) == 1 else counted(len(names), "machine")
    by = f"Blocked by {each.check}: " if each.check else "Blocked: "
    step = f"\nNext: {plain(each.next_step)}" if each.next_step else ""
    why = plain(each.reason or "see its finding")
    return f"Blocked on {where}", names[0], f"{by}{why}{step}"


def _placed(
    run: Run, kind: str, title: str, target: str, message: str, lines: Mapping[str, int]
) -> str:
    path = relative_path(run)
    place = {"file": path, "line": str(lines.get(target, 1))} if path else {}
    return _command(kind, title, message.split("\n"), place)


def _command(
    kind: str, title: str, message: list[str], place: Mapping[str, str] | None = None
) -> str:
    given = {**(place or {}), "title": title}
    properties = ",".join(f"{name}={_property(value)}" for name, value in given.items())
    return f"::{kind} {properties}::{_data(message)}"


def _data(lines: list[str]) -> str:
    """Return a command's message, escaped as GitHub's own toolkit does it."""
    return "\n".join(plain(line) for line in lines).replace("%", "%25").replace("\n", "%0A")


def _property(value: str) -> str:
    """Return a command's property, in which a colon or a comma would end it."""
    escaped = plain(value).replace("%", "%25")
    return escaped.replace(":", "%3A").replace(",", "%2C")
