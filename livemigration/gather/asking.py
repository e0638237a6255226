"""One host's groups, asked one by one over a session: what becomes of each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from livemigration.base.deadline import Deadline
from livemigration.base.held_once import held_once
from livemigration.base.text import one_line
from livemigration.facts.cim import WmiRowError
from livemigration.facts.firewall_stores import is_of_a_store
from livemigration.facts.host import (
    DOMAIN_MEMBERSHIP,
    OPERATING_SYSTEM,
    SERVICES,
    OperatingSystem,
)
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    HostGroup,
    Inapplicable,
    NotGathered,
    Outcome,
    Vantage,
    WmiGroup,
    gathered,
)
from livemigration.facts.virtual_machines import (
    VIRTUAL_MACHINE_STATES,
    VIRTUAL_MACHINES,
    WORKER_PROCESSES,
    none_is_there,
)
from livemigration.gather.connect import Target
from livemigration.gather.narrow import NarrowReader
from livemigration.gather.properties import AbsentProperties, PropertyReader
from livemigration.gather.session import Session
from livemigration.gather.singly import RowByRow
from livemigration.gather.stores import Stores, Within, as_it_is
from livemigration.wsman import codes
from livemigration.wsman.errors import WsmanError, WsmanFault

# What Windows answers where a namespace or a class does not exist (windows-facts.md 4.1, 5.5).
_ABSENT_CODES = {2150858752, 2150858778, 2150858811, 0x80041002, 0x8004100E, 0x80041010}

# A slow query is not among them: asked again, it would only be slow again.
ASKED_AGAIN = {FailureKind.UNREACHABLE}

# What together shows whether a host has a virtual machine, in the order of `none_is_there`.
MACHINE_EVIDENCE: tuple[HostGroup[Any], ...] = (
    VIRTUAL_MACHINES,
    VIRTUAL_MACHINE_STATES,
    WORKER_PROCESSES,
)

Outcomes = dict[str, Outcome[Any]]


@dataclass(frozen=True)
class Asking:
    """What all questions to one host share, whichever session carries them.

    Args:
        target: the host.
        deadline: when everything must be done.
        into: what became of its groups so far.
        absent: what the hosts of the run found out of the properties that a build lacks.
    """

    target: Target
    deadline: Deadline
    into: Outcomes
    absent: AbsentProperties
    refused: list[str] = field(default_factory=list)
    stores: Stores = field(default_factory=Stores)
    own: AbsentProperties = field(default_factory=AbsentProperties)

    @property
    def build(self) -> int | None:
        """The host's operating-system build, where it is known by now."""
        return _build(self.into)

    def ask(
        self, session: Session, group: HostGroup[Any]
    ) -> tuple[Outcome[Any], WsmanError | None]:
        """Return what becomes of a group, and what came in place of an answer, if anything did."""
        started = time.monotonic()
        if (known := without_asking(group, self.into)) is not None:
            return known, None
        try:
            return self._read(session, group, started), None
        except WsmanError as error:
            if group.when_absent is not None and _says_absent(error):
                return gathered(group.when_absent, Vantage.HOST, started), error
            tried = f"Reading {group.title} of {self.target.name} ({group.source})"
            return NotGathered(failure_of(error, tried, "")), error

    def _read(self, session: Session, group: HostGroup[Any], started: float) -> Outcome[Any]:
        try:
            value = self._value(session, group)
        except (WmiRowError, ValueError) as error:
            return group.unusable(self.target.name, one_line(str(error)))
        if lack := group.lack(value):
            return group.unusable(self.target.name, lack)
        # Most of what a host is set to, others of its fleet are as well.
        return gathered(held_once(group.name, value), Vantage.HOST, started)

    def _value(self, session: Session, group: HostGroup[Any]) -> Any:
        """Return the value of a group, from the active store where it is to be and can be."""
        wanted = self.target.access.connection.policy_store == "active" and is_of_a_store(group)
        if not wanted:
            return self._reader(session, self._row_by_row(group)).read(group)
        return self.stores.read(
            lambda reader: self._reader(session, reader).read(group), self.absent, self.build
        )

    def _row_by_row(self, group: HostGroup[Any]) -> Within:
        singly = group.singly if isinstance(group, WmiGroup) else None
        if singly is None:
            return as_it_is
        said = self.into.get(DOMAIN_MEMBERSHIP.name)
        own = said.value.name if isinstance(said, Gathered) else self.target.name
        return lambda reader: RowByRow(reader, singly, own)

    def _reader(self, session: Session, within: Within = as_it_is) -> NarrowReader:
        build = self.build
        properties = PropertyReader(session, self.absent, self.own, build, self.deadline)
        return NarrowReader(
            within(properties),
            self.absent,
            build,
            self.into,
            self.refused,
            few_bytes=self.target.access.connection.slow_link,
        )


def without_asking(group: HostGroup[Any], into: Mapping[str, Outcome[Any]]) -> Outcome[Any] | None:
    """Return what becomes of a group by what is known of a machine already; None: it is asked.

    Its release may have no such class, or it may be without the service that the group belongs to.
    """
    build = _build(into)
    if build is not None and build < group.minimum_build:
        if group.when_absent is not None:
            return gathered(group.when_absent, Vantage.HOST, time.monotonic())
        # The same words for every group: one root cause reads as one.
        return Inapplicable(
            f"The host runs Windows build {build}, which has no root/virtualization/v2: "
            "live migration is checked from Windows Server 2012 (build 9200) on."
        )
    if group.of_machines and _has_no_machine(into) and isinstance(group, WmiGroup):
        return gathered(group.value_of(()), Vantage.HOST, time.monotonic())
    services = into.get(SERVICES.name)
    if not group.only_with or group.when_absent is None or not isinstance(services, Gathered):
        return None
    if services.value.find(group.only_with) is not None:
        return None
    return gathered(group.when_absent, Vantage.HOST, time.monotonic())


def _has_no_machine(into: Mapping[str, Outcome[Any]]) -> bool:
    """Whether a machine said that it has no virtual machine; what it did not say yet counts not."""
    said = [into.get(each.name) for each in MACHINE_EVIDENCE]
    found = [each.value for each in said if isinstance(each, Gathered)]
    return len(found) == len(said) and none_is_there(*found)


def _build(into: Mapping[str, Outcome[Any]]) -> int | None:
    system = into.get(OPERATING_SYSTEM.name)
    if not isinstance(system, Gathered):
        return None
    own: OperatingSystem = system.value
    return own.build


def _says_absent(error: WsmanError) -> bool:
    """Whether a fault says that the class or its namespace does not exist, itself or nested."""
    if error.kind is FailureKind.ACCESS_DENIED:
        return False
    nested = error.provider_codes if isinstance(error, WsmanFault) else ()
    return not _ABSENT_CODES.isdisjoint({error.code, *nested})


def is_full(outcome: Outcome[Any]) -> bool:
    """Whether a quota of the host stayed full, as long as it was waited for."""
    if not isinstance(outcome, NotGathered) or outcome.failure.kind is not FailureKind.FAULT:
        return False
    return outcome.failure.code in codes.QUOTAS


def failure_of(error: WsmanError, tried: str, root: str) -> GatherFailure:
    """Return a client error as a failure of the facts model."""
    return GatherFailure(
        kind=error.kind,
        tried=tried,
        came_back=error.came_back,
        next_step=error.next_step,
        root=root,
        code=error.code,
    )
