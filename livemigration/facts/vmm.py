"""What the VMM server knows and can reach: its release, and its view of each host."""

from __future__ import annotations

from dataclasses import dataclass, field

from livemigration.base.addresses import Address
from livemigration.facts.model import FactGroup, Subject, Vantage
from livemigration.facts.network import BITS_DATA_PORT

WSAETIMEDOUT = 10060
WSAECONNREFUSED = 10061


@dataclass(frozen=True)
class VmmAccess:
    """How the VMM server's WS-Management service answered the suite; fields as in `HostAccess`."""

    endpoint: str
    product_vendor: str
    product_version: str
    signed_in: str = ""
    retries: int = 0
    requests: int = field(default=0, compare=False)
    bytes_out: int = field(default=0, compare=False)
    bytes_in: int = field(default=0, compare=False)
    logons: int = field(default=0, compare=False)


VMM_ACCESS: FactGroup[VmmAccess] = FactGroup(
    "vmm-access", "the WSMan session", Subject.VMM, Vantage.SUITE, VmmAccess
)


@dataclass(frozen=True)
class VmmRelease:
    """What the VMM server says of itself: its product versions, and whom it serves how.

    `registry` is ProductVersion of the Setup key; `server` is what Get-SCVMMServer reports (a
    text, windows-facts-2.md 9.1). Either may be missing; so may all that follows, which comes from
    the same object:

    `is_highly_available` and `active_node`: whether VMM runs as a clustered service, and where it
    runs now (None where it is not clustered). `service_account`: under which account VMM runs;
    `account`: as whom it knows the suite; both with their domain. `account_role`: the profile of
    that account's role, `Administrator` where it may see every host, else such as DelegatedAdmin
    or ReadOnlyAdmin, else the role's own name. `managed_hosts`: the name of every host that VMM
    lists to that account, as in VmmRecord.name, in VMM's order.

    `answered_by` is what the computer that answered says of itself: its host name and its primary
    DNS suffix. Of a highly available VMM it is the node on which it runs.
    """

    registry: str | None
    server: str | None
    is_highly_available: bool | None = None
    active_node: str | None = None
    service_account: str | None = None
    account_role: str | None = None
    account: str | None = None
    managed_hosts: tuple[str, ...] | None = None
    answered_by: str | None = None


VMM_RELEASE: FactGroup[VmmRelease] = FactGroup(
    "vmm-release", "the VMM release", Subject.VMM, Vantage.VMM, VmmRelease
)


@dataclass(frozen=True)
class VmmHostSettings:
    """The live-migration settings in VMM's record of a host; None: VMM did not state it.

    The names of the properties are those of Set-SCVMHost's parameters, as the objects of VMM
    2012 R2 have them (windows-facts-2.md 9.2). `subnets` are texts such as 10.0.50.0/24, none where
    any subnet will do; `authentication` is CredSSP or Kerberos; `performance` is Standard,
    UseCompression or UseSmbTransport. Where VMM's objects gave the number of one of these, a fact
    has its name, and the number where that has none.
    """

    enabled: bool | None = None
    maximum_migrations: int | None = None
    maximum_storage_migrations: int | None = None
    any_subnet: bool | None = None
    subnets: tuple[str, ...] | None = None
    authentication: str | None = None
    performance: str | None = None


@dataclass(frozen=True)
class VmmRecord:
    """VMM's record of a host. `known` is false where VMM lists no host of that name.

    `name` is the name by which VMM addresses the host. The rest is None where VMM does not state
    it (windows-facts-2.md 9.2):

    `communication_state` is Responding or NotResponding; while it is not Responding, none of
    `settings` is evidence. `overall_state` is OK, NeedsAttention or another name of VMM's.
    `health` has a text for each of VMM's health monitors that is not healthy: its name, its state
    and its last error. `maintenance`: VMM's maintenance mode. `non_trusted_domain`: added as a host
    of a domain that VMM's does not trust. `ssl_port`: SslTcpPort, the WSMan port that VMM uses,
    5985 for hosts of its domain whatever the name says. `subnets_user_managed`: whether a user set
    any of the migration subnets; False: a cluster wrote all of them; None: not stated, or there are
    none. `pending_agent_update`: VMM's agent on the host is older than the server.

    `memory_reserve` is MemoryReserveMB, what VMM keeps free of the host's memory, in MB;
    `own_reserve`: it is the host's own. Where it is not, the host group's rules, and whether
    `memory_reserve` shows that one is not known. `cluster_reserve` is how many nodes of its cluster
    may fail by VMM's reserve; `over_committed`: VMM says that it does not hold.
    """

    known: bool
    name: str
    cluster: str | None = None
    perimeter: bool | None = None
    settings: VmmHostSettings = VmmHostSettings()
    communication_state: str | None = None
    overall_state: str | None = None
    health: tuple[str, ...] = ()
    maintenance: bool | None = None
    non_trusted_domain: bool | None = None
    ssl_port: int | None = None
    subnets_user_managed: bool | None = None
    pending_agent_update: bool | None = None
    memory_reserve: int | None = None
    own_reserve: bool | None = None
    cluster_reserve: int | None = None
    over_committed: bool | None = None


