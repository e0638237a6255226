"""The lab's WQL: text and tree, what matches, and what is refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn

from livemigration.facts.cim import CimValue
from livemigration.lab import wql
from livemigration.lab.wql_rows import compiled, prepared

KEYWORDS = {"AND", "OR", "NOT", "WHERE", "FROM", "SELECT", "LIKE", "IS", "NULL", "TRUE", "FALSE"}

names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True).filter(
    lambda text: text.upper() not in KEYWORDS
)
texts = st.text(max_size=10)
comparisons = (
    st.builds(
        wql.Comparison,
        names,
        st.sampled_from(["=", "<>", "<", ">", "<=", ">="]),
        st.integers(-(2**31), 2**64 - 1) | texts | st.booleans(),
    )
    | st.builds(wql.Comparison, names, st.just("LIKE"), texts)
    | st.builds(wql.Comparison, names, st.sampled_from(["IS", "IS NOT"]), st.none())
)
conditions = st.recursive(
    comparisons,
    lambda inner: (
        st.builds(wql.Both, st.sampled_from(["AND", "OR"]), inner, inner)
        | st.builds(wql.Not, inner)
    ),
    max_leaves=5,
)
selects = st.builds(
    wql.Select, st.lists(names, max_size=3).map(tuple), names, st.none() | conditions
)


@given(selects)
def test_wql_reads_what_it_writes(tree: wql.Select) -> None:
    assert wql.parse(wql.render(tree)) == tree


@st.composite
def other_notations(draw: st.DrawFn) -> tuple[str, str]:
    """Return the same query as the lab writes it, and in another hand."""
    written = wql.render(draw(selects.filter(lambda tree: "'" not in wql.render(tree))))
    words = [
        "".join(draw(st.sampled_from([each.upper(), each.lower()])) for each in word)
        if word in KEYWORDS
        else word
        for word in re.split(r"(\W)", written)
    ]
    spaces = st.sampled_from([" ", "  ", "\t", "\r\n"])
    other = "".join(draw(spaces) if word == " " else word for word in words)
    return written, other.replace("<>", draw(st.sampled_from(["<>", "!="])))


@given(other_notations())
def test_wql_in_another_hand_comes_out_in_the_labs(notations: tuple[str, str]) -> None:
    written, other = notations
    assert wql.render(wql.parse(other)) == written


@given(st.text() | st.text(alphabet="SELECT FROM WHERE()='\"<>,*0a_%[]\\").map("SELECT ".__add__))
def test_wql_refuses_with_its_own_error_only(text: str) -> None:
    try:
        wql.parse(text)
    except wql.WqlError:
        return


@given(texts, texts)
def test_no_pattern_of_like_breaks(pattern: str, text: str) -> None:
    compiled(wql.Comparison("a", "LIKE", pattern))({"a": text})


def test_many_wildcards_are_matched_at_once() -> None:
    pattern = "%a" * 40 + "%b"
    condition = wql.Comparison("a", "LIKE", pattern)
    assert not compiled(condition)({"a": "a" * 100})
    assert compiled(condition)({"a": "xa" * 40 + "yb"})


def test_the_properties_of_a_query_are_those_that_it_names() -> None:
    query = wql.parse("SELECT Name, State FROM a WHERE NOT (b = 1 OR C IS NULL) AND d LIKE 'e'")
    assert wql.names(query) == {"name", "state", "b", "c", "d"}
    assert not wql.names(wql.parse("SELECT * FROM a"))


ROW: dict[str, CimValue] = {
    "Name": "vmms",
    "ProcessId": 2140,
    "Started": True,
    "Path": None,
    "Tag": "a%b",
}


@in_turn(
    "condition, holds",
    [
        ("Name = 'VMMS'", True),
        ('name = "vmms"', True),
        ("Name <> 'vmms'", False),
        ("Name != 'x'", True),
        ("ProcessId = 2140", True),
        ("ProcessId > 2139 AND ProcessId < 2141", True),
        ("ProcessId >= 2141 OR ProcessId <= 2139", False),
        ("Started = TRUE", True),
        ("Started = false", False),
        ("Path IS NULL", True),
        ("Path IS NOT NULL", False),
        ("Path <> 'x'", False),
        ("Name LIKE 'v%s'", True),
        ("Name LIKE '[a-v]m_s'", True),
        ("Name LIKE '[^a-v]%'", False),
        ("Name LIKE 'vm%ms'", True),
        ("Name LIKE 'vmm%ms'", False),
        ("Name LIKE '%m%'", True),
        ("Name LIKE '%'", True),
        ("Name LIKE ''", False),
        ("Name LIKE 'vm'", False),
        ("Tag LIKE 'a[%]b'", True),
        ("NOT Name = 'vmms'", False),
        ("NOT (Name = 'x' OR Name = 'y') AND Started = TRUE", True),
        ("Name = 'x' OR Name = 'vmms' AND Started = FALSE", False),
        ("Missing = 1", False),
    ],
)
def test_a_condition_holds_as_in_wmi(condition: str, holds: bool) -> None:
    tree = wql.parse(f"select * from Win32_Service where {condition}")
    assert compiled(tree.where)(ROW) is holds


@in_turn(
    "text",
    [
        "",
        "SELECT",
        "SELECT * FROM",
        "SELECT * FROM a WHERE",
        "SELECT * FROM a WHERE b",
        "SELECT * FROM a WHERE b = NULL",
        "SELECT * FROM a WHERE b IS 1",
        "SELECT * FROM a WHERE b LIKE 1",
        "SELECT * FROM a; DROP",
        "SELECT a,, b FROM c",
        "DELETE FROM a",
        "ASSOCIATORS OF {a.b='c'}",
        "SELECT * FROM a WHERE " + "(" * 100 + "b = 1" + ")" * 100,
        "SELECT * FROM a WHERE " + " OR ".join(["b = 1"] * 201),
        "SELECT * FROM a WHERE b = '" + "x" * 20000 + "'",
    ],
)
def test_what_is_no_such_query_is_refused(text: str) -> None:
    with pytest.raises(wql.WqlError):
        wql.parse(text)


def holds(condition: wql.Condition, row: dict[str, CimValue]) -> bool:
    """Return what a condition comes to where each part of it is looked at by itself."""
    if isinstance(condition, wql.Not):
        return not holds(condition.condition, row)
    if isinstance(condition, wql.Both):
        parts = [holds(condition.left, row), holds(condition.right, row)]
        return all(parts) if condition.operator == "AND" else any(parts)
    return compiled(condition)(row)


ABOUT_THE_ROW = st.builds(
    wql.Comparison,
    st.sampled_from(["a", "A", "b", "c", "gone"]),
    st.sampled_from(["=", "=", "=", "<>", "<", "LIKE"]),
    st.sampled_from(["x", "X", "7", "07", "", "y"]),
)


@given(
    st.lists(ABOUT_THE_ROW, min_size=1, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.sampled_from([None, "x", "X", "7", 7, True, ("x",)]),
    st.sampled_from([None, "x", 7]),
)
def test_a_chain_of_or_comes_to_what_its_parts_do(
    parts: list[wql.Comparison], ands: list[bool], a: CimValue, b: CimValue
) -> None:
    chain: wql.Condition = parts[0]
    for part, joined in zip(parts[1:], ands, strict=False):
        chain = wql.Both("AND" if joined else "OR", chain, part)
    row = {"a": a, "B": b, "c": "Y"}
    assert compiled(chain)(row) is holds(chain, row)
    assert compiled(wql.Not(chain))(row) is not holds(chain, row)


def test_a_query_that_every_host_is_asked_is_read_once() -> None:
    text = "SELECT Name FROM Win32_Service WHERE Name = 'vmms' OR name = 'BITS'"
    assert prepared(text) is prepared(text)
    assert prepared(text).names == {"name"}
    assert prepared(text).wanted({"Name": "VMMS"})
