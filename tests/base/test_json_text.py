"""Text of JSON is read as Python reads it; what it refuses is told without naming its settings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemigration.base.json_text import load_json

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
