"""A run as SARIF 2.1.0 (OASIS): for code scanning and for every tool that reads that format."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from livemigration.facts.model import Subject
from livemigration.report.inventory_lines import lines_of_hosts, uri
from livemigration.report.result_text import ResultText, of_findings, result_text, weighty, wrong_of
from livemigration.report.sarif_rules import rules_of
from livemigration.report.text import plain
from livemigration.report.wording import (
    SIMULATED,
    change_sentences,
    counts_sentence,
    verdict_words,
)
from livemigration.run.exit_code import ExitCode
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.run.sessions import unsafe_sentences
from livemigration.verdict.findings import Finding, Level

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
VERSION = "2.1.0"
_RANK = ("error", "warning", "note")
# In a message `](` makes a link and `{0}` asks for an argument (SARIF 2.1.0, 3.11.5 and 3.11.6). A
# space takes that away and reads the same in viewers that know no escapes.
_SYNTAX = re.compile(r"(?<=\])(?=\()|(?<=\{)(?=[0-9]+\})")

Json = dict[str, object]


@dataclass(frozen=True)
class _Stated:
    """One statement of a result, about to be a result of SARIF."""

    result: Result
    level: str
    said: ResultText
    key: str
    wrong: str = ""


def export(run: Run, folder: Path) -> str:
    """Return the run as SARIF; its inventory's path starts from this folder."""
    return sarif_text(run, lines_of_hosts(run, folder))


def sarif_text(run: Run, lines: Mapping[str, int] | None = None) -> str:
    """Return the run as SARIF 2.1.0, one result for each finding that is not in order.

    error: a finding that fails, also a warning that the policy makes red. warning: a warning. note:
    a blocked check whose cause the run tells as a finding; where it does not, that is an error too.
    Waived findings are suppressed results. What passed, does not apply or did not run has no
    result: code scanning would show each as an alert.

    Args:
        run: the run.
        lines: the line of each host in the inventory file, where it is known.
    """
    log = {"$schema": SCHEMA, "version": VERSION, "runs": [_run(run, lines or {})]}
    return json.dumps(log, indent=1) + "\n"


