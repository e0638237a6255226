"""Groups and resources of a simulated cluster: each node shows those of all nodes."""

from __future__ import annotations

from collections.abc import Iterator

from livemigration.facts.cim import EmbeddedObject, ObjectReference, WmiClass
from livemigration.facts.cluster import CLUSTER_NAMESPACE
from livemigration.facts.cluster_groups import GROUP_OF_A_VM, VIRTUAL_MACHINE, VM_CONFIGURATION
from livemigration.facts.cluster_preferences import (
    DIFFERENT_FAULT_DOMAIN,
    DIFFERENT_NODE,
    SAME_FAULT_DOMAIN,
    SAME_NODE,
)
from livemigration.facts.windows import WINDOWS_SERVER_23H2, WINDOWS_SERVER_2019
from livemigration.lab.fleet_cluster_roles import AffinityKind
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_vms import FleetVm
from livemigration.lab.instances_cluster import ask_provider
from livemigration.lab.rows import Row
from livemigration.lab.world import World

_CLUSTER_GROUP, _AVAILABLE_STORAGE = "Cluster Group", "Available Storage"
_OF_THE_CLUSTER, _OF_STORAGE = 1, 2
_MEDIUM = 2000
_ONLINE, _OFFLINE = 0, 1
_RESOURCE_ONLINE, _RESOURCE_OFFLINE, _RESOURCE_FAILED = 2, 3, 4
_LOCKED_MODE = 1
_NO_PROPERTIES = EmbeddedObject(())
_NODE, _RESOURCE, _GROUP = (
    WmiClass(CLUSTER_NAMESPACE, f"MSCluster_{name}", ())
    for name in ("Node", "Resource", "ResourceGroup")
)
_RULES: dict[AffinityKind, int] = {
    "same-fault-domain": SAME_FAULT_DOMAIN,
    "same-node": SAME_NODE,
    "different-fault-domain": DIFFERENT_FAULT_DOMAIN,
    "different-node": DIFFERENT_NODE,
}


def _roles(world: World, cluster: str) -> Iterator[tuple[FleetHost, FleetVm]]:
    """Yield the virtual machines that are roles of a cluster, each with its node."""
    for node in world.fleet.nodes(cluster):
        for vm in node.vms:
            if vm.clustered:
                yield node, vm


def _group(name: str, kind: int, owner: str) -> Row:
    return {
        "AntiAffinityClassNames": None,
        "GroupType": kind,
        "Name": name,
        "OwnerNode": owner,
        "Priority": _MEDIUM,
        "State": _ONLINE,
        "StatusInformation": 0,
    }


def _resource(name: str, kind: str, group: str, owner: str) -> Row:
    return {
        "IsClusterSharedVolume": False,
        "Name": name,
        "OwnerGroup": group,
        "OwnerNode": owner,
        "PrivateProperties": _NO_PROPERTIES,
        "State": _RESOURCE_ONLINE,
        "Type": kind,
    }


def _first_node(world: World, cluster: str) -> str:
    return world.fleet.nodes(cluster)[0].short_name


