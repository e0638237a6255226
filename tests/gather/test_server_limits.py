"""How long a VMM server may take for a phase grows with the hosts that it is asked about."""

from __future__ import annotations

from typing import cast

import pytest

from livemigration.base.addresses import parse_address
from livemigration.facts.model import Gathered, Vantage
from livemigration.facts.vmm import VMM_PROBES, VMM_RESOLUTION, VmmResolution
from livemigration.gather.batches import MOST_ITEMS, SIDE_BY_SIDE
from livemigration.gather.connect import Access, Connector, Target
from livemigration.gather.server import Server
from livemigration.inventory.connection import Connection, TimeLimits

LIMITS = TimeLimits(host=120, probe=4)
# What a script takes beside its own deadline: to start, to begin, and until it is ended.
BESIDE = 10.0


def server(hosts: int) -> Server:
    access = Access(Connection(time_limits=LIMITS))
    targets = {
        name: Target(name, name, 5985, access=access)
        for name in (f"hv{number:05}.contoso.com" for number in range(hosts))
    }
    wanted = dict.fromkeys(targets, frozenset({VMM_PROBES.name}))
    vmm = Target("vmm01.contoso.com", "vmm01.contoso.com", 5985, access=access)
    found = Server(vmm, targets, wanted, cast("Connector", None))
    address = (parse_address("10.0.1.11"),)
    for name in targets:
        said = Gathered(VmmResolution(name, address), Vantage.VMM)
        found.view.hosts[name] = {VMM_RESOLUTION.name: said}
    return found


def seconds(hosts: int) -> set[float]:
    """Return how long each phase may take that concerns all hosts."""
    asked = server(hosts)
    probing = asked.probing({name: {} for name in asked.hosts})
    assert probing is not None
    return {asked.asking().seconds, probing.seconds}


@pytest.mark.parametrize(
    ("hosts", "limit"), [(1, 120), (1_000, 120), (1_001, 240), (10_000, 1_200)]
)
def test_each_thousand_hosts_have_the_time_of_a_machine(hosts: int, limit: float) -> None:
    assert seconds(hosts) == {limit}


@pytest.mark.parametrize("hosts", [1_000, 10_000])
def test_a_silent_host_in_each_batch_takes_no_other_host_its_time(hosts: int) -> None:
    batches = -(-hosts // MOST_ITEMS)
    rounds = -(-batches // SIDE_BY_SIDE)
    assert rounds * (LIMITS.probe + BESIDE) <= min(seconds(hosts))