def _run(run: Run, lines: Mapping[str, int]) -> Json:
    rules = rules_of(run)
    places = {str(rule["id"]): place for place, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = []
    for stated in sorted(_stated(run), key=lambda each: _RANK.index(each.level)):
        fingerprint = _fingerprint(stated)
        seen[fingerprint] += 1
        numbered = f"{fingerprint}:{seen[fingerprint]}"
        line = lines.get(stated.result.entry.target, 1)
        place = places[stated.result.entry.check]
        results.append(_result(run, stated, numbered, line) | {"ruleIndex": place})
    return {
        "tool": {
            "driver": {
                "name": "livemigration",
                "version": run.suite_version,
                "rules": rules,
            }
        },
        # GitHub keeps runs apart by what stands before the last slash.
        "automationDetails": {
            "id": f"livemigration/{plain(run.inventory)}/{_time(run.started)}",
            "description": {"text": _defused(" ".join(_about(run)))},
        },
        "invocations": [_invocation(run)],
        "results": results,
        "properties": _properties(run),
    }


def _stated(run: Run) -> Iterator[_Stated]:
    known = {(each.entry.check, each.entry.target) for each in run.results if weighty(each)}
    servers = {entry.target for entry in run.plan if entry.target_kind is not Subject.HOST}
    for result in run.results:
        if result.state is State.BLOCKED:
            by = result.blocked_by.check if result.blocked_by is not None else ""
            causes = {(by, target) for target in (result.entry.target, *servers)}
            level = "note" if causes & known else "error"
            yield _Stated(result, level, result_text(result), "blocked")
        for finding in weighty(result):
            key = finding.fix.key if finding.fix is not None else finding.level.value
            level, wrong = _level(result, finding), wrong_of(result.entry, (finding,))
            yield _Stated(result, level, of_findings((finding,)), key, wrong)


def _level(result: Result, finding: Finding) -> str:
    red_warning = result.red and result.state is State.WARNING
    return "error" if finding.level is Level.FAIL or red_warning else "warning"


def _fingerprint(stated: _Stated) -> str:
    """Return what stays the same from run to run while the same thing is wrong."""
    entry = stated.result.entry
    told_apart = f"{entry.target_kind.value}\0{entry.target}\0{entry.check}\0{stated.key}"
    return hashlib.sha256(told_apart.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _result(run: Run, stated: _Stated, fingerprint: str, line: int) -> Json:
    entry = stated.result.entry
    found: Json = {
        "ruleId": entry.check,
        "level": stated.level,
        "message": {"text": _message(run, stated)},
        "locations": [_location(run, entry.target, line)],
        # GitHub reads primaryLocationLineHash alone. The other is ours, so that what it is made of
        # can change under a new name.
        "partialFingerprints": {
            "primaryLocationLineHash": fingerprint,
            "livemigrationFinding/v1": fingerprint,
        },
        "properties": {
            "target": plain(entry.target),
            "targetKind": entry.target_kind.value,
            "area": entry.area,
            "state": stated.result.state.value,
            "observed": stated.said.observed,
            "expected": stated.said.expected,
            "fix": stated.said.fix,
            "simulated": run.simulated,
        },
    }
    if stated.result.state is State.WAIVED:
        why = plain(stated.result.reason) or "No reason was recorded."
        found["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": _defused(why)}
        ]
    return found


def _message(run: Run, stated: _Stated) -> str:
    """Return the message: what is wrong first, as code scanning may show only one sentence."""
    said = stated.said
    named = said.observed.startswith(stated.wrong.rstrip("."))
    wrong = "" if named else f"{stated.wrong} "
    parts = (
        f"{plain(stated.result.entry.target)}: {wrong}{said.observed}",
        f"Expected: {said.expected}" if said.expected else "",
        f"Fix: {said.fix}" if said.fix else "",
    )
    mark = "SIMULATED: " if run.simulated else ""
    return _defused(mark + " ".join(each for each in parts if each))


def _location(run: Run, target: str, line: int) -> Json:
    return {
        # GitHub demands a physical location with a whole region, and shows nothing without one.
        # SARIF itself would be content with the logical one. What is wrong is no text in a file:
        # the inventory is named, as the place that brought the host into the run.
        "physicalLocation": {
            "artifactLocation": {"uri": uri(run)},
            "region": {"startLine": line, "startColumn": 1, "endLine": line, "endColumn": 2},
        },
        "logicalLocations": [
            {
                "name": plain(target.partition(".")[0]) or "?",
                "fullyQualifiedName": plain(target) or "?",
                "kind": "resource",
            }
        ],
    }


def _invocation(run: Run) -> Json:
    unfinished = {ExitCode.INTERRUPTED, ExitCode.INTERNAL_ERROR, ExitCode.USAGE}
    return {
        "executionSuccessful": run.exit_code not in unfinished and not run.not_run,
        "startTimeUtc": _time(run.started),
        "endTimeUtc": _time(run.finished),
        "exitCode": int(run.exit_code),
        "exitCodeDescription": run.verdict,
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": _defused(plain(text))}}
            for level, text in _notifications(run)
        ],
    }


def _notifications(run: Run) -> Iterator[tuple[str, str]]:
    """Yield what befell the suite itself."""
    for problem in (*run.problems, *unsafe_sentences(run.sessions)):
        yield "error", problem
    for result in run.results:
        if result.state is State.INTERNAL_ERROR:
            entry = result.entry
            said = result.reason or "no reason was recorded"
            yield "error", f"Internal error in {entry.check} {entry.target}: {said}"
    for entry in run.not_run:
        yield "warning", f"Not run: {entry.check} {entry.target}"


def _properties(run: Run) -> Json:
    change = run.change
    return {
        "simulated": run.simulated,
        **({"watermark": SIMULATED} if run.simulated else {}),
        "verdict": run.verdict,
        "counts": {state.value: number for state, number in _counts(run)},
        "inventory": plain(run.inventory),
        "inventoryDigest": run.inventory_digest,
        "policyDigest": run.demands.digest if run.demands is not None else None,
        "change": change.identifier if change is not None else None,
        "operator": plain(change.operator) if change is not None else None,
        "window": change.window_text if change is not None else None,
        "validUntil": _time(run.valid_until) if run.valid_until and not run.simulated else None,
        "notExamined": [plain(each) for each in run.not_examined],
    }


def _counts(run: Run) -> Iterable[tuple[State, int]]:
    """Return how many plan entries ended in each state, in the order of the states."""
    counts = run.counts
    counts[State.NOT_RUN] += len(run.not_run)
    return [(state, counts[state]) for state in State]


def _about(run: Run) -> tuple[str, ...]:
    mark = (SIMULATED,) if run.simulated else ()
    sentences = (*mark, f"{verdict_words(run)}.", counts_sentence(run), *change_sentences(run))
    return tuple(plain(each) for each in sentences)


def _defused(text: str) -> str:
    return _SYNTAX.sub(" ", text)


def _time(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
