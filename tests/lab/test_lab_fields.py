"""Each field of a fleet file about a host is what its classes then answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from in_turn import in_turn
from one_change import MANAGEMENT, MIGRATION, ON_MIGRATION, SERVER_2008_R2, SERVER_2012, world_of

from livemigration.facts.cluster import CLUSTER_PARAMETERS
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.lab import instances, instances_cluster
from livemigration.lab.faults import LabFault
from livemigration.lab.rows import Row

CLASSES = {each.name: each for each in (group.query.wmi_class for group in HOST_WMI_GROUPS)}
LINK_LOCAL = ("fe80::100:7f:fffe", "fe80::5efe:127.20.1.11")
NOWHERE = "0.0.0.0"  # noqa: S104 - how Windows writes a route without a gateway


def values(change: Mapping[str, Any], class_name: str, name: str) -> list[Any] | None:
    """Return a property's value in each instance; None: the host does not have the class."""
    world, host = world_of(change, firewall_rules=0)
    found = instances.rows(world, host, CLASSES[class_name].namespace, class_name)
    return None if found is None else [each.get(name) for each in found]


SETTINGS = "Msvm_VirtualSystemMigrationServiceSettingData"
NETWORKS = "Msvm_VirtualSystemMigrationNetworkSettingData"
SERVICE, LISTENERS = "Msvm_VirtualSystemMigrationService", "MigrationServiceListenerIPAddressList"
RULE = "VIRT-MIGL-In-TCP-NoScope"
INTERFACES = "MSFT_NetIPInterface"

