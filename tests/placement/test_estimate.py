"""The time of a plan: the published measurements lie in it, and it never falls when work grows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples
from sites import machine

from livemigration.placement.estimate import Bottleneck, Dominant, Estimate, estimate
from livemigration.placement.estimate_text import depends, lasting, one_more, range_of, rows, told
from livemigration.placement.model import Move
from livemigration.placement.transfers import End, Ends, Option, Terms, Transfer, transfers_of

GIGABIT = 1_000_000_000
# What rounding of floating-point sums may change.
SLACK = 1e-6


def moved(count: int, memory: int, destination: str = "hv02") -> list[Transfer]:
    return [
        Transfer(str(number), f"vm{number:02}", "hv01", destination, memory)
        for number in range(count)
    ]


def both(
    gigabits: int = 10, limit: int | None = 2, option: Option | None = Option.TCP_IP
) -> list[End]:
    return [End(name, gigabits * GIGABIT, limit, 2, option) for name in ("hv01", "hv02")]


@in_turn(
    "gigabits, machines, seconds",
    [(1, 1, 7), (1, 10, 40), (1, 20, 80), (10, 1, 5), (10, 10, 13), (10, 20, 21)],
)
def test_the_published_measurements_lie_in_the_range(
    gigabits: int, machines: int, seconds: int
) -> None:
    found = estimate(moved(machines, 512), both(gigabits, limit=20))

    assert found.high is not None
    assert found.low <= seconds <= found.high


@in_turn(
    "gigabits, limit, option, minutes",
    [
        (1, 2, Option.TCP_IP, (83, 167)),
        (10, 2, Option.TCP_IP, (8, 32)),
        (10, 2, Option.COMPRESSION, (2, 32)),
        (10, 1, Option.TCP_IP, (8, 64)),
        (10, 4, Option.TCP_IP, (8, 18)),
        (25, 2, Option.COMPRESSION, (0, 32)),
    ],
)
def test_a_full_host_takes_minutes_to_hours(
    gigabits: int, limit: int, option: Option, minutes: tuple[int, int]
) -> None:
    memory = 732 * 1024 // 60

    found = estimate(moved(60, memory), both(gigabits, limit, option))

    assert found.high is not None
    assert (int(found.low / 60), int(found.high / 60) + 1) == minutes


@in_turn(
    "count, memory, ends, by, sentence",
    [
        (
            60,
            12288,
            both(1),
            Bottleneck.LINK,
            "Most depends on the link of hv01, 1 Gb/s.",
        ),
        (
            60,
            12288,
            both(25),
            Bottleneck.PARALLEL,
            "Most depends on how many move at a time: 2 at hv01. A faster link alone gains little.",
        ),
        (
            60,
            512,
            both(100, limit=30),
            Bottleneck.MACHINES,
            "Most depends on how many machines there are: 60 machines at hv01.",
        ),
        (
            2,
            65536,
            both(25, limit=4),
            Bottleneck.LARGEST,
            "Most depends on one machine, vm00 with 64 GB.",
        ),
    ],
)
def test_what_dominates_is_said(
    count: int, memory: int, ends: list[End], by: Bottleneck, sentence: str
) -> None:
    found = estimate(moved(count, memory), ends)

    assert found.dominates is not None
    assert found.dominates.by is by
    assert depends(found) == sentence


def test_one_more_at_a_time_is_worth_what_the_link_still_has() -> None:
    assert (
        one_more(estimate(moved(60, 12288), both(25)))
        == "With one more migration at a time on every host, at most 21 min instead of 32 min."
    )
    assert (
        one_more(estimate(moved(60, 12288), both(1)))
        == "One more migration at a time gains nothing."
    )


def test_every_limit_is_raised_by_one_and_one_that_is_not_known_counts_as_one() -> None:
    ends = [End("a", 5, 3, 2, Option.SMB), End("b", None, None, None, None)]

    more = Ends(ends, Terms(4, 0.5)).with_one_more()

    assert more["a"] == End("a", 5, 4, 2, Option.SMB)
    assert more["b"] == End("b", None, 2, None, None)
    assert more.terms == Terms(5, 0.5)
    assert Ends(ends, Terms(None, 0.5)).with_one_more().terms == Terms(None, 0.5)


def test_a_cluster_has_one_limit_more() -> None:
    alone = estimate(moved(8, 4096), both(25, limit=4), Terms(parallel=1))

    assert alone.high == estimate(moved(8, 4096), both(25, limit=1)).high
    assert "1 at each node, by the cluster" in dict(rows(alone))["At a time"]
    assert one_more(alone).startswith("With one more")


def test_incoming_counts_against_the_limit_of_a_destination() -> None:
    spread = [*moved(2, 8192), *moved(2, 8192, "hv03")]
    ends = [
        End("hv01", 25 * GIGABIT, 4),
        End("hv02", 25 * GIGABIT, 1),
        End("hv03", 25 * GIGABIT, 1),
    ]

    at_both = estimate(spread, ends).high
    at_one = estimate(moved(4, 8192), ends).high

    assert at_both is not None
    assert at_one is not None
    assert at_both < at_one


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        (both()[:1], "The link for migrations is not known of hv02."),
        ([End("hv01", 0, 2), End("hv02", GIGABIT, 2)], "is not known of hv01."),
        ([End("hv01", -1, 2), End("hv02", GIGABIT, 2)], "is not known of hv01."),
        (both(limit=0), "Not one live migration at a time is allowed by hv01 and hv02."),
        (both(limit=-1), "Not one live migration at a time is allowed by hv01 and hv02."),
    ],
)
def test_what_is_not_known_leaves_no_upper_bound(ends: list[End], said: str) -> None:
    found = estimate(moved(3, 4096), ends)

    assert found.high is None
    assert found.one_more is None
    assert said in told(found)
    assert range_of(found).startswith("at least ")
    assert all(each.end_high is None for each in found.slots)
    assert [each.lane for each in found.slots] == [0, 1, 2]


def test_disks_that_move_leave_no_upper_bound_and_raise_the_lower() -> None:
    with_disks = [replace(each, disk=102400) for each in moved(2, 4096)]

    found = estimate(with_disks, both())

    assert found.high is None
    assert found.low > 10 * estimate(moved(2, 4096), both()).low
    assert "those of 2 machines move as well" in told(found)
    assert dict(rows(found))["Disks"] == "200 GB move with them"
    assert dict(rows(found))["At a time"] == "2 live; 2 with disks"


def test_a_limit_that_is_not_known_is_one_at_worst() -> None:
    assert (
        estimate(moved(4, 4096), both(limit=None)).high
        == estimate(moved(4, 4096), both(limit=1)).high
    )


def test_smb_has_a_quarter_of_the_link_until_its_share_is_known() -> None:
    unknown = estimate(moved(4, 40960), both(25, option=Option.SMB))
    whole = estimate(moved(4, 40960), both(25, option=Option.SMB), Terms(smb_share=1.0))

    assert unknown.low == whole.low
    assert unknown.high is not None
    assert whole.high is not None
    assert unknown.high > 3 * whole.high
    assert "25% of it for SMB" in dict(rows(unknown))["At worst"]


def test_a_stage_waits_for_the_one_before() -> None:
    first, second = moved(2, 4096, "hv02"), moved(2, 4096, "hv03")
    plan = [*first, *(replace(each, source="hv04", stage=1) for each in second)]
    ends = [End(f"hv0{number}", 25 * GIGABIT, 2) for number in range(1, 5)]

    found = estimate(plan, ends)

    ends_of_first = [each.end_high or 0 for each in found.slots[:2]]
    assert all((each.start_high or 0) >= max(ends_of_first) for each in found.slots[2:])


def test_a_plan_is_transferred_in_its_order_and_stages() -> None:
    room = machine("room", "hv03", 4096, "hv02")
    shared = machine("shared", "hv01", 2048, "hv03", disk=9)
    own = machine("own", "hv01", 2048, "hv03", disk=9, storage_moves_to=frozenset({"hv03"}))
    vmm = machine("vmm", "hv01", 1024, "hv02", last=True)
    plan = [
        Move(room, "hv03", "hv02", relocates=True),
        *(Move(each, "hv01", "hv03") for each in (shared, own)),
        Move(vmm, "hv01", "hv02"),
    ]

    found = transfers_of(plan)

    assert [(each.name, each.stage, each.disk) for each in found] == [
        ("room", 0, 0),
        ("shared", 1, 0),
        ("own", 1, 9),
        ("vmm", 2, 0),
    ]


def test_nothing_to_move_takes_no_time() -> None:
    found = estimate([], both())

    assert (found.low, found.high, found.one_more, found.dominates) == (0.0, 0.0, 0.0, None)
    assert depends(found) == ""


def test_machines_that_are_saved_stand_in_a_row_of_their_own() -> None:
    found = estimate(moved(1, 4096), both(), saved=moved(2, 2048))

    assert found.low == estimate(moved(1, 4096), both()).low
    assert dict(rows(found))["Saved"] == (
        "vm00 and vm01: 4 GB are written to storage and read back, an outage of unknown length. "
        "Not in the estimate."
    )


def test_the_rows_name_every_input() -> None:
    ends = [End("hv01", 10 * GIGABIT, 2, option=Option.COMPRESSION), End("hv02", 100_000_000, None)]

    said = dict(rows(estimate(moved(3, 1536), ends)))

    assert said["Machines"] == "3, 4.5 GB of memory"
    assert said["Links"] == "10 Gb/s (hv01); 100 Mb/s (hv02)"
    assert said["At a time"] == "2 live (hv01); not known, at worst 1 (hv02)"
    assert said["Sent by"] == "compression"
    assert "2012 R2" in said["Held against"]


@in_turn(
    "seconds, up, down",
    [
        (40.2, "41 s", "40 s"),
        (5000, "84 min", "83 min"),
        (7200, "2 h", "2 h"),
        (1e4, "2 h 47 min", "2 h 46 min"),
    ],
)
def test_a_bound_is_rounded_away_from_the_other(seconds: float, up: str, down: str) -> None:
    assert lasting(seconds) == up
    assert lasting(seconds, up=False) == down


HOSTS = ("a", "b", "c", "d")
PLANS = st.lists(
    st.builds(
        lambda pair, memory, stage: (pair, memory, stage),
        st.permutations(HOSTS).map(lambda order: (order[0], order[1])),
        st.integers(0, 65536),
        st.integers(0, 1),
    ),
    max_size=12,
).map(
    lambda drawn: [
        Transfer(str(number), f"vm{number}", pair[0], pair[1], memory, stage=stage)
        for number, (pair, memory, stage) in enumerate(sorted(drawn, key=lambda each: each[2]))
    ]
)
ENDS = st.tuples(
    *(
        st.builds(
            End,
            st.just(name),
            st.sampled_from([1, 10, 25]).map(lambda each: each * GIGABIT),
            st.integers(1, 4),
            st.just(2),
            st.sampled_from([None, *Option]),
        )
        for name in HOSTS
    )
)


def high(found: Estimate) -> float:
    assert found.high is not None
    return found.high


@examples(200)
@given(PLANS, ENDS)
def test_the_low_end_is_never_above_the_high_one(
    plan: list[Transfer], ends: tuple[End, ...]
) -> None:
    found = estimate(plan, ends)

    assert found.low <= high(found) + SLACK
    for each in found.slots:
        assert each.start_high is not None
        assert each.end_high is not None
        assert each.start_low <= each.start_high + SLACK
        assert each.end_low <= min(each.end_high, found.low) + SLACK


@examples(200)
@given(PLANS, ENDS, st.data())
def test_more_memory_is_never_quicker(
    plan: list[Transfer], ends: tuple[End, ...], data: st.DataObject
) -> None:
    grown = [replace(each, memory=each.memory + data.draw(st.integers(0, 9999))) for each in plan]
    before, after = estimate(plan, ends), estimate(grown, ends)

    assert before.low <= after.low + SLACK
    assert high(before) <= high(after) + SLACK


@examples(200)
@given(PLANS, ENDS, st.data())
def test_a_faster_link_or_a_higher_limit_is_never_slower(
    plan: list[Transfer], ends: tuple[End, ...], data: st.DataObject
) -> None:
    better = [
        replace(
            each,
            link=(each.link or 0) * data.draw(st.integers(1, 4)),
            live=(each.live or 0) + data.draw(st.integers(0, 2)),
        )
        for each in ends
    ]
    before, after = estimate(plan, ends), estimate(plan, better)

    assert after.low <= before.low + SLACK
    assert high(after) <= high(before) + SLACK
    assert (before.one_more or 0.0) <= high(before) + SLACK


@examples(100)
@given(PLANS, ENDS)
def test_no_host_takes_part_in_more_than_it_allows(
    plan: list[Transfer], ends: tuple[End, ...]
) -> None:
    found = estimate(plan, ends)
    limits = {each.name: each.live or 0 for each in ends}

    for one in found.slots:
        under_way = [
            each
            for each in found.slots
            if (each.start_high or 0) <= (one.start_high or 0) < (each.end_high or 0)
        ]
        for name in (one.transfer.source, one.transfer.destination):
            at_host = [
                each
                for each in under_way
                if name in (each.transfer.source, each.transfer.destination)
            ]
            assert len(at_host) <= limits[name]
        there = [
            each.lane for each in under_way if each.transfer.destination == one.transfer.destination
        ]
        assert len(set(there)) == len(there)


def test_what_dominates_names_a_host_of_the_plan() -> None:
    assert estimate(moved(1, 1024), both()[:1]).dominates == Dominant(Bottleneck.LINK, "hv01")
