"""The live-migration settings of a host: the classes of root/virtualization/v2.

Properties: windows-facts.md section 1 of the reference. The provider lives in vmms.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.base.addresses import Address, Subnet, parse_address
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import (
    VIRTUALIZATION,
    WINDOWS_SERVER_2012,
    WINDOWS_SERVER_2012_R2,
    single,
)


@dataclass(frozen=True)
class MigrationSettings:
    """Msvm_VirtualSystemMigrationServiceSettingData (windows-facts.md 1.1).

    `authentication_type`: 0 CredSSP, 1 Kerberos. `compression` and `smb` are None on Windows
    Server 2012, which does not have them.
    """

    enabled: bool
    authentication_type: int
    maximum_migrations: int
    maximum_storage_migrations: int
    compression: bool | None
    smb: bool | None


CREDSSP = 0
KERBEROS = 1


def _settings(rows: Sequence[WmiRow]) -> MigrationSettings:
    row = single(rows, "set of migration settings")
    return MigrationSettings(
        enabled=row.boolean("EnableVirtualSystemMigration"),
        authentication_type=row.integer("AuthenticationType"),
        maximum_migrations=row.integer("MaximumActiveVirtualSystemMigration"),
        maximum_storage_migrations=row.integer("MaximumActiveStorageMigration"),
        compression=row.boolean_or_none("EnableCompression"),
        smb=row.boolean_or_none("EnableSmbTransport"),
    )


MIGRATION_SETTINGS = WmiGroup(
    "migration-settings",
    "the live-migration settings",
    Subject.HOST,
    Vantage.HOST,
    MigrationSettings,
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_VirtualSystemMigrationServiceSettingData",
            (
                WmiProperty("AuthenticationType", CimType.UINT32),
                WmiProperty(
                    "EnableCompression",
                    CimType.BOOLEAN,
                    optional=True,
                    since=WINDOWS_SERVER_2012_R2,
                ),
                WmiProperty(
                    "EnableSmbTransport",
                    CimType.BOOLEAN,
                    optional=True,
                    since=WINDOWS_SERVER_2012_R2,
                ),
                WmiProperty("EnableVirtualSystemMigration", CimType.BOOLEAN),
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("MaximumActiveStorageMigration", CimType.UINT32),
                WmiProperty("MaximumActiveVirtualSystemMigration", CimType.UINT32),
            ),
        )
    ),
    parse=_settings,
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class MigrationNetwork:
    """One row of Msvm_VirtualSystemMigrationNetworkSettingData (windows-facts.md 1.3).

    `stored` is the host's own spelling where it differs (`::0/0`, host bits set): a guard that
    compares with the host must use it.
    """

    subnet: Subnet
    metric: int | None
    tags: tuple[str, ...]
    stored: str = ""

    @property
    def spelling(self) -> str:
        """The subnet as the host spells it."""
        return self.stored or str(self.subnet)


def _networks(rows: Sequence[WmiRow]) -> tuple[MigrationNetwork, ...]:
    return tuple(_network(row) for row in rows)


def _network(row: WmiRow) -> MigrationNetwork:
    spelling = f"{row.text('SubnetNumber')}/{row.integer('PrefixLength')}"
    number, _, length = spelling.rpartition("/")
    subnet = ipaddress.ip_network(f"{number.strip()}/{length}", strict=False)
    stored = "" if spelling == str(subnet) else spelling
    return MigrationNetwork(subnet, row.integer_or_none("Metric"), row.texts("Tags"), stored)


MIGRATION_NETWORKS = WmiGroup(
    "migration-networks",
    "the migration networks",
    Subject.HOST,
    Vantage.HOST,
    tuple[MigrationNetwork, ...],
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_VirtualSystemMigrationNetworkSettingData",
            (
                WmiProperty("InstanceID", CimType.STRING),
                WmiProperty("Metric", CimType.UINT32),
                WmiProperty("PrefixLength", CimType.UINT8),
                WmiProperty("SubnetNumber", CimType.STRING),
                WmiProperty("Tags", CimType.STRING, array=True),
            ),
        )
    ),
    parse=_networks,
    may_be_empty="no network is selected",
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)


@dataclass(frozen=True)
class MigrationService:
    """Msvm_VirtualSystemMigrationService (windows-facts.md 1.2).

    `listeners` is MigrationServiceListenerIPAddressList in the host's order, link-local and
    ISATAP addresses included.
    """

    listeners: tuple[Address, ...]
    active_migrations: int
    active_storage_migrations: int


def _service(rows: Sequence[WmiRow]) -> MigrationService:
    row = single(rows, "migration service")
    return MigrationService(
        listeners=tuple(
            parse_address(text) for text in row.texts("MigrationServiceListenerIPAddressList")
        ),
        active_migrations=row.integer_or_none("ActiveVirtualSystemMigrationCount") or 0,
        active_storage_migrations=row.integer_or_none("ActiveStorageMigrationCount") or 0,
    )


LISTENERS = WmiGroup(
    "listeners",
    "the live-migration listeners",
    Subject.HOST,
    Vantage.HOST,
    MigrationService,
    query=WmiQuery(
        WmiClass(
            VIRTUALIZATION,
            "Msvm_VirtualSystemMigrationService",
            (
                WmiProperty("ActiveStorageMigrationCount", CimType.UINT32),
                WmiProperty("ActiveVirtualSystemMigrationCount", CimType.UINT32),
                WmiProperty("MigrationServiceListenerIPAddressList", CimType.STRING, array=True),
                WmiProperty("Name", CimType.STRING),
            ),
        )
    ),
    parse=_service,
    minimum_build=WINDOWS_SERVER_2012,
    provided_by_vmms=True,
)
