"""A machine that is busy makes the lab slow, and no host of it silent."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest
from lab_clients import plan_of
from one_change import MANAGEMENT, world_of

from livemigration.lab import binding, powershell
from livemigration.lab.fleet import Fleet
from livemigration.vmm.scripts import (
    PROBE,
    ConnectionRequest,
    ListenerRequest,
    ProbeReply,
    ProbeRequest,
)

# Over before anything can be done.
MILLISECONDS = 1
NAME = "hv01.contoso.com"


async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer as a machine of the lab does, when the deadline is long past."""
    await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(MILLISECONDS * 50 / 1000)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


async def probed(fleet: Fleet) -> ProbeReply:
    with ExitStack() as stack:
        bound = binding.bind(plan_of(fleet), stack, None)
        world = bound.world
        request = ProbeRequest(
            (
                ConnectionRequest(world.address("1.11"), 5985),
                ConnectionRequest(world.address("50.11"), 6600),
            ),
            (ListenerRequest(NAME, 5985, ssl=False),),
            MILLISECONDS,
        )
        for _, listener in bound.sockets.control:
            await asyncio.start_server(slow, sock=listener)
        return await powershell._probe(world, request, PROBE.text)


@pytest.mark.parametrize(
    ("down", "codes", "answered"),
    [(None, [0, 10060], True), ("refused", [10061, 10060], False), ("silent", [10060] * 2, False)],
)
def test_only_what_never_answers_is_out_of_time(
    down: str | None, codes: list[int], answered: bool
) -> None:
    world, _ = world_of({"down": down})
    reply = asyncio.run(probed(world.fleet))
    assert [each.code for each in reply.connections] == codes
    assert [each.answered for each in reply.listeners] == [answered]


def test_what_is_not_of_the_fleet_may_be_silent_for_ever() -> None:
    world, _ = world_of({})
    for port in (443, 5985, 6600):
        assert world.is_silent("192.0.2.1", port)
        assert world.is_silent("127.20.1.99", port)
    assert not world.is_silent(MANAGEMENT, 5985)
