"""The groups of a healthy host that only some checks read; a case replaces what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from device_facts import DEVICE_GROUPS
from drain_facts import DRAIN_GROUPS
from fact_parts import probes_of, routes_by
from pair_facts import connected
from vm_facts import RUNNING_MACHINE, machine_groups, role_of

from livemigration.facts import (
    adapters,
    clock,
    cluster,
    cluster_groups,
    cluster_interfaces,
    cluster_nodes,
    cluster_owners,
    cluster_quorum,
    cluster_storage,
    firewall,
    firewall_filters,
    host,
    machine_values,
    network,
    policy_rights,
    processor,
    tcp_settings,
    virtual_ports,
    virtualization,
    vmm,
)
from livemigration.facts.model import FactGroup, Vantage

RULE = "VIRT-MIGL-In-TCP-NoScope"
VMMS_PROGRAM = r"%systemroot%\system32\vmms.exe"
GATEWAY = "10.0.0.1"
# When the clocks of hosts were asked, by that of the suite.
ASKED = datetime(2026, 11, 23, 20, 0, 10, tzinfo=UTC)

# The switch of a healthy host has a way out.
UPLINK = virtual_ports.VirtualPort("C1", True, "Msvm_ExternalEthernetPort", "")

Values = dict[str, tuple[Any, Vantage]]


def rest_of_host(local: Sequence[str], dns: Sequence[str], interface: str) -> Values:
    """Return the values of a host with these local addresses, whose name VMM resolves so."""
    groups: list[tuple[FactGroup[Any], Any]] = [
        (
            host.OPERATING_SYSTEM,
            host.OperatingSystem(9200, "6.2.9200", "Microsoft Windows Server 2012 Standard"),
        ),
        (clock.CLOCK, clock.Clock(ASKED)),
        (policy_rights.POLICY_RIGHTS, policy_rights.PolicyRights(logged=True)),
        (policy_rights.LOGGED_POLICIES, (policy_rights.Policy("cn={1}", "Default Domain Policy"),)),
        (tcp_settings.DYNAMIC_PORTS, (tcp_settings.DynamicPorts("Internet", 49152, 16384),)),
        (
            adapters.INTERFACE_MTUS,
            tuple(adapters.InterfaceMtu(interface, version, 1500) for version in (4, 6)),
        ),
        (adapters.ADAPTER_RDMA, ()),
        (network.ROUTES, routes(local)),
        (network.BITS_SOCKETS, ()),
        (processor.PROCESSORS, (processor.Processor("GenuineIntel", "Xeon", "BFEBFBFF000806F8"),)),
        (virtualization.VIRTUAL_SWITCHES, (virtualization.VirtualSwitch("C1", "Tenants"),)),
        (virtualization.MIGRATION_ANSWER, virtualization.MigrationAnswer(0)),
        *machine_groups(RUNNING_MACHINE),
        (virtual_ports.VIRTUAL_PORTS, (connected(RUNNING_MACHINE, "C1"), UPLINK)),
        (machine_values.PROCESSOR_MICROCODE, machine_values.Microcode("0x2B0005C0")),
        (machine_values.PATCH_LEVEL, machine_values.PatchLevel(25000)),
        *DEVICE_GROUPS,
        *DRAIN_GROUPS,
        (cluster.CLUSTER, cluster.Cluster(None, None)),
        (cluster.CLUSTER_NETWORKS, ()),
        (cluster_interfaces.CLUSTER_INTERFACES, ()),
        (cluster_nodes.CLUSTER_NODES, ()),
        (cluster.CLUSTER_MIGRATION_NETWORKS, cluster.ClusterMigrationNetworks((), ())),
        (cluster_groups.CLUSTER_GROUPS, ()),
        # Of a node: a host outside clusters is not asked for it.
        (cluster_groups.CLUSTER_RESOURCES, (role_of(RUNNING_MACHINE),)),
        (cluster_owners.CLUSTER_POSSIBLE_OWNERS, ()),
        (cluster_owners.CLUSTER_MOVE_TYPE, cluster_owners.NOT_SET),
        (cluster_quorum.CLUSTER_QUORUM, cluster_quorum.NO_ANSWER),
        (cluster_storage.CLUSTER_SHARED_VOLUMES, ()),
        (cluster_storage.STORAGE_VOLUMES, ()),
        (cluster_storage.STORAGE_JOBS, ()),
        (cluster_storage.STORAGE_POOLS, ()),
        (cluster_storage.STORAGE_VIRTUAL_DISKS, ()),
        (
            firewall.FIREWALL_PROFILES,
            tuple(
                firewall.FirewallProfile(name, True, firewall.BLOCK, None)
                for name in ("Domain", "Private", "Public")
            ),
        ),
        (firewall.FIREWALL_RULES, (firewall.FirewallRule(RULE, True, firewall.ALLOW, 0),)),
        (firewall_filters.FIREWALL_PORTS, (firewall_filters.PortFilter(RULE, "TCP", ("6600",)),)),
        (
            firewall_filters.FIREWALL_ADDRESSES,
            (firewall_filters.AddressFilter(RULE, ("Any",), ("Any",)),),
        ),
        (firewall_filters.FIREWALL_PROGRAMS, (firewall_filters.ProgramFilter(RULE, VMMS_PROGRAM),)),
        (firewall_filters.FIREWALL_SERVICES, (firewall_filters.ServiceFilter(RULE, "vmms"),)),
        (firewall.CONNECTION_PROFILES, (firewall.ConnectionProfile(interface, 2),)),
    ]
    values = {group.name: (value, Vantage.HOST) for group, value in groups}
    data = probes_of({(each, port): 0 for each in dns for port in vmm.DATA_PORTS})
    rating = vmm.HostRating("web01", found=1, current_host=None, rating=5.0)
    values[vmm.VMM_RATING.name] = (rating, Vantage.VMM)
    values[vmm.VMM_DATA_PORTS.name] = (vmm.VmmProbes(data), Vantage.VMM)
    return values


def routes(local: Sequence[str], gateway: str | None = GATEWAY) -> tuple[network.Route, ...]:
    """Return a route to the subnet of each local address, and one by the gateway to the rest."""
    own = [(each, None) for each in local if ":" not in each]
    return routes_by([*own, *([("0.0.0.0/0", gateway)] if gateway is not None else [])])
