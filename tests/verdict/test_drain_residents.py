"""What a cluster wants of the machines that a host has to give away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from cluster_role_facts import Vm, of_roles
from fact_builders import HOST, failure, run_facts
from in_turn import in_turn
from vm_facts import OFF, PAUSED, SAVED, with_machines
from vm_facts import Vm as Machine

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.cluster_preferences import (
    CLUSTER_AFFINITY_RULES,
    CLUSTER_PREFERRED_OWNERS,
    DIFFERENT_FAULT_DOMAIN,
    DIFFERENT_NODE,
    SAME_FAULT_DOMAIN,
    SAME_NODE,
    AffinityRule,
    PreferredOwners,
)
from livemigration.verdict.drain_residents import (
    OF_RESIDENTS,
    ClusterRule,
    Resident,
    Wishes,
    groups_of,
    residents_of,
)
from livemigration.verdict.views import BlockedError, FactsView

NOTHING: dict[str, Any] = {CLUSTER_PREFERRED_OWNERS.name: (), CLUSTER_AFFINITY_RULES.name: ()}


def residents(*machines: Machine, role: Vm | None = None, **more: Any) -> tuple[Resident, ...]:
    also = {**with_machines(*machines), **NOTHING, **more.pop("also", {})}
    facts = run_facts(**of_roles(role or Vm("web01"), also=also, **more))
    return residents_of(FactsView(facts.hosts[HOST], frozenset(e.name for e in OF_RESIDENTS)))


def wishes(role: Vm | None = None, **more: Any) -> Wishes:
    (found,) = residents(Machine("web01"), role=role, **more)
    return found.wishes


@in_turn(
    "said, priority",
    [(3001, 3), (3000, 3), (2999, 2), (2000, 2), (1999, 1), (1000, 1), (0, 1), (None, 2)],
)
def test_a_priority_is_that_of_its_step(said: int | None, priority: int) -> None:
    assert wishes(Vm("web01", priority=said)).priority == priority


WEB_CLASS = ClusterRule("cl01", "web", is_class=True)


@in_turn("enforced", [True, False, None])
def test_a_class_keeps_apart_where_the_cluster_enforces_it(enforced: bool | None) -> None:
    role = Vm("web01", classes=("Web", " "))
    found = wishes(role, properties={"enforced_anti_affinity": enforced})
    kept, other = found.apart, found.rather_apart
    assert (kept if enforced else other) == {WEB_CLASS}
    assert (other if enforced else kept) == frozenset()
    assert groups_of({WEB_CLASS}) == {"cl01 class web"}


def names(rules: Iterable[ClusterRule]) -> set[str]:
    return {each.name for each in rules}


def of_rules(*rules: AffinityRule) -> Wishes:
    return wishes(also={CLUSTER_AFFINITY_RULES.name: rules})


def rule(name: str, kind: int, soft: bool | None = None, *, enabled: bool = True) -> AffinityRule:
    return AffinityRule(name, kind, ("WEB01", "db01"), enabled=enabled, soft=soft)


def test_a_rule_keeps_apart_where_it_is_known_not_to_give_way() -> None:
    found = of_rules(
        rule("Hard", DIFFERENT_NODE, soft=False),
        rule("Soft", DIFFERENT_NODE, soft=True),
        rule("Old", DIFFERENT_NODE),
        rule("Off", DIFFERENT_NODE, soft=False, enabled=False),
        AffinityRule("Theirs", DIFFERENT_NODE, ("db01",), enabled=True, soft=False),
    )
    assert names(found.apart) == {"Hard"}
    assert names(found.rather_apart) == {"Soft", "Old"}
    assert groups_of(found.apart) == {"cl01 rule hard"}


def test_a_rule_of_another_kind_is_kept_by_itself() -> None:
    found = of_rules(
        rule("Pair", SAME_NODE),
        rule("Sites", DIFFERENT_FAULT_DOMAIN),
        rule("Site", SAME_FAULT_DOMAIN),
        rule("New", 9),
    )
    assert found.together == {ClusterRule("cl01", "Pair")}
    assert names(found.apart_by_domain) == {"Sites"}
    assert names(found.together_by_domain) == {"Site"}
    assert names(found.not_weighed) == {"New"}
    assert (found.apart, found.rather_apart) == (frozenset(), frozenset())


def test_a_rule_keeps_together_also_where_the_name_of_its_cluster_was_not_read() -> None:
    rules = (rule("Pair", SAME_NODE),)
    found = wishes(also={CLUSTER_AFFINITY_RULES.name: rules}, lost={CLUSTER.name: failure()})
    assert found.together == {ClusterRule("", "Pair")}


def test_preferred_nodes_are_wished_for_and_stop_nothing_where_they_are_not_known() -> None:
    preferred = CLUSTER_PREFERRED_OWNERS.name
    found = wishes(also={preferred: (PreferredOwners("WEB01", ("HV02", "hv03")),)})
    assert found.preferred == {"hv02", "hv03"}
    assert wishes(lost={preferred: failure()}).preferred == frozenset()


def test_a_machine_that_its_cluster_does_not_know_has_no_wishes() -> None:
    (found,) = residents(Machine("alone"), role=Vm("web01", priority=3000))
    assert found.wishes == Wishes()


def test_machines_that_are_off_or_saved_and_replicas_take_no_memory() -> None:
    without = (
        Machine("off", enabled=OFF),
        Machine("saved", enabled=SAVED),
        Machine("replica", mode=2),
    )
    found = residents(Machine("web01"), Machine("paused", enabled=PAUSED), *without)
    assert [each.name for each in found] == ["web01", "paused"]


@in_turn(
    "silent, says",
    [
        (("a",), "does not say how much memory a has."),
        (("a", "b"), "does not say how much memory a and b have."),
    ],
)
def test_machines_whose_memory_is_not_said_are_named(silent: tuple[str, ...], says: str) -> None:
    machines = [Machine(each, memory=None) for each in silent]
    with pytest.raises(BlockedError, match=says):
        residents(Machine("web01"), *machines)
