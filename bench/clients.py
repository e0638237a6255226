"""What a client computes for the same messages to the same hosts: this suite's two, and its peers.

    pip install -e '.[peer,testinfra]' && python bench/clients.py [ROUNDS [HOSTS]]

The messages are those of a whole gathering of one simulated host, as they were before they were
sealed. In each round each client signs in to each host by NTLM and sends all of them, sealed, and
unseals the replies; the clients take turns, so that a busy machine disturbs all alike. Counted is
the processor's time of this process, for each host. `http.client` is the least that one would write
by hand: pyspnego, a preemptive sign-in, and no guard. testinfra's backend runs commands and sends
no message of its own: it runs one `hostname` for each query, as a check over it would run one
command. The lab is a simulation: the ratios compare clients, and say nothing of hosts.
"""

from __future__ import annotations

import base64
import http.client
import json
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import spnego
import testinfra
from counting import needed
from figures import Row
from pypsrp_client import to_host
from winrm.protocol import Protocol

from livemigration.base.deadline import Deadline
from livemigration.gather.connect import Access, Target, connector
from livemigration.gather.host import gather_host
from livemigration.gather.properties import AbsentProperties
from livemigration.inventory.connection import Connection
from livemigration.lab.launch import LabMachine, RunningLab, start
from livemigration.wsman.clients import Client
from livemigration.wsman.compat import nt_hash
from livemigration.wsman.security import Security
from livemigration.wsman.transport import Channel

ROUNDS, HOSTS = 8, 12
_SECONDS = 30.0
_BOUNDARY = b"--Encrypted Boundary"
_KIND = "application/HTTP-SPNEGO-session-encrypted"
_OPAQUE = b"\tContent-Type: application/octet-stream\r\n"

Times = list[float]
Ask = Callable[[RunningLab, LabMachine, Sequence[bytes]], None]


def over(client: Client) -> Ask:
    """Return one of this suite's clients: its channel, with its guard."""

    def ask(lab: RunningLab, host: LabMachine, messages: Sequence[bytes]) -> None:
        url = f"http://{host.address}:{host.port}/wsman"
        deadline = Deadline.after(_SECONDS)
        channel = Channel(url, lab.credentials, 5.0, Security(client=client), name=host.name)
        for each in messages:
            check(channel.exchange(each, _SECONDS, deadline, reads=True))
        channel.close()

    return ask


def check(reply: bytes) -> None:
    """Raise where a reply is no answer."""
    if b"Fault>" in reply or b"Envelope" not in reply:
        raise ValueError(f"not an answer: {reply[-600:]!r}")


def by_hand(lab: RunningLab, host: LabMachine, messages: Sequence[bytes]) -> None:
    """Ask with http.client and pyspnego, and nothing else."""
    # As this suite does: pyspnego computes an obsolete hash of a plain password.
    secret = "0" * 31 + "1:" + nt_hash(lab.credentials.password.reveal())
    context = spnego.client(
        lab.credentials.username,
        secret,
        hostname=host.address,
        protocol="ntlm",
        options=spnego.NegotiateOptions.use_ntlm,
    )
    connection = http.client.HTTPConnection(host.address, host.port, timeout=_SECONDS)

    def post(body: bytes, kind: str, token: bytes | None = None) -> Any:
        headers = {"Content-Type": kind, "Connection": "Keep-Alive"}
        if token is not None:
            headers["Authorization"] = f"Negotiate {base64.b64encode(token).decode()}"
        connection.request("POST", "/wsman", body, headers)
        reply = connection.getresponse()
        return reply, reply.read()

    soap = "application/soap+xml;charset=UTF-8"
    reply, _ = post(b"", soap, context.step())
    challenge = next(
        each.partition(" ")[2]
        for each in reply.headers.get_all("WWW-Authenticate")
        if each.startswith("Negotiate ")
    )
    post(b"", soap, context.step(base64.b64decode(challenge)))
    sealed = f'multipart/encrypted;protocol="{_KIND}";boundary="Encrypted Boundary"'
    for each in messages:
        wrapped = context.wrap_winrm(each)
        _, data = post(_packed(wrapped.header, wrapped.data, len(each)), sealed)
        check(_unpacked(context, data))
    connection.close()


def _packed(header: bytes, data: bytes, length: int) -> bytes:
    head = (
        f"\r\n\tContent-Type: {_KIND}\r\n\tOriginalContent: "
        f"type=application/soap+xml;charset=UTF-8;Length={length}\r\n"
    ).encode()
    size = struct.pack("<i", len(header))
    body = (_BOUNDARY, head, _BOUNDARY, b"\r\n", _OPAQUE, size, header, data, _BOUNDARY, b"--\r\n")
    return b"".join(body)


