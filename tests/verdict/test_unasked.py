"""Of which hosts nobody asked for a group."""

from __future__ import annotations

from typing import Any

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import SERVICES
from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Subject,
)
from livemigration.facts.sheets import RunFacts
from livemigration.verdict.unasked import Unasked


def lost(kind: FailureKind) -> NotGathered:
    return NotGathered(GatherFailure(kind, "Reading", "no", "Ask again.", ""))


def test_a_host_was_not_asked_where_it_was_not_for_any_of_the_groups() -> None:
    here = Inapplicable("no node")
    outcomes: dict[str, dict[str, Outcome[Any]]] = {
        "hv01": {CLUSTER.name: here, SERVICES.name: here},
        "hv02": {CLUSTER.name: here},
        "hv03": {CLUSTER.name: lost(FailureKind.NOT_GATHERED), SERVICES.name: here},
        "hv04": {CLUSTER.name: lost(FailureKind.FAULT), SERVICES.name: here},
    }
    sheets = {name: FactSheet(Subject.HOST, name, each) for name, each in outcomes.items()}
    facts = RunFacts(sheets, {})
    unasked = facts.once(Unasked)
    assert unasked.of((CLUSTER,)) == {"hv03"}
    assert unasked.of((SERVICES,)) == {"hv02"}
    assert unasked.of((CLUSTER, SERVICES)) == {"hv02", "hv03"}
    assert unasked.of(()) == frozenset()
