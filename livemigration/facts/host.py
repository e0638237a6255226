"""What is read from a host, group by group: the class, its properties and its parser.

Classes and properties: windows-facts.md sections 1, 6 and 6b of the reference. Everything here is
read-only and reachable with WS-Enumeration; no process is started on the host.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import FactGroup, Subject, Vantage, WmiGroup
from livemigration.facts.windows import (
    CIMV2,
    single,
)


@dataclass(frozen=True)
class Slowed:
    """How few machines were asked side by side at the least, where it were fewer than configured.

    `refusals`: because machines refused for now. `lateness`: because sign-ins took longer.
    """

    at_once: int
    refusals: bool
    lateness: bool


@dataclass(frozen=True)
class HostAccess:
    """How the host's WS-Management service answered the suite.

    `product_vendor` and `product_version` are the peer's own words in its Identify reply; empty
    where it was not asked, because it answered the first question. The lab is known by its mark.
    `signed_in` is how the suite signed in, and whether the certificate was checked; empty where a
    facts file does not say. `retries` is how many requests were made again because the machine was
    busy. `requests` is how many HTTP requests it took to ask, signing in among them, and
    `bytes_out` and `bytes_in` are the bytes of their bodies as they travelled; 0: not known.
    `logons` is how often the suite signed in to it, and `beside` how many of the requests were on
    their way beside others, over a second connection.
    `unfiltered` are the classes of which every row was asked for, because the host or another one
    of its build refused to be asked for some. `active_store` is whether the firewall's rules
    are those of the active store, Group Policy's among them; false: it was asked for and refused,
    None: it was not asked for. `cluster_by` is the node that was asked for what the cluster says of
    itself; empty: this host was, or is in none. `slowed` is of the whole run, and stands at one
    host that answered.
    """

    endpoint: str
    product_vendor: str
    product_version: str
    signed_in: str = ""
    retries: int = 0
    requests: int = field(default=0, compare=False)
    bytes_out: int = field(default=0, compare=False)
    bytes_in: int = field(default=0, compare=False)
    logons: int = field(default=0, compare=False)
    beside: int = field(default=0, compare=False)
    unfiltered: tuple[str, ...] = ()
    active_store: bool | None = None
    cluster_by: str = field(default="", compare=False)
    slowed: Slowed | None = field(default=None, compare=False)


# What the lab says of itself in Identify, and in this header of every HTTP reply: facts with it are
# never evidence.
SIMULATED_VENDOR = "livemigration lab (simulated)"
SIMULATED_MARK = "X-Simulated-By"

HOST_ACCESS: FactGroup[HostAccess] = FactGroup(
    "host-access", "the WSMan session", Subject.HOST, Vantage.SUITE, HostAccess
)


@dataclass(frozen=True)
class OperatingSystem:
    """Win32_OperatingSystem. `caption` is localized: show it, never judge by it.

    `sku` is OperatingSystemSKU, the number of the product and its edition; None where the host does
    not state it, and in facts of releases that did not read it.
    """

    build: int
    version: str
    caption: str
    sku: int | None = None


def _build(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
        raise ValueError(f"{text[:40]!r} is no build of Windows")
    return int(text)


def _operating_system(rows: Sequence[WmiRow]) -> OperatingSystem:
    row = single(rows, "operating system")
    return OperatingSystem(
        build=_build(row.text("BuildNumber")),
        version=row.text("Version"),
        caption=row.text_or_none("Caption") or "",
        sku=row.integer_or_none("OperatingSystemSKU"),
    )


OPERATING_SYSTEM = WmiGroup(
    "operating-system",
    "the operating system",
    Subject.HOST,
    Vantage.HOST,
    OperatingSystem,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_OperatingSystem",
            (
                WmiProperty("BuildNumber", CimType.STRING),
                WmiProperty("Caption", CimType.STRING),
                WmiProperty("OperatingSystemSKU", CimType.UINT32),
                WmiProperty("Version", CimType.STRING),
            ),
        )
    ),
    parse=_operating_system,
)


@dataclass(frozen=True)
class DomainMembership:
    """Win32_ComputerSystem. `domain` is the workgroup's name where `joined` is false.

    `name` is the NetBIOS name, of 15 characters at most; `dns_name` is DNSHostName, the whole name
    without its domain, None in facts of releases that did not read it.
    """

    name: str
    domain: str
    joined: bool
    dns_name: str | None = None


def _domain(rows: Sequence[WmiRow]) -> DomainMembership:
    row = single(rows, "computer system")
    return DomainMembership(
        row.text("Name"),
        row.text("Domain"),
        row.boolean("PartOfDomain"),
        row.text_or_none("DNSHostName"),
    )


DOMAIN_MEMBERSHIP = WmiGroup(
    "domain-membership",
    "the domain membership",
    Subject.HOST,
    Vantage.HOST,
    DomainMembership,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_ComputerSystem",
            (
                WmiProperty("DNSHostName", CimType.STRING),
                WmiProperty("Domain", CimType.STRING),
                WmiProperty("Name", CimType.STRING),
                WmiProperty("PartOfDomain", CimType.BOOLEAN),
            ),
        )
    ),
    parse=_domain,
)


# Win32_Service.State between two states that last.
_PENDING = {
    "Start Pending": "is still starting",
    "Continue Pending": "is still resuming",
    "Pause Pending": "is pausing",
    "Stop Pending": "is stopping",
}


@dataclass(frozen=True)
class Service:
    """Win32_Service. `state` and `start_mode` are WMI's fixed English values."""

    name: str
    state: str
    start_mode: str
    process_id: int

    @property
    def running(self) -> bool:
        """Whether the service runs now."""
        return self.state == "Running"

    @property
    def changing(self) -> str:
        """What the service is about, for a sentence; empty where its state is one that lasts."""
        return _PENDING.get(self.state, "")


