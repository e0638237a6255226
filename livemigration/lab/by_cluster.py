"""What the commands of a fix change of a simulated cluster: its limit, its networks, its roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from livemigration.facts.cluster import EXCLUDED_NETWORKS, NETWORK_ORDER
from livemigration.facts.cluster_groups import VIRTUAL_MACHINE, VM_CONFIGURATION
from livemigration.facts.cluster_owners import MOVE_TYPE_THRESHOLD
from livemigration.lab.by_hand import Change
from livemigration.lab.fleet import Fleet, FleetHost
from livemigration.lab.fleet_vms import FleetVm
from livemigration.lab.guids import identifier
from livemigration.verdict.findings import Fix

_LIMIT = re.compile(r"\$cluster\.MaximumParallelMigrations = (\d+)")
_PARAMETER = re.compile(
    r"\$type \| Set-ClusterParameter -Name '(?P<name>\w+)' (?:-Value (?P<value>.+)|-Delete)"
)
_OWNERS = re.compile(
    r"Set-ClusterOwnerNode -InputObject \$cluster -Resource '(?P<resource>(?:[^']|'')+)' "
    r"-Owners @\((?P<owners>[^()]*)\)"
)
_OF_A_ROLE = {VIRTUAL_MACHINE: "owners", VM_CONFIGURATION: "configuration_owners"}


def of_cluster(fleet: Fleet, host: FleetHost, fix: Fix) -> Change:
    """Return the fields of a host's cluster that a fix changes by its commands."""
    if host.cluster is None:
        return {}
    found: Change = {}
    for line in fix.commands:
        if match := _LIMIT.fullmatch(line):
            found["maximum_parallel_migrations"] = int(match[1])
        if match := _PARAMETER.fullmatch(line):
            change = _PARAMETERS.get(match["name"])
            value = (match["value"] or "").strip("'")
            found |= change(fleet, host.cluster, value) if change is not None else {}
    return found


def _threshold(_fleet: Fleet, _cluster: str, value: str) -> Change:
    return {"move_type_threshold": int(value) if value else None}


def _networks(field: str) -> Callable[[Fleet, str, str], Change]:
    """Return what sets a list of networks; what is gone of them both lists keep."""

    def change(fleet: Fleet, cluster: str, value: str) -> Change:
        names = {identifier(cluster, each): each for each in fleet.cluster_networks(cluster)}
        wanted = [each for each in value.split(";") if each]
        gone = (*fleet.clusters[cluster].forgotten, *(each for each in wanted if each not in names))
        chosen = tuple(names[each] for each in wanted if each in names)
        return {field: chosen, "forgotten": tuple(dict.fromkeys(gone))}

    return change


_PARAMETERS: Mapping[str, Callable[[Fleet, str, str], Change]] = {
    EXCLUDED_NETWORKS: _networks("excluded"),
    NETWORK_ORDER: _networks("order"),
    MOVE_TYPE_THRESHOLD: _threshold,
}


def of_roles(host: FleetHost, commands: Iterable[str]) -> Change:
    """Return a node's virtual machines with the possible owners that commands give them."""
    owners: dict[str, tuple[str, ...]] = {}
    for line in commands:
        if match := _OWNERS.fullmatch(line):
            names = re.findall(r"'([^']*)'", match["owners"])
            owners[match["resource"].replace("''", "'")] = tuple(names)
    roles = {each.name: _role(each, owners) for each in host.vms}
    if not any(roles.values()):
        return {}
    whole = [each.model_dump(mode="json", exclude_defaults=True) for each in host.vms]
    return {
        "vms": [{**each, "role": {**each.get("role", {}), **roles[each["name"]]}} for each in whole]
    }


def _role(vm: FleetVm, owners: Mapping[str, tuple[str, ...]]) -> Change:
    return {
        field: owners[f"{kind} {vm.name}"]
        for kind, field in _OF_A_ROLE.items()
        if f"{kind} {vm.name}" in owners
    }
