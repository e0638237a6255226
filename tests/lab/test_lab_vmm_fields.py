"""Each field of a fleet file about what VMM knows, resolves and meets is what VMM then shows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, TypeVar

import pytest
from fleet_runs import ask
from in_turn import in_turn
from one_change import (
    MANAGEMENT,
    MIGRATION,
    ON_MIGRATION,
    SERVER_2008_R2,
    SERVER_2012,
    fleet,
    world_of,
)

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FactGroup, Gathered
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtualization import MIGRATION_ANSWER
from livemigration.facts.vmm import VMM_DATA_PORTS, VMM_PROBES, VMM_RESOLUTION, VMM_WSMAN_TEST
from livemigration.lab import powershell, records
from livemigration.lab.launch import start
from livemigration.vmm.scripts import (
    RATE_HOST,
    READ_VMM,
    HostReply,
    RateRequest,
    ReadVmmRequest,
    Script,
)
from livemigration.wsman.register import OWN_TESTS
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

T = TypeVar("T")
Reply = TypeVar("Reply")


def record(change: Mapping[str, Any]) -> HostReply | None:
    world, _ = world_of(change)
    return next(iter(records.recorded(world)), None)


@in_turn(
    "change, setting, value",
    [
        ({}, "enabled", True),
        ({"record": {"enabled": False}}, "enabled", False),
        ({}, "maximum_migrations", 2),
        ({"maximum_migrations": 7}, "maximum_migrations", 7),
        ({"record": {"maximum_migrations": 0}}, "maximum_migrations", 0),
        ({"record": {"maximum_storage_migrations": 9}}, "maximum_storage_migrations", 9),
        ({}, "any_subnet", True),
        ({"record": {"any_subnet": False}}, "any_subnet", False),
        (ON_MIGRATION, "subnets", ("127.20.50.0/24",)),
        ({"record": {"subnets": ["60.0/24"]}}, "subnets", ("127.20.60.0/24",)),
        ({"authentication": 0}, "authentication", "CredSSP"),
        ({"record": {"authentication": "Kerberos"}}, "authentication", "Kerberos"),
        ({"performance": "smb"}, "performance", "UseSmbTransport"),
        ({"record": {"performance": "Standard"}}, "performance", "Standard"),
        ({"system": SERVER_2012}, "performance", None),
        ({"system": SERVER_2008_R2}, "enabled", None),
    ],
)
def test_vmm_has_on_record_what_the_host_is_unless_the_fleet_says_otherwise(
    change: dict[str, Any], setting: str, value: object
) -> None:
    found = record(change)
    assert found is not None
    assert getattr(found.settings, setting) == value


@in_turn(
    "change, name, full, cluster, perimeter",
    [
        ({}, "hv01.contoso.com", "hv01.contoso.com", None, False),
        ({"cluster": "cl"}, "hv01.contoso.com", "hv01.contoso.com", "cl", False),
        ({"record": {"cluster": "other"}}, "hv01.contoso.com", "hv01.contoso.com", "other", False),
        ({"record": {"name": "HV01", "perimeter": True}}, "HV01", None, None, True),
        ({"record": {"name": "1.11"}}, MANAGEMENT, None, None, False),
    ],
)
def test_vmm_knows_a_host_as_the_fleet_says(
    change: dict[str, Any], name: str, full: str | None, cluster: str | None, perimeter: bool
) -> None:
    found = record(change)
    assert found is not None
    assert (found.name, found.fqdn, found.cluster, found.perimeter) == (
        name,
        full,
        cluster,
        perimeter,
    )
    world, _ = world_of(change)
    assert world.resolve(name) == (MANAGEMENT,)


def test_a_host_that_vmm_does_not_know_has_no_record() -> None:
    assert record({"record": {"known": False}}) is None


@pytest.mark.parametrize(
    ("change", "addresses"),
    [({}, (MANAGEMENT,)), ({"dns": ["50.11"]}, (MIGRATION,)), ({"dns": "none"}, ())],
)
def test_a_name_leads_where_the_fleet_says(
    change: dict[str, Any], addresses: tuple[str, ...]
) -> None:
    world, host = world_of(change)
    assert world.resolve(host.name) == addresses


# What VMM meets on port 6600 of the management address, where the host listens.
FIREWALLS: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"rule": "missing"}, True),
    ({"rule": "disabled"}, True),
    ({"rule": "block"}, True),
    ({"local_rules": "ignored"}, True),
    ({"local_rules": "allowed"}, False),
    ({"local_rules": "ignored", "rule": "group-policy"}, False),
    ({"rule": "missing", "profiles": "off"}, False),
    ({"rule": "block", "profiles": "off"}, False),
    ({"scope": ["migration"]}, True),
    ({"scope": ["management"]}, False),
    ({"scope": ["1.5"]}, False),
    ({"scope": ["1.8/29"]}, True),
    ({"scope": ["LocalSubnet"]}, False),
    ({"scope": ["migration", "Any"]}, False),
]


@in_turn("firewall, dropped", FIREWALLS)
def test_a_firewall_that_keeps_vmm_out_drops_its_packets(
    firewall: dict[str, Any], dropped: bool
) -> None:
    world, host = world_of({"firewall": firewall})
    assert world.drops(host, MANAGEMENT) is dropped
    assert world.drops(host, MIGRATION), "the network drops them anyway"


HIGHLY_AVAILABLE = {
    "name": "vmm.contoso.com",
    "address": "1.5",
    "registry": "10.22.1287.0",
    "active_node": "vmm02.contoso.com",
}


def answered(script: Script[Any, Reply], request: object, **more: Any) -> Reply:
    """Return what a script gives on the VMM server of a fleet of one host."""
    world, _ = world_of({}, **more)
    code, output, _ = asyncio.run(powershell.run(world, script.standard_input(request)))
    assert code == 0
    return script.read_reply(output)


@pytest.mark.parametrize(("server", "hosts"), [("VMM.contoso.com", 1), ("vmm02.contoso.com", None)])
def test_a_highly_available_vmm_answers_by_its_clustered_name_only(
    server: str, hosts: int | None
) -> None:
    reply = answered(READ_VMM, ReadVmmRequest(server), vmm=HIGHLY_AVAILABLE)
    assert (None if reply.hosts is None else len(reply.hosts)) == hosts
    assert (reply.error is None) == (hosts is not None)
    assert answered(READ_VMM, ReadVmmRequest("anything")).hosts, "any other answers as localhost"


def test_the_lab_has_no_virtual_machine_to_rate_a_host_for() -> None:
    request = RateRequest("vmm01.contoso.com", "web01", "hv01.contoso.com")
    assert answered(RATE_HOST, request).found == 0


PORTS = {"data_ports": {443: "dropped", 445: "open"}}
LISTENS = {"networks": ["management"]}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> RunFacts:
    """Return what a running fleet answers, of whose hosts each is different on the network."""
    changes = (
        {**LISTENS, **PORTS},
        {**LISTENS, "control": "refused"},
        {**LISTENS, "control": "dropped", "ssl": True, "record": {"perimeter": True}},
        {**LISTENS, "ssl": True, "record": {"perimeter": True}},
        {**LISTENS, "firewall": {"rule": "missing"}},
        {"networks": ["migration"], "extra_listeners": ["1.16"]},
        {**LISTENS, "migration_answer": 32769},
    )
    file = tmp_path_factory.mktemp("fleet") / "fleet.yaml"
    file.write_text(json.dumps(fleet(*changes, vmm=HIGHLY_AVAILABLE)), encoding="utf-8")
    with start(str(file)) as lab:
        endpoint = Endpoint(lab.vmm.name, lab.vmm.address, lab.vmm.port)
        until = Deadline.after(20)
        with WsmanSession(
            endpoint, lab.credentials, Timeouts(1, 5), until, register=OWN_TESTS
        ) as session:
            assert session.run_program("hostname").output == b"VMM02\r\n", "the active node"
        return ask(lab)


def of(facts: RunFacts, host: str, group: FactGroup[T]) -> T:
    outcome = facts.hosts[f"{host}.contoso.com"].outcome(group)
    assert isinstance(outcome, Gathered)
    return outcome.value


@pytest.mark.long
@pytest.mark.parametrize(
    ("host", "port", "code"),
    [
        ("hv01", 443, 10060),
        ("hv01", 445, 0),
        ("hv01", 5985, 0),
        ("hv01", 6600, 0),
        ("hv02", 443, 10061),
        ("hv02", 5985, 10061),
        ("hv03", 5986, 10060),
        ("hv04", 5986, 0),
        ("hv05", 6600, 10060),
        ("hv06", 6600, 0),
    ],
)
def test_vmm_meets_what_the_fleet_says(facts: RunFacts, host: str, port: int, code: int) -> None:
    (used,) = of(facts, host, VMM_RESOLUTION).addresses
    probes = (*of(facts, host, VMM_PROBES).probes, *of(facts, host, VMM_DATA_PORTS).probes)
    found = [each.code for each in probes if (each.address, each.port) == (used, port)]
    assert found == [code]


@pytest.mark.long
@pytest.mark.parametrize(
    ("host", "port", "answered"),
    [("hv01", 5985, True), ("hv02", 5985, False), ("hv03", 5986, False), ("hv04", 5986, True)],
)
def test_wsman_answers_vmm_as_the_fleet_says(
    facts: RunFacts, host: str, port: int, answered: bool
) -> None:
    test = of(facts, host, VMM_WSMAN_TEST)
    assert (test.port, test.answered) == (port, answered)


@pytest.mark.long
def test_the_migration_service_answers_as_the_fleet_says(facts: RunFacts) -> None:
    answers = {each: of(facts, each, MIGRATION_ANSWER).return_value for each in ("hv01", "hv07")}
    assert answers == {"hv01": 0, "hv07": 32769}
