"""Where a drain could move the roles of a node: held against every way there is."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.facts.cluster_groups import (
    GROUP_OF_A_VM,
    VIRTUAL_MACHINE,
    ClusterGroup,
    ClusterResource,
)
from livemigration.facts.cluster_nodes import ClusterNode
from livemigration.facts.cluster_owners import PossibleOwners
from livemigration.verdict.drain_moves import NodeRoles

NODES = ("HV01", "HV02", "HV03")
CLASSES = ("a", "b")


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[ClusterGroup], list[PossibleOwners], bool]:
    """Return groups with their possible owners, and whether anti-affinity is enforced."""
    groups, owners = [], []
    for number in range(draw(st.integers(0, 5))):
        classes = tuple(draw(st.lists(st.sampled_from(CLASSES), unique=True, max_size=2)))
        node = draw(st.sampled_from(NODES))
        groups.append(ClusterGroup(f"vm{number}", GROUP_OF_A_VM, 0, node, 2000, classes))
        allowed = draw(st.lists(st.sampled_from(NODES), unique=True, min_size=1))
        owners.append(PossibleOwners(f"r{number}", tuple(allowed)))
    return groups, owners, draw(st.booleans())


def places(
    groups: list[ClusterGroup], owners: list[PossibleOwners], *, enforced: bool
) -> dict[str, list[str]]:
    """Return, for each role of the first node, the other nodes that could take it alone."""
    found = {}
    for group, owned in zip(groups, owners, strict=True):
        if group.owner_node != NODES[0]:
            continue
        held = {
            each.owner_node
            for each in groups
            if enforced and set(each.anti_affinity) & set(group.anti_affinity)
        }
        found[group.name] = [
            node for node in NODES[1:] if node in owned.owner_nodes and node not in held
        ]
    return found


def fits(groups: list[ClusterGroup], found: dict[str, list[str]], *, enforced: bool) -> bool:
    """Whether all roles together have places: every way is tried."""
    roles = [each for each in groups if each.name in found]
    for way in product(*(found[each.name] for each in roles)):
        together = [
            (one, other)
            for number, one in enumerate(roles)
            for other, place in zip(roles[:number], way, strict=False)
            if place == way[number]
        ]
        if not enforced or not any(
            set(a.anti_affinity) & set(b.anti_affinity) for a, b in together
        ):
            return True
    return False


@examples(200)
@given(clusters())
def test_a_role_is_stuck_where_no_node_takes_it_and_never_where_all_have_a_place(
    cluster: tuple[list[ClusterGroup], list[PossibleOwners], bool],
) -> None:
    groups, owners, enforced = cluster
    resources = [
        ClusterResource(owned.name, VIRTUAL_MACHINE, 2, group.name, group.owner_node)
        for group, owned in zip(groups, owners, strict=True)
    ]
    moves = NodeRoles(
        frozenset({"hv01"}),
        [ClusterNode(name, 0) for name in NODES[1:]],
        groups,
        resources,
        owners,
        enforced=enforced,
    )
    stuck = {each.name for each in moves.stuck}
    found = places(groups, owners, enforced=enforced)
    assert {name for name, left in found.items() if not left} <= stuck
    if fits(groups, found, enforced=enforced):
        assert stuck == set()
