"""Questions for the tests: small ones of every shape, and tight ones in which a plan is planted."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from livemigration.placement.model import Host, Machine, Question

DRAINED = "d"


def machine(name: str, memory: int, allowed: list[str], host: str = DRAINED) -> Machine:
    return Machine(name, name, host, memory, frozenset(allowed) - {host})


def simple(memory: list[int], free: dict[str, int], *others: Machine) -> Question:
    """A host with such machines, which may go to every other one."""
    machines = [machine(f"v{number}", each, list(free)) for number, each in enumerate(memory, 1)]
    hosts = [Host(DRAINED, 0), *(Host(name, each) for name, each in free.items())]
    return Question(tuple(hosts), (*machines, *others), frozenset({DRAINED}))


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same fleets each time


def small(seed: int, *, residents: int = 0) -> Question:
    """A few machines and hosts, with disk, groups and pairs that are not allowed."""
    random = seeded(seed)
    names = ["a", "b", "c", "d4"][: random.randint(2, 4 if not residents else 3)]
    count = random.randint(2, 9 if not residents else 5)
    sizes = [random.randint(1, 12) for _ in range(count)]
    fill = random.uniform(0.7, 1.05)
    shares = [random.uniform(0.5, 1.5) for _ in names]
    hosts = [Host(DRAINED, 0)]
    for name, share in zip(names, shares, strict=True):
        free = round(sum(sizes) * share / sum(shares) / fill)
        disk = random.choice([None, None, random.randint(3, 20)])
        hosts.append(Host(name, free, disk_free=disk, takes=random.random() > 0.05))
    machines = [_any(random, f"v{number}", DRAINED, names) for number in range(count)]
    machines = [_resized(each, size) for each, size in zip(machines, sizes, strict=True)]
    for number in range(random.randint(0, residents)):
        machines.append(_any(random, f"r{number}", random.choice(names), names))
    return Question(tuple(hosts), tuple(machines), frozenset({DRAINED}))


def _any(random: Random, name: str, host: str, names: list[str]) -> Machine:
    allowed = frozenset(each for each in names if random.random() < 0.8) - {host}
    return Machine(
        name,
        name,
        host,
        random.randint(1, 8),
        allowed,
        disk=random.choice([0, 0, random.randint(1, 8)]),
        storage_moves_to=frozenset(each for each in names if random.random() < 0.4),
        apart=frozenset(random.choice(["", "", "", "g", "k"])),
    )


def _resized(machine: Machine, memory: int) -> Machine:
    return Machine(
        machine.key,
        machine.name,
        machine.host,
        memory,
        machine.allowed,
        disk=machine.disk,
        storage_moves_to=machine.storage_moves_to,
        apart=machine.apart,
    )


def tight(seed: int) -> Question:
    """Machines made to fill every host to the last MB; in half of them, one is one too large.

    Where all may go, by disk and by groups they differ.
    """
    random = seeded(seed)
    names = "abcd"[: random.randint(2, 4)]
    free = {name: random.randint(6, 14) for name in names}
    stores = dict.fromkeys((name for name in names if random.random() < 0.5), 0)
    machines: list[Machine] = []
    for name, size in free.items():
        left = size
        while left > 0 and len(machines) < 10:
            memory = min(left, random.randint(1, 6))
            left -= memory
            moved = frozenset(each for each in names if random.random() < 0.5)
            made = machine(
                f"v{len(machines)}",
                memory,
                [name, *random.sample(names, random.randint(1, len(names)))],
            )
            made = replace(
                made,
                disk=random.choice([0, 0, 1, 2]),
                storage_moves_to=moved,
                apart=frozenset(random.choice(["", "", "", "g", "k"])),
            )
            if name in stores and name in moved:
                stores[name] += made.disk
            machines.append(made)
    return _shuffled(random, machines, free, stores)


def alike(seed: int) -> Question:
    """The same on hosts of one size, where only disk differs, or only where all may go."""
    random, by_disk = seeded(seed), seed % 2 == 0
    names, size = "abc"[: random.randint(2, 3)], random.randint(5, 9)
    machines: list[Machine] = []
    for name in names:
        left = size
        while left > 0 and len(machines) < 9:
            memory = min(left, random.randint(1, 4))
            left -= memory
            allowed = list(names) if by_disk else [name, random.choice(names)]
            made = machine(f"v{len(machines)}", memory, allowed)
            if by_disk:
                moved = frozenset(each for each in names if random.random() < 0.5)
                made = replace(made, disk=random.choice([0, 1, 1, 2]), storage_moves_to=moved)
            machines.append(made)
    stores = dict.fromkeys(names, random.randint(1, 3)) if by_disk else {}
    return _shuffled(random, machines, dict.fromkeys(names, size), stores)


def crowded(seed: int) -> Question:
    """One or two machines that mostly fit only once some of those on the hosts have moved."""
    random = seeded(seed)
    names = "abcd"[: random.choice((2, 3, 3, 4))]
    others: list[Machine] = []
    free = {name: random.randint(0, 4) for name in names}
    for name in names:
        for number in range(random.randint(1, 2 if len(names) > 2 else 3)):
            memory = random.randint(1, 5)
            allowed = [each for each in names if random.random() < 0.7]
            others.append(machine(f"r{name}{number}", memory, allowed, name))
    return simple([random.randint(2, 6) for _ in range(random.randint(1, 2))], free, *others)


def lacking(seed: int) -> Question:
    """Hosts that are filled to the last MB once one or two others have moved; or one too many."""
    random = seeded(seed)
    names = ["a", "b", "c", "e"]
    free = {name: random.choice((10, 11, 12, 13, 18)) for name in names}
    sizes: list[int] = []
    for name in names:
        left = free[name]
        while left > 0:
            sizes.append(min(left, random.choice((5, 6, 7))))
            left -= sizes[-1]
    others: list[Machine] = []
    for source, there in (("a", "b"), ("c", "e"))[: random.choice((1, 2, 2))]:
        memory = random.randint(1, min(3, free[source]))
        free[source] -= memory
        free[there] += memory
        others.append(machine(f"r{source}", memory, [there], source))
    for number in range(random.choice((0, 0, 2))):
        source, there = random.sample(names, 2)
        others.append(machine(f"s{number}", random.randint(1, 4), [there], source))
    random.shuffle(sizes)
    sizes[0] += random.random() < 0.3
    return simple(sizes, free, *others)


def _shuffled(
    random: Random, machines: list[Machine], free: dict[str, int], stores: dict[str, int]
) -> Question:
    random.shuffle(machines)
    if random.random() < 0.5:
        machines[0] = replace(machines[0], memory=machines[0].memory + 1)
    hosts = [Host(name, each, disk_free=stores.get(name)) for name, each in free.items()]
    return Question((Host(DRAINED, 0), *hosts), tuple(machines), frozenset({DRAINED}))


def planted(seed: int, hosts: int = 20, free: int = 100_000) -> tuple[Question, dict[str, str]]:
    """Three machines for each host that fill it to the last MB, and where each was meant to go."""
    random = seeded(seed)
    low, high = free * 126 // 1000, free * 249 // 1000
    names = [f"h{number:02}" for number in range(hosts)]
    sizes: list[tuple[int, str]] = []
    for name in names:
        first, room = free, 0
        # Both others have to be as large as the smallest.
        while room <= low:
            first = 2 * random.randrange(low, high)
            room = min(high, (free - first) // 2 - low)
        second = 2 * random.randrange(low, room)
        sizes += [(first, name), (second, name), (free - first - second, name)]
    random.shuffle(sizes)
    question = simple([size for size, _ in sizes], dict.fromkeys(names, free))
    return question, {f"v{number}": name for number, (_, name) in enumerate(sizes, 1)}
