"""The parts of a results.json: the keys of its checks, its lines, and what a damaged one says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from many_hosts import DEMO
from properties import examples
from run_builders import made_run

from livemigration.commands.schema import schema_text
from livemigration.facts.model import Subject
from livemigration.run.evidence.model import Evidence, TargetFacts
from livemigration.run.layout.entries import Checks
from livemigration.run.layout.lines import laid_out
from livemigration.run.layout.reading import run_of
from livemigration.run.layout.writing import document_of
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Result, State
from livemigration.run.results_file import run_of_text, text_of
from livemigration.run.stored import load
from livemigration.verdict.findings import Finding, Fix, Level, Reference

ENTRY = PlanEntry("test_it[hv01]", "LM101", "Title", "fact", Subject.HOST, "hv01")


def test_entries_of_one_check_that_differ_have_keys_that_are_counted() -> None:
    checks = Checks()
    titles = ("One", "Two", "Three", "Two", "One")
    keys = [checks.key_of(replace(ENTRY, title=each)) for each in titles]
    assert keys == [
        ("LM101", None),
        ("LM101#2", None),
        ("LM101#3", None),
        ("LM101#2", None),
        ("LM101", None),
    ]


def test_each_thing_that_somebody_looks_for_has_a_line() -> None:
    document = {
        "schema": 2,
        "counts": {"pass": 1, "fail": 2},
        "checks": {
            "LM101": {"refs": [{"title": "A"}, {"title": "B"}], "outcomes": [{"n": 0}, {"n": 1}]},
            "LM102": {"refs": [], "outcomes": []},
        },
        "hosts": [{"name": "hv01", "results": {"LM101": ["pass", 0]}}, {"name": "hv02"}],
        "demands": {
            "source": "",
            "exchanges": {"groups": [["hv01", "hv02"]], "hosts": [["hv01", 0], ["hv02", 0]]},
        },
        "network": None,
    }
    text = "".join(laid_out(document))
    assert json.loads(text) == document
    assert text.splitlines() == [
        "{",
        '"schema":2,',
        '"counts":{"pass":1,"fail":2},',
        '"checks":{',
        '"LM101":{"refs":[{"title":"A"},{"title":"B"}],"outcomes":[',
        '{"n":0},',
        '{"n":1}',
        "]},",
        '"LM102":{"refs":[],"outcomes":[]}',
        "},",
        '"hosts":[',
        '{"name":"hv01","results":{"LM101":["pass",0]}},',
        '{"name":"hv02"}',
        "],",
        '"demands":{',
        '"source":"",',
        '"exchanges":{"groups":[["hv01","hv02"]],"hosts":[',
        '["hv01",0],',
        '["hv02",0]',
        "]}",
        "},",
        '"network":null',
        "}",
    ]


def _of_the_first_host(file: Any, check: str, *cell: Any) -> None:
    file["hosts"][0]["results"][check] = list(cell)


def _of_the_first_line(file: Any, *seconds: Any) -> None:
    file["seconds"][0] = list(seconds)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda file: _of_the_first_host(file, "LM101", "pass", 10**30),
            "hv01.contoso.com LM101: there is no template 1" + "0" * 19,
            id="a number of any length",
        ),
        pytest.param(
            lambda file: _of_the_first_host(file, "L" * 100, "pass", 0),
            "hv01.contoso.com: there is no check " + "L" * 40,
            id="a key of any length",
        ),
        pytest.param(
            lambda file: _of_the_first_line(file, "hv99", *file["seconds"][0][1:]),
            "seconds: they are not those of hv01.contoso.com",
            id="seconds of another host",
        ),
        pytest.param(
            lambda file: file["seconds"][0].append(1.5),
            "seconds: they are not those of hv01.contoso.com",
            id="a second too many",
        ),
        pytest.param(
            lambda file: file["seconds"][0].pop(),
            "seconds: they are not those of hv01.contoso.com",
            id="a second too few",
        ),
    ],
)
def test_what_is_wrong_is_said_of_its_place_and_cut_where_it_has_any_length(
    change: Callable[[Any], object], said: str
) -> None:
    document = json.loads(DEMO.read_text(encoding="utf-8"))
    change(document)
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        run_of(document)


def test_one_behind_the_last_outcome_is_none() -> None:
    document = json.loads(DEMO.read_text(encoding="utf-8"))
    behind = len(document["checks"]["LM101"]["outcomes"])
    _of_the_first_host(document, "LM101", "pass", behind)
    with pytest.raises(ValueError, match=f"LM101: there is no template {behind}$"):
        run_of(document)


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        (["x"], "findings.0: Input should be a dictionary"),
        ([{"fix": []}], "fixes: there is no number of a template"),
        ([{"fix": "x"}], "findings.0.level: Field required"),
    ],
)
def test_findings_that_are_none_are_refused_with_their_place(findings: Any, said: str) -> None:
    document = json.loads(DEMO.read_text(encoding="utf-8"))
    for each in document["checks"]["LM101"]["outcomes"]:
        each["findings"] = findings
    with pytest.raises(ValueError, match=f"^hv01.contoso.com LM101: {re.escape(said)}"):
        run_of(document)


def test_what_is_alike_is_there_once_in_a_run_that_was_read() -> None:
    run = load(DEMO)
    planned = {id(each) for each in run.plan}
    assert {id(each.entry) for each in run.results} <= planned
    passed = [
        each.findings
        for each in run.results
        if each.entry.check == "LM101" and each.state is State.PASS
    ]
    assert len(passed) > 1
    assert all(each is passed[0] for each in passed)


def test_a_fix_that_a_target_needs_twice_is_there_once() -> None:
    fix = Fix("Mend {#1} of hv01", "10.0.0.1 is missing.")
    findings = (
        Finding(Level.FAIL, "wanted", "observed", fix),
        Finding(Level.FAIL, "wanted", "other", fix),
    )
    run = made_run([Result(ENTRY, State.FAIL, True, findings)])
    (again,) = run_of_text(text_of(run)).results
    assert again.findings == findings
    assert again.findings[0].fix is again.findings[1].fix


@in_turn("summary", ["Mend hv01.", "Mend hv02.", "Mend it.", "Mend 10.0.0.1."])
@in_turn("observed", ["hv01 is off.", "hv02 is off.", "It is off.", "10.0.0.1"])
def test_what_two_hosts_say_in_the_same_words_keeps_the_names_that_are_in_them(
    observed: str, summary: str
) -> None:
    findings = (
        Finding(Level.NOTE, "It has no fix."),
        Finding(Level.FAIL, observed, "On.", Fix("key", summary)),
    )
    results = [
        Result(replace(ENTRY, target=each, node_id=f"test_it[{each}]"), State.FAIL, True, findings)
        for each in ("hv01", "hv02", "hv01", "hv02")
    ]
    run = made_run(results, ["hv01", "hv02"])
    assert run_of_text(text_of(run)) == run


def test_a_line_of_facts_tells_what_was_left_out_where_something_was() -> None:
    targets = (
        TargetFacts(Subject.HOST, "hv01", ()),
        TargetFacts(Subject.HOST, "hv02", (), ("routes",)),
    )
    run = replace(made_run([]), evidence=Evidence(targets=targets))
    assert document_of(run)["evidence"]["targets"] == [
        {"kind": "host", "target": "hv01", "facts": []},
        {"kind": "host", "target": "hv02", "facts": [], "left_out": ["routes"]},
    ]


def test_what_a_line_says_is_in_the_order_of_the_checks() -> None:
    later = replace(ENTRY, check="LM102", node_id="elsewhere")
    entries = (later, replace(ENTRY, node_id="as well"), replace(ENTRY, check="LM003"))
    run = replace(made_run([], ["hv01"]), plan=entries)
    (line,) = document_of(run)["hosts"]
    assert line["planned"] == ["LM102", "LM101", "LM003"]
    assert list(line["node_ids"].items()) == [("LM102", "elsewhere"), ("LM101", "as well")]


def test_the_references_of_a_check_are_told_once_and_those_that_differ_with_their_outcome() -> None:
    usual, other = (Reference("A", "https://a.example"),), (Reference("B", "https://b.example"),)
    results = [
        Result(replace(ENTRY, target=at, node_id=f"test_it[{at}]"), State.PASS, False, refs=refs)
        for at, refs in (("hv01", usual), ("hv02", other), ("hv03", usual), ("hv04", ()))
    ]
    run = made_run(results)
    check = document_of(run)["checks"]["LM101"]
    assert [each["url"] for each in check["refs"]] == ["https://a.example"]
    told = [each.get("refs") for each in check["outcomes"]]
    assert told == [None, [{"title": "B", "url": "https://b.example"}], []]
    assert run_of_text(text_of(run)) == run


ON_TWO = [
    Result(replace(ENTRY, check=check, target=at, node_id=f"test_it[{at}]"), State.PASS, False)
    for check in ("LM101", "LM102")
    for at in ("hv01", "hv02")
]


@in_turn(
    "plan, results, order",
    [
        ([0, 1, 2, 3], [0, 1, 2, 3], {}),
        ([0, 1, 2, 3], [0, 3], {}),
        ([0, 3], [0, 1, 2, 3], {"results": [0, 1, 2, 3]}),
        ([0, 3], [0, 3, 1, 2], {}),
        ([1, 0, 3, 2], [1, 0, 3, 2], {"plan": [1, 0, 3, 2]}),
        ([1, 0, 3, 2], [1, 3], {"plan": [1, 0, 3, 2]}),
        ([0, 1, 2, 3], [3, 0], {"results": [1, 0]}),
    ],
)
def test_an_order_is_told_where_it_is_not_that_of_the_checks(
    plan: list[int], results: list[int], order: dict[str, list[int]]
) -> None:
    run = replace(
        made_run([ON_TWO[each] for each in results], ["hv01", "hv02"]),
        plan=tuple(ON_TWO[each].entry for each in plan),
    )
    assert document_of(run)["order"] == order
    assert run_of_text(text_of(run)) == run


@given(st.data())
@examples(100)
def test_entries_of_the_plan_itself_are_laid_out_as_those_that_equal_them(
    data: st.DataObject,
) -> None:
    planned = data.draw(st.lists(st.sampled_from(ON_TWO), max_size=6))
    results = [replace(each, entry=replace(each.entry)) for each in planned]
    orders = (
        st.just(results),
        st.permutations(results),
        st.lists(st.sampled_from(results or ON_TWO)),
    )
    first = data.draw(st.one_of(orders))[: data.draw(st.integers(0, 8))]
    plan = tuple(each.entry for each in results)
    run = replace(made_run(first, ["hv01", "hv02"]), plan=plan)
    equal = tuple(replace(each, entry=replace(each.entry)) for each in first)
    assert text_of(run) == text_of(replace(run, results=equal))
    assert run_of_text(text_of(run)) == run


def test_the_published_schema_is_that_of_the_layout() -> None:
    published = Path(__file__).parents[3] / "docs/schemas/results.schema.json"
    assert schema_text("results") == published.read_text(encoding="utf-8")
