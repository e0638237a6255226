"""The values of fleet files: addresses and subnets below the lab's own network, versions."""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
)

# Of 127.x.y.z the lab chooses x: a fleet has what is below.
_SHORTEST_PREFIX = 16
_ADDRESS_PATTERN = r"^[0-9]{1,3}\.[0-9]{1,3}$"
_SUBNET_PATTERN = r"^[0-9]{1,3}\.[0-9]{1,3}/[0-9]{2}$"
_VERSION_PATTERN = r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,6}$"
# What a firewall rule may say in place of addresses.
SCOPE_WORDS = ("Any", "LocalSubnet")
# Twice what was seen on any Windows.
MOST_RULES = 2_000


class FleetModel(BaseModel):
    """A part of a fleet file: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_as_a_number(cls, value: Any, field: ValidationInfo) -> Any:
        wanted = cls.model_fields[field.field_name or ""].annotation
        if isinstance(value, bool) and int in (wanted, *get_args(wanted)):
            raise ValueError(f"expected a whole number, such as 1. Found '{str(value).lower()}'.")
        return value


def is_network(text: str) -> bool:
    """Whether a text is a subnet below the lab's own network, such as 1.0/24."""
    try:
        return ipaddress.IPv4Network(f"127.0.{text}").prefixlen >= _SHORTEST_PREFIX
    except ValueError:
        return False


def is_fleet_address(text: str) -> bool:
    """Whether a text is an address below the lab's own network, such as 1.11."""
    return is_network(f"{text}/32")


def is_address_range(text: str) -> bool:
    """Whether a text is a range of addresses below the lab's own network, such as 1.10-1.20."""
    first, dash, last = text.partition("-")
    if not (dash and is_fleet_address(first) and is_fleet_address(last)):
        return False
    return ipaddress.IPv4Address(f"127.0.{first}") <= ipaddress.IPv4Address(f"127.0.{last}")


def is_ipv6_network(text: str) -> bool:
    """Whether a text is an IPv6 subnet, or an IPv6 address."""
    try:
        ipaddress.IPv6Network(text)
    except ValueError:
        return False
    return True


def is_ipv6_address(text: str) -> bool:
    """Whether a text is an IPv6 address."""
    return "/" not in text and is_ipv6_network(text)


def _address(text: str) -> str:
    if not is_fleet_address(text):
        raise ValueError(f"{text[:40]!r} is no address. Write its last two numbers, such as 1.11.")
    return text


def _address_or_none(text: str) -> str:
    return text if text == "none" else _address(text)


def _any_address(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return _address(text)
    return text


def _ipv6_address(text: str) -> str:
    if not is_ipv6_address(text) or ipaddress.IPv6Address(text).is_loopback:
        raise ValueError(f"{text[:60]!r} is no IPv6 address. Write one such as fd00:1::11.")
    return str(ipaddress.IPv6Address(text))


def _ipv6_interface(text: str) -> str:
    address, _, length = text.partition("/")
    try:
        found = ipaddress.IPv6Interface(f"{_ipv6_address(address)}/{length}")
    except ValueError:
        raise ValueError(
            f"{text[:60]!r} is no IPv6 address with a length. Write one such as fd00:1::11/64."
        ) from None
    return str(found)


def _resolved_address(text: str) -> str:
    return _ipv6_address(text) if ":" in text else _address(text)


def _subnet(text: str) -> str:
    if not is_network(text):
        raise ValueError(
            f"{text[:40]!r} is no subnet. Write its last two numbers and its length, such as "
            "1.0/24."
        )
    return text


def _version(text: str) -> str:
    if not re.fullmatch(_VERSION_PATTERN, text):
        raise ValueError(f"{text[:40]!r} is no version. Write one such as 10.0.20348.")
    return text


def _shown(pattern: str) -> object:
    """Return what the published schema says of a value; the validator has the better words."""
    return Field(json_schema_extra={"pattern": pattern})


FleetAddress = Annotated[str, AfterValidator(_address), _shown(_ADDRESS_PATTERN)]
FleetSubnet = Annotated[str, AfterValidator(_subnet), _shown(_SUBNET_PATTERN)]
FleetVersion = Annotated[str, AfterValidator(_version), _shown(_VERSION_PATTERN)]
# `none`: there is none.
Gateway = Annotated[str, AfterValidator(_address_or_none)]
# The lab plays IPv6 in tables and in what VMM meets; no socket stands behind it.
Ipv6Address = Annotated[str, AfterValidator(_ipv6_address)]
Ipv6Interface = Annotated[str, AfterValidator(_ipv6_interface)]
# What a name may stand for: an address of the lab's network, or an IPv6 address.
ResolvedAddress = Annotated[str, AfterValidator(_resolved_address)]
# Of the lab's network, or any IP address, such as a link-local one.
ListenerAddress = Annotated[str, AfterValidator(_any_address)]