FIELDS: list[tuple[dict[str, Any], str, str, list[Any] | None]] = [
    ({}, SETTINGS, "MaximumActiveVirtualSystemMigration", [2]),
    ({"maximum_migrations": 0}, SETTINGS, "MaximumActiveVirtualSystemMigration", [0]),
    ({"cluster": "cl"}, SETTINGS, "MaximumActiveVirtualSystemMigration", [1]),
    ({"performance": "smb"}, SETTINGS, "EnableSmbTransport", [True]),
    ({"performance": "smb"}, SETTINGS, "EnableCompression", [False]),
    ({"performance": "both"}, SETTINGS, "EnableCompression", [True]),
    ({"performance": "tcpip"}, SETTINGS, "EnableCompression", [False]),
    ({"system": SERVER_2012}, SETTINGS, "EnableCompression", [None]),
    ({"system": SERVER_2012}, "Win32_OperatingSystem", "BuildNumber", ["9200"]),
    ({"system": SERVER_2012}, "Win32_DeviceGuard", "SecurityServicesRunning", None),
    ({"system": SERVER_2008_R2}, SETTINGS, "EnableCompression", None),
    ({"system": SERVER_2008_R2}, "MSFT_NetRoute", "NextHop", None),
    ({"system": SERVER_2008_R2}, "MSFT_NetFirewallRule", "InstanceID", None),
    ({"enabled": False}, SERVICE, LISTENERS, [()]),
    ({}, INTERFACES, "NlMtu", [*[1500] * 4, *[2**32 - 1] * 2]),
    ({"mtu": {"migration": 9000}}, INTERFACES, "NlMtu", [1500, 1500, 9000, 9000, *[2**32 - 1] * 2]),
    ({"system": SERVER_2008_R2}, INTERFACES, "NlMtu", None),
    ({}, "MSFT_NetAdapterRdmaSettingData", "Name", []),
    ({"rdma": ["migration"]}, "MSFT_NetAdapterRdmaSettingData", "Name", ["migration"]),
    ({"system": SERVER_2008_R2}, "MSFT_NetAdapterRdmaSettingData", "Name", None),
    ({}, "MSFT_NetTCPSetting", "DynamicPortRangeStartPort", [None, *[49152] * 3]),
    (
        {"dynamic_ports": [10000, 5000]},
        "MSFT_NetTCPSetting",
        "DynamicPortRangeNumberOfPorts",
        [None, *[5000] * 3],
    ),
    ({"system": SERVER_2008_R2}, "MSFT_NetTCPSetting", "SettingName", None),
    ({}, "RSOP_UserPrivilegeRight", "UserRight", []),
    (
        {"policy_rights": {"SeServiceLogonRight": ["S-1-5-20"]}},
        "RSOP_UserPrivilegeRight",
        "AccountList",
        [("S-1-5-20",)],
    ),
    (
        {"policy_rights": {"SeServiceLogonRight": []}, "rsop": "off"},
        "RSOP_UserPrivilegeRight",
        "UserRight",
        [],
    ),
    ({"rsop": "missing"}, "RSOP_UserPrivilegeRight", "UserRight", None),
    ({}, "RSOP_GPO", "name", ["Default Domain Policy"]),
    ({"rsop": "off"}, "RSOP_GPO", "name", []),
    ({"rsop": "missing"}, "RSOP_GPO", "name", None),
    ({"authentication": 0}, SETTINGS, "AuthenticationType", [0]),
    ({}, "Win32_DeviceGuard", "SecurityServicesRunning", [(0,)]),
    ({"credential_guard": True}, "Win32_DeviceGuard", "SecurityServicesRunning", [(1,)]),
    ({}, "Win32_ComputerSystem", "PartOfDomain", [True]),
    ({"workgroup": True}, "Win32_ComputerSystem", "PartOfDomain", [False]),
    ({"workgroup": True}, "Win32_ComputerSystem", "Domain", ["WORKGROUP"]),
    ({"workgroup": True}, "MSFT_NetConnectionProfile", "NetworkCategory", [0, 0]),
    ({}, "MSFT_NetConnectionProfile", "NetworkCategory", [2, 0]),
    ({}, "Win32_Service", "Name", ["vmms", "SCVMMAgent"]),
    ({"cluster": "cl"}, "Win32_Service", "Name", ["vmms", "ClusSvc", "SCVMMAgent"]),
    (
        {"cluster": "cl", "services": {"vmms": "Running", "ClusSvc": "Stopped"}},
        "Win32_Service",
        "State",
        ["Running", "Stopped"],
    ),
    ({}, "MSCluster_Cluster", "Name", None),
    ({"cluster": "cl"}, "MSCluster_Cluster", "Name", ["cl"]),
    ({"cluster": "cl"}, "MSCluster_Cluster", "MaximumParallelMigrations", [1]),
    ({"cluster": "cl"}, "MSCluster_Network", "Name", ["management", "migration"]),
    ({"cluster": "cl"}, "MSCluster_Network", "Address", ["127.20.1.0", "127.20.50.0"]),
    ({}, NETWORKS, "SubnetNumber", ["0.0.0.0", "::"]),  # noqa: S104 - any network
    ({"half_any": "v4"}, NETWORKS, "SubnetNumber", ["0.0.0.0"]),  # noqa: S104 - any network
    ({"half_any": "v6"}, NETWORKS, "SubnetNumber", ["::"]),
    ({"half_any": "v6"}, SERVICE, LISTENERS, [LINK_LOCAL]),
    (ON_MIGRATION, NETWORKS, "Tags", [("Microsoft:UserManaged",)]),
    ({**ON_MIGRATION, "tags": ["Other"]}, NETWORKS, "Tags", [("Other",)]),
    ({}, SERVICE, LISTENERS, [(MANAGEMENT, MIGRATION, *LINK_LOCAL)]),
    (ON_MIGRATION, SERVICE, LISTENERS, [(MIGRATION,)]),
    ({**ON_MIGRATION, "no_listener": True}, SERVICE, LISTENERS, [()]),
    ({"no_listener": True}, "MSFT_NetTCPConnection", "LocalAddress", []),
    (
        {**ON_MIGRATION, "extra_listeners": ["1.11", "fe80::9"]},
        SERVICE,
        LISTENERS,
        [(MIGRATION, MANAGEMENT, "fe80::9")],
    ),
    (
        {"networks": "none", "extra_listeners": ["1.11", "fe80::9"]},
        "MSFT_NetTCPConnection",
        "LocalAddress",
        [MANAGEMENT],
    ),
    ({"closed": ["management"]}, "MSFT_NetTCPConnection", "LocalAddress", [MIGRATION]),
    ({"switches": ["A", "B"]}, "Msvm_VirtualEthernetSwitch", "ElementName", ["A", "B"]),
    ({}, "MSFT_NetRoute", "NextHop", [NOWHERE, NOWHERE, "127.20.1.254"]),
    ({"gateway": "1.1"}, "MSFT_NetRoute", "NextHop", [NOWHERE, NOWHERE, "127.20.1.1"]),
    ({"gateway": "none"}, "MSFT_NetRoute", "NextHop", [NOWHERE, NOWHERE]),
    (
        {"gateway": "none", "routes": {"60.0/24": "50.1"}},
        "MSFT_NetRoute",
        "DestinationPrefix",
        ["127.20.1.0/24", "127.20.50.0/24", "127.20.60.0/24"],
    ),
    ({"firewall": {"profiles": "off"}}, "MSFT_NetFirewallProfile", "Enabled", [0, 0, 0]),
    ({}, "MSFT_NetFirewallProfile", "AllowLocalFirewallRules", [2, 2, 2]),
    (
        {"firewall": {"local_rules": "ignored"}},
        "MSFT_NetFirewallProfile",
        "AllowLocalFirewallRules",
        [0, 0, 0],
    ),
    ({}, "MSFT_NetFirewallRule", "InstanceID", ["WINRM-HTTP-In-TCP", RULE]),
    ({}, "MSFT_NetFirewallRule", "Enabled", [1, 1]),
    ({"firewall": {"rule": "disabled"}}, "MSFT_NetFirewallRule", "Enabled", [1, 2]),
    (
        {"firewall": {"rule": "missing"}},
        "MSFT_NetFirewallRule",
        "InstanceID",
        ["WINRM-HTTP-In-TCP"],
    ),
    ({"firewall": {"rule": "block"}}, "MSFT_NetFirewallRule", "Action", [2, 2, 4]),
    ({}, "MSFT_NetProtocolPortFilter", "LocalPort", [("5985",), ("6600",)]),
    ({}, "MSFT_NetServiceFilter", "ServiceName", ["Any", "vmms"]),
    (
        {"firewall": {"scope": ["migration", "1.12", "1.32/27", "LocalSubnet"]}},
        "MSFT_NetAddressFilter",
        "RemoteAddress",
        [("Any",), ("127.20.50.0/24", "127.20.1.12", "127.20.1.32/27", "LocalSubnet")],
    ),
]


