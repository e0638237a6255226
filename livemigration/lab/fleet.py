"""Fleets: what each simulated machine has, read from YAML.

Addresses are written as the last octets below the lab's own 127.x network: `1.11` is 127.x.1.11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from livemigration.errors import UsageError
from livemigration.lab.fleet_host import FleetHost, HostRecord, System
from livemigration.lab.fleet_parts import Access
from livemigration.lab.fleet_values import (
    FleetAddress,
    FleetModel,
    FleetSubnet,
    Ipv6Address,
    is_address_range,
    is_fleet_address,
    is_ipv6_network,
    is_network,
)
from livemigration.names import MachineName
from livemigration.yaml_file import load_model, read_text

__all__ = [
    "CONTROL_PORT",
    "LISTENER_PORT",
    "MOST_HOSTS",
    "SSL_PORT",
    "Fleet",
    "FleetCluster",
    "FleetHost",
    "FleetVmm",
    "LabError",
    "Network",
    "System",
    "is_fleet_file",
    "load_fleet",
    "shipped_fleets",
    "shipped_text",
]

LISTENER_PORT = 6600
CONTROL_PORT = 5985
SSL_PORT = 5986
MOST_HOSTS = 250
SCOPE_WORDS = ("Any", "LocalSubnet")
# The rules that the lab's hosts have anyway.
_BUILT_IN = ("winrm-http-in-tcp", "virt-migl-in-tcp-noscope", "block-live-migration")


class LabError(Exception):
    """The lab cannot do what was asked; the text says what to do."""


class Network(FleetModel):
    """A subnet."""

    subnet: FleetSubnet
    dropped: bool = Field(
        default=False, description="Connections to port 6600 in it get no answer."
    )


class FleetVmm(FleetModel):
    """The VMM server."""

    name: MachineName = Field(description="Of a highly available one: of its clustered service.")
    address: FleetAddress
    registry: str | None = Field(default=None, description="Its version, as the registry has it.")
    server: str | None = Field(default=None, description="Its version, as its cmdlets state it.")
    error: str | None = Field(
        default=None, description="What its cmdlets answer instead of working."
    )
    cores: int = Field(
        default=2,
        ge=1,
        description="Processors, of which PowerShell's threads depend: what many names without an "
        "answer leave of the others.",
    )
    active_node: str | None = Field(
        default=None,
        description="For a highly available VMM: the node on which it runs. Its cmdlets then "
        "connect to the clustered service's name only.",
    )
    down: Literal["silent", "refused"] | None = Field(
        default=None, description="silent drops everything, refused has no socket."
    )
    access: Access = Field(
        default="granted",
        description="How it meets the suite's account: wrong-password; denied: every request.",
    )
    ipv6: Ipv6Address | None = Field(
        default=None, description="Its IPv6 address; left out: it reaches no IPv6 address."
    )
    proxy_bypass: tuple[str, ...] | None = Field(
        default=None,
        description="WinHTTP has a proxy, which keeps what is sent to hosts; the names that go "
        "past it, such as *.contoso.com. Left out: there is no proxy.",
    )
    answers_as: str | None = Field(
        default=None,
        description="The name of another computer, which it gives as its own: what answers under "
        "this name is not the VMM server.",
    )


class FleetCluster(FleetModel):
    """A failover cluster; hosts are its nodes by naming it."""

    maximum_parallel_migrations: int | None = Field(
        default=None,
        ge=0,
        description="Left out: the cluster does not have that property (before the update of "
        "September 2022 for Server 2022).",
    )
    networks: tuple[str, ...] | None = Field(
        default=None, description="Its networks; left out: those of its nodes."
    )
    excluded: tuple[str, ...] = Field(
        default=(), description="Networks that live migration must not use."
    )
    order: tuple[str, ...] = Field(
        default=(), description="Networks in the order in which live migration uses them."
    )


class Fleet(FleetModel):
    """A whole fleet."""

    name: str
    title: str
    domain: MachineName
    networks: dict[str, Network]
    system: System
    vmm: FleetVmm
    other_vmms: tuple[FleetVmm, ...] = Field(
        default=(), description="More VMM servers; a host names the one that manages it."
    )
    clusters: dict[str, FleetCluster] = Field(default_factory=dict)
    hosts: tuple[FleetHost, ...] = Field(max_length=MOST_HOSTS)
    virtual_machines: dict[str, str] = Field(
        default_factory=dict,
        description="The host on which each is, for --stage-vm. The lab runs none.",
    )
    allow_unencrypted: bool = Field(
        default=False,
        description="The services take plain messages as well, for clients that can do no better; "
        "on Windows that is off until someone allows it.",
    )
    allow_basic: bool = Field(
        default=False, description="The services take Basic authentication as well; off on Windows."
    )

    @model_validator(mode="after")
    def _hangs_together(self) -> Fleet:
        names = [*(each.name for each in self.vmms), *(each.name for each in self.hosts)]
        _once("machine", [each.casefold() for each in names])
        taken = [each for host in self.hosts for each in host.addresses.values()]
        _once("address", [*(each.address for each in self.vmms), *taken])
        taken = [each.partition("/")[0] for host in self.hosts for each in host.ipv6.values()]
        _once("address", [*(each.ipv6 for each in self.vmms if each.ipv6), *taken])
        _check_managers(self)
        if "management" not in self.networks:
            raise ValueError("networks has no management. Add it: the hosts' names stand for it.")
        for host in self.hosts:
            _check_addresses(host, self.networks)
            _check_names(host, self.networks)
            if host.half_any is not None and host.networks != "any":
                raise ValueError(f"{host.name} has half_any, which needs networks: any.")
            for field in ("tags", "any_rows"):
                if getattr(host, field) and isinstance(host.networks, str):
                    raise ValueError(
                        f"{host.name} has {field}, which need networks that are named."
                    )
            if host.cluster is not None and host.cluster not in self.clusters:
                raise ValueError(f"{host.name} is a node of {host.cluster}. Add it to clusters.")
        for machine, place in self.virtual_machines.items():
            if place not in {host.name for host in self.hosts}:
                raise ValueError(f"virtual_machines: {machine} is on {place}, which is no host.")
        for name, cluster in self.clusters.items():
            _check_cluster(name, cluster, self)
        return self

    @property
    def vmms(self) -> tuple[FleetVmm, ...]:
        """Every VMM server."""
        return (self.vmm, *self.other_vmms)

    def manager(self, host: FleetHost) -> FleetVmm:
        """Return the VMM server that manages a host; the first where it names none of them."""
        wanted = (host.vmm or "").casefold()
        return next((each for each in self.vmms if each.name.casefold() == wanted), self.vmm)

    def seen_by(self, server: FleetVmm) -> Fleet:
        """Return the fleet as one of its VMM servers has it: no other, and no other's hosts."""
        unknown = {"record": HostRecord(known=False)}
        hosts = (
            host if self.manager(host) is server else host.model_copy(update=unknown)
            for host in self.hosts
        )
        own = {"vmm": server, "other_vmms": (), "hosts": tuple(hosts)}
        return self.model_copy(update=own) if self.other_vmms else self

    def nodes(self, cluster: str) -> tuple[FleetHost, ...]:
        """Return the nodes of a cluster."""
        return tuple(host for host in self.hosts if host.cluster == cluster)

    def cluster_networks(self, cluster: str) -> tuple[str, ...]:
        """Return the names of a cluster's networks: its own list, else those of its nodes."""
        if (own := self.clusters[cluster].networks) is not None:
            return own
        return tuple(dict.fromkeys(each for host in self.nodes(cluster) for each in host.addresses))

    def of_size(self, hosts: int | None) -> Fleet:
        """Return this fleet with so many hosts: its own first, then healthy ones; None: as it is.

        Raises:
            LabError: the number is not one that the lab can run.
        """
        if hosts is None:
            return self
        if not 1 <= hosts <= MOST_HOSTS:
            raise LabError(f"{hosts} hosts: choose 1 to {MOST_HOSTS}.")
        own = self.hosts[:hosts]
        taken = {address for host in own for address in host.addresses.values()}
        taken |= {each.address for each in self.vmms}
        free = (n for n in range(1, 255) if f"200.{n}" not in taken)
        more = tuple(
            FleetHost(
                name=f"more{number:03}.{self.domain}",
                shows="healthy",
                addresses={"management": f"200.{next(free)}"},
            )
            for number in range(1, hosts - len(own) + 1)
        )
        kept = {host.name for host in own}
        placed = {vm: place for vm, place in self.virtual_machines.items() if place in kept}
        busy = [self.manager(host) for host in own]
        changed = {
            "hosts": (*own, *more),
            "virtual_machines": placed,
            "other_vmms": tuple(each for each in self.other_vmms if each in busy),
        }
        return self.model_copy(update=changed)


