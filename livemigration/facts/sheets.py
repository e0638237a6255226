"""All facts of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from livemigration.facts.model import FactSheet, Gathered, Subject
from livemigration.facts.network import LOCAL_ADDRESSES, ROUTES
from livemigration.routes import Ways
from livemigration.source_address import SourceTable


@dataclass(frozen=True)
class RunFacts:
    """The fact sheet of every host and of every VMM server, by their names in the inventory.

    `managers` names the VMM server of each host; where it names none, it is the first. `gathered`
    is when a facts file was begun, UTC, `inventory` and `inventory_digest` what it says that it is
    of; None and empty: not from a file, or the file does not say.
    """

    hosts: Mapping[str, FactSheet]
    vmms: Mapping[str, FactSheet]
    managers: Mapping[str, str] = field(default_factory=dict)
    gathered: datetime | None = field(default=None, compare=False, kw_only=True)
    inventory: str = field(default="", compare=False, kw_only=True)
    inventory_digest: str = field(default="", compare=False, kw_only=True)

    @property
    def vmm(self) -> FactSheet:
        """The VMM server; of several, the first; without facts where there is none."""
        return next(iter(self.vmms.values()), FactSheet(Subject.VMM, "", {}))

    def vmm_of(self, host: str) -> FactSheet:
        """Return the sheet of the VMM server that manages a host."""
        return self.vmms.get(self.managers.get(host, ""), self.vmm)

    @property
    def anything(self) -> bool:
        """Whether any fact of any machine was gathered."""
        return any(
            isinstance(outcome, Gathered)
            for sheet in (*self.vmms.values(), *self.hosts.values())
            for outcome in sheet.outcomes.values()
        )

    @cached_property
    def ways(self) -> Ways:
        """The hosts' addresses and routes by subnet: made once, because every host asks for it."""
        return Ways.of(self.hosts)

    @cached_property
    def sources(self) -> Mapping[str, SourceTable]:
        """From where each host connects to others; a host whose addresses were not read is none."""
        found = {}
        for name, sheet in self.hosts.items():
            local, routes = sheet.outcome(LOCAL_ADDRESSES), sheet.outcome(ROUTES)
            if isinstance(local, Gathered):
                known = routes.value if isinstance(routes, Gathered) else None
                found[name] = SourceTable(local.value, known)
        return found