VMM_RECORD: FactGroup[VmmRecord] = FactGroup(
    "vmm-record", "VMM's record of the host", Subject.HOST, Vantage.VMM, VmmRecord
)


@dataclass(frozen=True)
class VmmResolution:
    """The addresses to which the VMM server resolves the host's name, in its order.

    `code` is the Winsock error where the name does not resolve (11001: no such host).
    """

    name: str
    addresses: tuple[Address, ...]
    code: int | None = None


VMM_RESOLUTION: FactGroup[VmmResolution] = FactGroup(
    "vmm-resolution", "name resolution on the VMM server", Subject.HOST, Vantage.VMM, VmmResolution
)


@dataclass(frozen=True)
class Probe:
    """One TCP connection attempt. `code` is 0 when it opened, else the Win32 socket error."""

    address: Address
    port: int
    code: int
    milliseconds: int

    @property
    def open(self) -> bool:
        """Whether the connection opened."""
        return self.code == 0

    @property
    def refused(self) -> bool:
        """Whether the address answered that nothing listens there."""
        return self.code == WSAECONNREFUSED

    @property
    def answered(self) -> bool:
        """Whether the subnet was reached: open, or refused."""
        return self.open or self.refused

    @property
    def outcome(self) -> str:
        """The outcome in words, with its code."""
        if self.open:
            return "open"
        words = {WSAECONNREFUSED: "refused", WSAETIMEDOUT: "timed out"}.get(self.code, "failed")
        return f"{words} ({self.code})"


@dataclass(frozen=True)
class VmmProbes:
    """The connections that the VMM server tried to one host."""

    probes: tuple[Probe, ...]

    def find(self, address: Address, port: int) -> Probe | None:
        """Return the probe of that address and port, if it was made."""
        return next((p for p in self.probes if (p.address, p.port) == (address, port)), None)


VMM_PROBES: FactGroup[VmmProbes] = FactGroup(
    "vmm-probes", "the connections from the VMM server", Subject.HOST, Vantage.VMM, VmmProbes
)


SMB_PORT = 445
BITS_PORT = BITS_DATA_PORT
DATA_PORTS = (BITS_PORT, SMB_PORT)

VMM_DATA_PORTS: FactGroup[VmmProbes] = FactGroup(
    "vmm-data-ports",
    "the connections from the VMM server to the data ports",
    Subject.HOST,
    Vantage.VMM,
    VmmProbes,
)


@dataclass(frozen=True)
class VmmWsmanTest:
    """Test-WSMan from the VMM server: whether the host answered, else the code and text."""

    name: str
    port: int
    answered: bool
    code: int | None = None
    text: str = ""


VMM_WSMAN_TEST: FactGroup[VmmWsmanTest] = FactGroup(
    "vmm-wsman-test", "Test-WSMan from the VMM server", Subject.HOST, Vantage.VMM, VmmWsmanTest
)


@dataclass(frozen=True)
class HostRating:
    """VMM's own rating of the host for the virtual machine of --stage-vm (Get-SCVMHostRating).

    `found` is how many virtual machines have that name; `current_host` is where it is, by VMM's
    name. `rating` is None where VMM gave none. `reasons` say why it is zero, in VMM's words.
    """

    vm: str
    found: int
    current_host: str | None
    rating: float | None
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


VMM_RATING: FactGroup[HostRating] = FactGroup(
    "vmm-rating", "VMM's rating of the host", Subject.HOST, Vantage.VMM, HostRating
)
