"""What a run says of emptying hosts: on its page, as Markdown, and in its last lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import report_runs
from drain_plans import fits, refused
from plan_builders import HV03, HV04, HV05
from report_pages import assert_safe, assert_whole, parsed
from report_runs import PWNED

from livemigration.inventory.demands import Demands
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.policy import Policy
from livemigration.placement.model import Verdict
from livemigration.report.html.page import REPORT, pages
from livemigration.report.markdown import markdown_text
from livemigration.report.terminal.closing import Places, closing
from livemigration.report.terminal.lines import height, laid_out
from livemigration.run.run import HostSummary, Run


def run(*drains: Any) -> Run:
    return replace(report_runs.broken_fleet(), drains=drains)


def test_each_plan_has_its_answer_its_chart_and_its_table() -> None:
    page = parsed(run(fits(), refused("hv04.contoso.com")))
    section = page.text[page.text.index("Emptying hosts") :]
    # What cannot be emptied comes first.
    assert section.index("cannot be emptied") < section.index("can be emptied: 2 virtual machines")
    assert len([e for e in page.all("svg") if "gantt" in e.attributes.get("class", "")]) == 1
    for said in ("web01", "0 s - 19 s", "10 Gb/s", "52 GB more free on hv04."):
        assert said in section
    assert page.all("a", href="#drains")


def test_what_moves_a_machine_is_no_column_as_results_do_not_know_it() -> None:
    page = parsed(run(fits()))
    heads = [each.text for each in page.all("th", scope="col")]
    assert "why" in heads
    assert "by" not in heads


def test_of_many_plans_some_are_drawn_and_the_others_are_lines() -> None:
    many = [fits(1, f"hv{number:03}.contoso.com") for number in range(30)]
    page = parsed(run(*many))
    assert len([e for e in page.all("svg") if "gantt" in e.attributes.get("class", "")]) == 8
    assert all(f"hv{number:03}" in page.text for number in range(30))


def test_what_hosts_call_their_machines_is_harmless() -> None:
    plan = fits(1)
    hostile = replace(
        plan, host=PWNED, moves=(replace(plan.moves[0], machine=PWNED, destination=PWNED),)
    )
    undecided = replace(plan, verdict=Verdict.UNKNOWN, moves=(), time=None, open=(PWNED,))
    page = assert_safe(pages(run(hostile, undecided))[REPORT])
    assert_whole(page)


@pytest.mark.parametrize("drains", [(), (fits(0),)])
def test_where_nothing_moves_there_is_no_chart(drains: tuple[Any, ...]) -> None:
    page = parsed(run(*drains))
    assert ("drains" in page.ids) is bool(drains)
    assert not [e for e in page.all("svg") if "gantt" in e.attributes.get("class", "")]


SAID = "hv03 can be emptied: 2 virtual machines with 8 GB of memory, to hv04. "
LONG = SAID.replace("hv03", "hv03.contoso.com").replace("hv04", "hv04.contoso.com").rstrip()
BACK = (
    "The way back takes 5 s to 72 s, by an estimate, as long as nothing else was put on these "
    "hosts."
)
TAKES = "By an estimate it takes 4 s to 62 s."


def named(*hosts: str, **asked: Any) -> dict[str, Any]:
    return {"demands": Demands("", Policy(), drain=DrainRequest(hosts, **asked))}


def of_contoso(*drains: Any, **changes: Any) -> Run:
    hosts = tuple(HostSummary(f"hv{number:02}.contoso.com") for number in range(3, 12))
    return replace(run(*drains), hosts=hosts, **changes)


def last(run: Run, width: int | None = None, facts: str = "reports/A") -> list[str]:
    found = closing(run, Places(facts=facts))
    return [each for line in found for each in laid_out(line, width)]


def test_a_ticket_has_a_section_for_each_host_in_the_words_of_the_page() -> None:
    asked = of_contoso(fits(advice="Ask again."), refused("hv04.contoso.com"))
    text, page = markdown_text(asked), parsed(asked).text
    refusal, plan = text.split("## Emptying `hv0")[1:]
    assert refusal.startswith(
        "4.contoso.com`\n\n```text\nhv04.contoso.com cannot be emptied: there"
    )
    assert "\n52 GB more free on hv04.\n```\n" in refusal
    assert plan.startswith(
        f"3.contoso.com`\n\n```text\n{LONG}\n{TAKES}\nAsk again.\n{BACK}\nNothing was moved."
    )
    for line in (
        "1  web01    hv03.contoso.com  hv04.contoso.com  4 GB    0 s - 19 s  leaves",
        (
            "What the estimate is made of:\nLinks         10 Gb/s\n"
            "The way back, of the same but for:\nSent by       SMB\n```"
        ),
    ):
        assert f"\n{line}" in plan
    words = " ".join(page.split())
    for said in (f"{LONG} {TAKES}", BACK, "The way back, of the same but for: Sent by SMB"):
        assert said in words


def test_a_long_plan_is_cut_in_a_ticket_and_names_what_prints_it_whole() -> None:
    asked = of_contoso(fits(43), **named(HV03, without=(HV05,)))
    text = markdown_text(asked)
    assert "\n40  web40 " in text
    assert "web41" not in text
    command = "livemigration drain hv03.contoso.com --without hv05.contoso.com"
    assert f"\nand 3 more moves: {command}\n" in text


def test_much_that_is_said_of_a_plan_is_cut_in_a_ticket() -> None:
    plan = replace(refused(), explained=tuple(f"vm{number:02} is too big." for number in range(30)))
    text = markdown_text(of_contoso(plan))
    assert (
        "\nvm23 is too big.\nand 7 more sentences: livemigration drain hv03.contoso.com\n" in text
    )


def test_of_many_hosts_a_ticket_tells_some_plans_then_answers_then_a_number() -> None:
    many = [fits(1, f"hv{number:03}.contoso.com") for number in range(110)]
    text = markdown_text(run(*many))
    assert text.count("\n## Emptying `hv") == 8
    assert "\n## Emptying 102 more hosts\n" in text
    assert text.count("can be emptied: ") == 108
    assert "\nand 2 more hosts: results.json has them all\n" in text


def test_the_last_lines_answer_for_each_host_that_was_named() -> None:
    asked = of_contoso(
        fits(),
        refused("hv04.contoso.com"),
        fits(0, "hv05.contoso.com"),
        **named(HV03, HV04, HV05, without=("hv06.contoso.com",), to=("hv07.contoso.com",)),
    )
    lines = last(asked)
    at = lines.index("hv04 cannot be emptied: there is no place for sql01.")
    assert lines[at + 1 : at + 4] == [
        f"{SAID}{TAKES}",
        "hv05: nothing has to move.",
        "The plan of each: livemigration drain HOST --without hv06 --to hv07 --facts reports/A",
    ]


def test_one_host_has_two_lines_with_the_command_that_prints_its_plan() -> None:
    asked = of_contoso(fits(), **named(HV03))
    lines = last(asked)
    at = lines.index(f"{SAID}{TAKES}")
    assert lines[at + 1] == "The plan: livemigration drain hv03 --facts reports/A"
    assert 'The plan: livemigration drain hv03 --facts "my reports/A"' in last(
        asked, facts="my reports/A"
    )
    # Without facts, nothing makes it.
    assert not any("livemigration drain" in each for each in last(asked, facts=""))


@pytest.mark.parametrize("width", [60, 80, 200])
def test_on_a_terminal_an_answer_takes_two_lines_and_keeps_its_estimate(width: int) -> None:
    plan = replace(refused(), unplaced=tuple(f"machine{number:04}" for number in range(30)))
    asked = of_contoso(fits(), plan, **named(HV03))
    lines = last(asked, width)
    assert all(len(each) <= width for each in lines)
    assert TAKES in " ".join(" ".join(lines).split())
    bare = list(closing(replace(asked, drains=()), Places()))
    told = list(closing(asked, Places(facts="reports/A")))
    assert height(told, width) - height(bare, width) <= 2 * len(asked.drains) + 1


def test_beyond_a_few_named_hosts_the_last_lines_count() -> None:
    plans = [fits(1, f"hv{number:02}.contoso.com") for number in range(3, 12)]
    lines = last(of_contoso(*plans, **named(*(each.host for each in plans))))
    assert sum("can be emptied" in each for each in lines) == 4
    assert "and 5 more hosts: see the report" in lines


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["fits"], "Each alone, 1 of 1 host can be emptied."),
        (
            ["fits", "fits with swaps", "does not fit"],
            (
                "Each alone, 2 of 3 hosts can be emptied, 1 of them once other virtual machines "
                "made room; 1 cannot."
            ),
        ),
        (
            ["unknown", "undecided"],
            "Each alone, 0 of 2 hosts can be emptied; of 2 it is not known or was not decided.",
        ),
    ],
)
def test_hosts_that_nobody_named_are_counted_in_one_line(verdicts: list[str], said: str) -> None:
    plans = [
        replace(fits(1, f"hv{number:02}.contoso.com"), verdict=Verdict(each))
        for number, each in enumerate(verdicts, start=3)
    ]
    lines = last(of_contoso(*plans))
    assert said in lines
    assert not any("livemigration drain" in each for each in lines)


def test_a_run_without_drains_says_nothing_of_them() -> None:
    assert "emptied" not in "".join(last(run()))
    assert "Emptying" not in markdown_text(run())
