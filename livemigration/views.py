"""What a check sees: facts of its target, of the VMM server and of the other hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from livemigration.addresses import Address
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.model import (
    FactGroup,
    FactSheet,
    FailureKind,
    Gathered,
    Inapplicable,
    NotGathered,
    Outcome,
)
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.identity import Listed, Stranger
from livemigration.routes import Ways
from livemigration.source_address import SourceTable

T = TypeVar("T")


class UndeclaredFactsError(Exception):
    """A check read a group that it does not declare."""


class BlockedError(Exception):
    """A check cannot go on. `by` is the check whose finding explains it."""

    def __init__(self, by: str, reason: str, next_step: str = "") -> None:
        super().__init__(reason)
        self.by = by
        self.reason = reason
        self.next_step = next_step


class InapplicableError(Exception):
    """A group does not exist on this machine, so neither does the question."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class FactsView:
    """The declared facts of one subject; `view[GROUP]` is the group's value.

    Raises on reading:
        UndeclaredFactsError: the check does not declare the group.
        BlockedError: the group could not be gathered.
        InapplicableError: this machine cannot have the group.
    """

    sheet: FactSheet
    declared: frozenset[str]

    @property
    def name(self) -> str:
        """The subject's name in the inventory."""
        return self.sheet.name

    def __getitem__(self, group: FactGroup[T]) -> T:
        outcome = self.outcome(group)
        if isinstance(outcome, NotGathered):
            failure = outcome.failure
            raise BlockedError(failure.root, failure.sentence, failure.next_step)
        if isinstance(outcome, Inapplicable):
            raise InapplicableError(outcome.reason)
        return outcome.value

    def outcome(self, group: FactGroup[T]) -> Outcome[T]:
        """Return what became of a group, for a check that judges the failure itself."""
        if group.name not in self.declared:
            raise UndeclaredFactsError(
                f"the check reads {group.name!r} but does not declare it; add it to needs=(...)"
            )
        return self.sheet.outcome(group)

    @property
    def is_left_out(self) -> bool:
        """Whether this is the VMM server of a run that asks none, as a gate does."""
        return isinstance(self.sheet.outcomes.get(VMM_ACCESS.name), Inapplicable)

    def block_if_unreachable(self, group: FactGroup[Any]) -> None:
        """Raise BlockedError where the suite could not reach the machine at all.

        For checks that ask about the same machine from elsewhere: one root cause, one finding.
        """
        outcome = self.outcome(group)
        if isinstance(outcome, NotGathered) and outcome.failure.kind.is_unreachable:
            failure = outcome.failure
            raise BlockedError(failure.root, failure.sentence, failure.next_step)


@dataclass(frozen=True)
class GroupView:
    """The hosts of the run, for questions about more than one host.

    `exchanges` are the hosts with which the host of the check exchanges VMs, where the inventory
    says so; None: the hosts of its domain.
    """

    facts: RunFacts
    exchanges: frozenset[str] | None = None

    @property
    def sheets(self) -> Mapping[str, FactSheet]:
        """The sheet of every host of the run."""
        return self.facts.hosts

    @property
    def ways(self) -> Ways:
        """The way of every host to an address; the check must declare addresses and routes."""
        return self.facts.ways

    @property
    def sources(self) -> Mapping[str, SourceTable]:
        """From where every host connects; the check must declare addresses and routes."""
        return self.facts.sources

    def peers(self, host: str, *groups: FactGroup[Any]) -> tuple[str, ...]:
        """Return the other hosts with which a host exchanges VMs, and which were looked at.

        One of which any of the groups was not asked for was not looked at. A host whose domain was
        not read is none of them: it is among the `unplaced`, or was not looked at.
        """
        return tuple(
            name
            for name in self.sheets
            if name != host
            and self._exchanges(host, name)
            and all(self._was_asked_for(name, group) for group in groups)
        )

    def not_looked_at(self, host: str, *groups: FactGroup[Any]) -> tuple[str, ...]:
        """Return the other hosts that may exchange VMs with a host, and were not looked at.

        A selection left them out, or the facts file lacks them.
        """
        known = {*self.peers(host, *groups), *self.unplaced(host)}
        return tuple(
            name
            for name in (*self.sheets, *self.facts.not_looked_at)
            if name != host and name not in known and self._exchanges(host, name) is not False
        )

    def unplaced(self, host: str) -> tuple[str, ...]:
        """Return the other hosts of this run of which nobody can say whether they are peers.

        The domain decides where the inventory does not, and it was asked for and not read.
        """
        return tuple(
            name
            for name in self.sheets
            if name != host
            and self._exchanges(host, name) is None
            and self._was_asked_for(name, DOMAIN_MEMBERSHIP)
        )

    def _exchanges(self, host: str, other: str) -> bool | None:
        """Whether two hosts exchange VMs; None where that depends on a domain that is not known."""
        if self.exchanges is not None:
            return other in self.exchanges
        own, its = self._domain(host), self._domain(other)
        return None if own is None or its is None else own == its

    def _was_asked_for(self, host: str, group: FactGroup[Any]) -> bool:
        outcome = self.sheets[host].outcome(group)
        if not isinstance(outcome, NotGathered):
            return True
        return outcome.failure.kind is not FailureKind.NOT_GATHERED

    def stranger(self, host: str) -> Stranger | None:
        """Return what is wrong where not the host, or not it alone, answered under its name."""
        return self.facts.strangers.get(host)

    def other_server(self, vmm: str) -> str | None:
        """Return the name of the computer that answered in the place of a VMM server."""
        return self.facts.other_servers.get(vmm)

    def listed_server(self, vmm: str) -> Listed:
        """Return a VMM server as the inventory lists it."""
        found = (each for each in self.facts.listed_vmms if each.name == vmm)
        return next(found, Listed(vmm))

    def outside(self, vmm: str) -> tuple[str, ...]:
        """Return the hosts that a VMM server manages and the inventory does not list."""
        return self.facts.outside(vmm)

    def _domain(self, host: str) -> str | None:
        sheet = self.sheets.get(host)
        outcome = sheet.outcome(DOMAIN_MEMBERSHIP) if sheet is not None else None
        return outcome.value.domain.casefold() if isinstance(outcome, Gathered) else None

    def outcome(self, host: str, group: FactGroup[T]) -> Outcome[T]:
        """Return what became of a group of a host of this run, which the check must declare."""
        return self.sheets[host].outcome(group)

    def owners(self, address: Address) -> tuple[str, ...]:
        """Return the hosts that have this address, by their own tables."""
        return tuple(
            name
            for name, sheet in self.sheets.items()
            if isinstance(outcome := sheet.outcome(LOCAL_ADDRESSES), Gathered)
            and any(each.address == address for each in outcome.value)
        )
