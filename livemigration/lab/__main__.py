"""The lab's process: starts a fleet, says where it answers, ends with its standard input."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import secrets
import socket
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

from livemigration.lab.fleet import (
    CONTROL_PORT,
    LISTENER_PORT,
    SSL_PORT,
    Fleet,
    FleetHost,
    FleetVmm,
    LabError,
    load_fleet,
)
from livemigration.lab.front import serve
from livemigration.lab.machine import Machine, Record, forget
from livemigration.lab.world import World

_NETWORKS = range(16, 250)
_ATTEMPTS = 8
# A parent that hangs must not keep the lab for ever.
LONGEST_SECONDS = 4 * 3600
# The names that later requests repeat: of shells, commands and enumerations.
_GIVEN_NAME = re.compile(r"<(?:rsp:ShellId|rsp:CommandId|n:EnumerationContext)>([^<]+)<")
USERNAME = r"LAB\administrator"


class Sockets:
    """Every socket of the lab, bound before anything is served.

    `any_port`: a machine whose control port is taken answers on another.
    """

    def __init__(
        self, world: World, stack: ExitStack, record: Record, *, any_port: bool = True
    ) -> None:
        self._any_port = any_port
        self._record = record
        self._world = world
        self._stack = stack
        self._views: dict[str, World] = {}
        self.control: list[tuple[Machine, str, str, socket.socket]] = []
        self.other: list[tuple[Machine, socket.socket]] = []
        self.migration: list[socket.socket] = []

    def bind_all(self) -> None:
        """Bind what answers, and fill what must not.

        Raises:
            OSError: a port is taken on this network.
        """
        for server in self._world.fleet.vmms:
            self._server(server)
        for host in self._world.fleet.hosts:
            self._host(host)
        for address, met in self._world.migration_ports().items():
            if met == "dropped":
                self._hole(address, LISTENER_PORT)
            else:
                self.migration.append(self._listen(address, LISTENER_PORT, 128))

    def _server(self, server: FleetVmm) -> None:
        address = self._world.address(server.address)
        if server.down == "silent":
            self._hole(address, CONTROL_PORT)
        elif server.down is None:
            machine = Machine(self._view(server), server.name, None, self._record)
            self._control(machine, server.name, address)

    def _host(self, host: FleetHost) -> None:
        ports = (CONTROL_PORT, *((SSL_PORT,) if host.ssl else ()))
        management, *others = (self._world.address(each) for each in _management_first(host))
        if host.down == "silent":
            for address in (management, *others):
                for port in ports:
                    self._hole(address, port)
        elif host.down is None:
            view = self._view(self._world.fleet.manager(host))
            machine = Machine(view, host.name, host, self._record)
            port = self._control(machine, host.name, management)
            # WinRM listens on all addresses (IPv4Filter is * by default).
            for address in others:
                self.other.append((machine, self._listen(address, port, 128)))
            if host.ssl:
                for address in (management, *others):
                    self.other.append((machine, self._listen(address, SSL_PORT, 128)))

    def _view(self, server: FleetVmm) -> World:
        """Return the fleet as a VMM server has it."""
        return self._views.setdefault(
            server.name, World(self._world.fleet.seen_by(server), self._world.number)
        )

    def _control(self, machine: Machine, name: str, address: str) -> int:
        """Bind the control port, or another where it is taken, and return its number."""
        try:
            listener = self._listen(address, CONTROL_PORT, 128)
        except OSError:
            if not self._any_port:
                raise
            listener = self._listen(address, 0, 128)
        self.control.append((machine, name, address, listener))
        port: int = listener.getsockname()[1]
        return port

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
        for _ in range(4):
            # A full backlog drops further connections: nothing answers, as behind a firewall.
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            self._stack.callback(filler.close)
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect((address, port))


def _bind(
    fleet: Fleet, stack: ExitStack, record: Record, network: int | None
) -> tuple[World, Sockets]:
    numbers = random.sample(_NETWORKS, _ATTEMPTS) if network is None else [network]
    # A port that is taken may be that of another lab, which has drawn the same network; only where
    # it is taken in each network is it something that listens everywhere.
    for any_port, number in ((each, number) for each in (False, True) for number in numbers):
        attempt = ExitStack()
        world = World(fleet, number)
        sockets = Sockets(world, attempt, record, any_port=any_port)
        try:
            sockets.bind_all()
        except OSError:
            attempt.close()
            continue
        stack.enter_context(attempt)
        return world, sockets
    if network is not None:
        raise LabError(f"addresses of 127.{network}.0.0/16 are taken. End what uses them.")
    raise LabError(
        f"port {LISTENER_PORT} or addresses in 127.0.0.0/8 cannot be used on this machine. "
        f"Stop what listens on port {LISTENER_PORT}, or run on Linux or Windows."
    )


def _management_first(host: FleetHost) -> list[str]:
    return sorted(host.addresses.values(), key=lambda each: each != host.management)


def _up_first(fleet: Fleet) -> list[FleetHost]:
    return sorted(fleet.hosts, key=lambda host: host.down is not None)


async def _close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def _run(fleet: Fleet, stack: ExitStack, record: Record, network: int | None) -> None:
    _allow_many_files()
    world, sockets = _bind(fleet, stack, record, network)
    password = secrets.token_urlsafe(18)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
    users = folder / "users"
    users.touch(mode=0o600)
    users.write_text(f"LAB:administrator:{password}\n", encoding="utf-8")
    os.environ["NTLM_USER_FILE"] = str(users)
    names = (USERNAME, USERNAME.rpartition("\\")[2]) if fleet.allow_basic else ()
    basic = frozenset(f"{name}:{password}".encode() for name in names)
    for machine, _, _, listener in sockets.control:
        await asyncio.start_server(partial(serve, machine, basic), sock=listener)
    for machine, listener in sockets.other:
        await asyncio.start_server(partial(serve, machine, basic), sock=listener)
    for listener in sockets.migration:
        await asyncio.start_server(_close, sock=listener)
    ports = {name: listener.getsockname()[1] for _, name, _, listener in sockets.control}
    addresses = {each.name: world.address(each.address) for each in fleet.vmms}
    addresses |= {host.name: world.address(host.management) for host in fleet.hosts}
    machines = {
        # One that is down would answer on the usual port.
        name: {"name": name, "address": address, "port": ports.get(name, CONTROL_PORT)}
        for name, address in addresses.items()
    }
    _say(
        {
            "fleet": fleet.name,
            "username": USERNAME,
            "password": password,
            "vmms": [machines[each.name] for each in fleet.vmms],
            "hosts": [machines[host.name] for host in _up_first(fleet)],
        }
    )
    with suppress(TimeoutError):
        await asyncio.wait_for(_end_of_input(), LONGEST_SECONDS)


async def _end_of_input() -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    def read() -> None:
        # Not through sys.stdin, whose lock a thread must not hold when the interpreter ends.
        while os.read(0, 65536):
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, daemon=True).start()
    await ended.wait()


def _allow_many_files() -> None:
    with suppress(ImportError):
        import resource  # noqa: PLC0415 - POSIX only

        if sys.platform != "win32":
            _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _recorder(path: str | None, stack: ExitStack) -> Record:
    if path is None:
        return forget
    try:
        stream = stack.enter_context(Path(path).open("w", encoding="utf-8"))  # noqa: SIM115 - as one
    except OSError as error:
        raise LabError(f"{path}: cannot be written: {error.strerror}.") from None

    def write(machine: str, request: bytes, status: int, reply: bytes) -> None:
        given = dict.fromkeys(_GIVEN_NAME.findall(reply.decode()))
        text = request.decode("utf-8", "replace")
        record = {"machine": machine, "status": status, "given": list(given), "request": text}
        stream.write(json.dumps(record) + "\n")
        stream.flush()

    return write


def main() -> int:
    """Run until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m livemigration.lab")
    parser.add_argument("--fleet", required=True)
    parser.add_argument("--hosts", type=int)
    parser.add_argument("--record")
    parser.add_argument("--network", type=int, choices=_NETWORKS)
    chosen = parser.parse_args()
    try:
        with ExitStack() as stack:
            fleet = load_fleet(chosen.fleet).of_size(chosen.hosts)
            record = _recorder(chosen.record, stack)
            asyncio.run(_run(fleet, stack, record, chosen.network))
    except LabError as error:
        _say({"error": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
