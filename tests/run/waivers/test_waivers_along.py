"""Failures that the repair of a signed one mends, and how each waiver counts them."""

from __future__ import annotations

from dataclasses import replace

from test_waivers_results import HV01, ROOT, failed, together
from waiver_files import NOW, waivers

from livemigration.run.result import State
from livemigration.run.waivers.apply import uses_of, waive
from livemigration.run.waivers.model import WaiverStatus
from livemigration.run.waivers.roots import root_of, signed_roots
from livemigration.verdict.findings import Finding, Level


def test_every_failure_that_a_root_covers_is_counted_wherever_it_stands() -> None:
    (waiver,) = waivers({})
    passed = replace(failed("LM001", "x"), state=State.PASS, red=False)
    followers = (failed("LM203", "networks"), failed("LM304", "networks"))
    for results in ((passed, ROOT, *followers), (*followers, ROOT, passed)):
        states, (use,) = together([waiver], *results)
        assert sorted(each.value for each in states) == ["pass", "waived", "waived", "waived"]
        assert (use.status, use.waived) == (WaiverStatus.USED, 3)


def test_what_a_waiver_of_its_own_covers_is_counted_there_alone() -> None:
    both = waivers({}, {"checks": ["LM103"], "owner": "Lou"})
    states, (root, own) = together(list(both), ROOT, failed("LM103", "networks"))
    assert states == [State.WAIVED, State.WAIVED]
    assert (root.waived, own.waived) == (1, 1)


def test_a_waiver_of_its_own_that_ended_leaves_it_to_the_root() -> None:
    both = waivers({}, {"checks": ["LM103"], "expires": "2026-11-24"})
    now = both[1].ends
    results = [ROOT, failed("LM103", "networks")]
    roots = signed_roots(results, both, now)[HV01]
    done = [waive(each, both, now, roots) for each in results]
    assert [each.state for each in done] == [State.WAIVED, State.WAIVED]
    assert done[1].reason.startswith("The repair of LM102 mends this too.")
    root, own = uses_of(both, done, now)
    assert root.waived == 2
    assert (own.status, own.waived) == (WaiverStatus.EXPIRED, 0)


def test_at_its_last_moment_a_waiver_covers_and_at_the_next_it_has_expired() -> None:
    (waiver,) = waivers({})
    follower = failed("LM203", "networks")
    assert signed_roots([ROOT, follower], [waiver], waiver.ends) == {}
    (use,) = uses_of([waiver], [ROOT], waiver.ends)
    assert use.status is WaiverStatus.EXPIRED


def test_a_signed_failure_is_not_mended_by_itself() -> None:
    (waiver,) = waivers({})
    roots = signed_roots([ROOT], [waiver], NOW)[HV01]
    assert root_of(failed("LM203", "networks"), roots) == roots[0]
    assert root_of(ROOT, roots) is None


def test_where_the_policy_makes_a_warning_red_its_repair_is_signed_for_with_it() -> None:
    (waiver,) = waivers({})
    warned = replace(
        failed("LM102", "networks", level=Level.WARNING),
        state=State.WARNING,
        red=True,
    )
    root = replace(warned, findings=(Finding(Level.OK, "It is right."), *warned.findings))
    states, (use,) = together([waiver], root, failed("LM203", "networks"), warnings_count=True)
    assert states == [State.WAIVED, State.WAIVED]
    assert use.waived == 2


def test_a_result_in_order_before_the_signed_failure_hides_no_root() -> None:
    (waiver,) = waivers({})
    passed = replace(failed("LM101", "x"), state=State.PASS, red=False)
    assert set(signed_roots([passed, ROOT], [waiver], NOW)) == {HV01}
