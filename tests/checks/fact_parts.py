"""The values that facts are made of, from texts: one builder of each, for every test."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from livemigration.base.addresses import parse_address
from livemigration.facts.migration import MigrationNetwork
from livemigration.facts.model import FactGroup, FactSheet, Gathered, Outcome, Subject
from livemigration.facts.network import LocalAddress, Route
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import Probe


def local_addresses(texts: Iterable[str], interface: str = "Ethernet") -> tuple[LocalAddress, ...]:
    """Return a host's addresses; each text is such as 10.0.0.11/24."""
    split = (each.split("/") for each in texts)
    return tuple(LocalAddress(parse_address(a), int(n), interface) for a, n in split)


def routes_by(pairs: Iterable[tuple[str, str | None]]) -> tuple[Route, ...]:
    """Return routes to prefixes, each by its gateway; None: on-link."""
    return tuple(
        Route(ipaddress.ip_network(prefix, strict=False), parse_address(hop) if hop else None)
        for prefix, hop in pairs
    )


def network_row(subnet: str, *tags: str, metric: int | None = None) -> MigrationNetwork:
    """Return a row of the migration networks."""
    return MigrationNetwork(ipaddress.ip_network(subnet), metric, tags)


def probes_of(answers: Mapping[tuple[str, int], int], milliseconds: int = 3) -> tuple[Probe, ...]:
    """Return what VMM's connections came to: the code of each address and port."""
    return tuple(
        Probe(parse_address(address), port, code, milliseconds)
        for (address, port), code in answers.items()
    )


def gathered(group: FactGroup[Any], value: Any, seconds: float = 0.0) -> dict[str, Outcome[Any]]:
    """Return a group that was gathered, by its name."""
    return {group.name: Gathered(value, group.vantage, seconds)}


def facts_with(
    hosts: Mapping[str, Mapping[str, Outcome[Any]]], vmm: str, server: Mapping[str, Outcome[Any]]
) -> RunFacts:
    """Return the facts of a run: what became of each group of its hosts, and of its VMM server."""
    sheets = {name: FactSheet(Subject.HOST, name, each) for name, each in hosts.items()}
    return RunFacts(sheets, {vmm: FactSheet(Subject.VMM, vmm, server)})
