"""What waivers do to results, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from in_turn import in_turn
from run_builders import made_entry, made_result
from waiver_files import NOW, waivers

from livemigration.run.exit_code import ExitCode, exit_code_of
from livemigration.run.result import Result, State
from livemigration.run.waivers.apply import uses_of, waive
from livemigration.run.waivers.model import Waiver, WaiverStatus, WaiverUse
from livemigration.run.waivers.roots import signed_roots
from livemigration.verdict.findings import Finding, Fix, Level

FIX = Fix(key="k", summary="Mend it.")
HOSTS = ("hv01", "hv02", "hv03")
FAILED = Finding(Level.FAIL, "It is wrong.", "It is right.", FIX)


def result(state: State, check: str = "LM102", host: str = "hv01.contoso.com") -> Result:
    return made_result(made_entry(check, host), state, FAILED)


def one(**changes: object) -> Waiver:
    (found,) = waivers(changes)
    return found


def test_a_failure_is_waived_and_says_by_whom_and_until_when() -> None:
    waived = waive(result(State.FAIL), [one()], NOW)
    assert (waived.state, waived.red, waived.findings) == (State.WAIVED, False, (FAILED,))
    assert waived.reason == (
        "Waived by Kim (RISK-1) until the end of 2026-12-31 (UTC), 38 days left: Replaced soon."
    )
    assert exit_code_of([waived]) is ExitCode.READY


@in_turn(
    "state",
    [
        State.PASS,
        State.WARNING,
        State.BLOCKED,
        State.NOT_APPLICABLE,
        State.INTERNAL_ERROR,
        State.NOT_RUN,
    ],
)
def test_only_what_is_red_is_waived(state: State) -> None:
    same = result(state)
    assert waive(same, [one()], NOW) == same


def test_a_warning_that_the_policy_makes_red_is_waived() -> None:
    red = replace(result(State.WARNING), red=True)
    assert waive(red, [one()], NOW).state is State.WAIVED


def test_another_host_or_check_is_not_waived() -> None:
    for other in (result(State.FAIL, host="hv02.contoso.com"), result(State.FAIL, check="LM101")):
        assert waive(other, [one()], NOW) == other


def test_an_expired_waiver_lets_the_failure_fail_and_say_so() -> None:
    waiver = one()
    last = waiver.ends - timedelta(microseconds=1)
    assert waive(result(State.FAIL), [waiver], last).state is State.WAIVED
    failed = waive(result(State.FAIL), [waiver], waiver.ends)
    assert (failed.state, failed.red) == (State.FAIL, True)
    assert failed.findings[0].observed == (
        "It is wrong. This was waived until the end of 2026-12-31 (UTC) by Kim (RISK-1): "
        "Replaced soon."
    )
    assert failed.findings[0].fix is FIX


def test_of_two_waivers_the_one_that_lasts_longest_counts() -> None:
    both = waivers({"expires": "2026-11-24"}, {"expires": "2026-12-01", "owner": "Lou"})
    for given in (both, both[::-1]):
        assert "Waived by Lou" in waive(result(State.FAIL), given, NOW).reason
    later = both[0].ends
    assert waive(result(State.FAIL), both, later).state is State.WAIVED


def test_a_waiver_that_was_signed_again_for_longer_is_only_to_be_removed() -> None:
    both = waivers({"expires": "2026-11-24"}, {"expires": "2026-12-31"})
    waived = waive(result(State.FAIL), both, NOW)
    for given, places in ((both, (0, 1)), (both[::-1], (1, 0))):
        uses = uses_of(given, [waived], NOW)
        old, new = (uses[each] for each in places)
        assert (old.status, old.waived) == (WaiverStatus.NOT_NEEDED, 0)
        assert old.warning == (
            "The waiver waivers[0] of Kim (RISK-1): other waivers cover all of it for longer: "
            "remove it."
        )
        assert (new.status, new.waived, new.warning) == (WaiverStatus.USED, 1, "")


def test_a_waiver_that_covers_more_than_a_longer_one_is_still_warned_of() -> None:
    both = waivers({"hosts": ["hv01", "hv02"], "expires": "2026-11-24"}, {"expires": "2026-12-31"})
    results = [waive(result(State.FAIL, host=f"{n}.contoso.com"), both, NOW) for n in HOSTS[:2]]
    short, long = uses_of(both, results, NOW)
    assert (short.status, short.waived) == (WaiverStatus.ENDS_SOON, 1)
    assert (long.status, long.waived) == (WaiverStatus.USED, 1)


def statuses(*states: State, **changes: object) -> list[tuple[WaiverStatus, int]]:
    waiver = one(**changes)
    results = [
        waive(result(state, host=f"{host}.contoso.com"), [waiver], NOW)
        for state, host in zip(states, HOSTS, strict=False)
    ]
    return [(each.status, each.waived) for each in uses_of([waiver], results, NOW)]


def test_every_waiver_is_listed_with_what_became_of_it() -> None:
    assert statuses(State.FAIL) == [(WaiverStatus.USED, 1)]
    assert statuses(State.FAIL, expires="2026-12-08") == [(WaiverStatus.USED, 1)]
    assert statuses(State.FAIL, expires="2026-12-07") == [(WaiverStatus.ENDS_SOON, 1)]
    assert statuses(State.FAIL, expires="2026-11-22") == [(WaiverStatus.EXPIRED, 0)]
    assert statuses(State.PASS) == [(WaiverStatus.NOT_NEEDED, 0)]
    assert statuses(State.PASS, expires="2026-11-22") == [(WaiverStatus.NOT_NEEDED, 0)]
    assert statuses(State.BLOCKED) == [(WaiverStatus.USED, 0)]
    assert statuses() == [(WaiverStatus.NOT_IN_RUN, 0)]


def test_a_waiver_is_called_useless_only_where_all_that_it_covers_was_looked_at() -> None:
    everywhere = {"hosts": ["*"]}
    passed = State.PASS
    assert statuses(passed, passed, passed, **everywhere) == [(WaiverStatus.NOT_NEEDED, 0)]
    assert statuses(passed, passed, **everywhere) == [(WaiverStatus.USED, 0)]
    assert statuses(passed, passed, State.FAIL, **everywhere) == [(WaiverStatus.USED, 1)]


@in_turn(
    "state, expires, words",
    [
        (State.PASS, "2026-12-31", "nothing that it covers fails any more: remove it."),
        (State.FAIL, "2026-11-23", "ends today, at the end of 2026-11-23 (UTC)"),
        (State.FAIL, "2026-11-24", "ends in 1 day, at the end of 2026-11-24 (UTC)"),
        (State.FAIL, "2026-11-22", "expired at the end of 2026-11-22 (UTC)"),
        (State.FAIL, "2026-12-31", ""),
    ],
)
def test_what_a_person_should_do_is_said(state: State, expires: str, words: str) -> None:
    waiver = one(expires=expires)
    (use,) = uses_of([waiver], [waive(result(state), [waiver], NOW)], NOW)
    assert words in use.warning
    assert bool(words) == bool(use.warning)
    assert not words or use.warning.startswith("The waiver waivers[0] of Kim (RISK-1)")


def test_a_last_day_never_reads_as_no_days_left() -> None:
    reason = waive(result(State.FAIL), [one(expires="2026-11-23")], NOW).reason
    assert reason == (
        "Waived by Kim (RISK-1) until the end of 2026-11-23 (UTC), which ends today: Replaced soon."
    )


HV01 = "hv01.contoso.com"


def failed(check: str, *keys: str, host: str = HV01, level: Level = Level.FAIL) -> Result:
    """Return a failure whose findings have fixes with these keys; "": none."""
    findings = tuple(
        Finding(
            level, f"{key} is wrong.", "It is right.", Fix(key=key, summary="") if key else None
        )
        for key in keys
    )
    return replace(result(State.FAIL, check, host), findings=findings)


def together(
    given: list[Waiver], *results: Result, warnings_count: bool = False
) -> tuple[list[State], list[WaiverUse]]:
    roots = signed_roots(results, given, NOW)
    done = [
        waive(each, given, NOW, roots.get(each.entry.target, ()), warnings_count=warnings_count)
        for each in results
    ]
    return [each.state for each in done], list(uses_of(given, done, NOW))


ROOT = failed("LM102", "networks")


@in_turn(
    "follower, state",
    [
        (failed("LM203", "networks"), State.WAIVED),
        (failed("LM203", "networks", "networks"), State.WAIVED),
        (failed("LM203", "networks", "listener"), State.FAIL),
        (failed("LM203", "listener"), State.FAIL),
        (failed("LM203", ""), State.FAIL),
        (failed("LM203", "networks", ""), State.FAIL),
        (failed("LM203", "networks", host="hv02.contoso.com"), State.FAIL),
        # What comes before the signed failure is no consequence of it.
        (failed("LM101", "networks"), State.FAIL),
    ],
)
def test_a_waived_root_covers_what_the_same_fix_mends_and_nothing_else(
    follower: Result, state: State
) -> None:
    (waiver,) = waivers({})
    for results in ((ROOT, follower), (follower, ROOT)):
        states, (use,) = together([waiver], *results)
        assert states[results.index(follower)] is state
        assert states[results.index(ROOT)] is State.WAIVED
        assert use.waived == (2 if state is State.WAIVED else 1)


def test_what_a_root_covers_says_which_root_and_who_signed() -> None:
    (waiver,) = waivers({})
    roots = signed_roots([ROOT], [waiver], NOW)[HV01]
    done = waive(failed("LM203", "networks"), [waiver], NOW, roots)
    assert done.reason == (
        "The repair of LM102 mends this too. Waived by Kim (RISK-1) until the end of 2026-12-31 "
        "(UTC), 38 days left: Replaced soon."
    )


def test_what_a_waived_root_blocks_stays_blocked() -> None:
    (waiver,) = waivers({})
    blocked = replace(failed("LM203", "networks"), state=State.BLOCKED, red=False)
    states, _ = together([waiver], ROOT, blocked)
    assert states == [State.WAIVED, State.BLOCKED]


def test_an_expired_waiver_covers_nothing_that_its_root_causes() -> None:
    (waiver,) = waivers({"expires": "2026-11-22"})
    states, (use,) = together([waiver], ROOT, failed("LM203", "networks"))
    assert states == [State.FAIL, State.FAIL]
    assert use.status is WaiverStatus.EXPIRED


def test_a_root_that_does_not_fail_covers_nothing() -> None:
    (waiver,) = waivers({})
    blocked = replace(ROOT, state=State.BLOCKED, red=False)
    states, _ = together([waiver], blocked, failed("LM203", "networks"))
    assert states == [State.BLOCKED, State.FAIL]


def test_what_is_covered_by_a_root_covers_nothing_further() -> None:
    (waiver,) = waivers({})
    states, _ = together(
        [waiver],
        failed("LM102", "networks"),
        failed("LM203", "networks"),
        failed("LM304", "networks", "rule"),
        failed("LM305", "rule"),
    )
    assert states == [State.WAIVED, State.WAIVED, State.FAIL, State.FAIL]


def test_a_warning_that_the_policy_makes_red_is_not_covered_by_a_failure_beside_it() -> None:
    (waiver,) = waivers({})
    follower = failed("LM203", "networks")
    warned = failed("LM203", "other", level=Level.WARNING)
    both = replace(follower, findings=(*follower.findings, *warned.findings))
    assert together([waiver], ROOT, both)[0][1] is State.WAIVED
    assert together([waiver], ROOT, both, warnings_count=True)[0][1] is State.FAIL


def test_of_several_roots_the_waiver_that_ends_first_is_named() -> None:
    both = waivers({"checks": ["LM101"], "expires": "2026-11-30", "owner": "Lou"}, {})
    results = (failed("LM101", "a"), failed("LM102", "b"), failed("LM203", "a", "b"))
    states, (short, long) = together(list(both), *results)
    assert states == [State.WAIVED] * 3
    assert (short.waived, long.waived) == (2, 1)
