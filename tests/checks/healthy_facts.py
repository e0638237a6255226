"""The groups of a healthy host that only some checks read; a case replaces what it is about."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from livemigration.addresses import parse_address
from livemigration.facts import cluster, firewall, network, processor, virtualization, vmm
from livemigration.facts.model import FactGroup, Vantage

RULE = "VIRT-MIGL-In-TCP-NoScope"
VMMS_PROGRAM = r"%systemroot%\system32\vmms.exe"
GATEWAY = "10.0.0.1"

Values = dict[str, tuple[Any, Vantage]]


def rest_of_host(local: Sequence[str], dns: Sequence[str], interface: str) -> Values:
    """Return the values of a host with these local addresses, whose name VMM resolves so."""
    groups: list[tuple[FactGroup[Any], Any]] = [
        (network.ROUTES, routes(local)),
        (network.BITS_SOCKETS, ()),
        (processor.PROCESSORS, (processor.Processor("GenuineIntel", "Xeon", "BFEBFBFF000806F8"),)),
        (virtualization.VIRTUAL_SWITCHES, (virtualization.VirtualSwitch("C1", "Tenants"),)),
        (virtualization.MIGRATION_ANSWER, virtualization.MigrationAnswer(0)),
        (cluster.CLUSTER, cluster.Cluster(None, None)),
        (cluster.CLUSTER_NETWORKS, ()),
        (cluster.CLUSTER_MIGRATION_NETWORKS, cluster.ClusterMigrationNetworks((), ())),
        (
            firewall.FIREWALL_PROFILES,
            tuple(
                firewall.FirewallProfile(name, True, firewall.BLOCK, None)
                for name in ("Domain", "Private", "Public")
            ),
        ),
        (firewall.FIREWALL_RULES, (firewall.FirewallRule(RULE, True, firewall.ALLOW, 0),)),
        (firewall.FIREWALL_PORTS, (firewall.PortFilter(RULE, "TCP", ("6600",)),)),
        (firewall.FIREWALL_ADDRESSES, (firewall.AddressFilter(RULE, ("Any",), ("Any",)),)),
        (firewall.FIREWALL_PROGRAMS, (firewall.ProgramFilter(RULE, VMMS_PROGRAM),)),
        (firewall.FIREWALL_SERVICES, (firewall.ServiceFilter(RULE, "vmms"),)),
        (firewall.CONNECTION_PROFILES, (firewall.ConnectionProfile(interface, 2),)),
    ]
    values = {group.name: (value, Vantage.HOST) for group, value in groups}
    data = tuple(
        vmm.Probe(parse_address(each), port, 0, 3) for each in dns for port in vmm.DATA_PORTS
    )
    rating = vmm.HostRating("web01", found=1, current_host=None, rating=5.0)
    values[vmm.VMM_RATING.name] = (rating, Vantage.VMM)
    values[vmm.VMM_DATA_PORTS.name] = (vmm.VmmProbes(data), Vantage.VMM)
    return values


def routes(local: Sequence[str], gateway: str | None = GATEWAY) -> tuple[network.Route, ...]:
    """Return a route to the subnet of each local address, and one by the gateway to the rest."""
    own = tuple(
        network.Route(ipaddress.ip_network(each, strict=False), None)
        for each in local
        if ":" not in each
    )
    if gateway is None:
        return own
    return (*own, network.Route(ipaddress.ip_network("0.0.0.0/0"), parse_address(gateway)))
