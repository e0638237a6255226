"""The lab's process: starts a fleet, says where it answers, ends with its standard input."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import secrets
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from livemigration.lab import binding, workers
from livemigration.lab.conduct import Conduct, chosen, with_faults
from livemigration.lab.errors import LabError
from livemigration.lab.fleet import (
    CONTROL_PORT,
    Fleet,
    FleetHost,
    load_fleet,
)
from livemigration.lab.fleet_directory import OWN_DOMAIN, OWN_NAME
from livemigration.lab.front import Taken, serve
from livemigration.lab.machine import Record, forget
from livemigration.lab.machines import Machines
from livemigration.lab.sockets import Sockets
from livemigration.lab.tickets import keytabs_in
from livemigration.wsman.compat import nt_hash

if TYPE_CHECKING:
    from livemigration.lab.tls import LabTls

# The names that later requests repeat: of shells, commands and enumerations.
_GIVEN_NAME = re.compile(r"<(?:rsp:ShellId|rsp:CommandId|n:EnumerationContext)>([^<]+)<")
USERNAME = f"{OWN_DOMAIN}\\{OWN_NAME}"


class Service:
    """Answers the connections of every machine of a process."""

    def __init__(
        self, machines: Machines, basic: frozenset[bytes], keytabs: Mapping[str, Path]
    ) -> None:
        self._machines = machines
        self._usual = Taken(basic)
        self._with_tickets = {name: Taken(basic, path) for name, path in keytabs.items()}

    async def answer(
        self,
        name: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        binding: bytes = b"",
    ) -> None:
        """Serve one connection to a machine."""
        taken = self._with_tickets.get(name, self._usual)
        await serve(self._machines[name], taken, reader, writer, binding=binding)


def _up_first(fleet: Fleet) -> list[FleetHost]:
    return sorted(fleet.hosts, key=lambda host: host.down is not None)


def _run(fleet: Fleet, stack: ExitStack, record: Record, given: argparse.Namespace) -> None:
    keytabs = _keytabs(fleet, given.keytabs)
    password = fleet.password or secrets.token_urlsafe(18)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
    users = folder / "users"
    users.touch(mode=0o600)
    # In the form of smbpasswd(5): the other one leaves no colon to a password.
    hashes = f"{'0' * 32}:{nt_hash(password)}"
    users.write_text(f"{USERNAME}:1000:{hashes}:[U]:LCT-00000000\n", encoding="utf-8")
    os.environ["NTLM_USER_FILE"] = str(users)
    # The keys of the machine on which it runs are none of the fleet's.
    os.environ["KRB5_KTNAME"] = str(folder / "none")
    names = (USERNAME, USERNAME.rpartition("\\")[2]) if fleet.allow_basic else ()
    basic = frozenset(f"{name}:{password}".encode() for name in names)
    faults = chosen(fleet.hosts, given.faults)
    plan = binding.Plan(
        with_faults(fleet, faults),
        Conduct(given.latency, faults),
        given.https,
        lambda world: Service(Machines(world, record), basic, keytabs).answer,
    )
    bound = binding.bind(plan, stack, given.network)
    service = Service(Machines(bound.world, record), basic, keytabs)
    asyncio.run(_serve(bound, service, password, folder))


async def _serve(bound: binding.Bound, service: Service, password: str, folder: Path) -> None:
    sockets = bound.sockets
    await binding.serve(sockets, service.answer)
    tls = await _serve_https(sockets, service, folder) if sockets.secure else None
    fleet, conduct = bound.world.fleet, bound.world.conduct
    directory = await _serve_directory(sockets) if sockets.directory else None
    machines = _machines(bound)
    _say(
        {
            "fleet": fleet.name,
            "username": USERNAME,
            "password": password,
            "vmms": [machines[each.name] for each in fleet.vmms],
            "hosts": [machines[host.name] for host in _up_first(fleet)],
            "authority": tls.authority if tls is not None else "",
            "client": tls.client if tls is not None else "",
            "latency": conduct.latency,
            "faults": dict(conduct.faults),
            "processes": [os.getpid(), *bound.workers.pids],
            "directory": directory,
        }
    )
    with suppress(TimeoutError):
        await asyncio.wait_for(_end(bound.workers), binding.LONGEST_SECONDS)


def _machines(bound: binding.Bound) -> dict[str, dict[str, Any]]:
    """Return where each machine answers."""
    world, secure = bound.world, bound.sockets.secure_ports()
    addresses = {each.name: world.address(each.address) for each in world.fleet.vmms}
    addresses |= {host.name: world.address(host.management) for host in world.fleet.hosts}
    return {
        # One that is down would answer on the usual port.
        name: {
            "name": name,
            "address": address,
            "port": bound.ports.get(name, CONTROL_PORT),
            "https_port": secure.get(name, CONTROL_PORT),
        }
        for name, address in addresses.items()
    }


def _names(fleet: Fleet) -> list[str]:
    return [*(each.name for each in fleet.vmms), *(each.name for each in fleet.hosts)]


def _keytabs(fleet: Fleet, folder: str | None) -> Mapping[str, Path]:
    return keytabs_in(Path(folder), _names(fleet)) if folder is not None else {}


async def _serve_https(sockets: Sockets, service: Service, folder: Path) -> LabTls:
    from livemigration.lab.tls import lab_tls  # noqa: PLC0415 - slow to load, and few labs speak TLS

    made = lab_tls(sockets.secure, folder)
    for name, listener in sockets.secure.items():
        answer = partial(service.answer, name, binding=made.binding)
        await asyncio.start_server(answer, sock=listener, ssl=made.context)
    return made


async def _serve_directory(sockets: Sockets) -> dict[str, Any] | None:
    fleet = sockets.world.fleet
    if (own := fleet.directory) is None:
        return None
    from livemigration.lab.directory import DirectoryObjects  # noqa: PLC0415 - few labs have one
    from livemigration.lab.ldap import Service as LdapService  # noqa: PLC0415 - slow to load

    service = LdapService(DirectoryObjects(fleet, own), refuses=own.refuses)
    ports = []
    for number, listener in enumerate(sockets.directory):
        answer = partial(service.answer, catalogue=bool(number))
        await asyncio.start_server(answer, sock=listener)
        ports.append(listener.getsockname()[1])
    place = sockets.world.address(own.address)
    return {"name": own.server, "address": place, "port": ports[0], "catalogue_port": ports[1]}


async def _end(others: workers.Workers) -> None:
    """Return when standard input ends, or one of the other processes: half a lab is none."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in others.ends:
        loop.add_reader(each, ended.set)

    def read() -> None:
        # Not through sys.stdin, whose lock a thread must not hold when the interpreter ends.
        while os.read(0, 65536):
            pass
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read, daemon=True).start()
    await ended.wait()


