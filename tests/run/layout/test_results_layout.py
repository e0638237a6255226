"""results.json: as small as it is said to be, and every run comes back from it as it was."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bundle_edits import IN_RESULTS
from bundle_forging import Edit
from case_tables import CASES
from fact_builders import run_facts
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from many_hosts import DEMO, name_of, run_of
from properties import examples
from run_builders import made_run
from sampling import sampled
from whole_run import whole_run

from livemigration.base import codec
from livemigration.base.errors import UsageError
from livemigration.commands.schema import schema_text
from livemigration.facts.model import Subject
from livemigration.inventory.demands import Demands
from livemigration.inventory.policy import Policy
from livemigration.run import results_file
from livemigration.run.consistency import contradictions
from livemigration.run.evidence.model import (
    Evidence,
    Fact,
    FactState,
    NetworkEvidence,
    TargetFacts,
)
from livemigration.run.plan import PlanEntry
from livemigration.run.result import Blocker, Result, State
from livemigration.run.results_file import run_of_text, text_of
from livemigration.run.run import HostSummary, Run
from livemigration.run.stored import load
from livemigration.verdict.findings import Cause, Finding, Fix, Level, Reference

ROOT = Path(__file__).parents[3]
OLD = Path(__file__).with_name("results_of_schema_1.json")
JQ = shutil.which("jq") or ""


@cache
def published() -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text("results")))


def read_again(run: Run) -> Run:
    """Return what is read of what is written of a run, held against the published schema."""
    text = text_of(run)
    published().validate(json.loads(text))
    again = run_of_text(text)
    assert text_of(again) == text
    return again


@pytest.fixture(scope="module")
def two_hundred() -> Run:
    return run_of(200, 0.2)


@pytest.mark.long
def test_many_hosts_are_a_run_like_any_other(two_hundred: Run) -> None:
    assert list(contradictions(two_hundred)) == []
    red = {each.entry.target for each in two_hundred.results if each.red}
    assert len(red) == 40
    assert len(two_hundred.plan) == 200 * 20 + 1
    # No name and no address of the demo's hosts is left, but where its VMM server names them.
    told = codec.to_json(replace(two_hundred, evidence=None))
    assert not re.search(r"\bhv\d\d\b|(?<![\d.])127\.\d", json.dumps(told))


@pytest.mark.long
def test_a_run_of_many_hosts_comes_back_from_four_kilobytes_a_host(two_hundred: Run) -> None:
    assert read_again(two_hundred) == two_hundred
    # The shares of what hosts have in common are small in a run of ten thousand: 1.5 KB there.
    assert len(text_of(two_hundred)) < 200 * 2_000


@pytest.mark.long
def test_a_file_grows_by_as_much_as_the_fleet(two_hundred: Run) -> None:
    fewer, more = len(text_of(run_of(100, 0.2))), len(text_of(two_hundred))
    assert more < 2 * fewer


def test_a_small_run_is_not_larger_than_before() -> None:
    run = whole_run(run_facts())[0]
    assert len(text_of(run)) < len(text_of(replace(run, schema=1))) // 2
    empty = made_run([])
    assert len(text_of(empty)) < len(text_of(replace(empty, schema=1)))


def test_a_run_of_the_lab_has_each_fix_once_and_a_line_for_each_host() -> None:
    run = load(DEMO)
    assert read_again(run) == run
    text = text_of(run)
    fixes = {each.fix for result in run.results for each in result.findings if each.fix}
    document = json.loads(text)
    assert len(document["fixes"]) <= len(fixes)
    assert document["fixes"] == [
        each for at, each in enumerate(document["fixes"]) if each not in document["fixes"][:at]
    ]
    for host in run.hosts:
        (line,) = (
            each
            for each in text.splitlines()
            if each.startswith(f'{{"name":"{host.name}","groups"')
        )
        shown = json.loads(line.rstrip(","))
        assert {key: cell[0] for key, cell in shown["results"].items()} == {
            each.entry.check: each.state.value for each in run.of_host(host.name)
        }


@pytest.mark.skipif(not JQ, reason="jq is not installed")
def test_the_example_of_the_schema_lists_the_failing_checks_of_hosts() -> None:
    said = json.loads(schema_text("results"))["description"]
    (example,) = re.findall("jq -r '([^']*)' results.json", said)
    ended = subprocess.run(
        [JQ, "-r", example, str(DEMO)], capture_output=True, text=True, check=True
    )
    assert sorted(ended.stdout.splitlines()) == sorted(
        f"{each.entry.target} {each.entry.check}"
        for each in load(DEMO).results
        if each.state.value == "fail" and each.entry.target_kind is Subject.HOST
    )


@pytest.mark.skipif(not JQ, reason="jq is not installed")
def test_each_example_of_the_page_shows_something_of_the_failing_hosts() -> None:
    page = (ROOT / "docs/results.md").read_text(encoding="utf-8")
    examples_of_page = re.findall("    jq -r '([^']*)' results.json", page)
    said = json.loads(schema_text("results"))["description"]
    assert examples_of_page[0] in said
    assert len(examples_of_page) == 3
    for each in examples_of_page:
        ended = subprocess.run(
            [JQ, "-r", each, str(DEMO)], capture_output=True, text=True, check=True
        )
        assert "LM102" in ended.stdout


def test_a_file_of_the_first_schema_is_read_as_before() -> None:
    document = json.loads(OLD.read_text(encoding="utf-8"))
    run = load(OLD)
    before: Run = codec.from_json(Run, document)
    assert run == before
    assert (run.schema, len(run.hosts), run.verdict) == (1, 2, "NOT READY")
    # What is written of it is of its own schema; a run of today, of today's.
    assert run_of_text(text_of(run)) == run
    assert json.loads(text_of(run)).keys() >= document.keys()
    today = replace(run, schema=2)
    assert read_again(today) == today


@pytest.mark.parametrize(
    "case", sampled(CASES[::40], every=8), ids=lambda each: f"{each.check}-{each.row}"[:60]
)
def test_runs_of_the_table_of_cases_come_back(case: Any) -> None:
    run = whole_run(run_facts(**case.given), Policy(**case.policy))[0]
    assert read_again(run) == run


FEW = st.sampled_from(["hv01", "hv02", "vmm01", "{#target}", "LM101", "LM101#2", "[", ""])
TEXTS = FEW | st.text(max_size=5)
LINES = st.lists(TEXTS, max_size=3).map(tuple)
ENTRIES = st.builds(
    PlanEntry,
    st.builds(lambda test, target: f"{test}[{target}]", TEXTS, FEW) | TEXTS,
    st.sampled_from(["LM101", "LM102", "LM101#2"]),
    FEW,
    FEW,
    st.sampled_from(Subject),
    FEW,
)
SECONDS = st.floats(0, 9)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds have no zone
REFERENCES = st.builds(Reference, TEXTS, TEXTS)
FIXES = st.builds(
    Fix,
    TEXTS,
    TEXTS,
    console=LINES,
    commands=LINES,
    undo=LINES,
    cost=TEXTS,
    source=st.none() | REFERENCES,
    cause=st.none() | st.from_type(Cause),
)
FINDINGS = st.builds(Finding, st.sampled_from(Level), TEXTS, TEXTS, st.none() | FIXES)
RESULTS = st.builds(
    Result,
    ENTRIES,
    st.sampled_from(State),
    st.booleans(),
    st.lists(FINDINGS, max_size=2).map(tuple),
    st.none() | st.builds(Blocker, FEW, TEXTS, TEXTS),
    TEXTS,
    SECONDS,
    st.lists(REFERENCES, max_size=2).map(tuple),
)
FACTS = st.builds(
    Fact,
    FEW,
    st.sampled_from(FactState),
    LINES,
    seconds=SECONDS,
    lines_left_out=st.integers(0, 9),
    at=st.none() | MOMENTS,
)
EVIDENCE = st.builds(
    Evidence,
    targets=st.lists(
        st.builds(
            TargetFacts,
            st.sampled_from(Subject),
            FEW,
            st.lists(FACTS, max_size=2).map(tuple),
            LINES,
        ),
        max_size=3,
    ).map(tuple),
)
HOSTS = st.builds(HostSummary, FEW, st.lists(FEW, max_size=2).map(tuple), FEW, FEW)


@st.composite
def runs(draw: st.DrawFn) -> Run:
    """Return a run whose parts deny each other: what is no run of the suite is a value as well."""
    plan = draw(st.lists(ENTRIES, max_size=5))
    own = [replace(draw(RESULTS), entry=each) for each in plan if draw(st.booleans())]
    results = draw(st.permutations([*own, *draw(st.lists(RESULTS, max_size=3))]))
    names = draw(st.lists(FEW, max_size=3))
    peers = st.lists(st.tuples(FEW, st.lists(FEW, max_size=3).map(tuple)), max_size=3).map(tuple)
    return replace(
        made_run([]),
        plan=tuple(plan),
        results=tuple(results),
        hosts=tuple(draw(st.lists(HOSTS, max_size=3))),
        evidence=draw(st.none() | EVIDENCE),
        network=draw(st.none() | st.from_type(NetworkEvidence)),
        demands=draw(
            st.none()
            | st.builds(
                Demands,
                TEXTS,
                st.just(Policy()),
                exchanges=peers,
                managers=st.just(tuple((each, "vmm01") for each in names)),
            )
        ),
    )


@examples(200)
@given(runs())
def test_whatever_a_run_holds_comes_back(run: Run) -> None:
    assert read_again(run) == run


def test_a_node_id_that_is_empty_is_that_of_its_own_entry() -> None:
    plan = tuple(PlanEntry(each, "LM102", "a", "b", Subject.HOST, "hv02") for each in ("", "hv01"))
    run = replace(made_run([]), plan=plan, results=(Result(plan[1], State.PASS),))
    assert read_again(run) == run


# One of them edits a waiver, and this run has none.
EDITS = [each for each in IN_RESULTS if each.__name__ != "signed_for"]


@pytest.mark.parametrize("edit", sampled(EDITS, every=4), ids=lambda each: each.__name__)
def test_a_run_that_denies_itself_comes_back_as_it_is(edit: Edit) -> None:
    run = whole_run(run_facts(enabled=False, listeners=("10.0.50.11",)))[0]
    document = codec.to_json(run)
    edit(document)
    changed: Run = codec.from_json(Run, document)
    assert changed != run
    assert run_of_text(text_of(changed)) == changed


def damaged(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each value of a document that no others are in, and of each list."""
    if isinstance(document, dict):
        for key, each in document.items():
            yield from damaged(each, (*path, key))
    elif isinstance(document, list):
        yield path
        for at, each in enumerate(document):
            yield from damaged(each, (*path, at))
    else:
        yield path


