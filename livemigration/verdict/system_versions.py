"""Which configuration versions hosts run, and which their machines have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from livemigration.facts.host import OPERATING_SYSTEM
from livemigration.facts.model import FactGroup
from livemigration.verdict.configuration_versions import Release, Runs, version_of
from livemigration.verdict.views import BlockedError, FactsView
from livemigration.verdict.virtual_machines import (
    MACHINE_EVIDENCE,
    MACHINE_FACTS,
    Machine,
    machines_of,
)

SYSTEM_FACTS: tuple[FactGroup[Any], ...] = (OPERATING_SYSTEM, *MACHINE_FACTS, *MACHINE_EVIDENCE)
# OperatingSystemSKU of Azure Stack HCI, and of Azure Local after it (winnt.h).
_AZURE = 406


@dataclass(frozen=True)
class System:
    """What hosts are compared by; `azure` is None where the host does not state its product.

    `told` is whether its virtual machines could be read.
    """

    build: int
    azure: bool | None
    told: bool

    @property
    def release(self) -> Release:
        """Where its build stands among the releases of Windows Server."""
        return Release(self.build)

    def runs(self, version: str) -> Runs:
        """Return whether it runs a configuration version, as a machine states it."""
        known = version_of(version)
        return self.release.runs(known) if known is not None else Runs.NOT_PUBLISHED

    def may_not_run(self, other: System) -> bool:
        """Whether another host may have machines that do not run here, and showed none."""
        return not other.told and not self.release.runs_all_of(other.release)

    def is_another_product(self, other: System) -> bool:
        """Whether one is Windows Server and the other Azure Stack HCI or Azure Local."""
        return None not in {self.azure, other.azure} and self.azure is not other.azure


def system_of(host: FactsView) -> System:
    """Return what a host is compared by.

    Raises:
        BlockedError: its operating system could not be read.
    """
    system = host[OPERATING_SYSTEM]
    azure = None if system.sku is None else system.sku == _AZURE
    try:
        machines_of(host)
    except BlockedError:
        return System(system.build, azure, told=False)
    return System(system.build, azure, told=True)


@dataclass(frozen=True)
class VersionNeed:
    """The version that machines have; `live` is false where they are off, so that none moves so."""

    version: str
    live: bool


def versions_of(host: FactsView) -> Iterator[tuple[VersionNeed, Machine]]:
    """Yield which version each machine of a host has."""
    for machine in machines_of(host):
        yield VersionNeed(machine.settings.version.strip(), not machine.is_off), machine
