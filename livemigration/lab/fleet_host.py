"""One host of a fleet file, with what VMM has on record of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from livemigration.inventory.names import GroupName, MachineName
from livemigration.lab.fleet_cluster import FleetNode
from livemigration.lab.fleet_devices import HostDevices, HostProtection
from livemigration.lab.fleet_directory import FleetAccount
from livemigration.lab.fleet_memory import HostMemory, Megabytes
from livemigration.lab.fleet_parts import FleetProcessor, FleetRule, FleetService, WmiClassName
from livemigration.lab.fleet_values import (
    FleetAddress,
    FleetModel,
    FleetVersion,
    Gateway,
    Ipv6Interface,
    ListenerAddress,
    ResolvedAddress,
)
from livemigration.lab.fleet_vms import FleetVm

Met = Literal["open", "refused", "dropped"]


def _none_is_empty(value: object) -> object:
    return () if value == "none" else value


def _number(key: object) -> object:
    """Return a key as a number: in JSON, keys are texts."""
    return int(key) if isinstance(key, str) and key.isdecimal() else key


# `none`: no address.
_Resolved = Annotated[
    tuple[ResolvedAddress, ...] | None,
    BeforeValidator(
        _none_is_empty, json_schema_input_type=tuple[ResolvedAddress, ...] | Literal["none"] | None
    ),
]
_SMB = 445
_Drive = Annotated[str, StringConstraints(pattern="^[A-Z]:$")]
_DataPort = Annotated[Literal[443, 445], BeforeValidator(_number)]


class System(FleetModel):
    """An operating system, as Win32_OperatingSystem states it."""

    build: int = Field(ge=1, description="Such as 9200 for 2012, 20348 for 2022.")
    version: FleetVersion
    caption: str
    sku: int = Field(
        default=8,
        ge=0,
        description="OperatingSystemSKU: 7 Standard, 8 Datacenter, 406 Azure Stack HCI.",
    )


class HostFirewall(FleetModel):
    """The firewall of a host. Where it keeps VMM out, port 6600 of the host drops packets."""

    profiles: Literal["on", "off"] = Field(default="on", description="All three profiles.")
    rule: Literal["present", "missing", "disabled", "block", "group-policy"] = Field(
        default="present",
        description="The rule VIRT-MIGL-In-TCP-NoScope. block: a blocking rule stands beside it. "
        "group-policy: Group Policy has it, and the local store does not.",
    )
    scope: tuple[str, ...] = Field(
        default=(),
        description="Whom the rule lets in: networks of the fleet, subnets, addresses, ranges such "
        "as 1.10-1.20, LocalSubnet, IPv6 subnets. Left out: anyone.",
    )
    rules: tuple[FleetRule, ...] = Field(
        default=(), description="More inbound rules, in the local store."
    )
    inbound: Literal["block", "allow"] = Field(
        default="block", description="What becomes of a connection that no rule is about."
    )
    local_rules: Literal["unset", "allowed", "ignored"] = Field(
        default="unset", description="What Group Policy says of rules of the local store."
    )


class HostRecord(FleetModel):
    """VMM's record of a host. What is left out is as on the host."""

    known: bool = Field(default=True, description="Whether VMM lists the host.")
    name: str | None = Field(
        default=None,
        description="What VMM calls it: a NetBIOS name or an address, for perimeter hosts.",
    )
    cluster: str | None = Field(
        default=None, description="none: VMM has it as a host outside clusters."
    )
    host_group: str | None = Field(
        default=None,
        description=r"The path of its host group below All Hosts, such as Amsterdam\Production.",
    )
    platform: str = Field(
        default="HyperV", description="Its VirtualizationPlatform, such as VMWareESX."
    )
    perimeter: bool = False
    non_trusted_domain: bool = Field(
        default=False, description="Added as a host of a domain that VMM's does not trust."
    )
    communication: Literal["Responding", "NotResponding"] = Field(
        default="Responding", description="Whether VMM reached it when it last tried."
    )
    maintenance: bool = Field(default=False, description="Whether it is in maintenance mode.")
    agent_update: bool = Field(
        default=False, description="Whether VMM's agent on it is older than the server."
    )
    memory_reserve: Megabytes = Field(default=2048, description="VMM's reserve on it, in MB.")
    disks: Literal["listed", "unread"] = Field(
        default="listed", description="Whether VMM says what disks its machines have."
    )
    enabled: bool | None = None
    maximum_migrations: int | None = Field(default=None, ge=0)
    maximum_storage_migrations: int | None = Field(default=None, ge=0)
    any_subnet: bool | None = None
    subnets: tuple[str, ...] | None = Field(
        default=None, description="Networks of the fleet, or subnets."
    )
    authentication: str | None = Field(default=None, description="Such as CredSSP or Kerberos.")
    performance: str | None = Field(
        default=None, description="Such as Standard, UseCompression or UseSmbTransport."
    )


