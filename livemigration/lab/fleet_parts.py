"""Parts of a host that a fleet file spells out: firewall rules, its processor, its classes."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from livemigration.facts.registry import HOST_WMI_GROUPS, METHOD_GROUPS
from livemigration.lab.fleet_values import FleetModel
from livemigration.lab.winrm_config import WinRmSettings

_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_LAST_PORT = 65535
_PROCESSOR_PATTERN = r"^[0-9A-F]{16}$"
_FEATURES_PATTERN = r"^0x[0-9A-F]{1,16}$"
_MICROCODE_PATTERN = r"^0x[0-9A-F]{8}$"
_CLASSES = tuple(sorted({group.query.wmi_class.name for group in HOST_WMI_GROUPS}))

# How a machine meets the account of whoever asks it.
Access = Literal["granted", "wrong-password", "denied", "wmi-denied"]


_NAMESPACES = tuple(
    sorted(
        {group.query.wmi_class.namespace for group in HOST_WMI_GROUPS}
        | {group.method.wmi_class.namespace for group in METHOD_GROUPS}
    )
)
SERVICE_SETTINGS = "winrm/config"


def _closed(text: str) -> str:
    if text not in {*_NAMESPACES, SERVICE_SETTINGS}:
        raise ValueError(
            f"{text[:60]!r} is nothing that the suite reads. Choose one of "
            f"{', '.join((*_NAMESPACES, SERVICE_SETTINGS))}."
        )
    return text


Denied = Annotated[
    str,
    AfterValidator(_closed),
    Field(json_schema_extra={"enum": [*_NAMESPACES, SERVICE_SETTINGS]}),
]


def port_span(text: str) -> range | None:
    """Return the ports of a rule's text: one, a range such as 6600-6610; None: it is neither."""
    match = _PORTS.fullmatch(text)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    return range(first, last + 1) if 0 < first <= last <= _LAST_PORT else None


def _ports(text: str) -> str:
    if text != "Any" and port_span(text) is None:
        raise ValueError(f"{text[:40]!r} is no port. Write 6600, 6600-6610 or Any.")
    return text


def _class(text: str) -> str:
    found = next((each for each in _CLASSES if each.casefold() == text.casefold()), None)
    if found is None:
        raise ValueError(
            f"{text[:60]!r} is no class that the suite reads. Choose one of {', '.join(_CLASSES)}."
        )
    return found


WmiClassName = Annotated[
    str, AfterValidator(_class), Field(json_schema_extra={"enum": list(_CLASSES)})
]
PortText = Annotated[str, AfterValidator(_ports)]


class FleetService(FleetModel):
    """The WinRM service of a machine, and what it lets the suite's account do."""

    access: Access = Field(
        default="granted",
        description="How it meets the suite's account: wrong-password; denied: every request; "
        "wmi-denied: it answers, and WMI is closed to the account.",
    )
    denied: tuple[Denied, ...] = Field(
        default=(),
        description="What alone is closed to the account: namespaces of WMI, winrm/config.",
    )
    winrm: WinRmSettings = Field(
        default_factory=dict,
        description="Settings of its WinRM service, such as Winrs/MaxShellsPerUser: 2. Left out: "
        "the documented defaults of its release. The lab says them, and goes by none.",
    )
    clock: int = Field(
        default=0,
        description="Seconds by which its clock is ahead of this machine's; below 0: behind.",
    )


class FleetRule(FleetModel):
    """An inbound rule of a host's firewall, beside that of the Hyper-V role."""

    name: str = Field(min_length=1, max_length=200)
    action: Literal["allow", "block"] = "allow"
    enabled: bool = True
    profiles: tuple[Literal["domain", "private", "public"], ...] = Field(
        default=(),
        description="Left out: any. The management network is in the domain's profile, "
        "unless the host is in a workgroup; every other one is public.",
    )
    protocol: Literal["TCP", "UDP", "Any"] = "TCP"
    ports: tuple[PortText, ...] = Field(
        default=("6600",), min_length=1, description="Ports, ranges such as 6600-6610, or Any."
    )
    scope: tuple[str, ...] = Field(
        default=(),
        description="Whom it is for: networks of the fleet, subnets, addresses, ranges such as "
        "1.10-1.20, LocalSubnet, IPv6 subnets. Left out: anyone.",
    )
    local: tuple[str, ...] = Field(
        default=(), description="The host's own addresses that it is for; as scope. Left out: all."
    )
    program: str = Field(default="Any", description="A path, such as that of vmms.exe.")
    service: str = Field(default="Any", description="A service's name, such as vmms.")


Features = Annotated[str, Field(pattern=_FEATURES_PATTERN)]


class FleetProcessor(FleetModel):
    """The processors of a host, all alike, as Win32_Processor states them."""

    manufacturer: str = "GenuineIntel"
    name: str = "Intel(R) Xeon(R) (simulated)"
    identifier: Annotated[str, Field(pattern=_PROCESSOR_PATTERN)] = "BFEBFBFF000806F8"
    sockets: int = Field(default=1, ge=1, le=16)
    vectors: dict[Annotated[int, Field(ge=0)], Features] = Field(
        default={1: "0x9FEBFBFF", 2: "0xF1BF27EB00000000"},
        description="What it offers to virtual machines: 64 features each, by the vector's number.",
    )
    microcode: Annotated[str, Field(pattern=_MICROCODE_PATTERN)] | None = Field(
        default="0x2B0005C0", description="null: the registry does not say it."
    )
