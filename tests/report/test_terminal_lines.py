"""A line of the terminal keeps to its width and to its height, and says what was cut."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.report.terminal.lines import Line, bounded, columns, height, laid_out


def test_a_line_of_a_log_is_whole_and_one_of_a_terminal_hangs() -> None:
    line = Line("   mend   by hand: open the console and select any network", 10)
    assert laid_out(line, None) == [line.text]
    assert laid_out(line, 40) == [
        "   mend   by hand: open the console and",
        "          select any network",
    ]


def test_what_is_cut_keeps_its_end_and_says_that_it_was_cut() -> None:
    line = Line("   wrong  the host listens on an address of another", 10, most=1, end="  #fix-a")
    assert laid_out(line, 40) == ["   wrong  the host listens on...  #fix-a"]
    assert laid_out(replace(line, most=2), 80) == [line.text + line.end]


@examples(60)
@given(st.text("ab 東é́c-/", max_size=120), st.integers(40, 90), st.integers(0, 3))
def test_a_line_keeps_to_its_width_and_to_its_height(text: str, width: int, most: int) -> None:
    made = laid_out(Line(text, 4, most=most), width)
    assert not most or len(made) <= most
    if not most:
        assert "".join("".join(made).split()) == "".join(text.split())
    short = max((columns(word) for word in text.split()), default=0) <= width - 4
    if most or short:
        assert all(columns(line) <= width for line in made)


def test_wide_characters_take_two_columns() -> None:
    assert columns("東京 e\u0301") == 6


def test_what_has_no_room_is_counted() -> None:
    lines = [Line(f"line {number}") for number in range(9)]
    assert bounded(lines, 9, None, "and {} more") == tuple(lines)
    assert [each.text for each in bounded(lines, 4, None, "and {} more")] == [
        "line 0",
        "line 1",
        "line 2",
        "and 6 more",
    ]
    assert height(lines, None) == 9
