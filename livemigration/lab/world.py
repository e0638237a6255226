"""A fleet on one 127.x network: its addresses, listeners, names, and what VMM meets."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Literal

from livemigration.base.addresses import Address, Subnet, parse_address
from livemigration.facts.vmm import DATA_PORTS
from livemigration.lab import firewall
from livemigration.lab.conduct import Conduct
from livemigration.lab.fleet import CONTROL_PORT, LISTENER_PORT, SSL_PORT, Fleet, FleetVmm
from livemigration.lab.fleet_host import FleetHost, HostFirewall, Met, System
from livemigration.lab.fleet_values import (
    SCOPE_WORDS,
    is_address_range,
    is_fleet_address,
    is_ipv6_network,
)
from livemigration.lab.stock_rules import usual_number
from livemigration.lab.winrm_config import Setting, settings_of

_ONE_ADDRESS = ("/32", "/128")
_CONTROL_PORTS = (CONTROL_PORT, SSL_PORT)
_ANY_ROWS = {"v4": "0.0.0.0/0", "v6": "::/0"}
_ANY_SUBNETS = {each: ipaddress.ip_network(each) for each in _ANY_ROWS.values()}


@dataclass(frozen=True)
class World:
    """A fleet with its network number, and how its machines answer."""

    fleet: Fleet
    number: int
    conduct: Conduct = field(default_factory=Conduct)

    def seen_by(self, server: FleetVmm) -> World:
        """Return the world as one of the fleet's VMM servers has it."""
        own = self.fleet.seen_by(server)
        return self if own is self.fleet else World(own, self.number, self.conduct)

    def address(self, suffix: str) -> str:
        """Return the loopback address of a fleet's address."""
        return f"127.{self.number}.{suffix}"

    def subnet(self, name: str) -> ipaddress.IPv4Network:
        """Return the subnet of a network's name, or of an IPv4 subnet written as such."""
        own = self._subnets.get(name)
        return own if own is not None else ipaddress.IPv4Network(self.address(name))

    def own_subnet(self, host: FleetHost, name: str) -> ipaddress.IPv4Network:
        """Return the subnet that a host is on by its address in a network."""
        length = self.subnet(name).prefixlen
        return ipaddress.IPv4Network(f"{self.address(host.addresses[name])}/{length}", strict=False)

    def any_subnet(self, name: str) -> Subnet:
        """Return the subnet of a network's name, or of a subnet of either family."""
        named = name in self.fleet.networks
        if not named and is_ipv6_network(name):
            return ipaddress.IPv6Network(name)
        return self.subnet(name)

    def bound(self, host: FleetHost) -> tuple[tuple[str, Address], ...]:
        """Return the networks and the addresses of a host, IPv4 ones first."""
        ipv4 = ((name, self.address(each)) for name, each in host.addresses.items())
        ipv6 = ((name, each.partition("/")[0]) for name, each in host.ipv6.items())
        return tuple((name, parse_address(each)) for name, each in (*ipv4, *ipv6))

    def own_subnets(self, host: FleetHost) -> tuple[Subnet, ...]:
        """Return every subnet that a host is on."""
        ipv6 = (ipaddress.IPv6Interface(each).network for each in host.ipv6.values())
        return (*(self.own_subnet(host, name) for name in host.addresses), *ipv6)

    def system(self, host: FleetHost | None) -> System:
        """Return the operating system of a host; None: of the VMM server."""
        return (host.system if host is not None else None) or self.fleet.system

    def winrm(self, host: FleetHost | None) -> dict[str, Setting]:
        """Return winrm/config of a host; None: of the VMM server."""
        takes: dict[str, Setting] = {
            "Service/Auth/Basic": self.fleet.allow_basic,
            "Service/AllowUnencrypted": self.fleet.allow_unencrypted,
        }
        own = (host or self.fleet.vmm).winrm
        return settings_of(self.system(host).build, {**takes, **own})

    def known_as(self, host: FleetHost) -> str:
        """Return what VMM calls a host."""
        name = host.record.name or host.name
        return self.address(name) if is_fleet_address(name) else name

    def resolve(self, name: str) -> tuple[str, ...]:
        """Return what VMM resolves a name to; empty where it does not resolve."""
        wanted = name.casefold()
        host = self._named.get(wanted)
        if host is None:
            return ()
        if wanted == self.address(host.management):
            return (wanted,)
        known = host.dns if host.dns is not None else _registered(host)
        return tuple(self._written_out(each) for each in known)

    def known(self, name: str) -> FleetHost | None:
        """Return the host that VMM knows by a name, in any case."""
        return self._known.get(name.casefold())

    def resolver_is_silent(self, name: str) -> bool:
        """Whether VMM's resolver gets no answer for a name."""
        return name.casefold() in self._unanswered

    def _written_out(self, text: str) -> str:
        return self.address(text) if is_fleet_address(text) else text

    def selected(self, host: FleetHost) -> tuple[tuple[str, Address], ...]:
        """Return the networks and addresses that the host's settings select for listeners.

        Nothing listens while live migration is disabled or vmms is stopped (inferred: no document
        says what the list then holds), and with the IPv6 row of "any" alone no IPv4 address does
        (inferred as well).
        """
        silent = host.no_listener or host.networks == "none"
        if silent or not host.enabled or not host.runs_hyper_v:
            return ()
        rows = [self.any_subnet(name) for name in self._named_rows(host)]
        rows += [_ANY_SUBNETS[each] for each in any_rows(host)]
        return tuple(
            (name, address)
            for name, address in self.bound(host)
            if any(address in subnet for subnet in rows)
        )

    def _named_rows(self, host: FleetHost) -> tuple[str, ...]:
        return () if isinstance(host.networks, str) else host.networks

    def listeners(self, host: FleetHost) -> tuple[str, ...]:
        """Return the host's list of listeners."""
        if not host.enabled or not host.runs_hyper_v:
            return ()
        found = tuple(str(address) for _, address in self.selected(host))
        if any_rows(host) and not host.no_listener:
            # A recorded list of a real host holds link-local and ISATAP addresses too.
            management = self.address(host.management)
            found += ("fe80::100:7f:fffe", f"fe80::5efe:{management}")
        return (*found, *self._extra(host))

    def open_listeners(self, host: FleetHost) -> tuple[str, ...]:
        """Return the addresses whose sockets are open; those of IPv6 are played."""
        if not host.enabled or not host.runs_hyper_v:
            return ()
        selected = (str(a) for name, a in self.selected(host) if name not in host.closed)
        extra = (each for each in self._extra(host) if each.startswith(self.address("")))
        return (*selected, *extra)

    @cached_property
    def owned_ports(self) -> dict[str, tuple[Met, int | None]]:
        """What port 6600 of each IPv4 address of the fleet does, and the number of its host.

        An address that is left out refuses; one of no host has None.
        """
        found: dict[str, tuple[Met, int | None]] = {}
        for number, host in enumerate(self.fleet.hosts):
            listening = () if host.down is not None else self.open_listeners(host)
            own = (self.address(each) for each in host.addresses.values())
            for address in dict.fromkeys((*own, *listening)):
                if ":" in address:
                    continue
                met = self._migration_port(host, address, listening)
                if met != "refused":
                    found.setdefault(address, (met, number))
        for address in self._mentioned():
            if self._in_dropped(parse_address(address)):
                found.setdefault(address, ("dropped", None))
        return found

    def _migration_port(self, host: FleetHost, address: str, listening: Sequence[str]) -> Met:
        if host.down == "refused":
            return "dropped" if self._in_dropped(parse_address(address), host) else "refused"
        if host.down == "silent" or self.drops(host, address):
            return "dropped"
        return "open" if address in listening else "refused"

    def _mentioned(self) -> Iterator[str]:
        """Yield the addresses that names stand for, whoever has them."""
        for host in self.fleet.hosts:
            for each in host.dns or ():
                if is_fleet_address(each):
                    yield self.address(each)

    def drops(self, host: FleetHost, address: str) -> bool:
        """Whether packets from VMM to port 6600 of a host's address get lost.

        In a network that drops them nothing comes back either from an address without a listener;
        a firewall that keeps VMM out does not say that nothing listens (stealth mode).
        """
        parsed = parse_address(address)
        return self._in_dropped(parsed, host) or not self._firewall_admits_vmm(host, parsed)

    def _in_dropped(self, address: Address, host: FleetHost | None = None) -> bool:
        dropped = self._dropped
        if host is not None and any(n in dropped for n, a in self.bound(host) if a == address):
            return True
        return any(address in subnet for subnet in dropped.values())

    def vmm_meets(self, address: str, port: int) -> Met | Literal["unreachable"] | None:
        """Return what VMM meets on a port; None: whatever is there.

        For the ports that the lab cannot bind without rights of an administrator, for one that the
        suite itself needs open, and for IPv6 addresses, of which this machine has none to give.
        """
        parsed = parse_address(address)
        host = self._owners.get(str(parsed))
        if parsed.version != 4 and self.fleet.vmm.ipv6 is None:
            return "unreachable"
        if host is None:
            # Nobody answers for an IPv6 address that no host has.
            return None if parsed.version == 4 else "dropped"
        for number, met in host.meets.items():
            if number == port:
                return met
        if port in _CONTROL_PORTS and host.control != "open":
            return host.control
        return None if parsed.version == 4 else self._played(host, str(parsed), port)

    def is_silent(self, address: str, port: int) -> bool:
        """Whether nothing comes back from a port, as far as this fleet knows.

        An address that no host of this fleet has may be silent. A port of a host that is not
        silent answers or refuses, however long a busy machine takes over it.
        """
        host = self._owners.get(address)
        if port == LISTENER_PORT and (known := self.owned_ports.get(address)) is not None:
            return known[0] == "dropped"
        return host is None or host.down == "silent"

    def is_slow(self, address: str) -> bool:
        """Whether a host answers later than a script has patience for."""
        host = self._owners.get(address)
        return host is not None and self.conduct.fault(host.name) == "slow"

    def proxy_takes(self, name: str) -> bool:
        """Whether the VMM server's WinHTTP proxy keeps what is sent to a host of this name."""
        bypass = self.fleet.vmm.proxy_bypass
        if bypass is None:
            return False
        local = "." not in name and "<local>" in bypass
        return not local and not any(fnmatchcase(name.casefold(), e.casefold()) for e in bypass)

    def _played(self, host: FleetHost, address: str, port: int) -> Met:
        """Return what VMM meets on a port of an IPv6 address, as an IPv4 one would show it."""
        if port == LISTENER_PORT:
            return self._migration_port(host, address, self.open_listeners(host))
        if host.down is not None:
            return "dropped" if host.down == "silent" else "refused"
        # The control port is another where 5985 is taken on this machine.
        shut = DATA_PORTS if host.ssl else (*DATA_PORTS, SSL_PORT)
        return "refused" if port in shut else "open"

    @cached_property
    def _subnets(self) -> dict[str, ipaddress.IPv4Network]:
        nets = self.fleet.networks.items()
        return {name: ipaddress.IPv4Network(self.address(each.subnet)) for name, each in nets}

    @cached_property
    def _dropped(self) -> dict[str, ipaddress.IPv4Network]:
        nets = self.fleet.networks.items()
        return {name: self._subnets[name] for name, each in nets if each.dropped}

    @cached_property
    def _admitted(self) -> dict[tuple[HostFirewall, str], bool]:
        """Whether a firewall lets VMM in that goes by no address, by the network's profile."""
        return {}

    @cached_property
    def _named(self) -> dict[str, FleetHost]:
        """The first host that each name or management address stands for."""
        found: dict[str, FleetHost] = {}
        for host in self.fleet.hosts:
            for each in (self.address(host.management), host.name, self.known_as(host)):
                found.setdefault(each.casefold(), host)
        return found

    @cached_property
    def _known(self) -> dict[str, FleetHost]:
        return {self.known_as(host).casefold(): host for host in self.fleet.hosts}

    @cached_property
    def _unanswered(self) -> frozenset[str]:
        silent = [host for host in self.fleet.hosts if host.unanswered]
        names = (each for host in silent for each in (host.name, self.known_as(host)))
        return frozenset(each.casefold() for each in names)

    @cached_property
    def _owners(self) -> dict[str, FleetHost]:
        return {str(each): host for host in self.fleet.hosts for _, each in self.bound(host)}

    def _extra(self, host: FleetHost) -> tuple[str, ...]:
        return tuple(self._written_out(each) for each in host.extra_listeners)

    def profile(self, host: FleetHost, network: str) -> str:
        """Return the firewall's profile of a host in a network.

        A network on which no domain controller answers is an unidentified one: public.
        """
        return "domain" if network == "management" and not host.workgroup else "public"

    def firewall_rules(self, host: FleetHost) -> tuple[firewall.Rule, ...]:
        """Return the rules in the local store of a host's firewall."""
        return firewall.rules_of(host.firewall, self._texts)

    def active_firewall_rules(self, host: FleetHost) -> tuple[tuple[firewall.Rule, int], ...]:
        """Return the rules in a host's active store, each with where it is from."""
        return firewall.active_rules_of(host.firewall, self._texts)

    def stock_rules(self, host: FleetHost) -> int:
        """Return how many rules stand in that store that Windows and its roles brought."""
        wanted = self.fleet.firewall_rules
        return usual_number(self.system(host).build) if wanted is None else wanted

    def _firewall_admits_vmm(self, host: FleetHost, address: Address) -> bool:
        vmm = self.fleet.manager(host)
        source = self.address(vmm.address) if address.version == 4 else vmm.ipv6
        if source is None:
            return False
        names = (name for name, each in self.bound(host) if each == address)
        profile = self.profile(host, next(names, ""))
        key = host.firewall, profile
        if (known := self._admitted.get(key)) is not None:
            return known
        connection = firewall.InboundConnection(parse_address(source), address, profile)
        own = self.own_subnets(host)
        admits = firewall.admits(host.firewall, self._texts, connection, own)
        if not host.firewall.scope and not host.firewall.rules:
            self._admitted[key] = admits
        return admits

    def _texts(self, scope: Sequence[str]) -> tuple[str, ...]:
        """Return a scope as Windows writes it."""
        return tuple(self._text(each) for each in scope) or ("Any",)

    def _text(self, text: str) -> str:
        if text in SCOPE_WORDS:
            return text
        if is_address_range(text):
            return "-".join(self.address(each) for each in text.split("-"))
        if is_fleet_address(text):
            return self.address(text)
        found = str(self.any_subnet(text))
        return next((found.removesuffix(e) for e in _ONE_ADDRESS if found.endswith(e)), found)


def any_rows(host: FleetHost) -> tuple[str, ...]:
    """Return the rows for any network that a host has, as subnets."""
    if host.networks == "any":
        wanted = host.half_any or "both"
    elif host.any_rows is not None:
        wanted = host.any_rows
    else:
        return ()
    return tuple(subnet for name, subnet in _ANY_ROWS.items() if wanted in {"both", name})


def _registered(host: FleetHost) -> tuple[str, ...]:
    """Return what a host registers of its management network in DNS."""
    ipv6 = host.ipv6.get("management")
    return (host.management, *((ipv6.partition("/")[0],) if ipv6 is not None else ()))
