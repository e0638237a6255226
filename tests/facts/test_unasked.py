"""Of which hosts nobody asked for a group, and which names of hosts are addresses."""

from __future__ import annotations

import ipaddress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import SERVICES
from livemigration.facts.identity import address_of
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
    assert facts.unasked(CLUSTER) == {"hv03"}
    assert facts.unasked(SERVICES) == {"hv02"}
    assert facts.unasked(CLUSTER, SERVICES) == {"hv02", "hv03"}
    assert facts.unasked() == frozenset()


ADDRESSES = st.ip_addresses().map(str)


@given(
    st.one_of(
        ADDRESSES,
        ADDRESSES.map("{}%12".format),
        ADDRESSES.map("::ffff:{}".format),
        st.text(alphabet="0123456789abcdefhv.:%\u0661", max_size=20),
    )
)
def test_a_name_is_an_address_where_it_can_be_read_as_one(text: str) -> None:
    try:
        expected = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        assert address_of(text) is None
        return
    mapped = expected.ipv4_mapped if expected.version == 6 else None
    assert address_of(text) == (mapped or expected)
