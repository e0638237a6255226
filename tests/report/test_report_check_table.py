from __future__ import annotations

import re

import report_runs
from hypothesis import given
from hypothesis import strategies as st
from report_pages import Parsed, parsed
from report_runs import entry, kb_host, passed, run_of

from livemigration.facts.model import Subject
from livemigration.report.html.check_table import NOT_PLANNED, CheckTable, check_table_of
from livemigration.report.wording import state_word
from livemigration.run.result import Result, State
from livemigration.run.run import Run

CHECKS = ("LM101", "LM102", "LM103")

rows = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.dictionaries(st.sampled_from(CHECKS), st.sampled_from(State), min_size=1),
    max_size=30,
)


def shown(run: Run, *worst: str) -> CheckTable:
    return check_table_of(run, {name: place for place, name in enumerate(worst)})


def words_of(state: State) -> str:
    """Return what a cell says of a state; what did not run was not examined either."""
    if state is State.NOT_APPLICABLE:
        return "does not apply"
    if state in {State.BLOCKED, State.NOT_RUN}:
        return "not examined"
    return state_word(state)


@given(rows)
def test_sharing_rows_loses_no_target_and_changes_no_cell(
    found: dict[str, dict[str, State]],
) -> None:
    results = [
        Result(entry(check, name), state)
        for name, row in found.items()
        for check, state in row.items()
    ]
    matrix = shown(run_of(*results))
    cells = {
        name: {
            check: cell.words
            for check, cell in zip(matrix.checks, row.cells, strict=True)
            if cell != NOT_PLANNED
        }
        for row in matrix.rows
        for name in row.names
    }
    assert cells == {n: {c: words_of(s) for c, s in row.items()} for n, row in found.items()}
    assert len({row.cells for row in matrix.rows}) == len(matrix.rows)
    assert sum(number for _, number in matrix.areas) == len(matrix.checks)


@given(rows, st.randoms(use_true_random=False))
def test_rows_stand_in_the_order_of_their_worst_host(
    found: dict[str, dict[str, State]], random: object
) -> None:
    names = list(found)
    random.shuffle(names)  # type: ignore[attr-defined]  # a Random of hypothesis
    results = [Result(entry(c, n), s) for n, row in found.items() for c, s in row.items()]
    matrix = shown(run_of(*results), *names)
    order = {name: place for place, name in enumerate(names)}
    firsts = [order[row.names[0]] for row in matrix.rows]
    assert firsts == sorted(firsts)
    for row in matrix.rows:
        assert list(row.names) == sorted(row.names, key=order.__getitem__)


def table_of(page: Parsed) -> str:
    return next(each for each in page.all("table") if each.attributes.get("class") == "mx").text


def test_hosts_with_equal_rows_share_one_with_their_names() -> None:
    run = run_of(*passed("hv01"), *passed("hv02"), *kb_host("hv03"))
    assert [row.names for row in shown(run, "hv03").rows] == [("hv03",), ("hv01", "hv02")]
    heads = [each.text for each in parsed(run).all("th", scope="row")]
    assert "hv01 hv02" in heads


def test_more_than_eight_hosts_of_a_row_unfold_to_all_their_names() -> None:
    names = [f"hv{number:02}" for number in range(12)]
    page = parsed(run_of(*(each for name in names for each in passed(name))))
    assert "12 hosts" in [each.text for each in page.all("th", scope="row")]
    assert [name for name in page.ids if name in names] == names


def test_cells_that_fail_link_to_that_check_of_that_host() -> None:
    page = parsed("broken_fleet")
    links = {each.attributes["href"] for each in page.all("a") if each.text == "fail"}
    assert {f"#hv03.lab.test-{check}" for check in ("LM102", "LM203", "LM304")} <= links
    assert page.dead_links() == set()


def test_each_state_has_its_word_in_its_cell_and_in_the_legend() -> None:
    for state in State:
        run = run_of(Result(entry("LM102", "a"), state, red=state is State.FAIL))
        page = parsed(run)
        cells = [each.text for each in page.all("td") if each.text == words_of(state)]
        assert cells, state
        (legend,) = [
            each for each in page.all("ul") if each.attributes.get("aria-label") == "Signs"
        ][-1:]
        assert legend.text, state


def test_each_column_names_its_check_and_its_title_stands_below() -> None:
    page = parsed(run_of(*passed("hv01")))
    for check in report_runs.HOST_CHECKS:
        told = page.by_id(check).text
        assert told == f"{check} {report_runs.TITLES[check]}"
    heads = [each.text for each in page.all("th", scope="col")]
    assert [re.sub(r"\W", "", each) for each in heads][-len(report_runs.HOST_CHECKS) :] == sorted(
        report_runs.HOST_CHECKS
    )


def test_the_vmm_server_stands_before_the_hosts() -> None:
    kinds = [row.kind for row in shown(report_runs.broken_fleet()).rows]
    assert kinds[0] is Subject.VMM
    assert kinds.count(Subject.VMM) == 1


def test_what_a_red_policy_makes_of_a_warning_is_a_failure_in_the_table() -> None:
    warned = Result(entry("LM102", "a"), State.WARNING, red=True)
    assert [cell.state for row in shown(run_of(warned)).rows for cell in row.cells] == ["fail"]
    calm = Result(entry("LM102", "a"), State.WARNING)
    assert [cell.state for row in shown(run_of(calm)).rows for cell in row.cells] == ["warning"]
