"""A run as annotations of GitHub Actions: workflow commands, one a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from livemigration.report.grouping import Repair, Root, View, Warned, hosts_sentence, view_of
from livemigration.report.inventory_lines import relative_path
from livemigration.report.text import plain
from livemigration.report.wording import SIMULATED, counts_sentence, not_examined_sentence
from livemigration.results import Run

# Of each kind GitHub shows ten for one step, and drops the rest (actions/toolkit,
# docs/problem-matchers.md, "Limitations").
MOST = 10

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
    verdict = _command("notice" if ready else "error", f"Live migration: {run.verdict}", said)
    shown = [("error", each) for each in errors[:room]]
    shown += [("warning", each) for each in warnings[:MOST]]
    return (verdict, *(_placed(run, kind, *each, lines or {}) for kind, each in shown))


def _errors(view: View) -> Iterator[Annotation]:
    for problem in view.run.problems:
        yield "Problem", "", plain(problem)
    for result in view.internal_errors:
        entry = result.entry
        yield f"{entry.check} {entry.target}", entry.target, _internal(result.reason)
    targets = (*view.others, *view.hosts)
    for target in targets:
        yield from (_of_repair(each) for each in target.repairs)
    yield from (_of_root(each) for each in view.shared)
    for target in targets:
        # Where no reason is left, a repair of this target says it already.
        blocked = (each for each in target.blocked if each.reason or not target.repairs)
        yield from (_of_root(each) for each in blocked)


def _more(number: int, kind: str) -> list[str]:
    if number <= 0:
        return []
    return [f"{number} more {kind if number == 1 else kind + 's'} in the report."]


def _internal(reason: str) -> str:
    return f"Internal error: {plain(reason) or 'no reason was recorded'}"


def _of_repair(repair: Repair) -> Annotation:
    said = repair.headline
    fix = repair.fix.summary if repair.fix is not None else ""
    return _annotation(said.entry.check, said.entry.target, said.observed, said.expected, fix)


def _of_warning(warned: Warned) -> Annotation:
    said = warned.statement
    fix = warned.fix.summary if warned.fix is not None else ""
    return _annotation(said.entry.check, said.entry.target, said.observed, said.expected, fix)


def _annotation(check: str, target: str, observed: str, expected: str, fix: str) -> Annotation:
    parts = (
        plain(observed),
        f"Expected: {plain(expected)}" if expected else "",
        f"Fix: {plain(fix)}" if fix else "",
    )
    return f"{check} {target}", target, "\n".join(each for each in parts if each)


def _of_root(root: Root) -> Annotation:
    hosts = root.hosts
    where = hosts[0] if len(hosts) == 1 else f"{len(hosts)} hosts"
    by = f"Blocked by {root.check}: " if root.check else "Blocked: "
    reason = plain(root.reason or "see its finding")
    step = f"\nNext: {plain(root.next_step)}" if root.next_step else ""
    return f"Blocked on {where}", hosts[0], f"{by}{reason}{step}"


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
