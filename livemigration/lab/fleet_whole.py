"""What must hang together in a fleet file; each refusal says what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from livemigration.lab.fleet_cluster import FleetCluster, FleetNode
from livemigration.lab.fleet_directory import is_sid
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.fleet_values import (
    SCOPE_WORDS,
    is_address_range,
    is_fleet_address,
    is_ipv6_network,
    is_network,
)

# The rules that the lab's hosts have anyway.
_BUILT_IN = ("winrm-http-in-tcp", "virt-migl-in-tcp-noscope", "block-live-migration")


def once(what: str, values: list[str]) -> None:
    """Refuse what a fleet may have once, and has twice.

    Raises:
        ValueError: it has.
    """
    twice = next((each for each, times in Counter(values).items() if times > 1), None)
    if twice is not None:
        raise ValueError(f"the {what} {twice} is given twice. Keep one of the two.")


def check_managers(hosts: Sequence[FleetHost], servers: Sequence[str]) -> None:
    """Refuse a VMM server that is not there, and one without a host.

    Args:
        hosts: of the fleet; one that names no VMM server is managed by the first.
        servers: the names of the VMM servers.

    Raises:
        ValueError: there is one.
    """
    names = {each.casefold() for each in servers}
    for host in hosts:
        if host.vmm is not None and host.vmm.casefold() not in names:
            raise ValueError(f"{host.name} is managed by {host.vmm}. Add it to other_vmms.")
    idle = names - {(host.vmm or servers[0]).casefold() for host in hosts}
    if idle and len(servers) > 1:
        raise ValueError(f"{min(idle)} manages no host. Name it as vmm of one, or remove it.")


def check_host(host: FleetHost, networks: Collection[str], clusters: Collection[str]) -> None:
    """Refuse a host that names what its fleet does not have.

    Raises:
        ValueError: it does.
    """
    _check_addresses(host, networks)
    _check_names(host, networks)
    if host.half_any is not None and host.networks != "any":
        raise ValueError(f"{host.name} has half_any, which needs networks: any.")
    for field in ("tags", "any_rows"):
        if getattr(host, field) and isinstance(host.networks, str):
            raise ValueError(f"{host.name} has {field}, which need networks that are named.")
    _check_node(host, clusters)


def _check_addresses(host: FleetHost, networks: Collection[str]) -> None:
    if "management" not in host.addresses:
        raise ValueError(f"{host.name} has no address in management. Add it.")
    for name in (*host.addresses, *host.ipv6):
        if name not in networks:
            raise ValueError(f"{host.name} has an address in {name}, which is not in networks.")
    for name in host.closed:
        if name not in {*host.addresses, *host.ipv6}:
            raise ValueError(f"{host.name} has no address in {name}, which closed names.")
    named = (("mtu", host.mtu), ("rdma", host.rdma), ("speed", host.speed), ("team", host.team))
    for field, names in named:
        for name in names:
            if name not in {*host.addresses, *host.ipv6}:
                raise ValueError(f"{host.name} has no address in {name}, which {field} names.")


def _check_names(host: FleetHost, networks: Collection[str]) -> None:
    named = {
        "is restricted to": () if isinstance(host.networks, str) else host.networks,
        "has a route to": tuple(host.routes),
        "is on record with": host.record.subnets or (),
    }
    for doing, names in named.items():
        for name in names:
            if name in networks or is_network(name):
                continue
            if doing == "has a route to" or not is_ipv6_network(name):
                raise ValueError(
                    f"{host.name} {doing} {name}, which is neither a network nor a subnet."
                )
    rules = host.firewall.rules
    once("firewall rule", [*_BUILT_IN, *(each.name.casefold() for each in rules)])
    texts = (text for rule in rules for text in (*rule.scope, *rule.local))
    for name in (*host.firewall.scope, *texts):
        known = name in networks or name in SCOPE_WORDS or is_ipv6_network(name)
        if not (known or is_network(name) or is_fleet_address(name) or is_address_range(name)):
            raise ValueError(
                f"{host.name} lets in {name}, which is no network, no subnet and no address."
            )


def _check_node(host: FleetHost, clusters: Collection[str]) -> None:
    if host.cluster is not None and host.cluster not in clusters:
        raise ValueError(f"{host.name} is a node of {host.cluster}. Add it to clusters.")
    if host.cluster is None and host.node != FleetNode():
        raise ValueError(f"{host.name} has node, which needs a cluster. Name its cluster.")
    for name in host.node.interfaces:
        if name not in {*host.addresses, *host.ipv6}:
            raise ValueError(f"{host.name} has no address in {name}, which node names.")


def check_named(hosts: Sequence[FleetHost], machines: Mapping[str, str]) -> None:
    """Refuse accounts that name a host which is none, and virtual machines on such a one.

    Args:
        hosts: of the fleet.
        machines: the host of each virtual machine.

    Raises:
        ValueError: there are some.
    """
    named = {host.name for host in hosts}
    for host in hosts:
        for each in (*(host.account.delegates_to or ()), *host.account.lets_act):
            if each not in named and not is_sid(each):
                raise ValueError(f"{host.name} has an account that names {each}, no host.")
    for machine, place in machines.items():
        if place not in named:
            raise ValueError(f"virtual_machines: {machine} is on {place}, which is no host.")


def check_cluster(
    name: str, cluster: FleetCluster, own: Collection[str], networks: Collection[str]
) -> None:
    """Refuse a cluster that names networks which are none, or not its own.

    Args:
        name: the cluster's.
        cluster: what the file says of it.
        own: its networks; where there are none, it may name any of the fleet.
        networks: those of the fleet.

    Raises:
        ValueError: it does.
    """
    for each in cluster.networks or ():
        if each not in networks:
            raise ValueError(f"the cluster {name} has {each}, which is not in networks.")
    named = (cluster.roles, cluster.metrics, cluster.network_states, cluster.more_subnets)
    for each in (*cluster.excluded, *cluster.order, *(key for table in named for key in table)):
        if each not in (own or networks):
            raise ValueError(f"the cluster {name} names {each}, which is none of its networks.")