@in_turn("change, class_name, name, expected", FIELDS)
def test_a_field_is_what_the_class_answers(
    change: dict[str, Any], class_name: str, name: str, expected: list[Any] | None
) -> None:
    assert values(change, class_name, name) == expected


def test_every_class_that_the_suite_reads_is_answered_by_a_cluster_node() -> None:
    system = {"build": 26100, "version": "10.0.26100", "caption": "Server 2025"}
    disc = {"disc": "D:\\linux.iso", "host_dvd": True}
    role = {"role": {"preferred": ["HV01"]}}
    vms = [{"name": "web01", "devices": {"gpu": "movable"}} | disc | role]
    said = {"devices": {"gpus": ["movable"]}, "planned": ["web02"], "moves": 1}
    said |= {"rdma": ["migration"], "policy_rights": {"SeServiceLogonRight": []}}
    team = {"team": {"migration": [1000, 1000]}}
    own = {"affinity_rules": [{"name": "apart", "roles": ["web01"]}]}
    s2d = {"storage_spaces_direct": True, "storage_jobs": [{"name": "Repair"}]}
    clusters = {"cl": s2d | own}
    world, host = world_of(
        {"cluster": "cl", "system": system, "vms": vms} | said | team, clusters=clusters
    )
    for each in CLASSES.values():
        assert instances.rows(world, host, each.namespace, each.name), each.name


def test_without_vmms_the_provider_of_hyper_v_does_not_load() -> None:
    with pytest.raises(LabFault, match="Provider load failure"):
        values({"services": {"vmms": "Stopped"}}, SETTINGS, "AuthenticationType")


def test_a_cluster_names_its_networks_in_the_registry_as_its_class_does() -> None:
    world, host = world_of({"cluster": "cl"})
    found: list[Row] = instances.rows(world, host, "root/MSCluster", "MSCluster_Network") or []
    identifiers = {row["Name"]: row["ID"] for row in found}
    assert instances_cluster.parameters(world, host) == {
        "MigrationExcludeNetworks": identifiers["management"]
    }
    assert CLUSTER_PARAMETERS.endswith(r"Virtual Machine\Parameters")
