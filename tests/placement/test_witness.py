"""Proofs that there is no plan, held against every set of machines that could be one."""

from __future__ import annotations

from itertools import combinations

from fleets import seeded, small
from sites import machine, site

from livemigration.placement.model import Machine, Proof, Question
from livemigration.placement.packing import Packing, leaving
from livemigration.placement.witness import by_sums, hall

# In the last one, machines give up what they have on one host after the other.
SEEDS = (*range(50), 244)


def room(packing: Packing, machines: set[str]) -> tuple[set[int], int, int]:
    """Return where some machines may go, with MB that they need and that is free there."""
    items = [each for each in packing.items if each.machine.key in machines]
    hosts = {host for item in items for host in item.candidates}
    needed = sum(each.machine.memory for each in items)
    return hosts, needed, sum(packing.memory[each] for each in hosts)


def too_much(packing: Packing) -> bool:
    """Whether any of the machines need more together than all hosts have that any may go to."""
    keys = [each.machine.key for each in packing.items]
    for count in range(1, len(keys) + 1):
        for some in combinations(keys, count):
            _, needed, free = room(packing, set(some))
            if needed > free:
                return True
    return False


def tight(seed: int) -> Question:
    """Return machines with a few destinations each, that need about what is free."""
    random = seeded(seed)
    names = "abcde"[: random.randint(3, 5)]
    machines: list[Machine] = [
        machine(
            f"v{number}",
            "z",
            random.randint(1, 9),
            *random.sample(names, random.choice((1, 2, 2, 3))),
        )
        for number in range(random.randint(5, 9))
    ]
    share = sum(each.memory for each in machines) / len(names)
    free = {name: max(1, round(share * random.uniform(0.7, 1.4))) for name in names}
    return site({**free, "z": 0}, machines, "z")


def test_machines_that_have_too_little_room_are_found_where_there_are_any() -> None:
    found = 0
    for seed in SEEDS:
        for packing in (leaving(small(seed)), leaving(tight(seed))):
            proof = hall(packing)
            assert (proof is not None) == too_much(packing), seed
            if proof is None:
                continue
            found += 1
            hosts, needed, free = room(packing, {each.key for each in proof.machines})
            assert proof.proof is Proof.HALL
            assert set(proof.hosts) == {packing.hosts[each] for each in hosts}
            assert (proof.needed, proof.free) == (needed, free), seed
            assert needed > free
    assert len(SEEDS) // 4 < found < 2 * len(SEEDS)


def test_machines_without_a_destination_are_named_with_what_they_need() -> None:
    machines = [machine(f"v{each}", "d", each, "a") for each in (2, 8, 9)]
    proof = by_sums(leaving(site({"a": 7, "d": 0}, machines, "d")))
    assert proof is not None
    assert proof.proof is Proof.NO_CANDIDATE
    assert ([each.name for each in proof.machines], proof.needed) == (["v8", "v9"], 17)


def test_all_of_them_need_more_than_there_is_only_from_the_next_megabyte_on() -> None:
    machines = [machine(f"v{each}", "d", 3, "a", "b") for each in range(3)]
    assert by_sums(leaving(site({"a": 6, "b": 3, "d": 0}, machines, "d"))) is None
    proof = by_sums(leaving(site({"a": 5, "b": 3, "d": 0}, machines, "d")))
    assert proof is not None
    assert proof.proof is Proof.SUM
    assert (proof.needed, proof.free, proof.hosts) == (9, 8, ("a", "b"))
    assert len(proof.machines) == 3
