"""The network of a run as the facts show it: addresses, their purposes, and what VMM reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from livemigration.base.addresses import Address, Subnet, usable
from livemigration.facts.cluster import CLUSTER
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS
from livemigration.facts.model import FactGroup, FactSheet, FailureKind, Gathered, NotGathered
from livemigration.facts.network import LOCAL_ADDRESSES, LocalAddress, own_addresses
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import (
    VMM_PROBES,
    VMM_RECORD,
    VMM_RESOLUTION,
    WSAECONNREFUSED,
    WSAETIMEDOUT,
    Probe,
)
from livemigration.run.evidence.model import (
    Attachment,
    Attempt,
    NetworkEvidence,
    NetworkHost,
    Reached,
)
from livemigration.verdict.networks import NetworkSelection, select, subnet_of

MAX_ATTACHMENTS = 16
MAX_ATTEMPTS = 32
MAX_PROBLEM = 300

T = TypeVar("T")

_REACHED = {
    0: Reached.OPEN,
    WSAECONNREFUSED: Reached.REFUSED,
    WSAETIMEDOUT: Reached.TIMED_OUT,
}


def network_of(facts: RunFacts, groups: Mapping[str, Sequence[str]]) -> NetworkEvidence:
    """Return the network of the run's hosts. `groups` are those of the inventory, by host."""
    known = _subnets(facts)
    return NetworkEvidence(
        tuple(
            replace(
                _host(sheet, known),
                vmm=facts.vmm_of(name).name,
                groups=tuple(groups.get(name, ())),
            )
            for name, sheet in facts.hosts.items()
        )
    )


def _subnets(facts: RunFacts) -> tuple[Subnet, ...]:
    """Return every subnet that a host of the run is on, the narrowest first."""
    found = {
        each.subnet: None
        for sheet in facts.hosts.values()
        for each in own_addresses(_value(sheet, LOCAL_ADDRESSES) or ())
    }
    return tuple(sorted(found, key=lambda subnet: -subnet.prefixlen))


def _host(sheet: FactSheet, known: Sequence[Subnet]) -> NetworkHost:
    local = own_addresses(_value(sheet, LOCAL_ADDRESSES) or ())
    rows = _value(sheet, MIGRATION_NETWORKS)
    selection = select(rows) if rows is not None else None
    attachments = _attachments(sheet, local, selection)
    attempts = [_attempt(probe, local, selection, known) for probe in _probes(sheet)]
    return NetworkHost(
        name=sheet.name,
        vmm="",
        cluster=_cluster(sheet),
        selection=selection.words if selection is not None else "",
        attachments=tuple(attachments[:MAX_ATTACHMENTS]),
        attempts=tuple(attempts[:MAX_ATTEMPTS]),
        attachments_left_out=max(0, len(attachments) - MAX_ATTACHMENTS),
        attempts_left_out=max(0, len(attempts) - MAX_ATTEMPTS),
        problem="" if local else _problem(sheet),
    )


def _value(sheet: FactSheet, group: FactGroup[T]) -> T | None:
    outcome = sheet.outcome(group)
    return outcome.value if isinstance(outcome, Gathered) else None


def _attachments(
    sheet: FactSheet, local: Sequence[LocalAddress], selection: NetworkSelection | None
) -> list[Attachment]:
    resolution, service = _value(sheet, VMM_RESOLUTION), _value(sheet, LISTENERS)
    managed = resolution.addresses if resolution else ()
    listeners = usable(service.listeners) if service else ()
    found = []
    for each in local:
        selected = selection is not None and _holding(each.address, selection) is not None
        listens = each.address in listeners
        found.append(
            Attachment(
                each.address,
                each.subnet,
                management=each.address in managed,
                migration=selected or listens,
                listener=listens,
            )
        )
    # What has a purpose comes first: storage addresses may be many.
    found.sort(key=lambda each: not (each.management or each.migration))
    return found


def _holding(address: Address, selection: NetworkSelection) -> Subnet | None:
    return _first(address, selection.subnets)


def _first(address: Address, subnets: Sequence[Subnet]) -> Subnet | None:
    return next((each for each in subnets if address in each), None)


def _probes(sheet: FactSheet) -> tuple[Probe, ...]:
    # Not the data ports: a refusal there is normal (LM204), and a picture of it would alarm.
    groups = (VMM_PROBES,)
    made = (probe for group in groups if (found := _value(sheet, group)) for probe in found.probes)
    return tuple({(each.address, each.port): each for each in made}.values())


def _attempt(
    probe: Probe,
    local: Sequence[LocalAddress],
    selection: NetworkSelection | None,
    known: Sequence[Subnet],
) -> Attempt:
    own = subnet_of(probe.address, local)
    selected = _holding(probe.address, selection) if selection is not None else None
    return Attempt(
        probe.address,
        own or selected or _first(probe.address, known),
        probe.port,
        _REACHED.get(probe.code, Reached.FAILED),
        probe.code,
        foreign=bool(local) and own is None,
    )


def _cluster(sheet: FactSheet) -> str:
    record, cluster = _value(sheet, VMM_RECORD), _value(sheet, CLUSTER)
    by_record = record.cluster if record is not None else None
    return by_record or (cluster.name if cluster is not None else None) or ""


def _problem(sheet: FactSheet) -> str:
    """Return why no address is known, from the first conversation that failed."""
    groups: tuple[FactGroup[Any], ...] = (HOST_ACCESS, LOCAL_ADDRESSES)
    for group in groups:
        outcome = sheet.outcome(group)
        if not isinstance(outcome, NotGathered):
            continue
        if outcome.failure.kind is not FailureKind.NOT_GATHERED:
            return _shortened(f"{outcome.failure.sentence}.")
    return "Its addresses were not gathered in this run."


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_PROBLEM else f"{text[: MAX_PROBLEM - 1]}…"
