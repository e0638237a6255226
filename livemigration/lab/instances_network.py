"""Instances of addresses, routes and the TCP table."""

from __future__ import annotations

import ipaddress

from livemigration.lab.fleet import LISTENER_PORT
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.rows import VMMS_PROCESS, Row, has_2012_classes, identifier
from livemigration.lab.world import World

_LISTEN = 2
_IPV4 = 4
_ON_LINK = str(ipaddress.IPv4Address(0))
_ON_LINK_IPV6 = str(ipaddress.IPv6Address(0))
_EVERYWHERE = f"{_ON_LINK}/0"
# A subnet of two addresses or fewer has none to spare for a gateway.
_LONGEST_WITH_GATEWAY = 30


def _addresses(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    # Without 127.0.0.1/8, in which the lab's every address would be.
    rows: list[Row] = [
        {
            "InterfaceAlias": name,
            "IPAddress": world.address(each),
            "PrefixLength": world.subnet(name).prefixlen,
        }
        for name, each in host.addresses.items()
    ]
    for name, text in host.ipv6.items():
        address, _, length = text.partition("/")
        rows.append({"InterfaceAlias": name, "IPAddress": address, "PrefixLength": int(length)})
    return rows


def _sockets(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return [
        {
            "LocalAddress": address,
            "LocalPort": LISTENER_PORT,
            "OwningProcess": host.port_owner or VMMS_PROCESS,
            "State": _LISTEN,
        }
        for address in world.open_listeners(host)
    ]


def _routes(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    found = {
        str(subnet): _ON_LINK if subnet.version == _IPV4 else _ON_LINK_IPV6
        for subnet in world.own_subnets(host)
    }
    for name, gateway in host.routes.items():
        found[str(world.subnet(name))] = world.address(gateway)
    if (default := _default_gateway(world, host)) is not None:
        found[_EVERYWHERE] = default
    return [{"DestinationPrefix": prefix, "NextHop": hop} for prefix, hop in found.items()]


def _default_gateway(world: World, host: FleetHost) -> str | None:
    if host.gateway == "none":
        return None
    if host.gateway is not None:
        return world.address(host.gateway)
    subnet = world.own_subnet(host, "management")
    return str(subnet[-2]) if subnet.prefixlen <= _LONGEST_WITH_GATEWAY else None


_ORDINARY_SPEED, _MEGABIT = 10_000, 1_000_000
_ORDINARY_MTU, _OF_LOOPBACK = 1500, 2**32 - 1
_FAMILIES = (2, 23)
_LOOPBACK_NAME = "Loopback Pseudo-Interface 1"


def _interfaces(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    mtus = {name: host.mtu.get(name, _ORDINARY_MTU) for name in (*host.addresses, *host.ipv6)}
    return [
        {"AddressFamily": family, "InterfaceAlias": name, "NlMtu": mtu}
        for name, mtu in {**mtus, _LOOPBACK_NAME: _OF_LOOPBACK}.items()
        for family in _FAMILIES
    ]


def _rdma(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return [{"Enabled": True, "Name": name} for name in host.rdma]


def _adapters(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    found: list[Row] = []
    for name in dict.fromkeys((*host.addresses, *host.ipv6)):
        members = host.team.get(name, ())
        speed = sum(members) or host.speed.get(name, _ORDINARY_SPEED)
        found.append(_adapter(host, name, speed, virtual=bool(members)))
        for number, each in enumerate(members):
            found.append(_adapter(host, _member_name(name, number), each, virtual=False))
    return [*found, _adapter(host, "Unplugged", None, virtual=False)]


def _adapter(host: FleetHost, name: str, speed: int | None, *, virtual: bool) -> Row:
    bits = None if speed is None else speed * _MEGABIT
    return {
        "InterfaceGuid": f"{{{identifier('adapter', host.name, name).upper()}}}",
        "Name": name,
        "ReceiveLinkSpeed": bits,
        "TransmitLinkSpeed": bits,
        "Virtual": virtual,
    }


def _member_name(team: str, number: int) -> str:
    return f"{team} {number + 1}"


def _team_members(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    return [
        {"Name": _member_name(name, number), "Team": name}
        for name, members in host.team.items()
        for number in range(len(members))
    ]


def _tcp_settings(world: World, host: FleetHost) -> list[Row] | None:
    if not has_2012_classes(world, host):
        return None
    start, number = host.dynamic_ports
    ranges = dict.fromkeys(("Datacenter", "Internet", "Compat"), (start, number))
    return [
        {
            "DynamicPortRangeNumberOfPorts": ports,
            "DynamicPortRangeStartPort": first,
            "SettingName": name,
        }
        for name, (first, ports) in {"Automatic": (None, None), **ranges}.items()
    ]


MAKERS = {
    "MSFT_NetIPInterface": _interfaces,
    "MSFT_NetAdapterRdmaSettingData": _rdma,
    "MSFT_NetAdapter": _adapters,
    "MSFT_NetLbfoTeamMember": _team_members,
    "MSFT_NetTCPSetting": _tcp_settings,
    "MSFT_NetIPAddress": _addresses,
    "MSFT_NetTCPConnection": _sockets,
    "MSFT_NetRoute": _routes,
}
