"""Classes of equals that share something with a host are found without a look at every class."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from livemigration.verdict.classes import Classes
from livemigration.verdict.names import Order

_KEYS = st.frozensets(st.integers(0, 5), max_size=3)
_HOSTS = [f"hv{number:02}" for number in range(12)]


def _parts_of(key: frozenset[int]) -> Iterable[int]:
    return key


@given(st.dictionaries(_KEYS, st.integers(1, 2), max_size=6), _KEYS, st.sampled_from(_HOSTS))
def test_classes_that_have_a_part_are_those_of_all_that_have_it(
    sizes: dict[frozenset[int], int], wanted: frozenset[int], host: str
) -> None:
    hosts = iter(_HOSTS)
    members = {key: Order([next(hosts) for _ in range(size)]) for key, size in sizes.items()}
    classes = Classes(members, Order(()))
    expected = [(key, list(names)) for key, names in classes.seen_by(host) if key & wanted]
    for _ in range(2):
        found = classes.having(host, _parts_of, wanted)
        assert [(key, list(names)) for key, names in found] == expected


def test_of_thousands_of_classes_a_host_looks_at_those_that_share_something() -> None:
    looked_at: list[int] = []

    def parts_of(key: int) -> Iterable[int]:
        looked_at.append(key)
        return (key,)

    classes = Classes({number: Order((f"hv{number}",)) for number in range(2000)}, Order(()))
    for number in range(0, 2000, 10):
        ((key, names),) = classes.having("hv-other", parts_of, (number,))
        assert (key, list(names)) == (number, [f"hv{number}"])
    assert sorted(looked_at) == list(range(2000))
