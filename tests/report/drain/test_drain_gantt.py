"""The chart of a plan: a bar for each move, none over another, and text that is harmless."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st
from plan_builders import ASKED, HV04, machine, no_plan, plan

from livemigration.placement.plan_document import PlanDocument
from livemigration.report.drain.gantt import gantt

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script>\u202e&\"'"


def bars(document: PlanDocument) -> list[dict[str, str]]:
    root = ET.fromstring(gantt(document))  # noqa: S314 - written here
    return [each.attrib for each in root.iter(f"{SVG}rect")]


@given(
    st.lists(st.integers(1, 300_000), min_size=1, max_size=20),
    st.sampled_from([None, 1, 10]),
    st.booleans(),
)
def test_each_move_has_a_bar_in_the_chart_and_no_two_lie_on_each_other(
    sizes: list[int], link: int | None, swap: bool
) -> None:
    machines = [machine(number, size) for number, size in enumerate(sizes, start=1)]
    if swap:
        machines.append(machine(99, 512, host=HV04))
    found = bars(plan(*machines, link=link))
    assert len(found) == len(machines)
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for each in found:
        begin, width = float(each["x"]), float(each["width"])
        assert begin >= 150
        assert begin + width <= 962
        rows[each["y"]].append((begin, begin + width))
    for row in rows.values():
        row.sort()
        # What is drawn at least two wide may touch the next one.
        assert all(end <= begin + 2.2 for (_, end), (begin, _) in itertools.pairwise(row))


def test_a_move_that_makes_room_looks_different_without_colour() -> None:
    text = gantt(plan(machine(1), machine(2, host=HV04)), alone=True)
    assert len(re.findall('class="gr"', text)) == 1
    assert len(re.findall('class="gb"', text)) == 1
    assert "stroke-dasharray" in text


def test_the_chart_says_in_words_what_it_shows() -> None:
    text = gantt(plan(machine(1)))
    assert 'role="img" aria-label="hv03 can be emptied' in text
    assert "<title>1. web01 to hv04, 4 GB, 0 s - " in text
    assert "<style>" not in text


def test_without_an_upper_bound_the_fast_run_is_drawn() -> None:
    text = gantt(plan(machine(1), link=None))
    assert "0 s on" in text
    assert "gm" not in text


def test_nothing_to_move_is_no_chart() -> None:
    assert gantt(no_plan()) == gantt(plan()) == ""


def test_what_hosts_call_their_machines_is_text() -> None:
    document = plan(machine(1, 60000), asked=replace(ASKED, hosts=(HOSTILE,)))
    hostile = replace(document, moves=(replace(document.moves[0], vm=HOSTILE, to=HOSTILE),))
    root = ET.fromstring(gantt(hostile, alone=True))  # noqa: S314 - written here
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {
        "svg", "title", "style", "path", "text", "g", "rect"
    }  # fmt: skip
