from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
import report_runs
from hypothesis import example, given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from report_hostile import PIECES, SPECIAL, TEXTS, hostile_run

from livemigration.report.spreadsheet import COLUMNS, LONGEST_CELL, MARK, bounded, csv_text, defused
from livemigration.run.run import Run

DANGEROUS = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


def rows(run: Run) -> list[dict[str, str]]:
    text = csv_text(run)
    assert text.startswith(MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK), newline=""), strict=True))


@pytest.mark.parametrize(
    "run", [report_runs.broken_fleet(), report_runs.interrupted_fleet()], ids=["whole", "cut off"]
)
def test_every_plan_entry_is_one_row_in_the_order_of_the_plan(run: Run) -> None:
    found = rows(run)
    assert [row["node_id"] for row in found] == [entry.node_id for entry in run.plan]
    states = {each.entry.node_id: each.state.value for each in run.results}
    assert [row["state"] for row in found] == [
        states.get(entry.node_id, "not-run") for entry in run.plan
    ]


def test_the_columns_are_these_and_new_ones_come_last() -> None:
    # Sites read these by their names and places: add at the end, rename none.
    first = "simulated target target_kind check title area state fails observed expected fix"
    assert COLUMNS[:11] == tuple(first.split())
    assert tuple(rows(report_runs.green_fleet())[0]) == COLUMNS


@pytest.mark.parametrize(("simulated", "said"), [(True, "SIMULATED"), (False, "no")])
def test_every_row_says_whether_it_is_of_the_lab(simulated: bool, said: str) -> None:
    run = replace(report_runs.broken_fleet(), simulated=simulated)
    assert {row["simulated"] for row in rows(run)} == {said}


def test_a_row_says_what_was_observed_what_was_expected_and_what_mends_it() -> None:
    found = {(row["check"], row["target"]): row for row in rows(report_runs.broken_fleet())}
    failed = found["LM102", "hv03.lab.test"]
    assert failed["fails"] == "yes"
    assert failed["observed"].startswith("Isolated to 10.20.30.0/24; VMM 3.1.6011")
    assert failed["expected"] == "Any network, because this VMM release has KB 2853203."
    assert failed["fix"] == "Let hv03.lab.test use any available network for live migration."
    blocked = found["LM102", "hv06.lab.test"]
    assert blocked["observed"].startswith("Blocked by LM302: Reading the migration networks")
    assert blocked["fix"] == "Give the account rights on root/virtualization."
    waived = found["LM104", "hv07.lab.test"]
    assert (waived["state"], waived["fails"]) == ("waived", "no")
    assert waived["waived_because"].startswith("Accepted by J. Doe")


@examples(60)
@given(TEXTS)
@example("".join(PIECES))
@example("\ud800")
def test_no_cell_is_a_formula_and_no_row_has_a_second_line(text: str) -> None:
    run = hostile_run(text)
    found = rows(run)
    assert len(found) == len(run.plan)
    csv_text(run).encode()
    assert csv_text(run).count("\n") == csv_text(run).count("\r\n") == len(run.plan) + 1
    for row in found:
        assert None not in row
        assert not any(cell.startswith(DANGEROUS) for cell in row.values())


@given(st.text(SPECIAL))
def test_what_is_defused_begins_with_nothing_that_a_spreadsheet_reads(text: str) -> None:
    assert not defused(text).startswith(DANGEROUS)
    assert not defused(f"  {text}").lstrip().startswith(DANGEROUS)


@in_turn(
    "text, cell",
    [
        ("=1+1", "'=1+1"),
        (" \t@SUM(A1)", "'@SUM(A1)"),
        ("-1", "'-1"),
        ("\uff1d1", "'\uff1d1"),
        ("10.20.30.0/24", "10.20.30.0/24"),
        ("a\r\n=b", "a =b"),
    ],
)
def test_only_what_looks_like_a_formula_is_marked(text: str, cell: str) -> None:
    assert defused(text) == cell


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@in_turn("letter", ["x", "\u20ac", "\U0001f600"])
@in_turn("more", [0, 1, 70_000])
def test_no_cell_is_longer_than_a_spreadsheet_takes(letter: str, more: int) -> None:
    text = letter * (LONGEST_CELL // units(letter)) + "y" * more
    found = bounded(text)
    assert units(found) <= LONGEST_CELL
    assert units(found) > LONGEST_CELL - 3
    if not more and found == text:
        return
    told = "This cell was cut: Excel takes no more. The whole text is in results.json."
    assert (found == text) or found.endswith(told)
    assert text.startswith(found.partition("\u2026")[0])


def test_a_row_of_long_texts_holds_only_cells_that_a_spreadsheet_takes() -> None:
    run = report_runs.broken_fleet()
    # A cell becomes longer where it would be a formula.
    long = replace(run, not_examined=tuple("=" + "a" * 500 for _ in range(100)))
    for row in rows(long):
        assert all(units(cell) <= LONGEST_CELL for cell in row.values())
        assert row["not_examined"].endswith("The whole text is in results.json.")
