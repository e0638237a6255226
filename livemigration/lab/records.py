"""VMM's record of each host: as the host is, but for what the fleet says is on record.

Names, enums and units are those of objects that a VMM 2012 R2 gave (windows-facts-2.md 9.2).
"""

from __future__ import annotations

from dataclasses import replace

from livemigration.facts.vmm import VmmHostSettings
from livemigration.lab.fleet import CONTROL_PORT, SSL_PORT
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.instances_hyper_v import (
    STORAGE_MIGRATIONS,
    has_performance_option,
    maximum_migrations,
)
from livemigration.lab.rows import has_2012_classes
from livemigration.lab.world import World, any_rows
from livemigration.vmm.properties import (
    AgentReply,
    ClusterReply,
    HealthMonitorReply,
    HostStateReply,
    ServerReply,
)
from livemigration.vmm.scripts import HostReply, ListedHost

_ROOT = "All Hosts"
_AGENT = "Host Agent Version"
_HEALTHY = ("Healthy", "Success (0)")
_MONITORS = ("Overall", "Network", "WinRM", "Host Agent Service", _AGENT)
_PROTOCOLS = {0: "CredSSP", 1: "Kerberos"}
_OPTIONS = {
    "tcpip": "Standard",
    "compression": "UseCompression",
    "smb": "UseSmbTransport",
    "both": "UseSmbTransport",
}


def recorded(world: World) -> tuple[HostReply, ...]:
    """Return the hosts that VMM lists."""
    return tuple(_record(world, host) for host in world.fleet.hosts if host.record.known)


def listed(world: World) -> tuple[ListedHost, ...]:
    """Return the hosts that VMM lists, with where they stand in VMM."""
    return tuple(
        ListedHost(
            name=each.name,
            fqdn=each.fqdn,
            cluster=each.cluster,
            group="\\".join((_ROOT, *filter(None, (host.record.host_group,)))),
            platform=host.record.platform,
            perimeter=each.perimeter,
            communication=host.record.communication,
            maintenance=host.record.maintenance,
        )
        for host in world.fleet.hosts
        if host.record.known
        for each in (_record(world, host),)
    )


def _record(world: World, host: FleetHost) -> HostReply:
    known_as = world.known_as(host)
    return HostReply(
        name=known_as,
        # A host that is known by a NetBIOS name or an address has no full name in VMM (presumed).
        fqdn=None if host.record.name else known_as,
        cluster=_cluster(host),
        perimeter=host.record.perimeter,
        settings=_settings(world, host),
        state=_state(world, host),
    )


def _cluster(host: FleetHost) -> str | None:
    recorded = host.record.cluster or host.cluster
    return None if recorded == "none" else recorded


def server(world: World) -> ServerReply:
    """Return what VMM says of itself, and of the account that asks."""
    vmm = world.fleet.vmm
    short = world.fleet.domain.partition(".")[0].upper()
    return ServerReply(
        IsHighlyAvailable=vmm.active_node is not None,
        ActiveVMMNode=vmm.active_node,
        VMMServiceAccount=f"{short}\\svc-vmm",
        ConnectedUserName=f"{short}\\administrator",
        UserRole="Administrator",
        Profile="Administrator",
    )


def _state(world: World, host: FleetHost) -> HostStateReply:
    record = host.record
    unreached, old = record.communication == "NotResponding", record.agent_update
    reasons = dict.fromkeys(_MONITORS, _HEALTHY)
    if old:
        reasons[_AGENT] = ("Warning", "HMAgentVersionUpgradeAvailable (20510)")
        reasons["Overall"] = ("Warning", "Success (0)")
    if unreached:
        reasons["Network"] = ("Critical", "HMComputerUnreachableByPing (20503); 0")
        reasons["Overall"] = ("Critical", "Success (0)")
    monitors = (
        HealthMonitorReply(name, *each) for name, each in reasons.items() if each != _HEALTHY
    )
    marked = record.perimeter or record.non_trusted_domain
    managed = _named(world, host)[1]
    return HostStateReply(
        CommunicationState=record.communication,
        OverallState="NeedsAttention" if unreached or old else "OK",
        HealthMonitors=tuple(monitors),
        MaintenanceHost=record.maintenance,
        NonTrustedDomainHost=record.non_trusted_domain,
        SslTcpPort=SSL_PORT if marked else CONTROL_PORT,
        MigrationSubnetUserManaged=managed if has_2012_classes(world, host) else None,
        MemoryReserveMB=record.memory_reserve,
        OverrideHostGroupReserves=False,
        HostCluster=_reserve(world, host),
        Agent=AgentReply(world.fleet.vmm.server, "UpgradeAvailable" if old else "UpToDate"),
    )


def _reserve(world: World, host: FleetHost) -> ClusterReply | None:
    cluster = world.fleet.clusters.get(_cluster(host) or "")
    if cluster is None:
        return None
    return ClusterReply(cluster.reserve, "OverCommitted" if cluster.over_committed else "OK")


def _named(world: World, host: FleetHost) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """Return the migration subnets of a host, and of each whether a user manages it.

    Where a cluster, VMM or Network ATC wrote the host's rows, VMM's record of a cluster's node had
    each of its own addresses in their place (2012 R2), managed by nobody.
    """
    if host.record.subnets is not None:
        named = tuple(str(world.any_subnet(each)) for each in host.record.subnets)
    elif isinstance(host.networks, str):
        return (), ()
    elif host.tags:
        own = tuple(f"{world.address(each)}/32" for each in host.addresses.values())
        return own, (False,) * len(own)
    else:
        named = tuple(str(world.any_subnet(each)) for each in host.networks)
    return named, (True,) * len(named)


def _settings(world: World, host: FleetHost) -> VmmHostSettings:
    if not has_2012_classes(world, host):
        # What VMM states of a host that has no such settings is not known.
        return VmmHostSettings()
    own = VmmHostSettings(
        enabled=host.enabled,
        maximum_migrations=maximum_migrations(world, host),
        maximum_storage_migrations=STORAGE_MIGRATIONS,
        any_subnet=bool(any_rows(host)),
        subnets=_named(world, host)[0],
        authentication=_PROTOCOLS.get(host.authentication, str(host.authentication)),
        performance=_OPTIONS[host.performance] if has_performance_option(world, host) else None,
    )
    changed = {
        name: value
        for name in vars(own)
        if (value := getattr(host.record, name)) is not None and name != "subnets"
    }
    return replace(own, **changed)
