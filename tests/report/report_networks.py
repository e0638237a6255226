"""Networks and facts for the tests of the report, as results.json keeps them."""

from __future__ import annotations

import ipaddress
from dataclasses import replace

from livemigration.base.addresses import parse_address
from livemigration.facts.model import Subject, Vantage
from livemigration.run.evidence.model import (
    Attachment,
    Attempt,
    CheckGroups,
    Evidence,
    Fact,
    FactState,
    NetworkEvidence,
    NetworkHost,
    Reached,
    Source,
    TargetFacts,
)

VMM = "vmm01.lab.test"
MANAGEMENT = ipaddress.ip_network("10.20.10.0/24")
MIGRATION = ipaddress.ip_network("10.20.30.0/24")

GROUPS = ("migration-networks", "listeners", "local-addresses", "vmm-resolution", "vmm-probes")
SOURCES = (
    *(
        Source(
            name,
            f"the {name.replace('-', ' ')}",
            Subject.HOST,
            "root/virtualization/v2",
            "Msvm_Something",
            f"SELECT One, Two FROM Msvm_Something WHERE Three = '{name}'",
            ("One", "Two"),
        )
        for name in GROUPS
    ),
    Source("vmm-release", "the VMM release", Subject.VMM),
)


def attempt(
    address: str, port: int = 6600, reached: Reached = Reached.OPEN, *, foreign: bool = False
) -> Attempt:
    parsed = parse_address(address)
    subnet = next((each for each in (MANAGEMENT, MIGRATION) if parsed in each), None)
    codes = {Reached.OPEN: 0, Reached.REFUSED: 10061, Reached.TIMED_OUT: 10060}
    return Attempt(parsed, subnet, port, reached, codes.get(reached, 10065), foreign)


def network_host(name: str, number: int, reached: Reached = Reached.OPEN) -> NetworkHost:
    """Return a host on both subnets; `reached` is what became of port 6600 of the first."""
    own, migration = f"10.20.10.{number}", f"10.20.30.{number}"
    return NetworkHost(
        name,
        VMM,
        ("ams",),
        "",
        "specific networks (10.20.30.0/24)",
        (
            Attachment(parse_address(own), MANAGEMENT, True, False, False),
            Attachment(parse_address(migration), MIGRATION, False, True, True),
        ),
        (
            attempt(own, 5985),
            attempt(own, 6600, reached),
            attempt(migration, 6600, Reached.TIMED_OUT),
        ),
    )


def unread_host(name: str, problem: str) -> NetworkHost:
    return NetworkHost(name, VMM, ("ams",), problem=problem)


def broken_network(hostile: str) -> NetworkEvidence:
    return NetworkEvidence(
        (
            network_host("hv01.lab.test", 11),
            network_host("hv02.lab.test", 12),
            network_host("hv03.lab.test", 13, Reached.REFUSED),
            unread_host("hv05.lab.test", "Connecting to hv05.lab.test: timed out."),
            replace(network_host("hv06.lab.test", 16, Reached.FAILED), cluster="hvcl01"),
            replace(
                network_host("hv07.lab.test", 17),
                attempts=(attempt("10.20.10.16", 5985, foreign=True),),
            ),
            replace(network_host(hostile, 18), cluster=hostile, groups=(hostile,)),
        )
    )


def fact(group: str, *lines: str) -> Fact:
    return Fact(group, FactState.GATHERED, lines, Vantage.HOST, 0.25)


def facts_of(name: str, *lines: str) -> TargetFacts:
    return TargetFacts(Subject.HOST, name, tuple(fact(group, *lines) for group in GROUPS))


def evidence(*targets: TargetFacts) -> Evidence:
    server = TargetFacts(Subject.VMM, VMM, (fact("vmm-release", '{"registry": "3.1.6011.0"}'),))
    return Evidence(
        SOURCES,
        tuple(CheckGroups(check, (*GROUPS, "vmm-release")) for check in ("LM102", "LM103")),
        (server, *targets),
    )


def broken_evidence(hostile: str) -> Evidence:
    down = Fact("listeners", FactState.NOT_GATHERED, ("hv06.lab.test: access denied.",))
    return evidence(
        facts_of("hv03.lab.test", "[", ' {"subnet": "10.20.30.0/24"}', "]"),
        facts_of(hostile, hostile),
        TargetFacts(Subject.HOST, "hv06.lab.test", (down,), ("vmm-probes",)),
    )


def large_network(names: list[str]) -> NetworkEvidence:
    return NetworkEvidence(
        tuple(
            network_host(
                name, place % 250 + 1, Reached.REFUSED if place % 10 == 0 else Reached.OPEN
            )
            for place, name in enumerate(names)
        )
    )
