"""What is taken out of a text is put back exactly, whatever the text holds."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.run.layout.tables import Table
from livemigration.run.layout.templates import Expansion

NAMES = ("hv01.contoso.com", "hv01", "berlin.contoso.com", "target", "1", "#", "{#1}", "")
WORDS = (
    *NAMES,
    "{",
    "{#",
    "#",
    "}",
    "{#1}",
    "{##1}",
    "{#target}",
    "{##target}",
    "{0}/{1}",
    "target",
    "HV01",
    "Berlin",
    "10.0.0.1",
    "fe80::1%12",
    "٣",
    "²",
    "\ud800",
    " ",
    "7",
)
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=8).map("".join)
TARGETS = st.sampled_from(NAMES) | TEXTS
DOCUMENTS = st.recursive(
    TEXTS | st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(TEXTS, each, max_size=3),
    max_leaves=8,
)


def same(one: object, other: object) -> bool:
    """Whether two documents have the same text: 1 is not True, nor 1.0."""
    return json.dumps(one) == json.dumps(other)


@examples(400)
@given(st.lists(st.tuples(TARGETS, DOCUMENTS), max_size=5))
def test_every_document_comes_back_from_its_template_and_its_values(
    documents: list[tuple[str, object]],
) -> None:
    table = Table()
    entries = [table.add(*each) for each in documents]
    templates = json.loads(json.dumps(table.templates()))
    for (target, document), entry in zip(documents, entries, strict=True):
        cell = json.loads(json.dumps([entry.number, *entry.own_values()]))
        found = Expansion(1 << 20).of(templates[cell[0]], target, cell[1:])
        assert same(found, document)


def shared(*documents: tuple[str, object]) -> tuple[list[object], list[list[object]]]:
    table = Table()
    entries = [table.add(*each) for each in documents]
    return table.templates(), [[each.number, *each.own_values()] for each in entries]


def test_what_differs_in_name_and_address_alone_is_there_once() -> None:
    templates, cells = shared(
        ("hv01", {"said": "hv01 listens on 10.0.0.1, port 6600, not on 10.0.0.1:5985.", "n": 1}),
        ("hv02", {"said": "hv02 listens on 10.0.0.2, port 6600, not on 10.0.0.2:5985.", "n": 2}),
    )
    said = "{#target} listens on {#1}, port 6600, not on {#2}."
    assert templates == [{"said": said, "n": "{#3}"}]
    assert cells == [[0, "10.0.0.1", "10.0.0.1:5985", 1], [0, "10.0.0.2", "10.0.0.2:5985", 2]]


def test_a_name_in_another_name_is_no_name() -> None:
    templates, cells = shared(("hv1", "hv1, hv10 and xhv1"), ("hv2", "hv2, hv20 and xhv2"))
    assert templates == ["{#target}, {#1} and {#2}"]
    assert cells == [[0, "hv10", "xhv1"], [0, "hv20", "xhv2"]]


def test_a_name_has_its_place_as_often_as_it_is_there() -> None:
    templates, _ = shared(("hv1", "hv1, hv1, hv1 and hv1"), ("hv2", "hv2, hv2, hv2 and hv2"))
    assert templates == ["{#target}, {#target}, {#target} and {#target}"]


def test_words_that_differ_are_no_values() -> None:
    templates, cells = shared(("hv01", "port 1 is open"), ("hv01", "port 2 is closed"))
    assert templates == ["port 1 is open", "port 2 is closed"]
    assert cells == [[0], [1]]


def test_a_name_without_a_digit_is_a_value_as_well() -> None:
    templates, cells = shared(
        ("berlin.contoso.com", "BERLIN of berlin.contoso.com"),
        ("paris.contoso.com", "PARIS of paris.contoso.com"),
    )
    assert templates == ["{#1} of {#target}"]
    assert cells == [[0, "BERLIN"], [0, "PARIS"]]


def test_of_a_name_whose_digit_stands_alone_the_digit_is_the_value() -> None:
    templates, cells = shared(
        ("hv-1.contoso.com", "hv-1 is off"), ("hv-2.contoso.com", "hv-2 is off")
    )
    assert templates == ["hv-{#1} is off"]
    assert cells == [[0, "1"], [0, "2"]]


def test_formats_of_powershell_are_left_as_they_are() -> None:
    assert shared(("hv01", "'{0}/{1}' -f $a, $b"))[0] == ["'{0}/{1}' -f $a, $b"]


@in_turn(
    "template, values, said",
    [
        ("{#1}", (), "has no value"),
        ("{#0}", ("a",), "has no value"),
        ("see {#1}", (1,), r"^\{#1\} is in a text, and is no text$"),
        ("{#" + "9" * 30 + "}", ("a",), r"^\{#9{20}\} has no value$"),
        ("{#1}" * 9, ("a" * 8,), "longer than"),
    ],
)
def test_what_no_run_is_written_as_is_refused(
    template: str, values: tuple[object, ...], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        Expansion(64).of(template, "hv01", values)


def test_as_much_as_the_bound_is_put_in_and_a_text_without_places_is_counted_as_none() -> None:
    expansion = Expansion(8)
    template = ["a" * 100, "{#1}{#1}", "{#2}"]
    assert expansion.of(template, "hv01", ("abcd", 2)) == ["a" * 100, "abcdabcd", 2]
    with pytest.raises(ValueError, match="longer than"):
        expansion.of("{#target}", "h", ())
