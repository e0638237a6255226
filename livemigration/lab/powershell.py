"""PowerShell on the simulated VMM server: only the suite's own scripts, with real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Sequence
from typing import Any

from livemigration.base import codec
from livemigration.facts.vmm import WSAECONNREFUSED, WSAETIMEDOUT
from livemigration.lab.disk_records import disks_of
from livemigration.lab.rating import rate
from livemigration.lab.reaching import WSAENETUNREACH, identifies, reached
from livemigration.lab.records import listed, recorded, server
from livemigration.lab.threads import listeners_begun, loses_the_race, names_begun
from livemigration.lab.world import World
from livemigration.vmm.scripts import (
    LIST_HOSTS,
    NO_ANSWER,
    POWERSHELL_ARGUMENTS,
    PROBE,
    RATE_HOST,
    READ_DISKS,
    READ_VMM,
    RESOLVE_NAMES,
    SCRIPTS,
    ConnectionReply,
    ConnectionRequest,
    ListenerReply,
    ListenerRequest,
    ListHostsReply,
    ListHostsRequest,
    ProbeReply,
    ProbeRequest,
    ReadDisksReply,
    ReadDisksRequest,
    ReadVmmReply,
    ReadVmmRequest,
    ReleaseReply,
    ResolvedName,
    ResolveReply,
    ResolveRequest,
)

CANNOT_CONNECT = 0x80338012
# ERROR_WSMAN_NETWORK_TIMEDOUT, which windows-facts.md 4.1 ties to a WinHTTP proxy.
TIMED_OUT = 0x80338126
NO_CMDLET = "The term 'Test-WSMan' is not recognized as a name of a cmdlet."
_REAL_SECONDS = 60


async def run(world: World, given: bytes) -> tuple[int, bytes, bytes]:
    """Return exit code, standard output and standard error of the bootstrap with this input.

    Where LIVEMIGRATION_PWSH names an executable, that runs it instead.
    """
    if program := os.environ.get("LIVEMIGRATION_PWSH"):
        return await _real(program, given)
    document, _, text = given.partition(b"\n")
    script = next((each for each in SCRIPTS if each.text.encode() == text), None)
    if script is None:
        return 1, b"", error_stream("The lab does not know this script.")
    request: Any = codec.from_json(script.request_type, json.loads(document))
    answer: Any
    if script is READ_VMM:
        answer = _read(world, request)
    elif script is RESOLVE_NAMES:
        answer = await resolve(world, request, script.text)
    elif script is PROBE:
        answer = await _probe(world, request, script.text)
    elif script is RATE_HOST:
        answer = rate(world, request)
    elif script is LIST_HOSTS:
        answer = _list(world, request)
    elif script is READ_DISKS:
        answer = _disks(world, request)
    return 0, json.dumps(codec.to_json(answer)).encode(), b""


def error_stream(text: str) -> bytes:
    """Return a text as PowerShell writes an error to standard error."""
    return (
        '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/'
        f'2004/04"><S S="Error">{text}_x000D__x000A_</S></Objs>'
    ).encode()


async def _real(program: str, given: bytes) -> tuple[int, bytes, bytes]:
    process = await asyncio.create_subprocess_exec(
        program,
        *POWERSHELL_ARGUMENTS,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, error = await asyncio.wait_for(process.communicate(given), _REAL_SECONDS)
    except TimeoutError:
        return 1, b"", error_stream("PowerShell did not end in time.")
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, out, error


def _read(world: World, request: ReadVmmRequest) -> ReadVmmReply:
    vmm = world.fleet.vmm
    if vmm.error is not None:
        return ReadVmmReply(ReleaseReply(vmm.registry, vmm.server), None, vmm.error)
    if text := _unanswered(world, request.server):
        return ReadVmmReply(ReleaseReply(vmm.registry, None), None, text)
    answered_by = vmm.answers_as or vmm.active_node or vmm.name
    release = ReleaseReply(vmm.registry, vmm.server, answered_by)
    return ReadVmmReply(release, recorded(world), None, server(world))


def _unanswered(world: World, server: str) -> str:
    """Return why VMM does not answer one who names it so; empty: it answers."""
    vmm = world.fleet.vmm
    if vmm.active_node is not None and server.casefold() != vmm.name.casefold():
        # That a highly available VMM does not answer as localhost is assumed: the harder case.
        return f"VMM is highly available; connect to {vmm.name}."
    return ""


def _list(world: World, request: ListHostsRequest) -> ListHostsReply:
    why = world.fleet.vmm.error or _unanswered(world, request.server)
    return ListHostsReply(None, why) if why else ListHostsReply(listed(world), None)


def _disks(world: World, request: ReadDisksRequest) -> ReadDisksReply:
    why = world.fleet.vmm.error or _unanswered(world, request.server)
    if why:
        return ReadDisksReply(None, why)
    return ReadDisksReply(tuple(disks_of(world, each) for each in request.hosts), None)


async def resolve(world: World, request: ResolveRequest, text: str) -> ResolveReply:
    """Return what a script of this text says of the names."""
    dead = [world.resolver_is_silent(each) for each in request.names]
    begun = names_begun(text, dead, world.fleet.vmm.cores, request.milliseconds)
    if any(dead):
        await asyncio.sleep(request.milliseconds / 1000)
    names = []
    for name, silent, looked_up in zip(request.names, dead, begun, strict=True):
        found = world.resolve(name) if looked_up and not silent else ()
        code = WSAETIMEDOUT if silent or not looked_up else 11001
        names.append(ResolvedName(name, found, None if found else code))
    return ResolveReply(tuple(names))


async def _probe(world: World, request: ProbeRequest, text: str) -> ProbeReply:
    until = time.monotonic() + request.milliseconds / 1000
    connections, listeners = await asyncio.gather(
        asyncio.gather(
            *(_connect(world, each, request.milliseconds) for each in request.connections)
        ),
        listen(world, request.listeners, until, text),
    )
    return ProbeReply(tuple(connections), listeners)


async def listen(
    world: World, listeners: Sequence[ListenerRequest], until: float, text: str
) -> tuple[ListenerReply, ...]:
    """Return what a script of this text says of the listeners."""
    dead = [_hangs(world, each) for each in listeners]
    begun = listeners_begun(text, dead)
    racing = dead.index(False) if False in dead and loses_the_race(text, len(dead)) else None

    async def reply(number: int) -> ListenerReply:
        each = listeners[number]
        if number == racing:
            return _untried(each, NO_CMDLET)
        if not begun[number]:
            return _untried(each, "The deadline passed before it was asked.")
        return await _test(world, each, until)

    return tuple(await asyncio.gather(*map(reply, range(len(listeners)))))


def _untried(each: ListenerRequest, text: str) -> ListenerReply:
    return ListenerReply(each.name, each.port, answered=False, code=None, text=text, tried=False)


def _hangs(world: World, each: ListenerRequest) -> bool:
    return any(
        world.vmm_meets(address, each.port) == "dropped" for address in world.resolve(each.name)[:1]
    )


async def _connect(world: World, each: ConnectionRequest, limit: int) -> ConnectionReply:
    started = time.monotonic()
    until = started + limit / 1000
    met = world.vmm_meets(each.address, each.port)
    if met == "unreachable":
        code = WSAENETUNREACH
    elif met == "dropped":
        await asyncio.sleep(limit / 1000)
        code = WSAETIMEDOUT
    elif met is not None:
        code = 0 if met == "open" else WSAECONNREFUSED
    else:
        code = await reached(
            each.address, each.port, _seconds(world, each.address, each.port, until)
        )
    milliseconds = round((time.monotonic() - started) * 1000)
    if code == WSAETIMEDOUT:
        # Whatever this machine took over it: simulated servers are never too busy.
        milliseconds = limit
    return ConnectionReply(each.address, each.port, code, milliseconds)


def _seconds(world: World, address: str, port: int, until: float) -> float | None:
    """Return how long an answer is waited for: to the deadline where none may come; None: for ever.

    What answers or refuses does so however long this machine takes over it: its socket is there, or
    is not.
    """
    return max(0.01, until - time.monotonic()) if world.is_silent(address, port) else None


async def _test(world: World, each: ListenerRequest, until: float) -> ListenerReply:
    for address in world.resolve(each.name)[:1]:
        if world.proxy_takes(each.name):
            text = "The client cannot reach the destination: WinHTTP asked its proxy for it."
            return ListenerReply(each.name, each.port, answered=False, code=TIMED_OUT, text=text)
        met = world.vmm_meets(address, each.port)
        if met == "dropped" or world.is_slow(address):
            await asyncio.sleep(max(0.0, until - time.monotonic()))
            return ListenerReply(
                each.name, each.port, answered=False, code=None, text=NO_ANSWER, tried=True
            )
        # The lab has no TLS: its port 5986 identifies itself in plain text.
        seconds = _seconds(world, address, each.port, until)
        if met == "open" or (met is None and await identifies(address, each.port, seconds)):
            return ListenerReply(
                each.name, each.port, answered=True, code=None, text="", tried=True
            )
    return _refused(
        world,
        each,
        CANNOT_CONNECT,
        "The client cannot connect to the destination specified in the request.",
    )


def _refused(world: World, each: ListenerRequest, code: int, message: str) -> ListenerReply:
    # The fault's XML is the whole text of Test-WSMan's error.
    text = (
        f'<f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" '
        f'Code="{code}" Machine="{world.fleet.vmm.name}"><f:Message>{message}</f:Message>'
        "</f:WSManFault>"
    )
    return ListenerReply(each.name, each.port, answered=False, code=code, text=text, tried=True)
