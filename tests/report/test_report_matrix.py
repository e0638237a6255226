from __future__ import annotations

import re

import report_runs
from hypothesis import given
from hypothesis import strategies as st
from report_runs import entry, kb_host, passed, run_of

from livemigration.facts.model import Subject
from livemigration.report.html import summary_html
from livemigration.report.matrix import NOT_PLANNED, matrices_of
from livemigration.results import Result, State

CHECKS = ("LM101", "LM102", "LM103")

rows = st.dictionaries(
    st.text(min_size=1, max_size=8),
    st.dictionaries(st.sampled_from(CHECKS), st.sampled_from(State), min_size=1),
    max_size=30,
)


@given(rows)
def test_sharing_rows_loses_no_target_and_changes_no_cell(
    found: dict[str, dict[str, State]],
) -> None:
    results = [
        Result(entry(check, name), state)
        for name, row in found.items()
        for check, state in row.items()
    ]
    matrices = matrices_of(run_of(*results))
    shown = {
        name: {
            check: cell.state
            for (check, _), cell in zip(matrix.checks, row.cells, strict=True)
            if cell != NOT_PLANNED
        }
        for matrix in matrices
        for row in matrix.rows
        for name in row.names
    }
    assert shown == {n: {c: s.value for c, s in row.items()} for n, row in found.items()}
    for matrix in matrices:
        assert len({row.cells for row in matrix.rows}) == len(matrix.rows)
        assert matrix.targets == len(found)


def table_of(html: str) -> str:
    return html[html.index('id="lm-matrix"') :]


def test_a_shared_row_has_its_count_and_unfolds_to_the_names() -> None:
    table = table_of(summary_html(run_of(*passed("hv01"), *passed("hv02"), *kb_host("hv03"))))
    assert "<summary>2 hosts, identical</summary>" in table
    names = re.search(r"<summary>2 hosts, identical</summary>([^<]*)</details>", table)
    assert names
    assert names.group(1).split() == ["hv01,", "hv02"]


def test_cells_with_more_to_read_link_to_the_section_of_their_host() -> None:
    html = summary_html(report_runs.broken_fleet())
    anchor = re.search(r'<section class="lm-host lm-page" id="([^"]+)">\s*<h3>hv03.lab.test', html)
    assert anchor
    row = re.search(r"<tr>(?:(?!</tr>).)*hv03.lab.test.*?</tr>", table_of(html), re.DOTALL)
    assert row
    linked = re.findall(r'<td class="lm-is-([a-z-]+)"><a href="#([^"]+)">', row.group(0))
    assert [state for state, _ in linked] == ["fail", "warning", "fail", "fail"]
    assert {target for _, target in linked} == {anchor.group(1)}


def test_hosts_in_a_shared_row_link_to_their_sections_by_name() -> None:
    table = table_of(summary_html(run_of(*kb_host("hv03"), *kb_host("hv04"))))
    shared = table.partition("2 hosts, identical")[2].partition("</details>")[0]
    assert re.findall(r'<a href="#(lm-host-\d)">(hv0\d)</a>', shared) == [
        ("lm-host-1", "hv03"),
        ("lm-host-2", "hv04"),
    ]


def test_each_column_names_its_check_and_the_titles_stand_below_in_full() -> None:
    table = table_of(summary_html(run_of(*passed("hv01"))))
    for check in report_runs.HOST_CHECKS:
        title = report_runs.TITLES[check]
        assert f'<th scope="col"><abbr title="{title}">{check}</abbr></th>' in table
        assert f'<span class="lm-id">{check}</span> {title}' in table


def test_the_vmm_server_has_a_table_of_its_own_before_the_hosts() -> None:
    kinds = [each.kind for each in matrices_of(report_runs.broken_fleet())]
    assert kinds == [Subject.VMM, Subject.HOST]
