"""A host's firewall in memory: it answers WQL by its rows, and refuses what it is told to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import CimValue, WmiQuery, WmiRow
from livemigration.facts.firewall import (
    FIREWALL_RULES,
    ConnectionProfile,
    FirewallProfile,
)
from livemigration.facts.firewall_filters import (
    FIREWALL_ADDRESSES,
    FIREWALL_PORTS,
    FIREWALL_PROGRAMS,
    FIREWALL_SERVICES,
)
from livemigration.facts.model import Gathered, NotGathered, Outcome, Vantage, WmiGroup
from livemigration.gather.asking import failure_of
from livemigration.gather.narrow import NarrowReader
from livemigration.gather.properties import AbsentProperties, PropertyReader
from livemigration.gather.session import Session
from livemigration.lab.wql_rows import prepared
from livemigration.verdict.firewall.rules import Firewall
from livemigration.wsman.errors import WsmanError

GROUPS = (
    FIREWALL_RULES,
    FIREWALL_PORTS,
    FIREWALL_ADDRESSES,
    FIREWALL_PROGRAMS,
    FIREWALL_SERVICES,
)
BUILD = 20348
Rows = Mapping[str, Sequence[Mapping[str, CimValue]]]


@dataclass
class Host:
    """Rows by class; `refuses`: what a filtered query of a class is answered with instead."""

    rows: Rows
    refuses: Mapping[str, WsmanError] = field(default_factory=dict)
    hides: bool = False
    asked: list[str] = field(default_factory=list)
    sent: int = 0

    def enumerate(self, query: WmiQuery) -> tuple[WmiRow, ...]:
        self.asked.append(query.wql)
        name = query.wmi_class.name
        filtered = " WHERE " in query.wql
        if filtered and name in self.refuses:
            raise self.refuses[name].again()
        if filtered and self.hides:
            return ()
        ready = prepared(query.wql)
        asked = [each.name for each in query.wmi_class.properties]
        found = tuple(
            WmiRow(name, {each: row[each] for each in asked if each in row})
            for row in self.rows[name]
            if ready.wanted(row)
        )
        self.sent += len(found)
        return found


def asked(
    host: Host, run: AbsentProperties, build: int | None = BUILD, *, few_bytes: bool = False
) -> dict[str, Outcome[Any]]:
    """Return what becomes of the groups where only what can matter is asked for."""
    known: dict[str, Outcome[Any]] = {}
    refused: list[str] = []
    reader = PropertyReader(
        cast("Session", host), run, AbsentProperties(), build, Deadline.after(60)
    )
    for group in GROUPS:
        try:
            value = NarrowReader(reader, run, build, known, refused, few_bytes=few_bytes).read(
                group
            )
        except WsmanError as error:
            known[group.name] = NotGathered(failure_of(error, "Reading", ""))
        else:
            known[group.name] = Gathered(value, Vantage.HOST)
    return known


def whole(host: Host) -> dict[str, Outcome[Any]]:
    """Return what becomes of the groups where every row is asked for, as the collector does."""
    reader = cast("Any", host)
    return {group.name: Gathered(group.read(reader), Vantage.HOST) for group in GROUPS}


def firewall(found: Mapping[str, Outcome[Any]]) -> Firewall:
    """Return the firewall of these facts."""

    def value(group: WmiGroup[Any]) -> Any:
        outcome = found[group.name]
        assert isinstance(outcome, Gathered), outcome
        return outcome.value

    def joined(group: WmiGroup[Any]) -> dict[str, Any]:
        return {each.identifier.casefold(): each for each in value(group)}

    return Firewall(
        profiles=(
            FirewallProfile("Domain", True, 4, None),
            FirewallProfile("Public", True, 4, None),
        ),
        rules=value(FIREWALL_RULES),
        ports=joined(FIREWALL_PORTS),
        addresses=joined(FIREWALL_ADDRESSES),
        programs=joined(FIREWALL_PROGRAMS),
        services=joined(FIREWALL_SERVICES),
        connections=(ConnectionProfile("A", 2), ConnectionProfile("B", 0)),
    )
