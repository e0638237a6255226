"""The addresses of a host and who listens on its port for live migration.

Properties: windows-facts.md section 6 of the reference.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from livemigration.base.addresses import (
    BITS,
    Address,
    Subnet,
    is_usable,
    parse_address,
    subnet_of,
)
from livemigration.facts.cim import CimType, WmiClass, WmiProperty, WmiQuery, WmiRow
from livemigration.facts.model import Subject, Vantage, WmiGroup
from livemigration.facts.windows import (
    STANDARD_CIM,
    WINDOWS_SERVER_2012,
    at_least_one,
)

LIVE_MIGRATION_PORT = 6600
BITS_DATA_PORT = 443


@dataclass(frozen=True)
class LocalAddress:
    """One row of MSFT_NetIPAddress.

    Raises:
        ValueError: no subnet has such a prefix length, as 255, which stands for none in Windows'
            own tables of addresses (OnLinkPrefixLength of MIB_UNICASTIPADDRESS_ROW).
    """

    address: Address
    prefix_length: int
    interface: str

    def __post_init__(self) -> None:
        """Refuse what would break whoever asks for the subnet."""
        if not 0 <= self.prefix_length <= BITS[self.address.version]:
            raise ValueError(f"{self.address} has no prefix length of {self.prefix_length}")

    @property
    def subnet(self) -> Subnet:
        """The subnet that the address is on."""
        return subnet_of(self.address, self.prefix_length)


def _local_addresses(rows: Sequence[WmiRow]) -> tuple[LocalAddress, ...]:
    return tuple(
        LocalAddress(
            parse_address(row.text("IPAddress")),
            row.integer("PrefixLength"),
            row.text_or_none("InterfaceAlias") or "",
        )
        for row in rows
    )


LOOPBACK = (ipaddress.IPv4Address("127.0.0.1"), ipaddress.IPv6Address("::1"))


def _lack_of_address(value: tuple[LocalAddress, ...]) -> str:
    """Say so where nothing but the loopback is there: the host answered on some address."""
    if any(each.address not in LOOPBACK for each in value):
        return ""
    return "the host sent no address of its own, and it answered on one"


LOCAL_ADDRESSES = WmiGroup(
    "local-addresses",
    "the IP addresses",
    Subject.HOST,
    Vantage.HOST,
    tuple[LocalAddress, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetIPAddress",
            (
                WmiProperty("InterfaceAlias", CimType.STRING),
                WmiProperty("IPAddress", CimType.STRING),
                WmiProperty("PrefixLength", CimType.UINT8),
            ),
        )
    ),
    parse=_local_addresses,
    minimum_build=WINDOWS_SERVER_2012,
    lack=_lack_of_address,
)


@dataclass(frozen=True)
class ListeningSocket:
    """A listening row of MSFT_NetTCPConnection, with the process that owns it."""

    address: Address
    process_id: int


_LISTEN = 2


def _sockets_of(port: int) -> Callable[[Sequence[WmiRow]], tuple[ListeningSocket, ...]]:
    def parse(rows: Sequence[WmiRow]) -> tuple[ListeningSocket, ...]:
        return tuple(
            ListeningSocket(parse_address(row.text("LocalAddress")), row.integer("OwningProcess"))
            for row in rows
            if row.integer("State") == _LISTEN and row.integer("LocalPort") == port
        )

    return parse


_TCP_TABLE = WmiClass(
    STANDARD_CIM,
    "MSFT_NetTCPConnection",
    (
        WmiProperty("LocalAddress", CimType.STRING),
        WmiProperty("LocalPort", CimType.UINT16),
        WmiProperty("OwningProcess", CimType.UINT32),
        WmiProperty("State", CimType.UINT8),
    ),
)

LISTENING_SOCKETS = WmiGroup(
    "listening-sockets",
    "the TCP table of port 6600",
    Subject.HOST,
    Vantage.HOST,
    tuple[ListeningSocket, ...],
    query=WmiQuery(_TCP_TABLE, where=f"LocalPort = {LIVE_MIGRATION_PORT}"),
    parse=_sockets_of(LIVE_MIGRATION_PORT),
    may_be_empty="nothing listens",
    minimum_build=WINDOWS_SERVER_2012,
)

BITS_SOCKETS = WmiGroup(
    "bits-sockets",
    "the TCP table of port 443",
    Subject.HOST,
    Vantage.HOST,
    tuple[ListeningSocket, ...],
    query=WmiQuery(_TCP_TABLE, where=f"LocalPort = {BITS_DATA_PORT}"),
    parse=_sockets_of(BITS_DATA_PORT),
    may_be_empty="BITS is at rest",
    minimum_build=WINDOWS_SERVER_2012,
)


@dataclass(frozen=True)
class Route:
    """One row of MSFT_NetRoute. `next_hop` is None for a subnet that the host is on."""

    destination: Subnet
    next_hop: Address | None


def default_gateways(routes: Iterable[Route]) -> tuple[Address, ...]:
    """Return the next hops of default routes."""
    return tuple(
        each.next_hop
        for each in routes
        if each.next_hop is not None and not each.destination.prefixlen
    )


def _routes(rows: Sequence[WmiRow]) -> tuple[Route, ...]:
    return tuple(
        Route(
            ipaddress.ip_network(row.text("DestinationPrefix"), strict=False),
            _gateway(row.text_or_none("NextHop")),
        )
        for row in rows
    )


def _gateway(text: str | None) -> Address | None:
    """Return the gateway; 0.0.0.0 and :: stand for none."""
    address = parse_address(text) if text else None
    return None if address is None or address.is_unspecified else address


ROUTES = WmiGroup(
    "routes",
    "the routes",
    Subject.HOST,
    Vantage.HOST,
    tuple[Route, ...],
    query=WmiQuery(
        WmiClass(
            STANDARD_CIM,
            "MSFT_NetRoute",
            (
                WmiProperty("DestinationPrefix", CimType.STRING),
                WmiProperty("NextHop", CimType.STRING),
            ),
        )
    ),
    parse=_routes,
    minimum_build=WINDOWS_SERVER_2012,
    lack=at_least_one("route"),
)


def own_addresses(local: Iterable[LocalAddress]) -> tuple[LocalAddress, ...]:
    """Return the addresses of a host that a person would name: not its loopback, not link-local."""
    return tuple(each for each in local if is_usable(each.address) and each.address not in LOOPBACK)