def _once(what: str, values: list[str]) -> None:
    twice = next((each for each, times in Counter(values).items() if times > 1), None)
    if twice is not None:
        raise ValueError(f"the {what} {twice} is given twice. Keep one of the two.")


def _check_managers(fleet: Fleet) -> None:
    names = {each.name.casefold() for each in fleet.vmms}
    for host in fleet.hosts:
        if host.vmm is not None and host.vmm.casefold() not in names:
            raise ValueError(f"{host.name} is managed by {host.vmm}. Add it to other_vmms.")
    idle = names - {fleet.manager(host).name.casefold() for host in fleet.hosts}
    if idle and fleet.other_vmms:
        raise ValueError(f"{min(idle)} manages no host. Name it as vmm of one, or remove it.")


def _check_addresses(host: FleetHost, networks: Collection[str]) -> None:
    if "management" not in host.addresses:
        raise ValueError(f"{host.name} has no address in management. Add it.")
    for name in (*host.addresses, *host.ipv6):
        if name not in networks:
            raise ValueError(f"{host.name} has an address in {name}, which is not in networks.")
    for name in host.closed:
        if name not in {*host.addresses, *host.ipv6}:
            raise ValueError(f"{host.name} has no address in {name}, which closed names.")


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
    _once("firewall rule", [*_BUILT_IN, *(each.name.casefold() for each in rules)])
    texts = (text for rule in rules for text in (*rule.scope, *rule.local))
    for name in (*host.firewall.scope, *texts):
        known = name in networks or name in SCOPE_WORDS or is_ipv6_network(name)
        if not (known or is_network(name) or is_fleet_address(name) or is_address_range(name)):
            raise ValueError(
                f"{host.name} lets in {name}, which is no network, no subnet and no address."
            )


