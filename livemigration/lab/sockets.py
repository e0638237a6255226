"""The sockets of a fleet: which there are, and those of one process, bound before it serves."""

from __future__ import annotations

import socket
from collections.abc import Collection
from contextlib import ExitStack, suppress

from livemigration.lab.descriptors import is_out_of_descriptors
from livemigration.lab.fleet import CONTROL_PORT, LISTENER_PORT, SSL_PORT, FleetHost, FleetVmm
from livemigration.lab.fleet_host import Met
from livemigration.lab.world import World

_BACKLOG = 128
# A full backlog drops further connections: nothing answers, as behind a firewall.
_FILLERS = 4
_HOLE = 1 + _FILLERS


class Sockets:
    """The sockets of some machines of the lab.

    `any_port`: a machine whose control port is taken answers on another. `https`: each machine
    answers the suite over HTTPS as well, on a port of its own. `hosts` are the numbers of the hosts
    whose sockets these are, None: all; `rest`: with what is no host's.
    """

    def __init__(
        self,
        world: World,
        stack: ExitStack,
        *,
        any_port: bool = True,
        https: bool = False,
        hosts: range | None = None,
        rest: bool = True,
    ) -> None:
        self._any_port = any_port
        self._https = https
        self.world = world
        self._stack = stack
        self._numbers = range(len(world.fleet.hosts)) if hosts is None else hosts
        self._rest = rest
        self.control: list[tuple[str, socket.socket]] = []
        self.other: list[tuple[str, socket.socket]] = []
        self.secure: dict[str, socket.socket] = {}
        self.migration: list[socket.socket] = []
        # The domain's, and the global catalogue's.
        self.directory: list[socket.socket] = []

    def bind_all(self) -> None:
        """Bind what answers, and fill what must not.

        Raises:
            OSError: a port is taken on this network, or no descriptor is left.
        """
        if self._rest:
            for server in self.world.fleet.vmms:
                self._server(server)
            if (own := self.world.fleet.directory) is not None:
                address = self.world.address(own.address)
                self.directory = [self._listen(address, 0, _BACKLOG) for _ in range(2)]
        for number in self._numbers:
            self._host(self.world.fleet.hosts[number])
        for address, (met, owner) in self.world.owned_ports.items():
            if self._rest if owner is None else owner in self._numbers:
                self._migration(address, met)

    def _migration(self, address: str, met: Met) -> None:
        if met == "dropped":
            self._hole(address, LISTENER_PORT)
        else:
            self.migration.append(self._listen(address, LISTENER_PORT, _BACKLOG))

    def _server(self, server: FleetVmm) -> None:
        address = self.world.address(server.address)
        if server.down == "silent":
            self._hole(address, CONTROL_PORT)
        elif server.down is None:
            self._control(server.name, address)

    def _host(self, host: FleetHost) -> None:
        ports = _control_ports(host)
        management, *others = (self.world.address(each) for each in _management_first(host))
        if host.down == "silent":
            for address in (management, *others):
                for port in ports:
                    self._hole(address, port)
        elif host.down is None:
            port = self._control(host.name, management)
            # WinRM listens on all addresses (IPv4Filter is * by default).
            for address in others:
                self.other.append((host.name, self._listen(address, port, _BACKLOG)))
            if host.ssl:
                for address in (management, *others):
                    self.other.append((host.name, self._listen(address, SSL_PORT, _BACKLOG)))

    def _control(self, name: str, address: str) -> int:
        """Bind the control port, or another where it is taken, and return its number."""
        try:
            listener = self._listen(address, CONTROL_PORT, _BACKLOG)
        except OSError as error:
            if not self._any_port or is_out_of_descriptors(error):
                raise
            listener = self._listen(address, 0, _BACKLOG)
        self.control.append((name, listener))
        if self._https:
            self.secure[name] = self._listen(address, 0, _BACKLOG)
        return _port(listener)

    def unusual_ports(self) -> dict[str, int]:
        """Return the control ports that are not the usual one, by machine."""
        found = {name: _port(listener) for name, listener in self.control}
        return {name: port for name, port in found.items() if port != CONTROL_PORT}

    def secure_ports(self) -> dict[str, int]:
        """Return the HTTPS port of each machine that has one."""
        return {name: _port(listener) for name, listener in self.secure.items()}

    def _listen(self, address: str, port: int, backlog: int) -> socket.socket:
        # With protocol 0 asyncio leaves Nagle's algorithm on, at 40 ms a message.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._stack.callback(listener.close)
        listener.bind((address, port))
        listener.listen(backlog)
        listener.setblocking(False)
        return listener

    def _hole(self, address: str, port: int) -> None:
        self._listen(address, port, 0)
        for _ in range(_FILLERS):
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            self._stack.callback(filler.close)
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect((address, port))


def needs_of(world: World, *, https: bool = False) -> tuple[list[int], int]:
    """Return how many sockets each host has, and how many are no host's."""
    needs = [_control_need(host, https=https) for host in world.fleet.hosts]
    always = sum(_HOLE if each.down == "silent" else 1 + https for each in world.fleet.vmms)
    always += 2 if world.fleet.directory is not None else 0
    for met, owner in world.owned_ports.values():
        need = _HOLE if met == "dropped" else 1
        if owner is None:
            always += need
        else:
            needs[owner] += need
    return needs, always


def _control_need(host: FleetHost, *, https: bool) -> int:
    if host.down == "refused":
        return 0
    each = len(host.addresses) * len(_control_ports(host))
    return each * _HOLE if host.down == "silent" else each + https


def _control_ports(host: FleetHost) -> Collection[int]:
    return (CONTROL_PORT, *((SSL_PORT,) if host.ssl else ()))


def _port(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


def _management_first(host: FleetHost) -> list[str]:
    return sorted(host.addresses.values(), key=lambda each: each != host.management)