class FleetHost(FleetService):
    """One host. What is left out is healthy."""

    name: MachineName
    shows: str = Field(description="Why it is in the fleet; `livemigration lab fleets` lists it.")
    groups: tuple[GroupName, ...] = ()
    addresses: dict[str, FleetAddress] = Field(
        description="One in each of its networks; management is the one its name stands for."
    )
    ipv6: dict[str, Ipv6Interface] = Field(
        default_factory=dict,
        description="IPv6 addresses with their lengths, by network. The lab plays them in tables "
        "and in what VMM meets; no socket stands behind them.",
    )
    vmm: str | None = Field(
        default=None, description="The VMM server that manages it; left out: that of `vmm`."
    )
    networks: Literal["any", "none"] | tuple[str, ...] = Field(
        default="any",
        description="What live migration is restricted to: networks, or subnets of either family.",
    )
    any_rows: Literal["both", "v4", "v6"] | None = Field(
        default=None, description="With networks named: rows for any network stand beside them."
    )
    half_any: Literal["v4", "v6"] | None = Field(
        default=None, description="With networks any: only the row of this address family is there."
    )
    tags: tuple[str, ...] = Field(
        default=(),
        description="With networks named: the tags of their rows, where a cluster, VMM or Network "
        "ATC has set them. What those write is not documented.",
    )
    enabled: bool = Field(default=True, description="Incoming live migration.")
    authentication: int = Field(default=1, ge=0, description="0 CredSSP, 1 Kerberos.")
    maximum_migrations: int | None = Field(
        default=None, ge=0, description="Left out: what its cluster allows, else 2."
    )
    performance: Literal["tcpip", "compression", "smb", "both"] = Field(
        default="compression", description="both: both flags are set. Server 2012 has neither."
    )
    credential_guard: bool = Field(default=False, description="Whether it runs.")
    hvci: bool = Field(
        default=False,
        description="Whether memory integrity runs, which Win32_DeviceGuard lists beside "
        "Credential Guard.",
    )
    processor: FleetProcessor = FleetProcessor()
    workgroup: bool = Field(default=False, description="Not joined to the domain.")
    cluster: str | None = Field(default=None, description="The cluster of which it is a node.")
    node: FleetNode = FleetNode()
    system: System | None = Field(default=None, description="Left out: the fleet's.")
    patch_level: int | None = Field(
        default=1000, ge=0, description="The last number of its version; null: it says none."
    )
    services: dict[str, str] = Field(
        default_factory=lambda: {"vmms": "Running", "SCVMMAgent": "Running"},
        description="State by name; a cluster node has ClusSvc besides. While that does not run, "
        "root/MSCluster answers nothing.",
    )
    switches: tuple[str, ...] = Field(default=("Tenants",), description="Virtual switches.")
    mtu: dict[str, int] = Field(
        default_factory=dict, description="MTU by network; left out: 1500, as of an ordinary one."
    )
    rdma: tuple[str, ...] = Field(default=(), description="Networks whose adapter has RDMA on.")
    dynamic_ports: tuple[int, int] = Field(
        default=(49152, 16384), description="The dynamic TCP ports: the first, and how many."
    )
    policy_rights: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="User rights that a Group Policy defines: accounts by right, such as "
        "SeServiceLogonRight.",
    )
    rsop: Literal["logged", "off", "missing"] = Field(
        default="logged",
        description="Its Resultant Set of Policy; off: it is empty, missing: no namespace.",
    )
    firewall: HostFirewall = HostFirewall()
    gateway: Gateway | None = Field(
        default=None,
        description="Of the default route; none: there is none. Left out: the last address of the "
        "management subnet.",
    )
    routes: dict[str, FleetAddress] = Field(
        default_factory=dict, description="More routes: gateway by network or subnet."
    )
    migration_answer: int = Field(
        default=0, ge=0, description="What GetSystemCompatibilityInfo returns; 32769: no rights."
    )
    dns: _Resolved = Field(
        default=None,
        description="What VMM resolves its name to; none: nothing. Left out: its management "
        "address.",
    )
    unanswered: bool = Field(
        default=False, description="VMM's resolver gets no answer for its name, not even a refusal."
    )
    control: Met = Field(
        default="open", description="What VMM meets on the control port; the suite meets no change."
    )
    data_ports: dict[_DataPort, Met] = Field(
        default_factory=dict,
        description="What VMM meets on ports 443 and 445. Left out: 443 refused, as BITS "
        "is at rest, and 445 open.",
    )
    ssl: bool = Field(default=False, description="Listens on 5986 too; the lab has no TLS.")
    no_listener: bool = Field(
        default=False, description="The list of listeners is empty though networks are set."
    )
    extra_listeners: tuple[ListenerAddress, ...] = Field(
        default=(), description="More addresses in the list of listeners."
    )
    closed: tuple[str, ...] = Field(
        default=(), description="Networks whose listener is in the list though no socket is open."
    )
    port_owner: int | None = Field(
        default=None, gt=0, description="The process that holds port 6600; left out: vmms."
    )
    unreadable: tuple[WmiClassName, ...] = Field(
        default=(), description="Classes whose provider fails, such as MSFT_NetIPAddress."
    )
    empty: tuple[WmiClassName, ...] = Field(
        default=(), description="Classes that have no instances, though Windows has some."
    )
    down: Literal["silent", "refused"] | None = Field(
        default=None, description="silent drops everything, refused has no socket."
    )
    memory: HostMemory = HostMemory()
    free_space: dict[_Drive, Megabytes] = Field(
        default_factory=lambda: {"C:": 102_400, "D:": 4_194_304},
        description="MB that are free on its volumes, by drive.",
    )
    speed: dict[str, int] = Field(
        default_factory=dict, description="Mbit/s of its adapter by network; left out: 10000."
    )
    team: dict[str, tuple[int, ...]] = Field(
        default_factory=dict,
        description="Networks whose adapter is a team: Mbit/s of each member.",
    )
    vms: tuple[FleetVm, ...] = Field(
        default=(),
        description="Its virtual machines; one that is not off has a process vmwp.exe.",
    )
    hides_vms: bool = Field(
        default=False,
        description="Hyper-V shows the account none of its virtual machines, as without rights.",
    )
    planned: tuple[str, ...] = Field(
        default=(), description="Names of virtual machines of which a planned one is there."
    )
    moves: int = Field(default=0, ge=0, description="Live migrations that run right now.")
    devices: HostDevices = HostDevices()
    protection: HostProtection = HostProtection()
    record: HostRecord = HostRecord()
    account: FleetAccount = FleetAccount()
    answers_as: str | None = Field(
        default=None,
        description="The name of another machine, which it gives as its own: what answers under "
        "this host's name is not the host.",
    )

    @property
    def management(self) -> str:
        """The address that the host's name stands for."""
        return self.addresses["management"]

    @property
    def meets(self) -> dict[int, Met]:
        """What VMM meets on the data ports: file sharing is on wherever the host is up."""
        usual: dict[int, Met] = {} if self.down else {_SMB: "open"}
        return usual | {int(port): met for port, met in self.data_ports.items()}

    @property
    def short_name(self) -> str:
        """The computer's name, as Windows writes it."""
        return self.name.partition(".")[0].upper()

    @property
    def states(self) -> dict[str, str]:
        """The states of the services by name; a node's cluster service runs unless it says so."""
        own = {} if self.cluster is None else {"ClusSvc": "Running"}
        return own | self.services

    @property
    def runs_cluster(self) -> bool:
        """Whether its cluster service runs, in which the provider of root/MSCluster lives."""
        return self.cluster is not None and self.states["ClusSvc"] == "Running"

    @property
    def runs_hyper_v(self) -> bool:
        """Whether vmms runs, in which Hyper-V's provider and its listeners live."""
        return self.states.get("vmms") == "Running"
