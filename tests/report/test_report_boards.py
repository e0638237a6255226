"""Who can go where: no pair is lost on the way to the page, to text and to a picture."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import many_hosts
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_boards import SAID, group_of, of_many, with_matrix
from report_pages import Parsed

from livemigration.report.boards import BESIDES, Board, boards_of, sign_of
from livemigration.report.boards_svg import board_svg, file_svg
from livemigration.report.boards_text import lines_of
from livemigration.report.html.page import REPORT, pages
from livemigration.report.markdown import markdown_text
from livemigration.report.naming import Names
from livemigration.run.run import Run
from livemigration.verdict.move_answers import Standing
from livemigration.verdict.move_matrix import Matrix, MoveGroup

groups = st.builds(group_of, st.integers(2, 40), st.integers(1, 6), seed=st.integers(0, 6)).filter(
    lambda each: all(each.classes)
)


def shown(*found: MoveGroup) -> tuple[Board, ...]:
    return boards_of(Matrix(SAID, found), Names(())).boards


@given(groups)
def test_each_way_has_its_sign_and_its_cause_on_the_board(group: MoveGroup) -> None:
    for board in shown(group):
        causes = {each.number: each for each in board.causes}
        for down, row in enumerate(board.rows):
            for along, square in enumerate(row):
                cell = group.cells[down][along]
                if cell is None:
                    assert (square.sign.sign, square.number) == ("·", 0)
                    continue
                said = SAID[cell]
                assert square.sign == sign_of(said)
                if said.cause:
                    cause = causes[square.number]
                    assert cause.said == said
                    one, other = board.senders[down].letter, board.alike[along].letter
                    assert any(
                        one in way.partition(" to ")[0].split(", ")
                        and other in way.partition(" to ")[2].split(", ")
                        for way in cause.ways
                    )
                else:
                    assert square.number == 0


@given(groups)
def test_text_and_picture_show_as_many_ways_as_there_are(group: MoveGroup) -> None:
    for board in shown(group):
        picture = ET.fromstring(board_svg(board))  # noqa: S314 - made here
        titles = [each.text for each in picture.iter("{http://www.w3.org/2000/svg}title")]
        assert len(titles) == len(group.classes) ** 2
        assert picture.get("aria-label") == board.sentence
    text = "\n".join(lines_of(boards_of(Matrix(SAID, (group,)), Names(()))))
    for host in group.classes[0][:1]:
        assert host in text
    # Read alone, it does not say that each machine and each host is well.
    assert text.endswith(f"\n{BESIDES}")


def test_signs_of_different_standings_differ_without_colour() -> None:
    signs = {(sign_of(each).sign, sign_of(each).plain) for each in SAID}
    kinds = {(each.standing, each.some) for each in SAID}
    assert len(signs) == len(kinds)
    assert all(plain.isascii() for _, plain in signs)


def test_a_group_in_which_all_is_allowed_is_one_line() -> None:
    found = boards_of(Matrix(SAID, (MoveGroup((("hv1", "hv2", "hv3"),), ((0,),)),)), Names(()))
    assert found.boards == ()
    assert found.lines == ("Every host can send to every other: hv1, hv2, hv3.",)


@pytest.fixture(scope="module")
def page() -> Parsed:
    return Parsed(pages(of_many())[REPORT])


@pytest.mark.long
def test_five_hundred_hosts_are_one_board(page: Parsed) -> None:
    tables = [e for e in page.elements if e.tag == "table" and "wt" in e.attributes["class"]]
    assert len(tables) == 1
    assert tables[0].text.count("hv00") == 470
    pictures = [e for e in page.elements if e.attributes.get("class") == "who"]
    assert [each.attributes["role"] for each in pictures] == ["img"]
    assert pictures[0].attributes["aria-label"].startswith("470 hosts in 24 classes of equals.")
    assert "their domain or cluster could not be read: hv00500." in page.text
    assert "Every host can send to every other: hv00481, hv00482 and 16 more." in page.text


@pytest.mark.long
def test_what_a_host_says_is_no_markup_on_a_board(page: Parsed) -> None:
    assert 'The virtual switch "<b>Green</b>" is missing' in page.text
    svg = file_svg(shown(group_of(4, 3)), "SIMULATED <here>")
    assert "<b>" not in svg
    ET.fromstring(svg)  # noqa: S314 - made here


def test_a_picture_of_no_board_says_what_stands_beside() -> None:
    found = boards_of(Matrix(SAID, (MoveGroup((("hv1", "hv2"),), ((0,),)),)), Names(()))
    svg = file_svg(found.boards, "", found.lines)
    assert ">Every host can send to every other: hv1, hv2.</text>" in svg


def test_a_run_without_a_matrix_says_nothing_of_it() -> None:
    for run in (many_hosts.run_of(3, 0), with_matrix(many_hosts.run_of(3, 0))):
        assert "Who can go where" not in pages(run)[REPORT]
        assert "Who can go where" not in markdown_text(run)


def test_a_ready_page_says_in_a_line_that_all_can_go_everywhere() -> None:
    run = many_hosts.run_of(3, 0)
    names = tuple(each.name for each in run.hosts)
    found = Parsed(pages(with_matrix(run, MoveGroup((names,), ((0,),))))[REPORT])
    assert "Every host can send to every other: hv00001, hv00002, hv00003." in found.text
    assert not any(each.attributes.get("id") == "who" for each in found.elements)


def named(run: Run) -> set[str]:
    return set(re.findall(r"LM5\d\d", markdown_text(run)))


def test_markdown_has_the_causes_and_no_table() -> None:
    run = with_matrix(many_hosts.run_of(4, 0), group_of(4, 4))
    text = markdown_text(run)
    section = text.partition("## Who can go where")[2].partition("\n## ")[0]
    assert "LM501 Intel to AMD" in section
    assert "4 hosts in 4 classes of equals." in section
    refused = [each for each in SAID if each.standing is Standing.REFUSED]
    assert len(section.splitlines()) < 12 + len(refused)
