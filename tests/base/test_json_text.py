"""Text of JSON is read as Python reads it; what it refuses is told without naming its settings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.base.json_text import ambiguous, load_json

DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(DOCUMENTS)
def test_a_document_comes_back_as_it_was_written(document: Any) -> None:
    assert load_json(json.dumps(document)) == document
    assert load_json(json.dumps(document).encode()) == document


def test_a_number_that_is_too_long_is_told_as_such() -> None:
    assert load_json("9" * 4300) == int("9" * 4300)
    with pytest.raises(ValueError, match=r"^it has a number of more than 4,300 digits$"):
        load_json(f'{{"a": -{"9" * 4301}}}')


def test_other_mistakes_stay_what_they_are() -> None:
    with pytest.raises(json.JSONDecodeError) as wrong:
        load_json('{\n"a": }')
    assert wrong.value.lineno == 2
    with pytest.raises(UnicodeDecodeError):
        load_json(b'"\xff"')


@given(DOCUMENTS)
def test_what_is_written_once_is_read_in_one_way(document: Any) -> None:
    assert ambiguous(json.dumps(document).encode()) == ""
    assert ambiguous(json.dumps(document, indent=1).encode() + b"\n") == ""


@in_turn(
    "text, why",
    [
        (b'{"a": 0, "b": 1, "a": 1}', "has the key 'a' twice in one place"),
        (b'[{"b": {"a": 0, "\\u0061": 0}}]', "has the key 'a' twice in one place"),
        (b'{"a": {"a": 0}, "b": [{"a": 0}, {"a": 0}]}', ""),
        (b'\xef\xbb\xbf{"a": 0}', "is not plain JSON in UTF-8"),
        ('{"a": 0}'.encode("utf-16"), "is not plain JSON in UTF-8"),
        (b'{"a": NaN}', "is not plain JSON in UTF-8"),
        (b'{"a": 0}{"a": 1}', "is not plain JSON in UTF-8"),
        (b"[" * 100_000, "is not plain JSON in UTF-8"),
    ],
)
def test_what_may_be_read_in_two_ways_is_told(text: bytes, why: str) -> None:
    assert ambiguous(text) == why
