"""All facts of one run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from livemigration.base.addresses import Address
from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.identity import Listed, Stranger, strangers
from livemigration.facts.managed import outside
from livemigration.facts.model import (
    FactSheet,
    FailureKind,
    Gathered,
    GatherFailure,
    Inapplicable,
    NotGathered,
    Outcome,
    Subject,
)
from livemigration.facts.network import LOCAL_ADDRESSES
from livemigration.facts.vmm import VMM_RECORD, VMM_RELEASE
from livemigration.facts.vmm_identity import other_servers

T = TypeVar("T")


_NO_SERVER = FactSheet(Subject.VMM, "", {})


@dataclass(frozen=True)
class RunFacts:
    """The fact sheet of every host and of every VMM server, by their names in the inventory.

    `managers` names the VMM server of each host; where it names none, it is the first. `gathered`
    is when a facts file was begun, UTC, `inventory` and `inventory_digest` what it says that it is
    of; None and empty: not from a file, or the file does not say. `listed` are the machines of the
    inventory as it lists them, also hosts that were not looked at.
    """

    hosts: Mapping[str, FactSheet]
    vmms: Mapping[str, FactSheet]
    managers: Mapping[str, str] = field(default_factory=dict)
    gathered: datetime | None = field(default=None, compare=False, kw_only=True)
    inventory: str = field(default="", compare=False, kw_only=True)
    inventory_digest: str = field(default="", compare=False, kw_only=True)
    listed: tuple[Listed, ...] = field(default=(), kw_only=True)
    listed_vmms: tuple[Listed, ...] = field(default=(), kw_only=True)
    _made: dict[object, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def once(self, make: Callable[[RunFacts], T]) -> T:
        """Return what a function makes of these facts: made once, as every host asks for it."""
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    @property
    def vmm(self) -> FactSheet:
        """The VMM server; of several, the first; without facts where there is none."""
        return next(iter(self.vmms.values()), _NO_SERVER)

    def vmm_of(self, host: str) -> FactSheet:
        """Return the sheet of the VMM server that manages a host."""
        found = self.vmms.get(self.managers.get(host, ""))
        return found if found is not None else self.vmm

    @property
    def anything(self) -> bool:
        """Whether any fact of any machine was gathered."""
        return any(
            isinstance(outcome, Gathered)
            for sheet in (*self.vmms.values(), *self.hosts.values())
            for outcome in sheet.outcomes.values()
        )

    @cached_property
    def owners(self) -> Mapping[Address, tuple[str, ...]]:
        """The hosts that have each address, by their own tables."""
        found: dict[Address, list[str]] = defaultdict(list)
        for name, sheet in self.hosts.items():
            local = sheet.outcome(LOCAL_ADDRESSES)
            if isinstance(local, Gathered):
                for address in dict.fromkeys(each.address for each in local.value):
                    found[address].append(name)
        return {address: tuple(names) for address, names in found.items()}

    @cached_property
    def domains(self) -> Mapping[str, str]:
        """The domain of each host of which it was read, without regard to case."""
        return {
            name: outcome.value.domain.casefold()
            for name, sheet in self.hosts.items()
            if isinstance(outcome := sheet.outcome(DOMAIN_MEMBERSHIP), Gathered)
        }

    @cached_property
    def strangers(self) -> dict[str, Stranger]:
        """The hosts under whose names another machine answered, or one that is listed twice."""
        return strangers(self.hosts, self.listed)

    @cached_property
    def not_looked_at(self) -> tuple[str, ...]:
        """The hosts of the inventory of which nothing was read in this run."""
        return tuple(each.name for each in self.listed if each.name not in self.hosts)

    def outside(self, server: str) -> tuple[str, ...]:
        """Return the hosts that a VMM server manages and the inventory does not list."""
        sheet = self.vmms.get(server)
        stated = sheet.outcome(VMM_RELEASE) if sheet is not None else None
        if not isinstance(stated, Gathered) or stated.value.managed_hosts is None:
            return ()
        records = (sheet.outcome(VMM_RECORD) for sheet in self.hosts.values())
        known = {
            each.value.name for each in records if isinstance(each, Gathered) and each.value.known
        }
        inventory = self.listed or tuple(map(Listed, self.hosts))
        return outside(stated.value.managed_hosts, inventory, known)

    @cached_property
    def other_servers(self) -> dict[str, str]:
        """The VMM servers under whose names another computer answered, and its name."""
        return other_servers(self.vmms, self.listed_vmms)

    @cached_property
    def believed(self) -> RunFacts:
        """These facts without what another machine said under a name of the inventory.

        LM302 and LM001 report that; every other check is blocked by them.
        """
        if not self.strangers and not self.other_servers:
            return self
        vmms = {
            name: _disbelieved(sheet, _another_server(name, self.other_servers[name]))
            if name in self.other_servers
            else sheet
            for name, sheet in self.vmms.items()
        }
        hosts = {name: self._believed_host(sheet) for name, sheet in self.hosts.items()}
        return replace(self, hosts=hosts, vmms=vmms)

    def _believed_host(self, sheet: FactSheet) -> FactSheet:
        if (stranger := self.strangers.get(sheet.name)) is not None:
            return _disbelieved(sheet, _another_host(sheet.name, stranger))
        server = self.vmm_of(sheet.name).name
        if server not in self.other_servers:
            return sheet
        failed = _another_server(server, self.other_servers[server])
        seen = {
            name: failed if name.startswith(_SEEN_BY_VMM) else outcome
            for name, outcome in sheet.outcomes.items()
        }
        return replace(sheet, outcomes=seen)


# The groups that a VMM server says of a host.
_SEEN_BY_VMM = "vmm-"


def _disbelieved(sheet: FactSheet, failed: NotGathered) -> FactSheet:
    """Return a sheet without its facts; what a machine cannot have, it still cannot."""
    outcomes: dict[str, Outcome[Any]] = {
        name: outcome
        if isinstance(outcome, Inapplicable) and name.startswith(_SEEN_BY_VMM)
        else failed
        for name, outcome in sheet.outcomes.items()
    }
    return replace(sheet, outcomes=outcomes)


def _another_host(name: str, stranger: Stranger) -> NotGathered:
    return NotGathered(
        GatherFailure(
            FailureKind.MISSING,
            f"Reading {name}",
            stranger.description,
            "Mend the name or the inventory first.",
            "LM302",
        )
    )


def _another_server(name: str, says: str) -> NotGathered:
    return NotGathered(
        GatherFailure(
            FailureKind.MISSING,
            f"Reading the VMM server {name}",
            f"another computer answers under this name: {says}",
            "Mend the name or the inventory first.",
            "LM001",
        )
    )
