"""What moves of virtual machines left on a host, or are about: planned machines, and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.virtual_machines import guid_of
from livemigration.facts.windows import VIRTUALIZATION, WINDOWS_SERVER_2012


@dataclass(frozen=True)
class PlannedMachine:
    """Msvm_PlannedComputerSystem: a machine that is about to come, by a move or an import.

    It is gone once the machine has come (windows-facts-2.md section 11). `identifier` is the GUID
    that the machine has or will have, in upper case.
    """

    identifier: str
    name: str


def _planned(rows: Sequence[WmiRow]) -> tuple[PlannedMachine, ...]:
    return tuple(
        PlannedMachine(
            guid_of(row.text("Name")) or row.text("Name").upper(),
            row.text_or_none("ElementName") or "",
        )
        for row in rows
    )


PLANNED_MACHINES = WmiGroup(
    "planned-machines",
    "the planned virtual machines",
    Subject.HOST,
    Vantage.HOST,
    tuple[PlannedMachine, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_PlannedComputerSystem",
            (
                WmiProperty("ElementName", CimType.STRING),
                WmiProperty("Name", CimType.STRING),
            ),
        )
    ),
    parse=_planned,
    may_be_empty="no virtual machine is about to come, or none that the account may see",
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class MigrationJob:
    """Msvm_MigrationJob. `state` is JobState: 2 to 6 until it has ended, 7 and more afterwards."""

    state: int | None

    @property
    def ended(self) -> bool:
        """Whether it has ended; one without a state has not."""
        return self.state is not None and self.state >= _ENDED


_ENDED = 7


def _jobs(rows: Sequence[WmiRow]) -> tuple[MigrationJob, ...]:
    return tuple(MigrationJob(row.integer_or_none("JobState")) for row in rows)


# It is asked for behind the planned machines: a move that began in between is one of these.
MIGRATION_JOBS = WmiGroup(
    "migration-jobs",
    "the jobs of the migration service",
    Subject.HOST,
    Vantage.HOST,
    tuple[MigrationJob, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_MigrationJob",
            (
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("JobState", CimType.UINT16),
            ),
        )
    ),
    parse=_jobs,
    may_be_empty="nothing was moved lately",
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)
