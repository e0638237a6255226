"""A check that failed is named by what is wrong, never by the sentence that did not hold."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import many_hosts
import pytest
from in_turn import in_turn
from report_fleets import fix_of
from report_runs import blocked, result, run_of

from livemigration.report.junit import case_properties, case_text
from livemigration.report.result_text import called
from livemigration.report.sarif import sarif_text
from livemigration.report.spreadsheet import MARK, csv_text
from livemigration.run import results_file
from livemigration.run.result import Result, State
from livemigration.run.run import Run
from livemigration.verdict.findings import Finding, Level, fail, not_applicable, ok, warn

WRONG = "Live migration is limited to network number 0, which VMM does not use."
TITLE = "Incoming live migration is enabled."

OFF = Finding(Level.FAIL, "Off.")


def failed(target: str = "hv01") -> Result:
    return result("LM101", target, fail("It is limited.", "Any network.", fix_of(target, 0)))


@pytest.fixture(scope="module")
def demo() -> Run:
    return results_file.load(many_hosts.DEMO)


@in_turn("made, name",
    [
        (failed(), WRONG),
        (replace(failed(), state=State.WAIVED), WRONG),
        (result("LM101", "hv01", warn("It may change.", "", fix_of("hv01", 0))), WRONG),
        (result("LM101", "hv01", warn("It may change.", "")), "It may change."),
        (result("LM101", "hv01", OFF), f"Not so: {TITLE}"),
        (
            result("LM101", "hv01", fail("a", "b", fix_of("hv01", 0)), OFF),
            f"{WRONG} Not so: {TITLE}",
        ),
        (result("LM101", "hv01", fail("a", "", fix_of("hv01", 0)), warn("b", "")), f"{WRONG} b"),
        (result("LM101", "hv01", ok("It is on.")), TITLE),
        (result("LM101", "hv01", not_applicable("A cluster's.")), TITLE),
        (blocked("LM101", "hv01", "LM302", "No answer."), TITLE),
    ])  # fmt: skip
def test_a_result_is_called_by_what_is_wrong(made: Result, name: str) -> None:
    assert called(made) == name


def test_no_row_of_a_spreadsheet_that_fails_has_the_title_that_would_hold(demo: Run) -> None:
    text = csv_text(demo).removeprefix(MARK)
    rows = {row["node_id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    for each in demo.results:
        title = rows[each.entry.node_id]["title"]
        assert (title == each.entry.title) is (each.state not in {State.FAIL, State.WARNING})
    (off,) = (row for row in rows.values() if (row["check"], row["state"]) == ("LM101", "fail"))
    assert off["title"] == "Incoming live migration is off."


def test_a_message_of_code_scanning_says_first_what_is_wrong(demo: Run) -> None:
    run = json.loads(sarif_text(demo))["runs"][0]
    first = {each["ruleId"]: each["message"]["text"] for each in run["results"][::-1]}
    assert first["LM203"].startswith(
        "SIMULATED: hv03.contoso.com: Live migration is limited to networks that VMM does not use "
        "(KB 2853203). 127."
    )
    # Beside each result stands what its rule is called, which holds for none that failed.
    for rule in run["tool"]["driver"]["rules"]:
        for words in (rule["name"], rule["shortDescription"]["text"]):
            assert words.startswith("Must hold: ")
    # What already begins with it is not told twice.
    said = json.loads(sarif_text(run_of(result("LM101", "hv01", OFF))))
    twice = run_of(result("LM101", "hv01", fail(WRONG, "", fix_of("hv01", 0))))
    (found,) = json.loads(sarif_text(twice))["runs"][0]["results"]
    assert found["message"]["text"].count(WRONG) == 1
    assert said["runs"][0]["results"][0]["message"]["text"] == f"hv01: Not so: {TITLE} Off."


def test_a_case_of_junit_that_is_not_green_does_not_say_that_it_holds() -> None:
    assert case_text(failed()).splitlines()[0] == f"LM101 hv01: {WRONG}"
    assert ("title", WRONG) in case_properties(failed())
    waits = case_text(blocked("LM101", "hv01", "LM302", "No answer."))
    assert waits.splitlines()[0] == f"LM101 hv01: Not examined: {TITLE}"
