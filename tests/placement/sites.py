"""Small sites for questions of placement, by hand and at random."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from livemigration.placement.model import Host, Machine, Question

GB = 1024


def site(
    free: Mapping[str, int],
    machines: Iterable[Machine],
    drained: Iterable[str] = (),
    disk: Mapping[str, int] | None = None,
) -> Question:
    """Return a question of hosts with so many MB free."""
    hosts = tuple(Host(name, each, disk_free=(disk or {}).get(name)) for name, each in free.items())
    return Question(hosts, tuple(machines), frozenset(drained))


def machine(name: str, host: str, memory: int, *allowed: str, **more: object) -> Machine:
    """Return a machine with its name as its key."""
    return Machine(name, name, host, memory, frozenset(allowed), **more)  # type: ignore[arg-type]  # as given


@st.composite
def sites(draw: st.DrawFn, hosts: int = 4, machines: int = 8) -> Question:
    """Draw a site of a few hosts that are rather full, of which none is drained."""
    names = [f"hv{number:02}" for number in range(1, draw(st.integers(2, hosts)) + 1)]
    stores = draw(st.sampled_from([None, 12]))
    aboard = []
    for number in range(draw(st.integers(1, machines))):
        host = draw(st.sampled_from(names))
        others = [each for each in names if each != host]
        allowed = frozenset(draw(st.lists(st.sampled_from(others), unique=True))) or frozenset(
            others
        )
        aboard.append(
            Machine(
                f"vm{number}",
                f"vm{number}",
                host,
                draw(st.integers(1, 7)),
                allowed,
                disk=draw(st.integers(0, 5)),
                storage_moves_to=allowed if draw(st.booleans()) else frozenset(),
                apart=frozenset(draw(st.sets(st.sampled_from("xy"), max_size=1))),
                priority=draw(st.integers(1, 3)),
                refused={each: "no such switch" for each in others if each not in allowed},
            )
        )
    free = tuple(Host(name, draw(st.integers(0, 12)), disk_free=stores) for name in names)
    return Question(free, tuple(aboard), frozenset())
