"""What is read from a host, group by group: the class, its properties and its parser.

Classes and properties: windows-facts.md sections 1, 6 and 6b of the reference. Everything here is
read-only and reachable with WS-Enumeration; no process is started on the host.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from livemigration.addresses import Address, Subnet, parse_address
from livemigration.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import FactGroup, Subject, Vantage, WmiGroup

VIRTUALIZATION = "root/virtualization/v2"
STANDARD_CIM = "root/standardcimv2"
CIMV2 = "root/cimv2"

WINDOWS_SERVER_2012 = 9200
WINDOWS_SERVER_2016 = 14393

LIVE_MIGRATION_PORT = 6600


def _single(rows: Sequence[WmiRow], what: str) -> WmiRow:
    if len(rows) != 1:
        raise ValueError(f"expected one {what}; the host sent {len(rows)}")
    return rows[0]


@dataclass(frozen=True)
class HostAccess:
    """How the host's WS-Management service answered the suite.

    `product_vendor` and `product_version` are the peer's own words in its Identify reply.
    """

    endpoint: str
    product_vendor: str
    product_version: str


HOST_ACCESS: FactGroup[HostAccess] = FactGroup(
    "host-access", "the WSMan session", Subject.HOST, Vantage.SUITE, HostAccess
)


@dataclass(frozen=True)
class OperatingSystem:
    """Win32_OperatingSystem. `caption` is localized: show it, never judge by it."""

    build: int
    version: str
    caption: str


def _operating_system(rows: Sequence[WmiRow]) -> OperatingSystem:
    row = _single(rows, "operating system")
    return OperatingSystem(
        build=int(row.text("BuildNumber")),
        version=row.text("Version"),
        caption=row.text_or_none("Caption") or "",
    )


OPERATING_SYSTEM = WmiGroup(
    "operating-system",
    "the operating system",
    Subject.HOST,
    Vantage.HOST,
    OperatingSystem,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_OperatingSystem",
            (
                WmiProperty("BuildNumber", CimType.STRING),
                WmiProperty("Caption", CimType.STRING),
                WmiProperty("Version", CimType.STRING),
            ),
        )
    ),
    parse=_operating_system,
)


@dataclass(frozen=True)
class DomainMembership:
    """Win32_ComputerSystem. `domain` is the workgroup's name where `joined` is false."""

    name: str
    domain: str
    joined: bool


def _domain(rows: Sequence[WmiRow]) -> DomainMembership:
    row = _single(rows, "computer system")
    return DomainMembership(row.text("Name"), row.text("Domain"), row.boolean("PartOfDomain"))


DOMAIN_MEMBERSHIP = WmiGroup(
    "domain-membership",
    "the domain membership",
    Subject.HOST,
    Vantage.HOST,
    DomainMembership,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_ComputerSystem",
            (
                WmiProperty("Domain", CimType.STRING),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("PartOfDomain", CimType.BOOLEAN),
            ),
        )
    ),
    parse=_domain,
)


@dataclass(frozen=True)
class Service:
    """Win32_Service. `state` and `start_mode` are WMI's fixed English values."""

    name: str
    state: str
    start_mode: str
    process_id: int

    @property
    def running(self) -> bool:
        """Whether the service runs now."""
        return self.state == "Running"


@dataclass(frozen=True)
class Services:
    """The services that live migration, VMM and failover clustering depend on."""

    installed: tuple[Service, ...]

    def find(self, name: str) -> Service | None:
        """Return the service of that name in any case, or None where it is not installed."""
        wanted = name.casefold()
        return next((each for each in self.installed if each.name.casefold() == wanted), None)


VMMS = "vmms"
SCVMM_AGENT = "SCVMMAgent"
CLUSTER_SERVICE = "ClusSvc"


def _services(rows: Sequence[WmiRow]) -> Services:
    return Services(
        tuple(
            Service(
                row.text("Name"),
                row.text("State"),
                row.text("StartMode"),
                row.integer_or_none("ProcessId") or 0,
            )
            for row in rows
        )
    )


