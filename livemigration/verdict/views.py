"""What a check sees: facts of its target, of the VMM server and of the other hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from livemigration.base.addresses import Address
from livemigration.facts.identity import Listed, Stranger
from livemigration.facts.model import (
    FactGroup,
    FactSheet,
    Gathered,
    Inapplicable,
    NotGathered,
    Outcome,
)
from livemigration.facts.sheets import RunFacts
from livemigration.facts.vmm import VMM_ACCESS
from livemigration.inventory.drain import DrainRequest
from livemigration.inventory.exchanging import Exchanges, declared_in
from livemigration.verdict.circles import Circles, Seen

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
        name = group.name
        # Of what was gathered, as most is, a look into the table: this is read most of all.
        outcome = self.sheet.outcomes.get(name) if name in self.declared else None
        if outcome is None:
            outcome = self.outcome(group)
        if isinstance(outcome, Gathered):
            value: T = outcome.value
            return value
        if isinstance(outcome, Inapplicable):
            raise InapplicableError(outcome.reason)
        failure = outcome.failure
        raise BlockedError(failure.root, failure.sentence, failure.next_step)

    def outcome(self, group: FactGroup[T]) -> Outcome[T]:
        """Return what became of a group, for a check that judges the failure itself."""
        name = group.name
        if name not in self.declared:
            raise UndeclaredFactsError(
                f"the check reads {name!r} but does not declare it; add it to needs=(...)"
            )
        return self.sheet.outcome(group)

    @cached_property
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

    `exchanges` is what the inventory says of with whom the host of the check exchanges VMs; where
    it names nobody, they are the hosts of its domain that it puts into no group. `drain` is what
    the run is asked of drains; None: nothing.
    """

    facts: RunFacts
    exchanges: Exchanges = None
    drain: DrainRequest | None = None

    @property
    def declared(self) -> frozenset[str] | None:
        """With whom the inventory says that the host exchanges VMs; None: it does not say it."""
        return declared_in(self.exchanges)

    @property
    def sheets(self) -> Mapping[str, FactSheet]:
        """The sheet of every host of the run."""
        return self.facts.hosts

    def seen_by(self, host: str, *groups: FactGroup[Any]) -> Seen:
        """Return the hosts that exchange VMs with a host, or may, without a list of its own.

        One of which any of the groups was not asked for was not looked at.
        """
        circles: Circles = self.facts.once(Circles)
        return Seen(circles.of(host, self.exchanges, groups), host)

    def is_alone(self, host: str) -> bool:
        """Whether the inventory says that a host exchanges VMs with no other."""
        said = self.declared
        return said is not None and len(said) == (host in said)

    def peers(self, host: str, *groups: FactGroup[Any]) -> tuple[str, ...]:
        """Return the other hosts with which a host exchanges VMs, and which were looked at.

        One of which any of the groups was not asked for was not looked at. A host whose domain was
        not read is none of them: it is among the `unplaced`, or was not looked at.
        """
        return tuple(self.seen_by(host, *groups).peers)

    def not_looked_at(self, host: str, *groups: FactGroup[Any]) -> tuple[str, ...]:
        """Return the other hosts that may exchange VMs with a host, and were not looked at.

        A selection left them out, or the facts file lacks them.
        """
        return tuple(self.seen_by(host, *groups).unseen)

    def unplaced(self, host: str) -> tuple[str, ...]:
        """Return the other hosts of this run of which nobody can say whether they are peers.

        The domain decides where the inventory does not, and it was asked for and not read.
        """
        return tuple(self.seen_by(host).unplaced)

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

    def outcome(self, host: str, group: FactGroup[T]) -> Outcome[T]:
        """Return what became of a group of a host of this run, which the check must declare."""
        return self.sheets[host].outcome(group)

    def owners(self, address: Address) -> tuple[str, ...]:
        """Return the hosts that have this address, by their own tables."""
        return self.facts.owners.get(address, ())
