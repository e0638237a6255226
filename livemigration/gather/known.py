"""What an earlier gathering found out: it is not asked for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FactSheet, NotGathered, Outcome
from livemigration.facts.registry import VMM_SERVER_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.gather.asking import Outcomes
from livemigration.gather.directory_target import DIRECTORY_NAMES_OF_GROUPS
from livemigration.gather.server import VIEW_NAMES, Server


@dataclass(frozen=True)
class Known:
    """The facts of an earlier gathering, without its failures, and what is wanted of each host."""

    hosts: Mapping[str, Outcomes]
    vmms: Mapping[str, Outcomes]
    wanted: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, facts: RunFacts | None, wanted: Mapping[str, frozenset[str]]) -> Known:
        """Return what is known of an earlier run; nothing where there was none."""
        if facts is None:
            return cls({}, {}, wanted)
        return cls(_answered(facts.hosts), _answered(facts.vmms), wanted)

    def host(self, name: str) -> Outcomes:
        """Return what is known of a host."""
        return dict(self.hosts.get(name, {}))

    def missing(self, name: str) -> frozenset[str] | None:
        """Return what the host itself has still to be asked for; None: nothing."""
        own = self.wanted[name] - VIEW_NAMES - DIRECTORY_NAMES_OF_GROUPS
        known = self.hosts.get(name, {}).keys()
        return own - known if (own | {HOST_ACCESS.name}) - known else None

    def server(self, server: Server) -> bool:
        """Give a VMM server what is known of it; return whether it need not be asked.

        What it sees of a host is seen anew as a whole, where anything of it is missing: its probes
        start from what it says of the host.
        """
        own = self.vmms.get(server.target.name, {})
        if any(group.name not in own for group in VMM_SERVER_GROUPS):
            return False
        server.view.own.update(own)
        server.unseen = frozenset(
            name
            for name in server.hosts
            if (self.wanted[name] & VIEW_NAMES) - self.hosts.get(name, {}).keys()
        )
        return not server.unseen


def _answered(sheets: Mapping[str, FactSheet]) -> dict[str, Outcomes]:
    return {name: _without_failures(sheet.outcomes) for name, sheet in sheets.items()}


def _without_failures(outcomes: Mapping[str, Outcome[Any]]) -> Outcomes:
    return {name: each for name, each in outcomes.items() if not isinstance(each, NotGathered)}
