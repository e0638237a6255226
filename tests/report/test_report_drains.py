"""The section of the page on emptying hosts: an answer each, with its moves as chart and table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import report_runs
from drain_plans import fits, refused
from report_pages import assert_safe, assert_whole, parsed
from report_runs import PWNED

from livemigration.placement.model import Verdict
from livemigration.report.html.page import REPORT, pages
from livemigration.run.run import Run


def run(*drains: Any) -> Run:
    return replace(report_runs.broken_fleet(), drains=drains)


def test_each_plan_has_its_answer_its_chart_and_its_table() -> None:
    page = parsed(run(fits(), refused("hv04.contoso.com")))
    section = page.text[page.text.index("Emptying hosts") :]
    # What cannot be emptied comes first.
    assert section.index("cannot be emptied") < section.index("can be emptied: 2 virtual machines")
    assert len([e for e in page.all("svg") if "gantt" in e.attributes.get("class", "")]) == 1
    for said in ("web01", "0 s - 19 s", "10 Gb/s", "52 GB more free on hv04."):
        assert said in section
    assert page.all("a", href="#drains")


def test_what_moves_a_machine_is_no_column_as_results_do_not_know_it() -> None:
    page = parsed(run(fits()))
    heads = [each.text for each in page.all("th", scope="col")]
    assert "why" in heads
    assert "by" not in heads


def test_of_many_plans_some_are_drawn_and_the_others_are_lines() -> None:
    many = [fits(1, f"hv{number:03}.contoso.com") for number in range(30)]
    page = parsed(run(*many))
    assert len([e for e in page.all("svg") if "gantt" in e.attributes.get("class", "")]) == 8
    assert all(f"hv{number:03}" in page.text for number in range(30))


def test_what_hosts_call_their_machines_is_harmless() -> None:
    plan = fits(1)
    hostile = replace(
        plan, host=PWNED, moves=(replace(plan.moves[0], machine=PWNED, destination=PWNED),)
    )
    undecided = replace(plan, verdict=Verdict.UNKNOWN, moves=(), time=None, open=(PWNED,))
    page = assert_safe(pages(run(hostile, undecided))[REPORT])
    assert_whole(page)


@pytest.mark.parametrize("drains", [(), (fits(0),)])
def test_where_nothing_moves_there_is_no_chart(drains: tuple[Any, ...]) -> None:
    page = parsed(run(*drains))
    assert ("drains" in page.ids) is bool(drains)
    assert not [e for e in page.all("svg") if "gantt" in e.attributes.get("class", "")]
