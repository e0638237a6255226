"""What is read of one host, over real sockets, and what becomes of a group that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import wsman_replies as soap
from asked_host import EVERYTHING, Asked, healthy
from windows_host import (
    METHODS,
    NO_CLASS,
    NO_NAMESPACE,
    RULE,
    SERVER_2022,
    Instances,
    nested_fault,
)

from livemigration.facts.cluster import (
    CLUSTER,
    CLUSTER_MIGRATION_NETWORKS,
    CLUSTER_NETWORKS,
    Cluster,
    ClusterMigrationNetworks,
)
from livemigration.facts.firewall import (
    ALLOW,
    CONNECTION_PROFILES,
    FIREWALL_PROFILES,
    FIREWALL_RULES,
)
from livemigration.facts.firewall_filters import (
    FIREWALL_ADDRESSES,
    FIREWALL_PORTS,
    FIREWALL_PROGRAMS,
    FIREWALL_SERVICES,
)
from livemigration.facts.host import (
    DEVICE_GUARD,
    HOST_ACCESS,
    OPERATING_SYSTEM,
    SERVICES,
    DeviceGuard,
)
from livemigration.facts.migration import LISTENERS, MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    Inapplicable,
    NotGathered,
)
from livemigration.facts.network import ROUTES
from livemigration.facts.registry import HOST_WMI_GROUPS
from livemigration.facts.virtualization import MIGRATION_ANSWER

CLUSTERING = (CLUSTER, CLUSTER_NETWORKS)
NODE = {
    "Win32_Service": (
        {"Name": "vmms", "ProcessId": 1000, "StartMode": "Auto", "State": "Running"},
        {"Name": "ClusSvc", "ProcessId": 1200, "StartMode": "Auto", "State": "Running"},
    )
}
CLASSES = ("MSCluster_Cluster", "MSCluster_Network")
NETWORKS = "Msvm_VirtualSystemMigrationNetworkSettingData"


def test_every_group_is_read_over_one_connection() -> None:
    asked = healthy()
    assert asked.connections == 1
    assert asked.value(OPERATING_SYSTEM).build == 20348
    assert asked.value(MIGRATION_SETTINGS).compression is True
    (network,) = asked.value(MIGRATION_NETWORKS)
    assert (str(network.subnet), network.metric) == ("10.0.50.0/24", None)
    assert network.tags == ("Microsoft:UserManaged",)
    assert [str(each) for each in asked.value(LISTENERS).listeners] == ["10.0.50.11", "fe80::1"]
    assert asked.value(DEVICE_GUARD).credential_guard_running


def test_every_fact_says_when_it_was_read() -> None:
    before = datetime.now(UTC)
    outcomes = Asked().outcomes.values()
    moments = [each.at for each in outcomes if isinstance(each, Gathered) and each.at]
    assert len(moments) == len(outcomes)
    assert before <= min(moments) <= max(moments) <= datetime.now(UTC)


def test_the_firewall_is_read_with_the_filters_of_its_rules() -> None:
    asked = healthy()
    domain, public = asked.value(FIREWALL_PROFILES)
    assert (domain.enabled, domain.local_rules) == (True, False)
    assert (public.enabled, public.local_rules) == (False, None)
    (rule,) = asked.value(FIREWALL_RULES)
    assert (rule.identifier, rule.enabled, rule.action) == (RULE, True, ALLOW)
    assert asked.value(FIREWALL_PORTS)[0].local_ports == ("6600",)
    assert asked.value(FIREWALL_ADDRESSES)[0].remote == ("10.0.0.0/24", "Any")
    assert [each.program for each in asked.value(FIREWALL_PROGRAMS)] == [
        r"%systemroot%\system32\vmms.exe",
        "Any",
    ]
    assert asked.value(FIREWALL_SERVICES)[0].service == "vmms"
    (connection,) = asked.value(CONNECTION_PROFILES)
    assert (connection.profile, connection.bit) == ("Domain", 1)


def test_hosts_that_say_the_same_share_what_it_was_read_into() -> None:
    rules = (FIREWALL_RULES, FIREWALL_PORTS, FIREWALL_ADDRESSES, FIREWALL_PROGRAMS)
    groups = (ROUTES, MIGRATION_SETTINGS, *rules, FIREWALL_SERVICES)
    wanted = tuple(each.name for each in groups)
    other = Asked(wanted=wanted)
    rule = {"Action": 2, "Direction": 1, "Enabled": 1, "InstanceID": RULE, "Profiles": 7}
    different = Asked({**SERVER_2022, "MSFT_NetFirewallRule": (rule,)}, wanted)
    assert all(healthy().value(each) is other.value(each) for each in groups)
    assert different.value(ROUTES) is other.value(ROUTES)
    assert different.value(FIREWALL_RULES) != other.value(FIREWALL_RULES)


def test_routes_tell_a_gateway_from_a_subnet_of_the_host() -> None:
    routes = {str(each.destination): each.next_hop for each in healthy().value(ROUTES)}
    assert str(routes["0.0.0.0/0"]) == "10.0.0.1"
    assert routes["10.0.50.0/24"] is None
    assert routes["fe80::/64"] is None


def test_a_cluster_tells_its_networks_and_how_many_vms_move_at_once() -> None:
    asked = Asked(wanted=tuple(each.name for each in (*CLUSTERING, CLUSTER_MIGRATION_NETWORKS)))
    assert asked.value(CLUSTER) == Cluster("cl01", 1)
    (network,) = asked.value(CLUSTER_NETWORKS)
    assert (str(network.subnet), network.role, network.state) == ("10.0.50.0/24", 3, 3)
    assert asked.value(CLUSTER_MIGRATION_NETWORKS) == ClusterMigrationNetworks(("n2", "n3"), ())


@pytest.mark.parametrize("code", [NO_CLASS, NO_NAMESPACE])
def test_a_host_without_the_cluster_feature_is_in_no_cluster(code: int) -> None:
    table = {**SERVER_2022, **dict.fromkeys(CLASSES, nested_fault(code))}
    asked = Asked(table, wanted=tuple(each.name for each in CLUSTERING))
    assert asked.value(CLUSTER) == Cluster(None, None)
    assert asked.value(CLUSTER_NETWORKS) == ()


def test_a_cluster_without_a_limit_of_its_own_has_none() -> None:
    table = {**SERVER_2022, **NODE, "MSCluster_Cluster": ({"Name": "cl01"},)}
    assert Asked(table).value(CLUSTER) == Cluster("cl01", None)


def test_a_host_without_the_cluster_service_is_not_asked_for_its_cluster() -> None:
    names = (SERVICES.name, *(group.name for group in CLUSTERING))
    alone, node = Asked(wanted=names), Asked({**SERVER_2022, **NODE}, wanted=names)
    assert (alone.value(CLUSTER), alone.value(CLUSTER_NETWORKS)) == (Cluster(None, None), ())
    assert not [each for each in alone.requests if b"MSCluster_" in each]
    assert node.value(CLUSTER) == Cluster("cl01", 1)
    assert len([each for each in node.requests if b"MSCluster_" in each]) == len(CLUSTERING)


def test_the_migration_service_is_asked_about_the_host_itself() -> None:
    asked = Asked(wanted=(MIGRATION_ANSWER.name,))
    assert asked.value(MIGRATION_ANSWER).return_value == 0
    request = asked.requests[-1].decode()
    assert '<w:Selector Name="Name">migrationwmi</w:Selector>' in request
    reference = request.partition("<m:ComputerSystem>")[2]
    assert "root/virtualization/v2/Msvm_ComputerSystem</w:ResourceURI>" in reference
    assert '<w:Selector Name="Name">HV01</w:Selector>' in reference


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (soap.fault(5), FailureKind.ACCESS_DENIED),
        (soap.fault(2150858752), FailureKind.FAULT),
        ("<p:ReturnValue>yes</p:ReturnValue>", FailureKind.PROTOCOL),
    ],
)
def test_a_method_that_fails_is_a_failure_of_its_group(
    content: str, kind: FailureKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(METHODS, "GetSystemCompatibilityInfo", content)
    failure = Asked(wanted=(MIGRATION_ANSWER.name,)).failure(MIGRATION_ANSWER)
    assert failure.kind is kind
    assert "Msvm_VirtualSystemMigrationService.GetSystemCompatibilityInfo" in failure.tried


def test_only_the_wanted_groups_are_asked_and_what_explains_them() -> None:
    asked = Asked(wanted=(LISTENERS.name,))
    assert set(asked.outcomes) == {
        HOST_ACCESS.name,
        OPERATING_SYSTEM.name,
        SERVICES.name,
        LISTENERS.name,
    }
    assert len(asked.requests) == 3


def test_an_old_host_is_not_asked_for_what_it_cannot_have() -> None:
    table = dict(SERVER_2022)
    table["Win32_OperatingSystem"] = (
        {"BuildNumber": "7601", "Caption": "Server 2008 R2", "Version": "6.1.7601"},
    )
    asked = Asked(table)
    absent = {name for name, each in asked.outcomes.items() if isinstance(each, Inapplicable)}
    later = [group for group in HOST_WMI_GROUPS if group.minimum_build]
    assert absent == {group.name for group in later if group.when_absent is None}
    # What came later and may be absent is absent there, and is not asked for either.
    for group in (each for each in later if each.when_absent is not None):
        assert asked.value(group) == group.when_absent
    (reason,) = {each.reason for each in asked.outcomes.values() if isinstance(each, Inapplicable)}
    assert "7601" in reason
    assert "root/virtualization/v2" in reason
    assert not any(b"Msvm_" in request or b"MSFT_" in request for request in asked.requests)
    assert isinstance(asked.outcomes[SERVICES.name], Gathered)


@pytest.mark.parametrize("code", [NO_CLASS, NO_NAMESPACE])
@pytest.mark.parametrize("form", [soap.fault, nested_fault])
def test_a_host_without_device_guard_runs_no_credential_guard(code: int, form: Any) -> None:
    asked = Asked({**SERVER_2022, "Win32_DeviceGuard": form(code)})
    assert asked.value(DEVICE_GUARD) == DeviceGuard(())


def test_device_guard_that_may_not_be_read_is_not_taken_for_absent() -> None:
    asked = Asked({**SERVER_2022, "Win32_DeviceGuard": nested_fault(0x80041003)})
    assert asked.failure(DEVICE_GUARD).kind is FailureKind.ACCESS_DENIED


def test_properties_that_an_old_class_lacks_are_not_false() -> None:
    rows = SERVER_2022["Msvm_VirtualSystemMigrationServiceSettingData"]
    assert not isinstance(rows, str)
    settings = rows[0]
    old = {k: v for k, v in settings.items() if not k.startswith("Enable") or "System" in k}
    asked = Asked({**SERVER_2022, "Msvm_VirtualSystemMigrationServiceSettingData": (old,)})
    assert asked.value(MIGRATION_SETTINGS).compression is None
    assert asked.value(MIGRATION_SETTINGS).smb is None


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (soap.fault(2150858778), FailureKind.FAULT),
        (soap.fault(5), FailureKind.ACCESS_DENIED),
        (({"PrefixLength": "many", "SubnetNumber": "10.0.0.0", "Tags": ()},), FailureKind.PROTOCOL),
        (({"PrefixLength": 24, "SubnetNumber": "nowhere", "Tags": ()},), FailureKind.MISSING),
    ],
)
def test_one_group_that_fails_takes_no_other_with_it_and_no_connection(
    content: Instances | str, kind: FailureKind
) -> None:
    asked = Asked({**SERVER_2022, NETWORKS: content})
    assert asked.failure(MIGRATION_NETWORKS).kind is kind
    assert asked.connections == 1
    failed = {name for name, each in asked.outcomes.items() if isinstance(each, NotGathered)}
    assert failed == {MIGRATION_NETWORKS.name}


def test_the_spelling_of_a_subnet_is_kept_where_it_is_unusual() -> None:
    rows = (
        {"PrefixLength": 0, "SubnetNumber": "::0", "Tags": ("x",)},
        {"PrefixLength": 24, "SubnetNumber": "10.0.50.7", "Tags": ("x",)},
    )
    networks = Asked({**SERVER_2022, NETWORKS: rows}).value(MIGRATION_NETWORKS)
    assert [str(each.subnet) for each in networks] == ["::/0", "10.0.50.0/24"]
    assert [each.spelling for each in networks] == ["::0/0", "10.0.50.7/24"]


@pytest.mark.parametrize(
    ("services", "came_back"),
    [
        (
            ({"Name": "vmms", "ProcessId": 0, "StartMode": "Auto", "State": "Stopped"},),
            "the service vmms, which provides them, does not run",
        ),
        (
            ({"Name": "vmms", "ProcessId": 8, "StartMode": "Auto", "State": "Start Pending"},),
            "the service vmms, which provides them, is still starting",
        ),
        (
            ({"Name": "WinRM", "ProcessId": 4, "StartMode": "Auto", "State": "Running"},),
            "the service vmms, which provides them, is not installed",
        ),
    ],
)
def test_a_missing_vmms_explains_what_its_provider_cannot_answer(
    services: Instances, came_back: str
) -> None:
    broken = nested_fault(NO_NAMESPACE)
    asked = Asked({**SERVER_2022, "Win32_Service": services, NETWORKS: broken})
    failure = asked.failure(MIGRATION_NETWORKS)
    assert (failure.root, failure.came_back) == ("LM302", came_back)


def test_a_host_that_hides_its_release_is_asked_for_everything_else() -> None:
    asked = Asked({**SERVER_2022, "Win32_OperatingSystem": soap.fault(5)})
    failed = {name for name, each in asked.outcomes.items() if isinstance(each, NotGathered)}
    assert failed == {OPERATING_SYSTEM.name}
    assert set(asked.outcomes) == {HOST_ACCESS.name, *EVERYTHING}
