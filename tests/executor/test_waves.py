"""Which hosts are asked when: every host comes to an end, and a doubted account is spared."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.executor.waves import (
    ALONE_AFTER,
    LOSSES_AT_MOST,
    MOST_HOSTS,
    Batch,
    Told,
    Waves,
    size_for,
)

HOSTS = tuple(f"h{number:02}" for number in range(12))


def all_of(batch: Batch, told: Told) -> dict[str, Told]:
    return dict.fromkeys(batch.hosts, told)


def taken(waves: Waves) -> Batch:
    batch = waves.next()
    assert batch is not None
    return batch


@in_turn(
    "hosts, workers, size",
    [(10, 2, 5), (11, 2, 6), (1, 8, 1), (200, 2, 50), (10_000, 8, 50), (5, 0, 5)],
)
def test_each_worker_gets_a_batch_and_none_is_larger_than_fifty(
    hosts: int, workers: int, size: int
) -> None:
    assert size_for(hosts, workers) == size <= MOST_HOSTS


def test_hosts_that_are_reached_in_two_ways_are_never_in_one_batch() -> None:
    waves = Waves([{0: HOSTS[:3], 1: HOSTS[3:5]}], 50)
    batches = [taken(waves), taken(waves)]
    assert {(each.way, each.hosts) for each in batches} == {(0, HOSTS[:3]), (1, HOSTS[3:5])}
    assert waves.next() is None


def test_an_account_that_was_refused_is_asked_of_one_machine_at_a_time() -> None:
    waves = Waves([{0: HOSTS}], 3)
    one, two = taken(waves), taken(waves)
    waves.came(one.number, {**all_of(one, Told.TAKEN), one.hosts[1]: Told.REFUSED})
    # What is under way may say more of it.
    assert waves.next() is None
    waves.came(two.number, all_of(two, Told.TAKEN))
    alone = taken(waves)
    assert len(alone.hosts) == 1
    assert waves.next() is None
    # A machine that says nothing decides nothing.
    waves.came(alone.number, all_of(alone, Told.NOTHING))
    alone = taken(waves)
    assert len(alone.hosts) == 1
    waves.came(alone.number, all_of(alone, Told.TAKEN))
    assert len(taken(waves).hosts) == 3


def test_an_account_that_two_more_refuse_is_tried_no_more_and_others_go_on() -> None:
    waves = Waves([{0: HOSTS[:8]}, {1: HOSTS[8:]}], 2)
    first, other = taken(waves), taken(waves)
    assert other.way == 1
    waves.came(other.number, all_of(other, Told.TAKEN))
    waves.came(first.number, all_of(first, Told.REFUSED))
    refused: list[str] = []
    while (batch := waves.next()) is not None:
        told = Told.REFUSED if batch.way == 0 else Told.TAKEN
        refused += batch.hosts if batch.way == 0 else ()
        waves.came(batch.number, all_of(batch, told))
    assert refused == list(HOSTS[2:4])
    assert waves.refused() == [(HOSTS[4:8], HOSTS[2:4])]
    assert waves.is_over


def test_hosts_that_were_not_asked_come_first_and_in_their_order() -> None:
    waves = Waves([{0: HOSTS}], 4)
    batch = taken(waves)
    told = all_of(batch, Told.NOT_ASKED) | {HOSTS[0]: Told.REFUSED}
    waves.came(batch.number, told)
    assert waves.waiting == HOSTS[1:]


def test_hosts_whose_worker_ends_are_asked_elsewhere_then_singly_then_no_more() -> None:
    waves = Waves([{0: HOSTS[:4]}], 4)
    for _ in range(ALONE_AFTER):
        batch = taken(waves)
        assert batch.hosts == HOSTS[:4]
        assert waves.lost(batch.number) == ()
    singles = [taken(waves) for _ in range(4)]
    assert [each.hosts for each in singles] == [(host,) for host in HOSTS[:4]]
    # The one that ends its worker is found, and the others are asked.
    assert waves.lost(singles[0].number) == HOSTS[:1]
    for each in singles[1:]:
        waves.came(each.number, all_of(each, Told.TAKEN))
    assert waves.is_over
    assert LOSSES_AT_MOST == ALONE_AFTER + 1


@examples(200)
@given(data=st.data(), size=st.integers(1, 5), workers=st.integers(1, 4))
def test_each_host_comes_to_an_end_once_whatever_becomes_of_workers(
    data: st.DataObject, size: int, workers: int
) -> None:
    waves = Waves([{0: HOSTS[:5], 1: HOSTS[5:7]}, {2: HOSTS[7:]}], size)
    ended: list[str] = []
    under_way: list[Batch] = []
    refusals = dict.fromkeys((0, 1), 0)
    while not waves.is_over:
        while len(under_way) < workers and (batch := waves.next()) is not None:
            assert len({*batch.hosts}) == len(batch.hosts) <= size
            under_way.append(batch)
        if under_way:
            batch = under_way.pop(data.draw(st.integers(0, len(under_way) - 1)))
            fate = data.draw(st.sampled_from(["came", "lost", "late"]))
            if fate == "came":
                told = {each: data.draw(st.sampled_from(Told)) for each in batch.hosts}
                if all(each is Told.NOT_ASKED for each in told.values()):
                    told[batch.hosts[0]] = Told.REFUSED
                waves.came(batch.number, told)
                own = [each for each, said in told.items() if said is not Told.NOT_ASKED]
                refusals[batch.way // 2] += sum(told[each] is Told.REFUSED for each in own)
                ended += own
            else:
                ended += waves.lost(batch.number) if fate == "lost" else waves.late(batch.number)
        for hosts, refused in waves.refused():
            assert len(refused) == 2
            ended += hosts
    assert sorted(ended) == sorted(HOSTS)


@examples(100)
@given(size=st.integers(1, 6), workers=st.integers(1, 4))
def test_a_password_that_is_wrong_from_some_moment_on_reaches_what_is_under_way_and_two_more(
    size: int, workers: int
) -> None:
    waves = Waves([{0: HOSTS}], size)
    under_way = [batch for _ in range(workers) if (batch := waves.next()) is not None]
    asked = sum(len(each.hosts) for each in under_way)
    for batch in under_way:
        waves.came(batch.number, all_of(batch, Told.REFUSED))
    while (batch := waves.next()) is not None:
        asked += len(batch.hosts)
        waves.came(batch.number, all_of(batch, Told.REFUSED))
    assert asked <= size * workers + 2
