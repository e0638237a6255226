"""Texts of several hosts as one, and the names of hosts as a reader needs them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.report.merging import merged, merged_lines
from livemigration.report.naming import ANY_HOST, Names, with_name, without_name

WORDS = st.lists(st.sampled_from(("a", "b.", "10.0.0.1", "10.0.0.0/24", "(x)", "")), max_size=9)


@in_turn(
    "texts, expected",
    [
        (("It is so.", "It is so."), "It is so."),
        (("Take 10.0.0.1, please.", "Take 10.0.0.2, please."), "Take <address>, please."),
        (("Take fd00::1 off it.", "Take fd00::2 off it."), "Take <address> off it."),
        (("The net 10.1.0.0/16.", "The net 10.2.0.0/16."), "The net <subnet>."),
        (("Port 6600 is shut here.", "Port 6601 is shut here."), "Port <value> is shut here."),
        (("On 10.0.0.1 it is.", "On hv01 it is."), "On <value> it is."),
        (("Look at <host> now.", "Look at hv02 now."), "Look at <value> now."),
        (("one two", "one two three"), None),
        (("a b", "c d"), None),
        (("", ""), ""),
        (("a b ", "a b  "), None),
        (("a ", "b "), None),
    ],
)
def test_what_differs_is_a_placeholder_of_its_kind(
    texts: tuple[str, ...], expected: str | None
) -> None:
    assert merged(texts) == expected


@examples(200)
@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=4))
def test_a_merged_text_fits_each_of_its_texts(texts: list[str]) -> None:
    said = merged(texts)
    if said is None:
        assert len(set(texts)) > 1
        return
    for text in texts:
        pairs = list(zip(said.split(), text.split(), strict=True))
        assert all(one == other or "<" in one for one, other in pairs)
        # More than half in placeholders says nothing.
        assert sum(one != other for one, other in pairs) * 2 <= len(pairs)


def test_lines_merge_only_where_every_line_does() -> None:
    assert merged_lines((("Open 10.0.0.1 now.", "Go."), ("Open 10.0.0.2 now.", "Go."))) == (
        "Open <address> now.",
        "Go.",
    )
    assert merged_lines((("a b c", "Go."), ("a b c", "Stop here."))) is None
    assert merged_lines((("a",), ("a", "b"))) is None


@in_turn(
    "names, short",
    [
        (("hv1.a.test", "hv2.a.test"), ("hv1", "hv2")),
        (("hv1.a.test", "hv2.A.TEST"), ("hv1", "hv2")),
        (("hv1", "hv2"), ("hv1", "hv2")),
        (("hv1.a.test", "hv1.b.test"), ("hv1.a.test", "hv1.b.test")),
        (("hv1.a.test", "hv2.b.test"), ("hv1.a.test", "hv2.b.test")),
        (("hv1.a.test", "hv2"), ("hv1.a.test", "hv2")),
        (("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "10.0.0.2")),
        (("hv1.0.0.1", "10.0.0.1"), ("hv1.0.0.1", "10.0.0.1")),
        (("HV1.a", "hv1.a"), ("HV1.a", "hv1.a")),
    ],
)
def test_names_are_short_only_where_that_tells_them_apart(
    names: tuple[str, ...], short: tuple[str, ...]
) -> None:
    known = Names(names)
    assert tuple(map(known.short, names)) == short
    assert known.short("elsewhere.test") == "elsewhere.test"


@in_turn(
    "text, name, expected",
    [
        ("hv1 is up.", "hv1", f"{ANY_HOST} is up."),
        ("hv10 and hv1", "hv1", f"hv10 and {ANY_HOST}"),
        ("hv1.lab.test", "hv1", "hv1.lab.test"),
        ("hv1-old, hv1.", "hv1", f"hv1-old, {ANY_HOST}."),
        ("x.hv1", "hv1", "x.hv1"),
        ("'hv1.lab.test'", "hv1.lab.test", f"'{ANY_HOST}'"),
        ("hv1xlab", "hv1.lab", "hv1xlab"),
    ],
)
def test_only_a_whole_name_is_taken_out(text: str, name: str, expected: str) -> None:
    assert without_name(text, name) == expected


@examples(200)
@given(
    st.lists(st.sampled_from(("{}", " ", "is up", "hv2", "'", ", ", "10.0.0.1"))),
    st.sampled_from(("hv1", "hv1.lab.test", "é(", "a\\1b", "10.0.0.9")),
)
def test_a_name_that_was_taken_out_can_be_put_back(pieces: list[str], name: str) -> None:
    text = "".join(pieces).replace("{}", name)
    assert with_name(without_name(text, name), name) == text
