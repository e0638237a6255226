"""A fleet on one 127.x network: its addresses, listeners, names, and what VMM meets."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import cached_property

from livemigration.lab.fleet import CONTROL_PORT, SSL_PORT, Fleet
from livemigration.lab.fleet_host import FleetHost, Met, System
from livemigration.lab.fleet_values import is_fleet_address

_ONE_ADDRESS = 32
_CONTROL_PORTS = (CONTROL_PORT, SSL_PORT)


@dataclass(frozen=True)
class World:
    """A fleet with its network number."""

    fleet: Fleet
    number: int

    def address(self, suffix: str) -> str:
        """Return the loopback address of a fleet's address."""
        return f"127.{self.number}.{suffix}"

    def subnet(self, name: str) -> ipaddress.IPv4Network:
        """Return the subnet of a network's name, or of a subnet written as such."""
        network = self.fleet.networks.get(name)
        return ipaddress.IPv4Network(self.address(network.subnet if network else name))

    def own_subnet(self, host: FleetHost, name: str) -> ipaddress.IPv4Network:
        """Return the subnet that a host is on by its address in a network."""
        length = self.subnet(name).prefixlen
        return ipaddress.IPv4Network(f"{self.address(host.addresses[name])}/{length}", strict=False)

    def system(self, host: FleetHost | None) -> System:
        """Return the operating system of a host; None: of the VMM server."""
        return (host.system if host is not None else None) or self.fleet.system

    def known_as(self, host: FleetHost) -> str:
        """Return what VMM calls a host."""
        name = host.record.name or host.name
        return self.address(name) if is_fleet_address(name) else name

    def resolve(self, name: str) -> tuple[str, ...]:
        """Return what VMM resolves a name to; empty where it does not resolve."""
        wanted = name.casefold()
        for host in self.fleet.hosts:
            if wanted == self.address(host.management):
                return (wanted,)
            if wanted in {host.name.casefold(), self.known_as(host).casefold()}:
                known = host.dns if host.dns is not None else (host.management,)
                return tuple(self.address(each) for each in known)
        return ()

    def selected(self, host: FleetHost) -> dict[str, str]:
        """Return the networks and addresses that the host's settings select for listeners.

        Nothing listens while live migration is disabled or vmms is stopped (inferred: no document
        says what the list then holds), and with the IPv6 row of "any" alone no IPv4 address does
        (inferred as well).
        """
        silent = host.no_listener or host.networks == "none" or host.half_any == "v6"
        if silent or not host.enabled or not host.runs_hyper_v:
            return {}
        bound = {name: self.address(each) for name, each in host.addresses.items()}
        if isinstance(host.networks, str):
            return bound
        subnets = [self.subnet(name) for name in host.networks]
        return {
            name: address
            for name, address in bound.items()
            if any(ipaddress.IPv4Address(address) in subnet for subnet in subnets)
        }

    def listeners(self, host: FleetHost) -> tuple[str, ...]:
        """Return the host's list of listeners."""
        if not host.enabled or not host.runs_hyper_v:
            return ()
        found = tuple(self.selected(host).values())
        if host.networks == "any" and not host.no_listener:
            # A recorded list of a real host holds link-local and ISATAP addresses too.
            management = self.address(host.management)
            found += ("fe80::100:7f:fffe", f"fe80::5efe:{management}")
        return (*found, *self._extra(host))

    def open_listeners(self, host: FleetHost) -> tuple[str, ...]:
        """Return the addresses whose sockets are open."""
        if not host.enabled or not host.runs_hyper_v:
            return ()
        selected = (a for name, a in self.selected(host).items() if name not in host.closed)
        extra = (each for each in self._extra(host) if each.startswith(self.address("")))
        return (*selected, *extra)

    def drops(self, host: FleetHost, address: str) -> bool:
        """Whether packets to port 6600 of a host's address get lost."""
        own = (name for name, each in host.addresses.items() if self.address(each) == address)
        in_dropped = any(self.fleet.networks[name].dropped for name in own)
        return in_dropped or not self._firewall_admits_vmm(host)

    def vmm_meets(self, address: str, port: int) -> Met | None:
        """Return what VMM meets on a port; None: whatever is there.

        For the ports that the lab cannot bind without rights of an administrator, and for one that
        the suite itself needs open.
        """
        host = self._owners.get(address)
        if host is None:
            return None
        for number, met in host.meets.items():
            if number == port:
                return met
        return host.control if port in _CONTROL_PORTS and host.control != "open" else None

    @cached_property
    def _owners(self) -> dict[str, FleetHost]:
        return {
            self.address(each): host
            for host in self.fleet.hosts
            for each in host.addresses.values()
        }

    def _extra(self, host: FleetHost) -> tuple[str, ...]:
        return tuple(
            self.address(each) if is_fleet_address(each) else each for each in host.extra_listeners
        )

    def _firewall_admits_vmm(self, host: FleetHost) -> bool:
        firewall = host.firewall
        if firewall.profiles == "off":
            return True
        if firewall.rule == "group-policy":
            return True
        if firewall.rule != "present" or firewall.local_rules == "ignored":
            return False
        vmm = ipaddress.IPv4Address(self.address(self.fleet.vmm.address))
        return not firewall.scope or any(
            vmm in subnet for each in firewall.scope for subnet in self._scope(host, each)
        )

    def _scope(self, host: FleetHost, text: str) -> list[ipaddress.IPv4Network]:
        if text == "Any":
            return [ipaddress.IPv4Network("0.0.0.0/0")]
        if text == "LocalSubnet":
            return [self.own_subnet(host, name) for name in host.addresses]
        if is_fleet_address(text):
            return [ipaddress.IPv4Network(f"{self.address(text)}/{_ONE_ADDRESS}")]
        return [self.subnet(text)]

    def scope_texts(self, host: FleetHost) -> tuple[str, ...]:
        """Return the scope of the host's rule, as Windows writes it."""
        return tuple(
            text
            if text in {"Any", "LocalSubnet"}
            else str(self._scope(host, text)[0]).removesuffix(f"/{_ONE_ADDRESS}")
            for text in host.firewall.scope
        ) or ("Any",)
