"""What carrying out one fix changes in a fleet, beside what the fix says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from expectation import fix_words
from fleet_runs import Judged

from livemigration.facts.cluster import EXCLUDED_NETWORKS, NETWORK_ORDER
from livemigration.facts.cluster_owners import MOVE_TYPE_THRESHOLD
from livemigration.lab.apply import apply
from livemigration.lab.fleet import Fleet, FleetHost
from livemigration.lab.fleet_values import FleetModel
from livemigration.verdict.findings import Fix, Level

Named = Callable[[FleetHost, FleetHost, str], bool]


def _says(pattern: str) -> Named:
    return lambda _before, _after, text: re.search(pattern, text) is not None


def _names(text: str, address: str) -> bool:
    """Whether a text names an address of the fleet, or the subnet that it is in."""
    return re.search(rf"\b127\.\d+\.{re.escape(address)}\b(?!\.)", text) is not None


def _names_subnet(text: str, address: str) -> bool:
    return _names(text, f"{address.rpartition('.')[0]}.0") or _names(text, address)


def _networks(before: FleetHost, after: FleetHost, text: str) -> bool:
    if after.networks == "any":
        return "-UseAnyMigrationSubnet $true" in text
    chosen = (before.addresses.get(each, each.partition("/")[0]) for each in after.networks)
    return all(_names_subnet(text, each) for each in chosen)


def _dns(before: FleetHost, after: FleetHost, text: str) -> bool:
    was = (before.management,) if before.dns is None else before.dns
    now = (after.management,) if after.dns is None else after.dns
    added = [each for each in now if each not in was]
    gone = [each for each in was if each not in now]
    registered = "the management address of the host" in text
    return bool(now) and all(_names(text, each) for each in gone) and (not added or registered)


def _closed(before: FleetHost, after: FleetHost, text: str) -> bool:
    opened = set(before.closed) - set(after.closed)
    return all(_names(text, before.addresses[each]) for each in opened)


def _services(before: FleetHost, after: FleetHost, text: str) -> bool:
    changed = {name for name, state in after.states.items() if before.states.get(name) != state}
    called = {"SCVMMAgent": "SCVMMAgent|installs the agent"}
    return all(re.search(called.get(name, rf"\b{name}\b"), text) for name in changed)


def _authentication(_before: FleetHost, after: FleetHost, text: str) -> bool:
    return ("CredSSP", "Kerberos")[after.authentication] in text


# What a fix must say of each field of a host that it changes; no other field may change.
FIELDS: Mapping[str, Named] = {
    "access": _says("account of this run access|account accepted"),
    "authentication": _authentication,
    "closed": _closed,
    "control": _says(r"TCP port \d+|listens on port \d+"),
    "dns": _dns,
    "down": _says("Get .* to answer"),
    "enabled": _says(r"-EnableLiveMigration \$true"),
    "firewall": _says("NetFirewallRule"),
    "half_any": _says(
        r"-UseAnyMigrationSubnet|-MigrationSubnet|select the networks again"
        "|select the option that uses these networks"
    ),
    "maximum_migrations": lambda _, after, text: (
        f"-LiveMigrationMaximum {after.maximum_migrations}" in text
    ),
    "migration_answer": _says("call Hyper-V|the migration service"),
    "networks": _networks,
    "no_listener": _says("Bring back the listener on port 6600"),
    "port_owner": _says("Free TCP port 6600"),
    "performance": _says("-MigrationPerformanceOption"),
    "record": _says("Refresh|does not list"),
    "services": _services,
    "tags": _says(r"-UseAnyMigrationSubnet \$true|-MigrationSubnet"),
    "vms": _says("Set-ClusterOwnerNode"),
    "workgroup": _says("Join the host to a domain"),
}
# And of each field of a cluster.
OF_CLUSTER: Mapping[str, str] = {
    "excluded": EXCLUDED_NETWORKS,
    "maximum_parallel_migrations": "MaximumParallelMigrations",
    "move_type_threshold": MOVE_TYPE_THRESHOLD,
    "order": NETWORK_ORDER,
}


def _only(results: Judged, target: str, fix: Fix) -> Iterator[Any]:
    """Yield the results of a target with this fix alone, each red."""
    for (_, name), result in results.items():
        findings = tuple(each for each in result.findings if each.fix == fix)
        if name == target and findings:
            yield replace(result, red=True, findings=findings)


def more_than_said(fleet: Fleet, results: Judged) -> list[str]:
    """Return each change of a fleet, by one fix alone, of which the fix says nothing."""
    found = []
    hosts = {host.name: host for host in fleet.hosts}
    fixes = {
        (target, finding.fix): None
        for (_, target), result in results.items()
        for finding in result.findings
        if finding.fix is not None and finding.level in {Level.FAIL, Level.WARNING}
    }
    for target, fix in fixes:
        mended = apply(fleet, _only(results, target, fix)).fleet
        for host in mended.hosts:
            found += [
                f"{host.name}: {field} by {fix.key} of {target}: {fix.summary}"
                for field in _changed(hosts[host.name], host)
                if host.name != target
                or field not in FIELDS
                or not FIELDS[field](hosts[target], host, fix_words(fix))
            ]
        changed = mended.model_dump(exclude={"hosts", "clusters"})
        assert changed == fleet.model_dump(exclude={"hosts", "clusters"})
        found += [
            f"{name}: {field} by {fix.key} of {target}: {fix.summary}"
            for name, cluster in mended.clusters.items()
            for field in _changed(fleet.clusters[name], cluster)
            if field not in OF_CLUSTER or OF_CLUSTER[field] not in fix_words(fix)
        ]
    return found


def _changed(before: FleetModel, after: FleetModel) -> list[str]:
    fields = type(before).model_fields
    return [name for name in fields if getattr(before, name) != getattr(after, name)]