def _check_cluster(name: str, cluster: FleetCluster, fleet: Fleet) -> None:
    for each in cluster.networks or ():
        if each not in fleet.networks:
            raise ValueError(f"the cluster {name} has {each}, which is not in networks.")
    for each in (*cluster.excluded, *cluster.order):
        if each not in (fleet.cluster_networks(name) or fleet.networks):
            raise ValueError(f"the cluster {name} names {each}, which is none of its networks.")


def shipped_fleets() -> tuple[str, ...]:
    """Return the names of the fleets that come with the suite."""
    folder = resources.files(__package__).joinpath("fleets")
    return tuple(sorted(each.name.removesuffix(".yaml") for each in folder.iterdir()))


def is_fleet_file(name: str) -> bool:
    """Whether a fleet's name is the path of a file."""
    return name.endswith((".yaml", ".yml"))


def shipped_text(name: str) -> str:
    """Return the file of a shipped fleet.

    Raises:
        LabError: there is no such fleet.
    """
    if name not in shipped_fleets():
        raise LabError(
            f"{name}: no such fleet. Choose one of {', '.join(shipped_fleets())}, or name a "
            "fleet file that ends in .yaml."
        )
    file = resources.files(__package__).joinpath("fleets", f"{name}.yaml")
    return file.read_text(encoding="utf-8")


def load_fleet(name: str) -> Fleet:
    """Return a shipped fleet by its name, or a fleet of the user's by its path, `*.yaml`.

    Raises:
        LabError: there is no such fleet, or its file is not a fleet.
    """
    try:
        if is_fleet_file(name):
            return load_model(read_text(Path(name)), name, Fleet)
        return load_model(shipped_text(name), f"{name}.yaml", Fleet)
    except UsageError as error:
        raise LabError(str(error)) from None
