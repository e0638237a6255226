"""The settings in which hosts that exchange virtual machines are to be equal."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.facts.host import DOMAIN_MEMBERSHIP
from livemigration.facts.migration import MIGRATION_SETTINGS
from livemigration.facts.model import Gathered
from livemigration.verdict.exchange_circles import Place, are_mates, place_of
from livemigration.verdict.readings import performance_of
from livemigration.verdict.views import FactsView


@dataclass(frozen=True)
class ComparedSettings:
    """What hosts are compared by. `option` is None on Windows Server 2012, which has none."""

    place: Place
    joined: bool
    authentication: int
    option: str | None

    def is_mate_of(self, other: ComparedSettings) -> bool | None:
        """Whether both are nodes of one cluster; None: what is not known of them decides."""
        return are_mates(self.place, other.place)

    def authenticates_otherwise(self, other: ComparedSettings) -> bool:
        """Whether the two have different protocols, which matters outside a cluster."""
        return self.authentication != other.authentication

    def has_another_option(self, other: ComparedSettings) -> bool:
        """Whether both have a performance option, and they differ."""
        return None not in {self.option, other.option} and self.option != other.option


def compared_settings(host: FactsView) -> ComparedSettings:
    """Return what a host is compared by.

    Raises:
        BlockedError: its settings could not be read.
    """
    settings, member = host[MIGRATION_SETTINGS], host.outcome(DOMAIN_MEMBERSHIP)
    return ComparedSettings(
        place_of(host.sheet),
        member.value.joined if isinstance(member, Gathered) else True,
        settings.authentication_type,
        performance_of(settings),
    )