SERVICES = WmiGroup(
    "services",
    "the services",
    Subject.HOST,
    Vantage.HOST,
    Services,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_Service",
            (
                WmiProperty("Name", CimType.STRING),
                WmiProperty("ProcessId", CimType.UINT32),
                WmiProperty("StartMode", CimType.STRING),
                WmiProperty("State", CimType.STRING),
            ),
        ),
        where=" OR ".join(f"Name = '{name}'" for name in (VMMS, SCVMM_AGENT, CLUSTER_SERVICE)),
    ),
    parse=_services,
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
    row = _single(rows, "set of migration settings")
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
                WmiProperty("EnableCompression", CimType.BOOLEAN, optional=True),
                WmiProperty("EnableSmbTransport", CimType.BOOLEAN, optional=True),
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
    row = _single(rows, "migration service")
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


@dataclass(frozen=True)
class LocalAddress:
    """One row of MSFT_NetIPAddress."""

    address: Address
    prefix_length: int
    interface: str

    @property
    def subnet(self) -> Subnet:
        """The subnet that the address is on."""
        return ipaddress.ip_network(f"{self.address}/{self.prefix_length}", strict=False)


def _local_addresses(rows: Sequence[WmiRow]) -> tuple[LocalAddress, ...]:
    return tuple(
        LocalAddress(
            parse_address(row.text("IPAddress")),
            row.integer("PrefixLength"),
            row.text_or_none("InterfaceAlias") or "",
        )
        for row in rows
    )


LOCAL_ADDRESSES = WmiGroup(
    "local-addresses",
    "the IP addresses",
    Subject.HOST,
    Vantage.HOST,
    tuple[LocalAddress, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetIPAddress",
            (
                WmiProperty("InterfaceAlias", CimType.STRING),
                WmiProperty("IPAddress", CimType.STRING),
                WmiProperty("PrefixLength", CimType.UINT8),
            ),
        )
    ),
    parse=_local_addresses,
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class ListeningSocket:
    """A listening row of MSFT_NetTCPConnection, with the process that owns it."""

    address: Address
    process_id: int


_LISTEN = 2


def _sockets(rows: Sequence[WmiRow]) -> tuple[ListeningSocket, ...]:
    return tuple(
        ListeningSocket(parse_address(row.text("LocalAddress")), row.integer("OwningProcess"))
        for row in rows
        if row.integer("State") == _LISTEN
    )


LISTENING_SOCKETS = WmiGroup(
    "listening-sockets",
    "the TCP table of port 6600",
    Subject.HOST,
    Vantage.HOST,
    tuple[ListeningSocket, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetTCPConnection",
            (
                WmiProperty("LocalAddress", CimType.STRING),
                WmiProperty("LocalPort", CimType.UINT16),
                WmiProperty("OwningProcess", CimType.UINT32),
                WmiProperty("State", CimType.UINT8),
            ),
        ),
        where=f"LocalPort = {LIVE_MIGRATION_PORT}",
    ),
    parse=_sockets,
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class DeviceGuard:
    """Win32_DeviceGuard.SecurityServicesRunning; 1 is Credential Guard."""

    security_services_running: tuple[int, ...]

    @property
    def credential_guard_running(self) -> bool:
        """Whether Credential Guard runs now."""
        return 1 in self.security_services_running


def _device_guard(rows: Sequence[WmiRow]) -> DeviceGuard:
    return DeviceGuard(tuple(n for row in rows for n in row.integers("SecurityServicesRunning")))


DEVICE_GUARD = WmiGroup(
    "device-guard",
    "the state of Credential Guard",
    Subject.HOST,
    Vantage.HOST,
    DeviceGuard,
    query=WmiQuery(
        WmiClass(
            "root/Microsoft/Windows/DeviceGuard",
            "Win32_DeviceGuard",
            (WmiProperty("SecurityServicesRunning", CimType.UINT32, array=True),),
        )
    ),
    parse=_device_guard,
    when_absent=DeviceGuard(()),
)

HOST_WMI_GROUPS: tuple[WmiGroup[object], ...] = (
    OPERATING_SYSTEM,
    DOMAIN_MEMBERSHIP,
    SERVICES,
    MIGRATION_SETTINGS,
    MIGRATION_NETWORKS,
    LISTENERS,
    LOCAL_ADDRESSES,
    LISTENING_SOCKETS,
    DEVICE_GUARD,
)