WRONG: st.SearchStrategy[Any] = st.sampled_from(
    [None, -1, 99, "x", "{#9}", [], {}, [99], [-1], 1.5, "LM999"]
)


@pytest.mark.long
@examples(300)
@given(st.data())
def test_a_damaged_file_is_refused_or_read_and_nothing_else(data: st.DataObject) -> None:
    document = json.loads(text_of(whole_run(run_facts(enabled=False))[0]))
    *path, last = data.draw(st.sampled_from(list(damaged(document))))
    part = document
    for each in path:
        part = part[each]
    part[last] = data.draw(WRONG)
    with suppress(ValueError):
        assert isinstance(run_of_text(json.dumps(document)), Run)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: file.update(schema=3), "schema: it is 3, and this suite reads 1 and 2"),
        (lambda file: file.pop("checks"), "checks: Field required"),
        (
            lambda file: file["hosts"][0]["results"].update(LM999=["pass", 0]),
            "hv01.contoso.com: there is no check LM999",
        ),
        (
            lambda file: file["hosts"][0]["results"].update(LM101=["pass", 7]),
            "hv01.contoso.com LM101: there is no template 7",
        ),
        (
            lambda file: file["hosts"][0]["results"].update(LM101=["green", 0]),
            "hv01.contoso.com LM101: it does not begin with a state",
        ),
        (lambda file: file["seconds"].pop(), "seconds: there is not one line for each"),
        (lambda file: file["order"].update(plan=[0, 0]), "order.plan: it does not name each"),
        (
            lambda file: file["network"]["hosts"][0].update(shown=[0]),
            "network.hv01.contoso.com: {#1} has no value",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(
    tmp_path: Path, change: Any, said: str
) -> None:
    document = json.loads(DEMO.read_text(encoding="utf-8"))
    change(document)
    path = tmp_path / "results.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        results_file.load(path)
    assert said in str(refused.value)


def test_hosts_that_exchange_vms_among_each_other_are_named_once() -> None:
    names = tuple(map(name_of, range(60)))
    exchanges = tuple((each, names) for each in names)
    alone = ("alone", ("elsewhere",))
    run = replace(made_run([]), demands=Demands("", Policy(), exchanges=(*exchanges, alone)))
    assert read_again(run) == run
    assert text_of(run).count(names[0]) == 2
