"""A verdict never stands without what was not examined."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import report_runs
from in_turn import in_turn
from report_runs import passed, run_of
from told_lines import told_lines

from livemigration.report.annotations import annotation_lines
from livemigration.report.html.page import REPORT, pages
from livemigration.report.junit import suite_properties
from livemigration.report.markdown import markdown_text
from livemigration.report.sarif import sarif_text
from livemigration.report.spreadsheet import csv_text
from livemigration.report.wording import not_examined_sentence, scope_sentences
from livemigration.run.not_examined import Managed, OptIn
from livemigration.run.plan import RunSelection
from livemigration.run.run import Run, what_was_not_examined

HOSTS = tuple(f"hv{number:02}.contoso.com" for number in range(1, 13))


def told(run: Run) -> Run:
    said = what_was_not_examined(
        run.selection, run.hosts, run.plan, run.results, run.gate, run.managed
    )
    return replace(run, not_examined=said)


def narrow() -> Run:
    whole = run_of(*passed("hv01"), *passed("hv02"))
    run = replace(
        whole,
        plan=tuple(each for each in whole.plan if each.check < "LM2"),
        selection=RunSelection(
            14,
            2,
            0,
            unselected_hosts=HOSTS,
            unselected_checks=("LM303", "LM201", "LM202"),
            opt_ins=(OptIn("LM306", "--stage-vm"),),
        ),
        managed=(Managed("vmm01.contoso.com", 10, HOSTS[:8]),),
    )
    return told(run)


def test_each_reason_is_one_sentence() -> None:
    assert narrow().not_examined == (
        (
            "Delegation, service principal names and accounts in Active Directory: no directory "
            "is configured."
        ),
        "LM306: --stage-vm was not given.",
        "Reachability (LM201 to LM202) and staging (LM303): deselected.",
        f"12 hosts of the inventory: not selected ({', '.join(HOSTS[:8])} and 4 more).",
        (
            "8 hosts that vmm01.contoso.com manages: not in this inventory "
            f"({', '.join(HOSTS[:7])} and {HOSTS[7]})."
        ),
    )


def test_a_check_that_was_made_on_some_hosts_only_is_counted() -> None:
    run = narrow()
    fewer = replace(run, plan=run.plan[1:])
    assert "1 check of single hosts: deselected." in told(fewer).not_examined
    assert not any("single hosts" in each for each in told(run).not_examined)


def test_a_gate_says_that_vmm_was_not_asked() -> None:
    run = told(replace(run_of(*passed("hv01")), gate="host-build"))
    assert "What VMM knows and reaches: gate host-build asks no VMM server." in run.not_examined


def test_ready_is_only_ever_ready_as_far_as_examined() -> None:
    ready = told(report_runs.green_fleet())
    assert not_examined_sentence(ready).startswith("Ready as far as examined. Not examined: ")
    broken = told(report_runs.broken_fleet())
    assert not_examined_sentence(broken).startswith("Not examined: ")


def test_the_scope_says_how_many_of_vmms_hosts_are_in_the_inventory() -> None:
    assert "VMM manages 10 hosts, 2 are in this inventory." in scope_sentences(narrow())
    alone = replace(narrow(), managed=(Managed("vmm01", 2, ("hv09",)), Managed("vmm02", 1)))
    assert "vmm01 manages 2 hosts, 1 is in this inventory." in scope_sentences(alone)
    assert not any("vmm02 manages" in each for each in scope_sentences(alone))


@in_turn("view", ["terminal", "html", "markdown", "junit", "csv", "sarif", "github"])
def test_every_view_says_what_was_not_examined(view: str) -> None:
    run = narrow()
    texts: dict[str, Callable[[], str]] = {
        "terminal": lambda: "\n".join(told_lines(run)),
        # Beside the verdict, before anything else.
        "html": lambda: pages(run)[REPORT].partition("</aside>")[0],
        "markdown": lambda: markdown_text(run),
        "junit": lambda: dict(suite_properties(run))["not_examined"],
        "csv": lambda: next(csv.DictReader(io.StringIO(csv_text(run))))["not_examined"],
        "sarif": lambda: " ".join(
            json.loads(sarif_text(run))["runs"][0]["properties"]["notExamined"]
        ),
        "github": lambda: annotation_lines(run)[0],
    }
    said = texts[view]()
    for sentence in run.not_examined:
        assert sentence in said
