"""A rule of Group Policy is seen in the lab's active store, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from fleet_runs import PATIENT, judged
from lab_clients import fleet_file

from livemigration.facts.firewall import FIREWALL_RULES, FROM_GROUP_POLICY
from livemigration.facts.model import Gathered
from livemigration.facts.registry import HOST_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.inventory.connection import Connection, PolicyStore
from livemigration.lab.launch import RunningLab, start
from livemigration.run.result import State
from livemigration.run.sessions import InActiveStore, store_sentences, stores_of

FLEET = """\
name: policies
title: hosts whose firewall Group Policy governs
domain: contoso.com
firewall_rules: 40
networks:
  management: {subnet: 1.0/24}
system: {build: 20348, version: 10.0.20348, caption: Microsoft Windows Server 2022 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 10.22.1287.0}
hosts:
  - name: hv01.contoso.com
    shows: a rule of Group Policy, and no local one
    addresses: {management: "1.11"}
    firewall: {rule: group-policy}
  - name: hv02.contoso.com
    shows: a rule of Group Policy, which has local ones ignored
    addresses: {management: "1.12"}
    firewall: {rule: group-policy, local_rules: ignored}
  - name: hv03.contoso.com
    shows: local rules alone, which Group Policy has ignored
    addresses: {management: "1.13"}
    firewall: {local_rules: ignored}
  - name: hv04.contoso.com
    shows: the local rule
    addresses: {management: "1.14"}
"""
NAMES = [f"hv0{number}.contoso.com" for number in range(1, 5)]
LETS_PEERS_IN = "LM305"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with start(fleet_file(tmp_path_factory.mktemp("fleet"), text=FLEET)) as running:
        yield running


def asked(
    lab: RunningLab, store: PolicyStore, names: Sequence[str] = NAMES, at_once: int = 8
) -> RunFacts:
    access = Access(Connection(time_limits=PATIENT, policy_store=store), lab.credentials)
    hosts = {
        each.name: Target(each.name, each.address, each.port, access=access) for each in lab.hosts
    }
    fleet = FleetConnections((), hosts, connector(), PATIENT.run, at_once, {})
    groups = frozenset(each.name for each in HOST_GROUPS)
    return gather(fleet, Order(dict.fromkeys(names, groups), vmm=False), lambda *_: None)


def policys(facts: RunFacts) -> list[int]:
    """Return how many rules of Group Policy each host has."""
    found = [facts.hosts[name].outcome(FIREWALL_RULES) for name in NAMES]
    return [
        sum(each.source == FROM_GROUP_POLICY for each in outcome.value)
        for outcome in found
        if isinstance(outcome, Gathered)
    ]


def states(facts: RunFacts) -> list[State]:
    results = judged(facts)
    return [results[LETS_PEERS_IN, name].state for name in NAMES]


@pytest.mark.long
def test_rules_of_group_policy_are_in_the_active_store_alone(lab: RunningLab) -> None:
    local, active = asked(lab, "local"), asked(lab, "active")
    assert policys(local) == [0, 0, 0, 0]
    assert policys(active) == [1, 1, 0, 0]
    # Where no rule lets anyone in, a connection from VMM would decide, and VMM was not asked.
    assert states(local) == [State.BLOCKED, State.BLOCKED, State.BLOCKED, State.PASS]
    assert states(active) == [State.PASS, State.PASS, State.BLOCKED, State.PASS]
    assert stores_of(local) == ()
    assert stores_of(active) == (InActiveStore(True, tuple(NAMES)),)


@pytest.mark.long
@pytest.mark.parametrize("first", NAMES)
def test_whichever_host_is_asked_first_the_others_say_where_a_rule_is_from(
    lab: RunningLab, first: str
) -> None:
    """A class has its properties where it has no row, too: no host hides them from the others."""
    names = sorted(NAMES, key=lambda name: name != first)
    assert policys(asked(lab, "active", names, at_once=1)) == [1, 1, 0, 0]


def test_what_was_read_of_the_active_store_is_told() -> None:
    told = store_sentences([InActiveStore(True, ("hv01",)), InActiveStore(False, ("hv02",))])
    read, refused = told
    assert read == (
        "hv01: the firewall's rules were read with Group Policy's (policy_store: active), which no "
        "real host has shown to work yet: compare one host with Get-NetFirewallRule -PolicyStore "
        "ActiveStore."
    )
    assert refused == (
        "hv02 refused policy_store: active, or another host of the same build did: the firewall's "
        "local rules were read, and none of Group Policy's."
    )
