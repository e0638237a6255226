"""Fleets: what each simulated machine has, read from YAML.

Addresses are written as the last octets below the lab's own 127.x network: `1.11` is 127.x.1.11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from importlib import resources
from pathlib import Path

from pydantic import Field, model_validator

from livemigration.errors import UsageError
from livemigration.lab.fleet_host import FleetHost, System
from livemigration.lab.fleet_values import (
    FleetAddress,
    FleetModel,
    FleetSubnet,
    is_fleet_address,
    is_network,
)
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

    name: str = Field(description="Of a highly available one: of its clustered service.")
    address: FleetAddress
    registry: str | None = Field(default=None, description="Its version, as the registry has it.")
    server: str | None = Field(default=None, description="Its version, as its cmdlets state it.")
    error: str | None = Field(
        default=None, description="What its cmdlets answer instead of working."
    )
    active_node: str | None = Field(
        default=None,
        description="For a highly available VMM: the node on which it runs. Its cmdlets then "
        "connect to the clustered service's name only.",
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
    domain: str
    networks: dict[str, Network]
    system: System
    vmm: FleetVmm
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
        machines = [self.vmm.name.casefold(), *(each.name.casefold() for each in self.hosts)]
        _once("machine", machines)
        taken = [each for host in self.hosts for each in host.addresses.values()]
        _once("address", [self.vmm.address, *taken])
        if "management" not in self.networks:
            raise ValueError("networks has no management. Add it: the hosts' names stand for it.")
        for host in self.hosts:
            _check_addresses(host, self.networks)
            _check_names(host, self.networks)
            if host.half_any is not None and host.networks != "any":
                raise ValueError(f"{host.name} has half_any, which needs networks: any.")
            if host.tags and isinstance(host.networks, str):
                raise ValueError(f"{host.name} has tags, which need networks that are named.")
            if host.cluster is not None and host.cluster not in self.clusters:
                raise ValueError(f"{host.name} is a node of {host.cluster}. Add it to clusters.")
        for machine, place in self.virtual_machines.items():
            if place not in {host.name for host in self.hosts}:
                raise ValueError(f"virtual_machines: {machine} is on {place}, which is no host.")
        for name, cluster in self.clusters.items():
            _check_cluster(name, cluster, self)
        return self

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
        taken.add(self.vmm.address)
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
        return self.model_copy(update={"hosts": (*own, *more), "virtual_machines": placed})


def _once(what: str, values: list[str]) -> None:
    twice = next((each for each, times in Counter(values).items() if times > 1), None)
    if twice is not None:
        raise ValueError(f"the {what} {twice} is given twice. Keep one of the two.")


def _check_addresses(host: FleetHost, networks: Collection[str]) -> None:
    if "management" not in host.addresses:
        raise ValueError(f"{host.name} has no address in management. Add it.")
    for name in host.addresses:
        if name not in networks:
            raise ValueError(f"{host.name} has an address in {name}, which is not in networks.")
    for name in host.closed:
        if name not in host.addresses:
            raise ValueError(f"{host.name} has no address in {name}, which closed names.")


def _check_names(host: FleetHost, networks: Collection[str]) -> None:
    named = {
        "is restricted to": () if isinstance(host.networks, str) else host.networks,
        "has a route to": tuple(host.routes),
        "is on record with": host.record.subnets or (),
    }
    for doing, names in named.items():
        for name in names:
            if name not in networks and not is_network(name):
                raise ValueError(
                    f"{host.name} {doing} {name}, which is neither a network nor a subnet."
                )
    for name in host.firewall.scope:
        known = name in networks or name in SCOPE_WORDS
        if not (known or is_network(name) or is_fleet_address(name)):
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