def _groups(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    ask_provider(host)
    first = _first_node(world, host.cluster)
    later = world.system(host).build >= WINDOWS_SERVER_23H2
    storage = _group(_AVAILABLE_STORAGE, _OF_STORAGE, first) | {"State": _OFFLINE}
    return [
        _group(_CLUSTER_GROUP, _OF_THE_CLUSTER, first),
        storage,
        *(_role(node, vm, later=later) for node, vm in _roles(world, host.cluster)),
    ]


def _role(node: FleetHost, vm: FleetVm, *, later: bool) -> Row:
    row = _group(vm.name, GROUP_OF_A_VM, node.short_name) | {
        "AntiAffinityClassNames": vm.role.anti_affinity or None,
        "Priority": vm.role.priority,
        "State": _ONLINE if vm.runs else _OFFLINE,
        "StatusInformation": _LOCKED_MODE * vm.role.locked,
    }
    return row | {"LockedFromMoving": int(vm.role.locked)} if later else row


def _resources(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    ask_provider(host)
    cluster, first = world.fleet.clusters[host.cluster], _first_node(world, host.cluster)
    listed = cluster.private_properties == "listed"
    found = [
        _resource("Cluster IP Address", "IP Address", _CLUSTER_GROUP, first),
        _resource("Cluster Name", "Network Name", _CLUSTER_GROUP, first),
    ]
    for name, volume in cluster.volumes.items():
        row = _resource(f"Cluster Disk {name}", "Physical Disk", name, first)
        row["IsClusterSharedVolume"] = True
        row["State"] = _RESOURCE_FAILED if volume.failed else _RESOURCE_ONLINE
        found.append(row)
    for node, vm in _roles(world, host.cluster):
        found += _resources_of(node, vm)
    return found if listed else [row | {"PrivateProperties": None} for row in found]


def _resources_of(node: FleetHost, vm: FleetVm) -> Iterator[Row]:
    for kind in (VIRTUAL_MACHINE, VM_CONFIGURATION):
        row = _resource(f"{kind} {vm.name}", kind, vm.name, node.short_name)
        # The configuration is online while the machine is off.
        on = vm.runs or kind == VM_CONFIGURATION
        row["State"] = _RESOURCE_ONLINE if on else _RESOURCE_OFFLINE
        row["PrivateProperties"] = EmbeddedObject((("VmID", vm.identifier.lower()),))
        yield row


def of_one(world: World, host: FleetHost, row: Row) -> Row:
    """Return a resource as a Get shows it: with private properties, where it has any to show."""
    if host.cluster is None or world.fleet.clusters[host.cluster].private_properties != "singly":
        return row
    own = (each for node, vm in _roles(world, host.cluster) for each in _resources_of(node, vm))
    whole = next((each for each in own if each["Name"] == row["Name"]), None)
    properties = whole["PrivateProperties"] if whole is not None else _NO_PROPERTIES
    return row | {"PrivateProperties": properties}


def _possible_owners(world: World, host: FleetHost) -> list[Row] | None:
    rows = _resources(world, host)
    if rows is None or host.cluster is None:
        return None
    nodes = tuple(each.short_name for each in world.fleet.nodes(host.cluster))
    own: dict[str, tuple[str, ...] | None] = {}
    for _, vm in _roles(world, host.cluster):
        own[f"{VIRTUAL_MACHINE} {vm.name}"] = vm.role.owners
        own[f"{VM_CONFIGURATION} {vm.name}"] = vm.role.configuration_owners
    return [
        {
            "GroupComponent": _reference(_RESOURCE, str(row["Name"])),
            "PartComponent": _reference(_NODE, node.upper()),
        }
        for row in rows
        for node in _owners(own.get(str(row["Name"])), nodes)
    ]


def _owners(given: tuple[str, ...] | None, nodes: tuple[str, ...]) -> tuple[str, ...]:
    return nodes if given is None else given


def _reference(of_class: WmiClass, name: str) -> ObjectReference:
    return ObjectReference(of_class.resource_uri, (("Name", name),))


def _preferred_owners(world: World, host: FleetHost) -> list[Row] | None:
    if host.cluster is None:
        return None
    ask_provider(host)
    return [
        {
            "GroupComponent": _reference(_GROUP, vm.name),
            "PartComponent": _reference(_NODE, node.upper()),
        }
        for _, vm in _roles(world, host.cluster)
        for node in vm.role.preferred
    ]


def _affinity_rules(world: World, host: FleetHost) -> list[Row] | None:
    build = world.system(host).build
    if host.cluster is None or build < WINDOWS_SERVER_2019:
        return None
    ask_provider(host)
    soft = build >= WINDOWS_SERVER_23H2
    return [
        {
            "Enabled": int(rule.enabled),
            "Groups": rule.roles,
            "Name": rule.name,
            "RuleType": _RULES[rule.kind],
            **({"SoftAntiAffinity": int(rule.soft)} if soft else {}),
        }
        for rule in world.fleet.clusters[host.cluster].affinity_rules
    ]


MAKERS = {
    "MSCluster_ResourceGroupToPreferredNode": _preferred_owners,
    "MSCluster_AffinityRule": _affinity_rules,
    "MSCluster_ResourceGroup": _groups,
    "MSCluster_Resource": _resources,
    "MSCluster_ResourceToPossibleOwner": _possible_owners,
}
