"""A DNS server on loopback that answers as a test says, over UDP and over TCP."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

# What is sent back to a question; None: nothing is.
Answer = Callable[[dns.message.Message], bytes | None]
ADDRESS = "127.0.0.1"


@dataclass
class PlayedDns:
    """Where it answers, and what it was asked: over what, for which name, for which records."""

    port: int
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def ways(self) -> set[str]:
        return {way for way, _, _ in self.asked}


def srv(domain: str) -> str:
    """Return the name of the records that domain controllers write of themselves."""
    return f"_ldap._tcp.dc._msdcs.{domain}."


def zone(records: Mapping[tuple[str, str], Sequence[str]]) -> Answer:
    """Return what answers from some records, by name and type; nobody else is known."""

    def answer(asked: dns.message.Message) -> bytes:
        reply = dns.message.make_response(asked)
        (question,) = asked.question
        name, kind = question.name.to_text(), dns.rdatatype.to_text(question.rdtype)
        texts = records.get((name, kind))
        if texts:
            reply.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, texts))
        elif name not in {known for known, _ in records}:
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()

    return answer


def failing(code: dns.rcode.Rcode) -> Answer:
    """Return what answers everything with an error."""

    def answer(asked: dns.message.Message) -> bytes:
        reply = dns.message.make_response(asked)
        reply.set_rcode(code)
        return reply.to_wire()

    return answer


@contextlib.contextmanager
def played_dns(answer: Answer) -> Iterator[PlayedDns]:
    """Run a DNS server; an answer beyond 512 bytes goes over TCP alone."""
    with _sockets() as (datagrams, listener):
        played = PlayedDns(datagrams.getsockname()[1])
        ended = threading.Event()

        def told(way: str, data: bytes) -> bytes | None:
            asked = dns.message.from_wire(data)
            (question,) = asked.question
            kind = dns.rdatatype.to_text(question.rdtype)
            played.asked.append((way, question.name.to_text(), kind))
            said = answer(asked)
            if said is None or way == "TCP" or len(said) <= 512:
                return said
            cut = dns.message.make_response(asked)
            cut.flags |= dns.flags.TC
            return cut.to_wire()

        def by_datagrams() -> None:
            while not ended.is_set():
                with contextlib.suppress(OSError):
                    data, peer = datagrams.recvfrom(4096)
                    if not ended.is_set() and (said := told("UDP", data)) is not None:
                        datagrams.sendto(said, peer)

        def by_connections() -> None:
            while not ended.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        data = connection.recv(4096)
                        if len(data) > 2 and (said := told("TCP", data[2:])) is not None:
                            connection.sendall(struct.pack(">H", len(said)) + said)

        threads = [
            threading.Thread(target=each, daemon=True) for each in (by_datagrams, by_connections)
        ]
        for each in threads:
            each.start()
        try:
            yield played
        finally:
            ended.set()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", (ADDRESS, played.port))
            with contextlib.suppress(OSError), socket.create_connection((ADDRESS, played.port), 1):
                pass
            for each in threads:
                each.join(10)


@contextlib.contextmanager
def _sockets() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give a socket for datagrams and one for connections, on one port."""
    for _ in range(20):
        with socket.create_server((ADDRESS, 0)) as listener:
            datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with datagrams:
                try:
                    datagrams.bind((ADDRESS, listener.getsockname()[1]))
                except OSError:
                    continue
                yield datagrams, listener
                return
    raise AssertionError("no port is free for both")
