"""A run as CSV: one row per plan entry, for a spreadsheet or a script."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from livemigration.report.moments import utc
from livemigration.report.result_text import called, result_text, results_in_plan_order
from livemigration.report.text import plain
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.run.sessions import unsafe_sentences

# Excel opens UTF-8 without this mark in the code page of the machine. Readers that are told
# "utf-8-sig" skip it.
MARK = "\ufeff"
COLUMNS = (
    "simulated",
    "target",
    "target_kind",
    "check",
    "title",
    "area",
    "state",
    "fails",
    "observed",
    "expected",
    "fix",
    "fix_key",
    "waived_because",
    "references",
    "seconds",
    "node_id",
    "verdict",
    "inventory",
    "inventory_digest",
    "policy_digest",
    "change",
    "valid_until",
    "started",
    "finished",
    "suite_version",
    "operator",
    "window",
    "not_examined",
    "unsafe",
)
# The most characters that a cell of Excel holds ("Excel specifications and limits"); of more, the
# rest spills into the rows below.
LONGEST_CELL = 32_767
_CUT = "\u2026 This cell was cut: Excel takes no more. The whole text is in results.json."
# Excel takes a cell that begins so for a formula, in some languages also the wide forms; the white
# space before it does not help (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def export(run: Run, _folder: Path) -> str:
    """Return the run as CSV."""
    return csv_text(run)


def csv_text(run: Run) -> str:
    """Return the run as CSV by RFC 4180: commas, every field in quotation marks, CR LF.

    It begins with a byte order mark. New columns are added at the end only. Each record is one
    line: white space in texts is made spaces. What a spreadsheet would take for a formula has an
    apostrophe before it, and what a cell cannot hold is cut, with a sentence that says so. `title`
    says what is wrong where something is.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    about = _about(run)
    simulated = "SIMULATED" if run.simulated else "no"
    for result in results_in_plan_order(run):
        writer.writerow(bounded(defused(cell)) for cell in (simulated, *_cells(result), *about))
    return MARK + stream.getvalue()


def defused(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, on one line."""
    line = " ".join(plain(text).split())
    return f"'{line}" if line.startswith(_FORMULA) else line


def bounded(text: str) -> str:
    """Return text that a cell of Excel holds: counted in UTF-16, where some letters count twice."""
    if _units(text) <= LONGEST_CELL:
        return text
    room = LONGEST_CELL - _units(_CUT)
    cut = text.encode("utf-16-le", errors="surrogatepass")[: 2 * room].decode(
        "utf-16-le", errors="ignore"
    )
    return f"{cut}{_CUT}"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def _cells(result: Result) -> tuple[str, ...]:
    entry, said = result.entry, result_text(result)
    keys = dict.fromkeys(each.fix.key for each in result.findings if each.fix is not None)
    return (
        entry.target,
        entry.target_kind.value,
        entry.check,
        called(result),
        entry.area,
        result.state.value,
        "yes" if result.red else "no",
        said.observed,
        said.expected,
        said.fix,
        " ".join(keys),
        result.reason if result.state is State.WAIVED else "",
        " ".join(each.url for each in result.refs),
        f"{result.seconds:.6f}",
        entry.node_id,
    )


def _about(run: Run) -> tuple[str, ...]:
    return (
        run.verdict,
        run.inventory,
        run.inventory_digest,
        run.demands.digest if run.demands is not None else "",
        run.change.identifier if run.change is not None else "",
        # What is no evidence has no day on which it stops to be.
        utc(run.valid_until) if run.valid_until is not None and not run.simulated else "",
        utc(run.started),
        utc(run.finished),
        run.suite_version,
        run.change.operator if run.change is not None else "",
        run.change.window_text if run.change is not None else "",
        " ".join(run.not_examined),
        " ".join(unsafe_sentences(run.sessions)) or "no",
    )
