"""The fault lies beside a host: in its group, in VMM's record of it, in the way of a peer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fact_builders import CHECKS
from fleet_runs import Judged, ask, judged, said
from lab_clients import fleet_file
from run_builders import entry_of

from livemigration.facts.sheets import RunFacts
from livemigration.inventory.policy import Policy
from livemigration.lab.launch import start
from livemigration.run.result import Result, State
from livemigration.run.runner import evaluate

# A fleet is asked for what the verdict table has a row of as well.
pytestmark = pytest.mark.long

FLEET = """\
name: beside
title: two sites, records that are not as the hosts are, and services that are starting
domain: contoso.com
networks:
  management: {subnet: 1.0/24}
  north: {subnet: 60.0/24, dropped: true}
  south: {subnet: 61.0/24, dropped: true}
system: {build: 9200, version: 6.2.9200, caption: Microsoft Windows Server 2012 Datacenter}
vmm: {name: vmm01.contoso.com, address: "1.5", registry: 3.1.6011.0}
hosts:
  - name: north.contoso.com
    shows: lets in its own subnets only; the other site comes by another
    addresses: {management: "1.21", north: "60.21"}
    networks: [management, north]
    firewall: {scope: [LocalSubnet, "1.5"]}
    routes: {south: "60.254"}
  - name: south.contoso.com
    shows: comes to the other site by its own migration network
    addresses: {management: "1.22", south: "61.22"}
    networks: any
    routes: {north: "61.254"}
  - name: recorded.contoso.com
    shows: VMM has the migration network only
    addresses: {management: "1.23", north: "60.23"}
    networks: [management, north]
    record: {subnets: [north]}
  - name: former.contoso.com
    shows: VMM has it in a cluster that it has left
    addresses: {management: "1.24", north: "60.24"}
    record: {cluster: cl01}
  - name: starting.contoso.com
    shows: its Hyper-V service has not started yet
    addresses: {management: "1.25", north: "60.25"}
    services: {vmms: Start Pending, SCVMMAgent: Running}
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunFacts]:
    path = fleet_file(tmp_path_factory.mktemp("fleet"), text=FLEET)
    with start(path) as lab:
        yield ask(lab)


@pytest.fixture(scope="module")
def results(facts: RunFacts) -> Judged:
    return judged(facts)


def told(results: Judged, check: str, host: str) -> str:
    return " ".join(map(str, said(results[check, f"{host}.contoso.com"])))


def test_a_peer_is_not_let_in_by_an_address_from_which_it_does_not_come(results: Judged) -> None:
    assert results["LM305", "north.contoso.com"].state is State.WARNING
    assert "but not for south.contoso.com" in told(results, "LM305", "north")
    assert results["LM305", "south.contoso.com"].state is State.PASS


def test_a_record_that_would_stage_wrongly_is_no_mere_warning(results: Judged) -> None:
    assert results["LM107", "recorded.contoso.com"].state is State.FAIL
    assert "LM102, LM202, LM203 and LM304 would" in told(results, "LM107", "recorded")


def test_a_record_of_a_cluster_that_the_host_has_left_is_not_called_right(results: Judged) -> None:
    assert results["LM107", "former.contoso.com"].state is State.WARNING
    assert "VMM has cl01, the host none" in told(results, "LM107", "former")


def test_a_service_that_is_starting_is_not_to_be_started(results: Judged) -> None:
    result = results["LM302", "starting.contoso.com"]
    assert result.state is State.FAIL
    fixes = [each.fix for each in result.findings if each.fix is not None]
    assert [each.key for each in fixes] == ["wait-for-service"]
    blocked = results["LM101", "starting.contoso.com"].blocked_by
    assert blocked is not None
    assert "is still starting" in blocked.reason
    assert blocked.next_step.startswith("Wait until")


def alone(facts: RunFacts, check: str, host: str, exchanges: frozenset[str]) -> Result:
    found = CHECKS[check]
    name = f"{host}.contoso.com"
    return evaluate(found, facts, entry_of(found, name), Policy(), exchanges=exchanges)


@pytest.mark.parametrize("check", ["LM205", "LM305"])
@pytest.mark.parametrize("host", ["north", "south", "former"])
def test_a_host_that_exchanges_with_nobody_needs_no_way_and_no_rule(
    facts: RunFacts, check: str, host: str
) -> None:
    # What VMM's own connection shows stays, so that it is left out here.
    sheet = facts.hosts[f"{host}.contoso.com"]
    kept = {n: each for n, each in sheet.outcomes.items() if n != "vmm-probes"}
    silent = replace(facts, hosts={**facts.hosts, sheet.name: replace(sheet, outcomes=kept)})
    result = alone(silent, check, host, frozenset())
    assert result.state in {State.NOT_APPLICABLE, State.PASS}
    if (check, host) in {("LM205", "north"), ("LM205", "south"), ("LM305", "north")}:
        assert result.state is State.NOT_APPLICABLE
        assert "o other host" in result.reason
