"""What a fault is made of: who plays it, when, and what the suite has to say of it.

Everything that is played has an end of its own, in bytes or in seconds, and ends with its
connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from livemigration.facts.model import FailureKind
from livemigration.lab.front import Answer, Headers

Answered = tuple[int, bytes]
# A fault holds a connection for so long, in seconds, unless the client leaves before.
LONGEST = 30.0
# A flood sends so many bytes at most: the suite takes eight million.
MOST = 24 << 20


class Moment(Enum):
    """When a fault comes, counted in sealed messages of one connection."""

    BEFORE_AUTHENTICATION = 0
    FIRST_SEALED = 1
    FOURTH_SEALED = 4


@dataclass
class Trap:
    """An address where nothing may ever come: whom a redirect or an entity names."""

    address: str = ""
    count: int = 0

    async def caught(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Count a connection."""
        self.count += 1
        writer.close()


@dataclass
class Asked:
    """A message to a machine, and what the machine would answer.

    `seen` counts what a kind wants to count, over all connections to this machine.
    """

    text: str
    answer: Callable[[], Awaitable[Answered]]
    seen: Counter[str]

    @property
    def action(self) -> str:
        """The last part of the action: Enumerate, Receive, …; Identify has none."""
        found = re.search(r"Action[^>]*>([^<]*)<", self.text)
        return found[1].rpartition("/")[2] if found else "Identify"

    @property
    def message(self) -> str:
        """The id of the message."""
        found = re.search(r"MessageID>([^<]*)<", self.text)
        return found[1] if found else ""

    @property
    def is_query(self) -> bool:
        """Whether rows are asked for."""
        return self.action == "Enumerate"

    @property
    def is_of_shells(self) -> bool:
        """Whether it is one of the messages of WinRS."""
        return "windows/shell" in self.text


Wire = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Trap], Awaitable[None]]
Change = Callable[[Asked, Trap], Awaitable[Answered]]
Offer = Callable[[int, Headers, bytes], Answer]


def as_it_is(status: int, headers: Headers, body: bytes) -> Answer:
    """Change nothing of an HTTP reply."""
    return status, headers, body


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Args:
        name: what happens.
        finds: why the machine's facts are missing, as the suite has to see it; empty: it sees none,
            because the fault passes. Where two are possible (a race that both sides may win), both.
        on: whether a host or the VMM server shows it.
        greet: plays instead of speaking HTTP at all.
        wire: plays instead of the reply at the moment.
        moment: when the wire plays.
        change: plays in place of what the machine answers, before it is sealed.
        offer: changes the HTTP reply.
        wrap: changes what was sealed.
        down: the machine is not there: silent, or refused.
        replays: every sealed reply is the first one.
        plain: replies to sealed messages are readable.
        closes: the connection closes after each reply.
        version: the version of HTTP in replies.
        tls: plays in place of the handshake of TLS, on the port for HTTPS.
        impostor: from its second connection on, another authority signs its certificate.
        machine: what the fleet's file says of the machine.
        answers_at: whether another machine's address is given for this one.
        costly: it takes long, of this machine or in pauses: its fleet is small, and has more time.
        also_from_vmm: VMM's own Test-WSMan, which needs no account, is not answered either: that is
            a finding of its own, because a refused account does not explain it.
        may_pass: the machine is asked again in time, and may answer then.
        says: words that its finding must hold.
    """

    name: str
    finds: frozenset[FailureKind] = frozenset()
    on: str = "host"
    greet: Wire | None = None
    wire: Wire | None = None
    moment: Moment = Moment.BEFORE_AUTHENTICATION
    change: Change | None = None
    offer: Offer = as_it_is
    wrap: Callable[[bytes], bytes] | None = None
    down: str = ""
    replays: bool = False
    plain: bool = False
    closes: bool = False
    version: bytes = b""
    tls: Wire | None = None
    impostor: bool = False
    machine: str = ""
    answers_at: bool = False
    costly: bool = False
    also_from_vmm: bool = False
    may_pass: bool = False
    says: str = ""

    @property
    def causes(self) -> int:
        """How many findings it comes to."""
        return (1 if self.finds or self.says else 0) + self.also_from_vmm


def say(*parts: bytes, then_close: bool = True) -> Wire:
    """Return a wire that sends these bytes; it closes, or reads on without a word."""

    async def wire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _trap: Trap) -> None:
        for part in parts:
            writer.write(part)
        await writer.drain()
        if not then_close:
            await _silence(reader)

    return wire


def naming_the_trap(head: str) -> Wire:
    """Return a wire that sends a head in which {trap} stands for where nothing may come."""

    async def wire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, trap: Trap) -> None:
        writer.write(head.format(trap=trap.address).encode())
        await writer.drain()
        await _silence(reader)

    return wire


def flood(head: bytes, block: bytes, most: int = MOST) -> Wire:
    """Return a wire that sends a head, then as many blocks as the client takes, and a most."""

    async def wire(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _trap: Trap
    ) -> None:
        writer.write(head)
        for _ in range(most // len(block)):
            writer.write(block)
            await writer.drain()

    return wire


def drip(head: bytes, drop: bytes, pause: float = 0.2) -> Wire:
    """Return a wire that sends a head, then one drop after each pause."""

    async def wire(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _trap: Trap
    ) -> None:
        writer.write(head)
        for _ in range(int(LONGEST / pause)):
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(pause)

    return wire


def to_every_request(reply: bytes) -> Wire:
    """Return a wire that answers each further request on the connection alike."""

    async def wire(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _trap: Trap) -> None:
        writer.write(reply)
        for _ in range(50):
            await writer.drain()
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LONGEST)
            length = re.search(rb"(?i)content-length: *([0-9]+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(reply)

    return wire


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _trap: Trap) -> None:
    """Take everything and say nothing."""
    await _silence(reader)


async def closing(
    _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _trap: Trap
) -> None:
    """Close at once."""


async def resetting(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _trap: Trap
) -> None:
    """Wait for a byte, then reset the connection."""
    await reader.read(1)
    reset(writer)


def reset_after(head: bytes) -> Wire:
    """Return a wire that resets the connection in the middle of a reply."""

    async def wire(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _trap: Trap
    ) -> None:
        writer.write(head)
        await writer.drain()
        await asyncio.sleep(0.05)
        reset(writer)

    return wire


def reset(writer: asyncio.StreamWriter) -> None:
    """Reset a connection: with unread bytes or a linger of nothing, no FIN is sent."""
    writer.transport.abort()


async def _silence(reader: asyncio.StreamReader) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(_to_the_end(reader), LONGEST)


async def _to_the_end(reader: asyncio.StreamReader) -> None:
    while await reader.read(65536):
        pass
