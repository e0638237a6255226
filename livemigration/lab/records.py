"""VMM's record of each host: as the host is, but for what the fleet says is on record."""

from __future__ import annotations

from dataclasses import replace

from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.instances_hyper_v import (
    STORAGE_MIGRATIONS,
    has_performance_option,
    maximum_migrations,
)
from livemigration.lab.rows import has_2012_classes
from livemigration.lab.world import World, any_rows
from livemigration.vmm.scripts import HostReply, SettingsReply

# As Set-SCVMHost names them; that Get-SCVMHost prints the same is inferred.
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


def _record(world: World, host: FleetHost) -> HostReply:
    known_as = world.known_as(host)
    return HostReply(
        name=known_as,
        # A host that is known by a NetBIOS name or an address has no full name in VMM (presumed).
        fqdn=None if host.record.name else known_as,
        cluster=_cluster(host),
        perimeter=host.record.perimeter,
        settings=_settings(world, host),
    )


def _cluster(host: FleetHost) -> str | None:
    recorded = host.record.cluster or host.cluster
    return None if recorded == "none" else recorded


def _settings(world: World, host: FleetHost) -> SettingsReply:
    if not has_2012_classes(world, host):
        # What VMM states of a host that has no such settings is not known.
        return SettingsReply()
    named = () if isinstance(host.networks, str) else host.networks
    own = SettingsReply(
        enabled=host.enabled,
        maximum_migrations=maximum_migrations(world, host),
        maximum_storage_migrations=STORAGE_MIGRATIONS,
        any_subnet=bool(any_rows(host)),
        subnets=tuple(str(world.any_subnet(each)) for each in named),
        authentication=_PROTOCOLS.get(host.authentication, str(host.authentication)),
        performance=_OPTIONS[host.performance] if has_performance_option(world, host) else None,
    )
    changed = {
        name: value
        for name in vars(own)
        if (value := getattr(host.record, name)) is not None and name != "subnets"
    }
    if host.record.subnets is not None:
        changed["subnets"] = tuple(str(world.any_subnet(each)) for each in host.record.subnets)
    return replace(own, **changed)
