"""The report as files: one page up to 500 hosts, above that an index and pages of hosts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import unquote

import many_hosts
import pytest
from in_turn import in_turn
from report_pages import Parsed, assert_safe, assert_whole, parsed
from report_runs import kb_host, passed, run_of, warned_host

from livemigration.facts.model import Subject
from livemigration.report.grouping import view_of
from livemigration.report.html import assets
from livemigration.report.html.figures import bar_svg, trend_of
from livemigration.report.html.files import write_pages
from livemigration.report.html.page import REPORT, leading_html, pages
from livemigration.report.html.standing import Tally, standings, tally
from livemigration.report.repairs import to_mend
from livemigration.run.run import Earlier, Run


@cache
def sharded() -> dict[str, str]:
    return pages(many(), index="CHG1-report.html")


@cache
def many() -> Run:
    return many_hosts.run_of(501, 0.6)


@pytest.mark.long
def test_up_to_500_hosts_are_one_page() -> None:
    run = run_of(*(each for number in range(500) for each in passed(f"hv{number}")))
    assert list(pages(run)) == [REPORT]
    assert set(sharded()) == {"CHG1-report.html", "hosts-001.html", "hosts-002.html"}


@pytest.mark.long
def test_above_500_every_anchor_of_a_host_is_in_the_index() -> None:
    index = assert_safe(sharded()["CHG1-report.html"])
    assert_whole(index)
    assert {each.name for each in many().hosts} <= set(index.ids)


@pytest.mark.long
def test_what_unfolds_of_a_host_is_one_valid_link_away_and_back() -> None:
    made = {name: Parsed(text) for name, text in sharded().items()}
    outside = {each for each in made["CHG1-report.html"].links if each.startswith("hosts-")}
    led = set()
    for each in outside:
        name, _, anchor = each.partition("#")
        assert unquote(anchor) in made[name].ids, each
        led.add(unquote(anchor))
    assert led == set(to_mended_names())
    for name, page in made.items():
        if name.startswith("hosts-"):
            assert_safe(sharded()[name])
            ids = page.ids
            assert len(ids) == len(set(ids))
            back = [each for each in page.links if not each.startswith("#")]
            assert {each.partition("#")[0] for each in back} == {"CHG1-report.html"}
            anchors = {unquote(each.partition("#")[2]) for each in back} - {""}
            assert anchors <= set(made["CHG1-report.html"].ids)


def to_mended_names() -> list[str]:
    return [name for each in to_mend(many()).repairs for name in each.names]


@pytest.mark.long
def test_each_red_check_of_a_host_has_its_anchor_on_the_hosts_page() -> None:
    ids = {
        each for name, text in sharded().items() if "hosts-" in name for each in Parsed(text).ids
    }
    for each in many().results:
        if each.red and each.entry.target_kind is Subject.HOST:
            assert f"{each.entry.target}-{each.entry.check}" in ids


@pytest.mark.long
def test_pages_are_written_behind_each_other_the_report_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    monkeypatch.setattr(
        "livemigration.report.html.files.write_text", lambda path, _: written.append(path.name)
    )
    report = tmp_path / "new" / "CHG1-report.html"
    write_pages(report, sharded())
    assert report.parent.is_dir()
    assert written == ["hosts-002.html", "hosts-001.html", "CHG1-report.html"]


def test_the_page_that_leads_names_the_report_and_takes_the_anchor_along() -> None:
    text = leading_html("2026 x/CHG#1-report.html", run_of(*passed("hv1")))
    page = assert_safe(text)
    (link,) = page.all("a")
    assert unquote(link.attributes["href"]) == "2026 x/CHG#1-report.html"
    assert "#" not in link.attributes["href"]
    (refresh,) = page.all("meta", **{"http-equiv": "refresh"})
    assert refresh.attributes["content"] == f"1; url={link.attributes['href']}"
    assert "location.hash" in page.all("script")[0].text


@in_turn("foot", ["READY", 'a"; } </style>', "\\", "\n", "é\u202e", "*/"])
def test_the_foot_of_a_sheet_cannot_leave_its_text(foot: str) -> None:
    style = assets.style(foot)
    content = style.partition('@bottom-left { content: "')[2].partition('"; font')[0]
    assert not set(content) & set('"<>\n{};*/')
    assert style.count("<") == assets.style("").count("<")


def test_style_and_script_bring_nothing_from_elsewhere() -> None:
    style = assets.style("x")
    assert "url(" not in style
    assert "@import" not in style
    assert "</" not in style
    for script in (assets.script(), assets.read("leads.js")):
        assert "</" not in script
        for never in ("fetch(", "XMLHttpRequest", "eval(", "innerHTML", "import("):
            assert never not in script


def standing_of(run: Run) -> Tally:
    return tally(standings(run, view_of(run), to_mend(run)))


@pytest.mark.long
def test_the_parts_of_the_tally_add_up_to_all_hosts() -> None:
    run = run_of(*kb_host("hv1"), *warned_host("hv2"), *passed("hv3"), *passed("hv4"))
    found = standing_of(run)
    assert found == Tally(4, (("bad", 1), ("warn", 1), ("ready", 2)), ())
    whole = standing_of(many())
    assert sum(number for _, number in whole.parts) == whole.total == 501


def test_a_host_is_found_by_its_group_and_its_checks() -> None:
    run = run_of(*kb_host("hv1"))
    known = standings(run, view_of(run), to_mend(run))["hv1"]
    assert set(known.keys.split()) == {"ams", "lm102", "lm201", "lm203", "lm304"}
    item = parsed(run).by_id("hv1")
    assert item.attributes["data-k"] == known.keys
    assert item.attributes["data-s"] == "bad"


def test_the_bar_has_a_part_for_each_state_that_occurs() -> None:
    svg = bar_svg(Tally(4, (("bad", 1), ("ready", 3)), ()))
    assert svg.count("<rect") == 2
    assert 'class="f-bad" x="0.0" y="0" width="247.0"' in svg
    assert 'class="f-ok" x="250.0" y="0" width="747.0"' in svg


def test_a_trend_needs_two_earlier_runs_and_ends_with_this_one() -> None:
    when = many().started
    earlier = [Earlier(when, 9, number) for number in (4, 0)]
    assert trend_of(earlier[:1], 3) is None
    found = trend_of(earlier, 3)
    assert found is not None
    assert found.numbers == (4, 0, 3)
    assert found.svg.count("<rect") == 3
    assert found.svg.count("f-bad") == 1
    assert trend_of(earlier, 0) is not None
    nothing = trend_of([Earlier(when, 9, 0)] * 2, 0)
    assert nothing is not None
    assert "f-bad" not in nothing.svg
