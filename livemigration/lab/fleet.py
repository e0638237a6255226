"""Fleets: what each simulated machine has, read from YAML.

Addresses are written as the last octets below the lab's own 127.x network: `1.11` is 127.x.1.11.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from livemigration.base.errors import UsageError
from livemigration.inventory.inventory import is_fleet_file
from livemigration.inventory.names import MachineName
from livemigration.inventory.nearest import did_you_mean
from livemigration.inventory.yaml_file import load_model, read_text
from livemigration.lab.copies import copies
from livemigration.lab.errors import LabError
from livemigration.lab.fleet_cluster import FleetCluster
from livemigration.lab.fleet_directory import FleetDirectory
from livemigration.lab.fleet_host import FleetHost, HostRecord, System
from livemigration.lab.fleet_parts import FleetService
from livemigration.lab.fleet_values import (
    MOST_RULES,
    FleetAddress,
    FleetModel,
    FleetSubnet,
    Ipv6Address,
)
from livemigration.lab.fleet_whole import (
    check_cluster,
    check_host,
    check_managers,
    check_named,
    once,
)

__all__ = [
    "CONTROL_PORT",
    "LISTENER_PORT",
    "MOST_HOSTS",
    "MOST_WRITTEN",
    "SSL_PORT",
    "Fleet",
    "FleetCluster",
    "FleetHost",
    "FleetNetwork",
    "FleetVmm",
    "System",
    "load_fleet",
    "shipped_fleets",
    "shipped_text",
]

LISTENER_PORT = 6600
CONTROL_PORT = 5985
SSL_PORT = 5986
# Of one fleet, and of those that a fleet file spells out; healthy copies are the others.
MOST_HOSTS = 10_000
MOST_WRITTEN = 250


class FleetNetwork(FleetModel):
    """A subnet."""

    subnet: FleetSubnet
    dropped: bool = Field(
        default=False, description="Connections to port 6600 in it get no answer."
    )


class FleetVmm(FleetService):
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


class Fleet(FleetModel):
    """A whole fleet."""

    name: str
    title: str
    domain: MachineName
    networks: dict[str, FleetNetwork]
    system: System
    vmm: FleetVmm
    other_vmms: tuple[FleetVmm, ...] = Field(
        default=(), description="More VMM servers; a host names the one that manages it."
    )
    clusters: dict[str, FleetCluster] = Field(default_factory=dict)
    hosts: tuple[FleetHost, ...] = Field(max_length=MOST_WRITTEN)
    directory: FleetDirectory | None = Field(
        default=None, description="The directory of its domain. Left out: none is configured."
    )
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
    firewall_rules: int | None = Field(
        default=None,
        ge=0,
        le=MOST_RULES,
        description="How many rules of Windows' own each host's firewall holds, beside those that "
        "are spelled out; none of them is about live migration. Left out: as many as were counted "
        "on its release, and those of Hyper-V and clustering.",
    )
    password: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="What its account signs in with. Left out: one that is made at each start.",
    )

    @model_validator(mode="after")
    def _hangs_together(self) -> Fleet:
        names = [*(each.name for each in self.vmms), *(each.name for each in self.hosts)]
        once("machine", [each.casefold() for each in names])
        taken = [each for host in self.hosts for each in host.addresses.values()]
        controller = [self.directory.address] if self.directory is not None else []
        once("address", [*(each.address for each in self.vmms), *controller, *taken])
        taken = [each.partition("/")[0] for host in self.hosts for each in host.ipv6.values()]
        once("address", [*(each.ipv6 for each in self.vmms if each.ipv6), *taken])
        check_managers(self.hosts, [each.name for each in self.vmms])
        if "management" not in self.networks:
            raise ValueError("networks has no management. Add it: the hosts' names stand for it.")
        for host in self.hosts:
            check_host(host, self.networks, self.clusters)
        check_named(self.hosts, self.virtual_machines)
        for name, cluster in self.clusters.items():
            check_cluster(name, cluster, self.cluster_networks(name), self.networks)
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
        if not self.other_vmms:
            return self
        unknown = {"record": HostRecord(known=False)}
        hosts = (
            host if self.manager(host) is server else host.model_copy(update=unknown)
            for host in self.hosts
        )
        return self.model_copy(update={"vmm": server, "other_vmms": (), "hosts": tuple(hosts)})

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
        more = copies(
            self.domain,
            hosts - len(own),
            int(self.networks["management"].subnet.rpartition("/")[2]),
            [each.subnet for name, each in self.networks.items() if name != "management"],
            self._spoken_of(),
        )
        if len(own) + len(more) < hosts:
            raise LabError(
                f"{hosts} hosts: the fleet's networks leave addresses for {len(own) + len(more)}."
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

    def _spoken_of(self) -> frozenset[str]:
        """Return every address that a machine of this fleet has, or that is said of one."""
        found = {each.address for each in self.vmms}
        if self.directory is not None:
            found.add(self.directory.address)
        for host in self.hosts:
            found.update(host.addresses.values(), host.extra_listeners, host.dns or ())
            found.update(host.routes.values(), (host.gateway or "",))
        return frozenset(found)


def shipped_fleets() -> tuple[str, ...]:
    """Return the names of the fleets that come with the suite."""
    folder = resources.files(__package__).joinpath("fleets")
    return tuple(sorted(each.name.removesuffix(".yaml") for each in folder.iterdir()))


def shipped_text(name: str) -> str:
    """Return the file of a shipped fleet.

    Raises:
        LabError: there is no such fleet.
    """
    if name not in shipped_fleets():
        raise LabError(
            f"{name}: no such fleet.{did_you_mean(name, shipped_fleets())} Choose one of "
            f"{', '.join(shipped_fleets())}, or name a fleet file that ends in .yaml."
        )
    file = resources.files(__package__).joinpath("fleets", f"{name}.yaml")
    return file.read_text(encoding="utf-8")


def load_fleet(name: str, hosts: int | None = None) -> Fleet:
    """Return a fleet: a shipped one by its name, or a user's by its path, `*.yaml`.

    A size may follow a shipped one's name, `healthy:1000`: its own hosts, then healthy copies. So
    does `hosts`, of any fleet; None: it has the size that its name says.

    Raises:
        LabError: there is no such fleet, its file is not a fleet, or it cannot have that size.
    """
    try:
        if is_fleet_file(name):
            return load_model(read_text(Path(name)), name, Fleet).of_size(hosts)
        own, colon, size = name.partition(":")
        fleet = load_model(shipped_text(own), f"{own}.yaml", Fleet)
    except UsageError as error:
        raise LabError(str(error)) from None
    if not colon:
        return fleet.of_size(hosts)
    if hosts is not None:
        raise LabError(f"{name} and {hosts} hosts: two sizes. Leave one of them out.")
    if not (size.isascii() and size.isdecimal()):
        raise LabError(f"{name}: write a number of hosts behind the colon, such as {own}:1000.")
    return fleet.of_size(int(size[:9]))