def _say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def _recorder(path: str | None, stack: ExitStack) -> Record:
    if path is None:
        return forget
    try:
        # Unbuffered: what several processes write are whole lines.
        stream = stack.enter_context(Path(path).open("wb", buffering=0))  # noqa: SIM115 - as one
    except OSError as error:
        raise LabError(f"{path}: cannot be written: {error.strerror}. Name another.") from None

    def write(machine: str, request: bytes, status: int, reply: bytes) -> None:
        given = dict.fromkeys(_GIVEN_NAME.findall(reply.decode()))
        text = request.decode("utf-8", "replace")
        line = {"machine": machine, "status": status, "given": list(given), "request": text}
        stream.write(json.dumps(line).encode() + b"\n")

    return write


def main() -> int:
    """Run until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m livemigration.lab")
    parser.add_argument("--fleet", required=True)
    parser.add_argument("--hosts", type=int)
    parser.add_argument("--record")
    parser.add_argument("--network", type=int, choices=binding.NETWORKS)
    parser.add_argument("--https", action="store_true")
    parser.add_argument("--keytabs")
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--faults", type=float, default=0.0)
    given = parser.parse_args()
    try:
        with ExitStack() as stack:
            fleet = load_fleet(given.fleet, given.hosts)
            record = _recorder(given.record, stack)
            _run(fleet, stack, record, given)
    except LabError as error:
        _say({"error": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
