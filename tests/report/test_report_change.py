"""What a report says of the change that it is evidence for, and until when it is."""

from __future__ import annotations

from datetime import UTC, datetime

from in_turn import in_turn
from report_pages import assert_safe
from report_runs import passed, run_of
from told_lines import told_lines

from livemigration.inventory.change import Change, Window
from livemigration.report.html.page import REPORT, pages
from livemigration.report.wording import change_sentences

UNTIL = datetime(2026, 3, 14, 13, 58, 2, tzinfo=UTC)
EVIDENCE = "This is evidence until 2026-03-14 13:58:02 UTC."


def at(hour: int, day: int = 14) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@in_turn(
    "window, more",
    [
        (None, ()),
        (Window(at(8), at(12)), ()),
        (Window(at(8), UNTIL), ()),
        (Window(at(8), at(14)), ("That is before the window ends: run again closer to it.",)),
        (Window(at(14), at(18)), ("That is before the window starts: run again closer to it.",)),
    ],
)
def test_evidence_that_does_not_last_for_the_window_is_told(
    window: Window | None, more: tuple[str, ...]
) -> None:
    change = Change("CHG0012345", "Kim", window)
    said = change_sentences(run_of(*passed("hv01"), change=change, valid_until=UNTIL))
    assert said[1:] == (EVIDENCE, *more)


def test_without_a_change_it_is_told_until_when_a_run_is_evidence() -> None:
    assert change_sentences(run_of(*passed("hv01"), valid_until=UNTIL)) == (EVIDENCE,)
    unknown = change_sentences(run_of(*passed("hv01")))
    assert unknown == ("Until when this is evidence is not known: the facts carry no time.",)


def test_facts_that_are_too_old_are_no_evidence() -> None:
    run = run_of(*passed("hv01"), valid_until=at(1))
    assert change_sentences(run) == (
        "This was evidence until 2026-03-14 01:00:00 UTC: gather again.",
    )


def test_a_simulated_run_is_evidence_at_no_time() -> None:
    change = Change("CHG0012345", "Kim", Window(at(8), at(12)))
    run = run_of(*passed("hv01"), change=change, valid_until=UNTIL, simulated=True)
    (said,) = change_sentences(run)
    assert said.startswith("Change CHG0012345 for the window 2026-03-14 08:00:00 UTC to ")
    assert not any("evidence until" in line for line in told_lines(run))
    assert "Evidence until" not in pages(run)[REPORT]


def test_the_names_of_a_change_cannot_break_the_page() -> None:
    change = Change("CHG1", "<script>\u202e", None)
    page = pages(run_of(*passed("hv01"), change=change))[REPORT]
    assert "&lt;script&gt;?" in page
    assert_safe(page)
