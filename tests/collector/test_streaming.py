"""A JSON object is read member by member as it is read as a whole."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from fact_builders import run_facts
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from whole_run import BEGAN

from livemigration.base.errors import UsageError
from livemigration.collector import facts_file, snapshot
from livemigration.collector.streaming import document_of

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
_NAMES = st.sampled_from(("hosts", "vmms", "", 'a"\\', "\ud800"))


@given(st.dictionaries(_NAMES, _VALUES, max_size=4), st.sampled_from((None, 1, "\t")))
def test_what_is_taken_and_what_stays_is_the_whole(
    document: dict[str, Any], indent: int | str | None
) -> None:
    taken: list[Any] = []
    text = json.dumps(document, indent=indent)
    stream = StringIO(f" \r\n{text}\n ")
    found = document_of(stream, ("hosts",), lambda name, each: taken.append((name, each)))
    if isinstance(document.get("hosts"), list):
        assert found.pop("hosts") == []
        assert taken == [("hosts", each) for each in document.pop("hosts")]
    else:
        assert taken == []
    assert found == document


@in_turn(
    "text",
    [
        "",
        "[]",
        "{",
        "{,}",
        '{"a":1,}',
        '{"a" 1}',
        '{"a":1 "b":2}',
        '{"a":1}}',
        '{"a":1} x',
        "{1:2}",
        '{"a":1,"a":2}',
        '{"hosts":[1,]}',
        '{"hosts":[,1]}',
        '{"hosts":[1 2]}',
        '{"hosts":[1}',
        '{"hosts":[',
    ],
)
def test_what_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        document_of(StringIO(text), ("hosts",), lambda _name, _each: None)


def test_a_facts_file_has_a_line_for_each_machine_and_is_read_as_a_whole_document_is(
    tmp_path: Path,
) -> None:
    facts, path = run_facts(), tmp_path / "facts.json"
    snapshot.save(path, facts, gathered=BEGAN, inventory="prod.yaml", digest="d")
    text = path.read_text(encoding="utf-8")
    document = snapshot.document_of(facts, gathered=BEGAN, inventory="prod.yaml", digest="d")
    assert json.loads(text) == document
    assert list(json.loads(text)) == list(document)
    for machine in (*facts.hosts, *facts.vmms):
        assert len([line for line in text.splitlines() if f'"name":"{machine}","out' in line]) == 1
    whole, read = snapshot.facts_of(document), facts_file.load(path)
    assert read == whole
    assert (read.gathered, read.inventory) == (whole.gathered, whole.inventory)
    # What two machines answered alike is one value.
    one, other = (each.outcomes["firewall-rules"] for each in read.hosts.values())
    assert one.value is other.value  # type: ignore[union-attr]  # both were gathered


def test_what_is_wrong_with_a_host_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    snapshot.save(path, run_facts(), gathered=BEGAN, inventory="prod.yaml", digest="d")
    document = json.loads(path.read_text(encoding="utf-8"))
    document["hosts"][1]["outcomes"] = 7
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match=r"hosts\.1\.outcomes"):
        facts_file.load(path)
    del document["hosts"]
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(UsageError, match="hosts"):
        facts_file.load(path)