def _unpacked(context: Any, data: bytes) -> bytes:
    part = data.partition(_OPAQUE)[2].removesuffix(_BOUNDARY + b"--\r\n")
    (size,) = struct.unpack_from("<i", part)
    plain: bytes = context.unwrap_winrm(part[4 : 4 + size], part[4 + size :])
    return plain


def pypsrp(lab: RunningLab, host: LabMachine, messages: Sequence[bytes]) -> None:
    """Ask with pypsrp's transport."""
    with to_host(lab, host) as client:
        for each in messages:
            check(client.transport.send(each))


def pywinrm_alone(lab: RunningLab, host: LabMachine, messages: Sequence[bytes]) -> None:
    """Ask with pywinrm's own transport, and none of this suite's guard around it."""
    transport = Protocol(
        f"http://{host.address}:{host.port}/wsman",
        transport="ntlm",
        username=lab.credentials.username,
        password=lab.credentials.password.reveal(),
        message_encryption="always",
        proxy=None,
    ).transport
    for each in messages:
        check(transport.send_message(each))
    transport.close_session()


def backend(lab: RunningLab, host: LabMachine, messages: Sequence[bytes]) -> None:
    """Run a command for each message with testinfra's backend for WinRM."""
    user = quote(lab.credentials.username, safe="")
    password = quote(lab.credentials.password.reveal(), safe="")
    at = f"{user}:{password}@{host.address}:{host.port}"
    connected = testinfra.get_host(f"winrm://{at}?no_ssl=true&no_verify_ssl=true")
    for _ in messages:
        if connected.run("hostname").rc:
            raise ValueError("hostname failed")


@dataclass(frozen=True)
class Peer:
    """A client that is measured; a slow one is asked of a part of the hosts only."""

    ask: Ask
    share: int = 1


PEERS = {
    "streams": Peer(over(Client.STREAMS)),
    "pywinrm": Peer(over(Client.PYWINRM)),
    "http.client": Peer(by_hand),
    "pywinrm alone": Peer(pywinrm_alone),
    "pypsrp": Peer(pypsrp),
    "testinfra": Peer(backend, 6),
}


def recorded(hosts: int) -> dict[str, list[bytes]]:
    """Return the messages of a whole gathering of each host, by its name."""
    return {host.name: messages for host, messages in recorded_of(hosts, needed())}


def recorded_of(hosts: int, groups: frozenset[str]) -> list[tuple[LabMachine, list[bytes]]]:
    """Return each host of a lab, and the messages of a gathering of these groups of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "record.jsonl")
        with start("healthy", hosts=hosts, record=str(path)) as lab:
            access = Access(Connection(), lab.credentials)
            for host in lab.hosts:
                target = Target(host.name, host.address, host.port, access=access)
                until = Deadline.after(_SECONDS)
                gather_host(target, groups, connector(), until, {}, AbsentProperties())
        lines = path.read_text(encoding="utf-8").splitlines()
    found: dict[str, list[bytes]] = {each.name: [] for each in lab.hosts}
    for each in map(json.loads, lines):
        # A page goes on where another session's enumeration stood.
        if each["status"] == 200 and "Pull" not in each["request"]:
            found[each["machine"]].append(each["request"].encode())
    return [(host, found[host.name]) for host in lab.hosts]


def measured(rounds: int, lab: RunningLab, messages: dict[str, list[bytes]]) -> dict[str, Times]:
    """Return the processor milliseconds for one host, of each client and round."""
    times: dict[str, Times] = {name: [] for name in PEERS}
    for each in range(rounds + 1):
        for name, peer in PEERS.items():
            asked = lab.hosts[:: peer.share]
            begun = time.process_time()
            for host in asked:
                peer.ask(lab, host, messages[host.name])
            # The first round imports what it needs.
            if each:
                times[name].append((time.process_time() - begun) * 1e3 / len(asked))
    return times


def rows(rounds: int, hosts: int) -> list[Row]:
    """Return the processor time for one host of each client."""
    messages = recorded(hosts)
    with start("healthy", hosts=hosts) as lab:
        times = measured(rounds, lab, messages)
    return [
        Row("the same messages", name, hosts, {"processor ms a host": tuple(each)}, "http.client")
        for name, each in times.items()
    ]


def main() -> int:
    """Print a table of processor times, and their ratios to what http.client takes."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    hosts = int(sys.argv[2]) if len(sys.argv) > 2 else HOSTS
    messages = recorded(hosts)
    with start("healthy", hosts=hosts) as lab:
        times = measured(rounds, lab, messages)
    of_one = next(iter(messages.values()))
    size = sum(map(len, of_one))
    sys.stdout.write(
        f"{len(of_one)} messages ({size / 1024:.0f} KiB) to each of {hosts} hosts, "
        f"{rounds} rounds in turns, processor milliseconds for each host\n"
    )
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, median in medians.items():
        sys.stdout.write(
            f"{name:14} median {median:7.1f}   least {min(times[name]):7.1f}   "
            f"{median / medians['http.client']:5.2f} x http.client\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
