"""A facts file of the suite's own form is read by its lines as it is read as a whole document."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from io import StringIO
from typing import Any

import pytest
from fact_builders import HOST, run_facts
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from whole_run import BEGAN

from livemigration.collector import host_by_host, snapshot, streaming
from livemigration.facts import told_outcomes
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Vantage,
)
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.one_failure import one_failure_a_cause

FAILED = GatherFailure(FailureKind.TIMED_OUT, "Reading", 'it said "no", \\', "Ask again.", "")
LOST: dict[str, NotGathered | Inapplicable] = {
    "firewall-rules": NotGathered(FAILED),
    "cluster": Inapplicable('not a node, "failure":null,"inapplicable":null}'),
}


@cache
def text() -> str:
    """Return a facts file of two hosts: the first lost some facts, and one has a time."""
    facts = run_facts(lost=LOST)
    sheet = facts.hosts[HOST]
    when = datetime(2026, 6, 1, 23, 59, 1, 20, UTC)
    outcomes = {
        name: replace(each, at=when if name == "services" else None, seconds=0.25)
        if isinstance(each, Gathered)
        else each
        for name, each in sheet.outcomes.items()
    }
    facts = replace(facts, hosts={**facts.hosts, HOST: replace(sheet, outcomes=outcomes)})
    return "".join(snapshot.texts_of(facts, BEGAN, "prod.yaml", "d"))


def read(document: str) -> RunFacts:
    return host_by_host.facts_in(StringIO(document))[0]


def whole(document: str) -> RunFacts:
    return snapshot.facts_of(json.loads(document))


def told(facts: RunFacts) -> object:
    """Return all of it, with what comparisons of facts leave out, in its order."""
    return (
        facts,
        facts.managers,
        [
            (name, group, each, each.at if isinstance(each, Gathered) else None)
            for name, sheet in facts.hosts.items()
            for group, each in sheet.outcomes.items()
        ],
    )


def test_lines_say_what_the_document_says_and_nothing_is_read_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = told(whole(text()))

    document_of = streaming.document_of

    def by_lines(*arguments: Any) -> Any:
        stream, lists, _, take_line = arguments
        return document_of(stream, lists, refused, take_line)

    def refused(*_: object) -> None:
        raise AssertionError("a host was read as a document")

    monkeypatch.setattr(streaming, "document_of", by_lines)
    found = read(text())
    assert told(found) == expected
    one, other = (each.outcomes["services"] for each in found.hosts.values())
    assert isinstance(one, Gathered)
    assert isinstance(other, Gathered)
    assert one.value is other.value
    assert found.hosts[HOST].outcomes["firewall-rules"] == LOST["firewall-rules"]


def test_nothing_is_made_of_a_line_before_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = read(text())
    made: list[object] = []

    def counted(value: object, *others: Any) -> object:
        made.append(value)
        return Gathered(value, *others)

    monkeypatch.setattr(told_outcomes, "Gathered", counted)
    assert one_failure_a_cause(found) is found
    assert not made
    assert isinstance(found.hosts[HOST].outcomes["services"], Gathered)
    assert len(made) == 1


def test_what_lacks_something_is_lacking_on_each_host_by_its_name() -> None:
    routes = (
        r'("routes":{"vantage":"[^"]*","seconds":[0-9.]+,"at":[^,]*,"value":)\[.*?\](,"failure")'
    )
    changed = _lines(lambda line: re.sub(routes, r"\1[]\2", line))
    assert changed != text()
    found = read(changed)
    assert told(found) == told(whole(changed))
    for name, sheet in found.hosts.items():
        lacking = sheet.outcomes["routes"]
        assert isinstance(lacking, NotGathered)
        assert name in lacking.failure.tried


def _lines(change: Callable[[str], str]) -> str:
    return "\n".join(
        change(each) if each.startswith('{"name"') else each for each in text().split("\n")
    )


OTHER_FORMS: dict[str, Callable[[str], str]] = {
    "spaces": lambda line: line.replace('"value":', '"value": '),
    "another order": lambda line: line.replace('"vantage":"the host",', "").replace(
        ',"failure":null,', ',"failure":null,"vantage":"the host",'
    ),
    "an escaped name": lambda line: line.replace(HOST, "\\u0068" + HOST[1:], 1),
    "whole seconds": lambda line: line.replace('"seconds":0.25', '"seconds":1'),
    "another zone": lambda line: line.replace("00:00:00Z", "02:00:00+02:00"),
    "a vantage that is written otherwise": lambda line: line.replace("the host", "the h\\u006fst"),
    "a group twice": lambda line: line.replace(
        '"outcomes":{', '"outcomes":{"cluster":{"inapplicable":"at first"},'
    ),
    "no groups": lambda line: (
        '{"name":"hv09.contoso.com","outcomes":{},"vmm":null}' + ("," if line.endswith(",") else "")
    ),
}


@in_turn("form", OTHER_FORMS)
def test_a_line_of_another_form_is_read_as_a_document(form: str) -> None:
    changed = _lines(OTHER_FORMS[form])
    assert changed != text() or form == "another zone"
    assert told(read(changed)) == told(whole(changed))


WRONG: dict[str, Callable[[str], str]] = {
    "an unknown group": lambda line: line.replace('"services":', '"servers":'),
    "an unknown vantage": lambda line: line.replace("the host", "the moon"),
    "a control character": lambda line: line.replace(HOST, f"{HOST}\x01"),
    "no such day": lambda line: line.replace("2026-06-01T23", "2026-06-31T23"),
    "no such hour": lambda line: line.replace("2026-06-01T23", "2026-06-01T24"),
    "no such year": lambda line: line.replace("2026-06-01T23", "0000-06-01T23"),
    "no vantage": lambda line: line.replace('"vantage":"the host"', '"vantage":""'),
    "a value of another group": lambda line: line.replace('"value":[', '"value":[7,'),
    "a number that begins with 0": lambda line: line.replace('"seconds":0.25', '"seconds":00.25'),
    "what is cut": lambda line: line[:-40],
}


@in_turn("what", WRONG)
def test_what_is_wrong_in_a_line_is_wrong(what: str) -> None:
    changed = _lines(WRONG[what])
    assert changed != text()
    for reader in (read, whole):
        with pytest.raises(ValueError, match=r"."):
            reader(changed)


@given(st.data())
def test_whatever_happens_to_a_file_it_is_read_as_the_document_or_refused(
    data: st.DataObject,
) -> None:
    at = data.draw(st.integers(text().index('{"name"', 400), len(text()) - 1))
    until = at + data.draw(st.integers(0, 12))
    put = data.draw(st.sampled_from(('"', ",", "}", "{", "\\", "0", " ", "\n", "null", ":", "é")))
    changed = text()[:at] + put + text()[until:]

    def tried(reader: Callable[[str], RunFacts]) -> Any:
        try:
            return told(reader(changed))
        except ValueError:
            return None

    # Of two members of the document that have one name, a stream has the first refused.
    assert tried(read) in (tried(whole), None)


@in_turn("vantage", Vantage)
def test_each_vantage_is_read(vantage: Vantage) -> None:
    changed = text().replace(f'"{Vantage.HOST.value}"', f'"{vantage.value}"')
    assert told(read(changed)) == told(whole(changed))