@dataclass(frozen=True)
class Services:
    """The services that live migration, VMM and failover clustering depend on."""

    installed: tuple[Service, ...]

    def find(self, name: str) -> Service | None:
        """Return the service of that name in any case, or None where it is not installed."""
        wanted = name.casefold()
        return next((each for each in self.installed if each.name.casefold() == wanted), None)


VMMS = "vmms"
SCVMM_AGENT = "SCVMMAgent"
CLUSTER_SERVICE = "ClusSvc"
BITS = "BITS"


# The suite asks through it, so every host has it: without it, the rows were withheld.
_ALWAYS_THERE = "WinRM"


def _services(rows: Sequence[WmiRow]) -> Services:
    if not rows:
        raise ValueError(f"the host sent no service, not even {_ALWAYS_THERE}, which answered")
    return Services(
        tuple(
            Service(
                row.text("Name"),
                row.text("State"),
                row.text("StartMode"),
                row.integer_or_none("ProcessId") or 0,
            )
            for row in rows
            if row.text("Name").casefold() != _ALWAYS_THERE.casefold()
        )
    )


SERVICES = WmiGroup(
    "services",
    "the services",
    Subject.HOST,
    Vantage.HOST,
    Services,
    query=WmiQuery(
        WmiClass(
            CIMV2,
            "Win32_Service",
            (
                WmiProperty("Name", CimType.STRING),
                WmiProperty("ProcessId", CimType.UINT32),
                WmiProperty("StartMode", CimType.STRING),
                WmiProperty("State", CimType.STRING),
            ),
        ),
        where=" OR ".join(
            f"Name = '{name}'" for name in (VMMS, SCVMM_AGENT, CLUSTER_SERVICE, BITS, _ALWAYS_THERE)
        ),
    ),
    parse=_services,
)


@dataclass(frozen=True)
class DeviceGuard:
    """Win32_DeviceGuard.SecurityServicesRunning; 1 is Credential Guard."""

    security_services_running: tuple[int, ...]

    @property
    def credential_guard_running(self) -> bool:
        """Whether Credential Guard runs now."""
        return 1 in self.security_services_running


def _device_guard(rows: Sequence[WmiRow]) -> DeviceGuard:
    if not rows:
        raise ValueError("expected one instance; the host sent none")
    return DeviceGuard(tuple(n for row in rows for n in row.integers("SecurityServicesRunning")))


DEVICE_GUARD = WmiGroup(
    "device-guard",
    "the state of Credential Guard",
    Subject.HOST,
    Vantage.HOST,
    DeviceGuard,
    query=WmiQuery(
        WmiClass(
            "root/Microsoft/Windows/DeviceGuard",
            "Win32_DeviceGuard",
            (WmiProperty("SecurityServicesRunning", CimType.UINT32, array=True),),
        )
    ),
    parse=_device_guard,
    when_absent=DeviceGuard(()),
)
