"""PowerShell on the simulated VMM server: only the suite's own scripts, with real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from typing import Any

from livemigration import codec
from livemigration.addresses import parse_address
from livemigration.lab.world import World
from livemigration.vmm.scripts import (
    POWERSHELL_ARGUMENTS,
    PROBE,
    READ_VMM,
    RESOLVE_NAMES,
    SCRIPTS,
    ConnectionReply,
    ConnectionRequest,
    HostReply,
    ListenerReply,
    ListenerRequest,
    ProbeReply,
    ProbeRequest,
    ReadVmmReply,
    ReleaseReply,
    ResolvedName,
    ResolveReply,
    ResolveRequest,
    SettingsReply,
)

CANNOT_CONNECT = 0x80338012 - (1 << 32)
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
        answer = _read(world)
    elif script is RESOLVE_NAMES:
        answer = _resolve(world, request)
    elif script is PROBE:
        answer = await _probe(world, request)
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


def _read(world: World) -> ReadVmmReply:
    vmm = world.fleet.vmm
    release = ReleaseReply(vmm.registry, vmm.server)
    if vmm.error is not None:
        return ReadVmmReply(release, None, vmm.error)
    records = tuple(
        HostReply(each.name, each.name, None, False, SettingsReply()) for each in world.fleet.hosts
    )
    return ReadVmmReply(release, records, None)


def _resolve(world: World, request: ResolveRequest) -> ResolveReply:
    names = []
    for name in request.names:
        found = world.resolve(name)
        names.append(ResolvedName(name, found, None if found else 11001))
    return ResolveReply(tuple(names))


async def _probe(world: World, request: ProbeRequest) -> ProbeReply:
    until = time.monotonic() + request.milliseconds / 1000
    connections, listeners = await asyncio.gather(
        asyncio.gather(*(_connect(each, until) for each in request.connections)),
        asyncio.gather(*(_test(world, each, until) for each in request.listeners)),
    )
    return ProbeReply(tuple(connections), tuple(listeners))


async def _connect(each: ConnectionRequest, until: float) -> ConnectionReply:
    started = time.monotonic()
    code = 0
    if parse_address(each.address).version != 4:
        code = 10051
    else:
        try:
            _, writer = await asyncio.wait_for(
                asyncio.open_connection(each.address, each.port, family=socket.AF_INET),
                max(0.01, until - started),
            )
            writer.close()
        except ConnectionRefusedError:
            code = 10061
        except TimeoutError:
            code = 10060
        except OSError:
            code = 10051
    milliseconds = round((time.monotonic() - started) * 1000)
    return ConnectionReply(each.address, each.port, code, milliseconds)


async def _test(world: World, each: ListenerRequest, until: float) -> ListenerReply:
    addresses = world.resolve(each.name)
    for address in addresses[:1]:
        if await _identifies(address, each.port, until):
            return ListenerReply(each.name, each.port, answered=True, code=None, text="")
    text = "The client cannot connect to the destination specified in the request."
    return ListenerReply(each.name, each.port, answered=False, code=CANNOT_CONNECT, text=text)


async def _identifies(address: str, port: int, until: float) -> bool:
    request = (
        f"POST /wsman HTTP/1.1\r\nHost: {address}\r\nWSMANIDENTIFY: unauthenticated\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    try:
        async with asyncio.timeout(max(0.01, until - time.monotonic())):
            reader, writer = await asyncio.open_connection(address, port)
            writer.write(request.encode())
            answer = await reader.read(4096)
            writer.close()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in answer.split(b"\r\n", 1)[0]
