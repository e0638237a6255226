"""Both clients find the same facts, on every fleet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fleet_runs import LIMITS, ask

from livemigration.base.deadline import Deadline
from livemigration.facts.clock import CLOCK
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FactSheet, Gathered
from livemigration.facts.registry import HOST_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS, VmmProbes
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.host import gather_host
from livemigration.gather.properties import AbsentProperties
from livemigration.inventory.connection import Client, Connection, Connections
from livemigration.lab.fleet import load_fleet, shipped_fleets
from livemigration.lab.launch import start
from livemigration.wsman.manners import Manners


def found(sheet: FactSheet) -> dict[str, Any]:
    """Return what was found out, without how long it took, and without which client it was."""
    told: dict[str, Any] = {}
    for name, outcome in sheet.outcomes.items():
        told[name] = outcome
        if isinstance(outcome, Gathered):
            value = outcome.value
            if name in {HOST_ACCESS.name, VMM_ACCESS.name}:
                sent = dict.fromkeys(("retries", "requests", "bytes_out", "bytes_in"), 0)
                value = replace(value, signed_in="", **sent)
            if name == CLOCK.name:
                # Which moment it was, is of the run.
                value = type(value)
            if isinstance(value, VmmProbes):
                untimed = (replace(each, milliseconds=0) for each in value.probes)
                value = replace(value, probes=tuple(untimed))
            told[name] = value
    return told


def facts_of(facts: RunFacts) -> dict[str, dict[str, Any]]:
    machines = {**facts.vmms, **{f"host {name}": each for name, each in facts.hosts.items()}}
    return {name: found(each) for name, each in machines.items()}


def signed_in(facts: RunFacts) -> set[str]:
    access = (each.outcomes.get(HOST_ACCESS.name) for each in facts.hosts.values())
    return {each.value.signed_in for each in access if isinstance(each, Gathered)}


@pytest.mark.fleet
@pytest.mark.parametrize("fleet", shipped_fleets())
def test_both_clients_find_the_same_facts_over_one_connection_and_over_two(fleet: str) -> None:
    loaded = load_fleet(fleet)
    managers = {host.name: loaded.manager(host).name for host in loaded.hosts}
    with start(fleet) as lab:

        def over(client: Client, connections: Connections) -> RunFacts:
            return ask(lab, managers, LIMITS, client=client, connections=connections)

        pywinrm, streams = over("pywinrm", 1), over("streams", 2)
    assert facts_of(pywinrm) == facts_of(streams)
    assert all("client streams" in each for each in signed_in(streams))
    assert not any("client" in each for each in signed_in(pywinrm))


def test_fleets_of_up_to_a_hundred_hosts_are_carried_by_pywinrm() -> None:
    # In words in the inventory's reference, and as a number in the code.
    from livemigration.wsman.clients import MOST_WITH_PYWINRM, chosen

    assert [chosen("auto", each).value for each in (1, MOST_WITH_PYWINRM)] == ["pywinrm"] * 2
    assert chosen("auto", MOST_WITH_PYWINRM + 1).value == "streams"
    assert [chosen(each, 5000).value for each in ("pywinrm", "streams")] == ["pywinrm", "streams"]


def test_a_host_is_asked_in_two_requests_less_by_streams() -> None:
    wanted = frozenset(each.name for each in HOST_GROUPS)
    counted = {}
    with start("healthy", hosts=1) as lab:
        (host,) = lab.hosts
        for client in ("pywinrm", "streams"):
            access = Access(Connection(client=client), lab.credentials)
            target = Target(host.name, host.address, host.port, access=access)
            manners = Manners()
            opens = connector(manners=manners)
            gather_host(target, wanted, opens, Deadline.after(60), {}, AbsentProperties())
            counted[client] = manners.traffic(host.name).counted
    pywinrm, streams = counted["pywinrm"], counted["streams"]
    # No empty message comes before NTLM, and its last message has the first question with it.
    assert pywinrm.requests - streams.requests == 2
    assert abs(pywinrm.bytes_out - streams.bytes_out) < 100
    assert abs(pywinrm.bytes_in - streams.bytes_in) < 100
