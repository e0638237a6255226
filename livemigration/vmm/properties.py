"""What the objects of Get-SCVMMServer and Get-SCVMHost say, under VMM's own property names.

Names, enums and units are those of objects that a VMM 2012 R2 gave (windows-facts-2.md 9.1, 9.2).
An enum is its name, or its number where PowerShell had no enum but a copy of the object: both come.
What VMM does not state is None.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HealthMonitorReply:
    """One of a host's health monitors that is not healthy. LastKnownError is as `Success (0)`."""

    Name: str | None = None
    State: str | None = None
    LastKnownError: str | None = None


@dataclass(frozen=True)
class AgentReply:
    """VMM's agent on a host. VersionState is UpToDate, UpgradeAvailable or another name."""

    AgentVersion: str | None = None
    VersionState: str | None = None


@dataclass(frozen=True)
class ClusterReply:
    """VMM's reserve in a host's cluster. ClusterReserveState is OK (0), or another name."""

    ClusterReserve: int | None = None
    ClusterReserveState: str | None = None


@dataclass(frozen=True)
class HostStateReply:
    """How VMM gets on with a host.

    CommunicationState is Responding (0) or NotResponding (1); OverallState is OK (0) or
    NeedsAttention (2), of which VMM shows other texts. SslTcpPort is the WSMan port that VMM uses,
    with SSL or without. MigrationSubnetUserManaged has a truth for each of the migration subnets.
    """

    CommunicationState: str | None = None
    OverallState: str | None = None
    HealthMonitors: tuple[HealthMonitorReply, ...] | None = None
    MaintenanceHost: bool | None = None
    NonTrustedDomainHost: bool | None = None
    SslTcpPort: int | None = None
    MigrationSubnetUserManaged: tuple[bool, ...] | None = None
    Agent: AgentReply | None = None
    MemoryReserveMB: int | None = None
    OverrideHostGroupReserves: bool | None = None
    HostCluster: ClusterReply | None = None


@dataclass(frozen=True)
class ServerReply:
    """What Get-SCVMMServer says of the server and of the account that asks.

    UserRole is the role's name, Profile its kind: Administrator (1), or one that sees less.
    """

    IsHighlyAvailable: bool | None = None
    ActiveVMMNode: str | None = None
    VMMServiceAccount: str | None = None
    ConnectedUserName: str | None = None
    UserRole: str | None = None
    Profile: str | None = None
