"""Connections of the simulated VMM server: what a port does, however busy this machine is.

A simulated host is there or is not, and neither this process's descriptors nor a loop without time
make it unreachable.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TypeVar
from weakref import WeakKeyDictionary

from livemigration.facts.vmm import WSAECONNREFUSED, WSAETIMEDOUT
from livemigration.lab.descriptors import is_out_of_descriptors

WSAENETUNREACH = 10051
# Connections at once: those that are over at once, and those that may last to a deadline.
_SHORT, _LASTING = 128, 1000
# This process, the system or the range of local ports has no more: it says nothing of the host.
_NO_ROOM = (errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL)
_AGAIN_SECONDS = 0.05

T = TypeVar("T")
_Places = tuple[asyncio.Semaphore, asyncio.Semaphore]
_places: WeakKeyDictionary[asyncio.AbstractEventLoop, _Places] = WeakKeyDictionary()


@asynccontextmanager
async def place(*, lasting: bool) -> AsyncIterator[None]:
    """Wait for a place among the connections of the running loop, and hold it."""
    loop = asyncio.get_running_loop()
    found = _places.get(loop)
    if found is None:
        found = _places[loop] = asyncio.Semaphore(_SHORT), asyncio.Semaphore(_LASTING)
    async with found[lasting]:
        yield


async def reached(address: str, port: int, seconds: float | None) -> int:
    """Return the Windows Sockets code of a connection, 0 where it opened.

    Args:
        address: an IPv4 address.
        port: the port.
        seconds: how long it is waited for, once it has begun; None: until there is an answer.
    """
    try:
        return await _until_ours(partial(_tried, address, port, seconds), seconds)
    except OSError:
        return WSAENETUNREACH


async def identifies(address: str, port: int, seconds: float | None) -> bool:
    """Whether a WS-Management listener says who it is; `seconds` as for `reached`."""
    try:
        return await _until_ours(partial(_asked, address, port, seconds), seconds)
    except OSError:
        return False


async def _until_ours(tried: Callable[[], Awaitable[T]], seconds: float | None) -> T:
    """Return what came of a connection; again where this machine itself was in its way."""
    while True:
        async with place(lasting=seconds is not None):
            try:
                return await tried()
            except OSError as error:
                if not _is_own(error, seconds):
                    raise
        await asyncio.sleep(_AGAIN_SECONDS)


def _is_own(error: OSError, seconds: float | None) -> bool:
    """Whether a failure is of this process or this machine, so that it is tried again."""
    # The kernel gives up where a host that is there was too busy to take a connection.
    if is_out_of_descriptors(error) or error.errno in _NO_ROOM:
        return True
    return seconds is None and isinstance(error, TimeoutError)


async def _tried(address: str, port: int, seconds: float | None) -> int:
    with _client() as client:
        client.setblocking(False)
        connecting = asyncio.get_running_loop().sock_connect(client, (address, port))
        try:
            await asyncio.wait_for(connecting, seconds)
        except ConnectionRefusedError:
            return WSAECONNREFUSED
        except TimeoutError:
            if seconds is None:
                raise
            return _late(client)
    return 0


async def _asked(address: str, port: int, seconds: float | None) -> bool:
    request = (
        f"POST /wsman HTTP/1.1\r\nHost: {address}\r\nWSMANIDENTIFY: unauthenticated\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_connection(address, port)
        try:
            writer.write(request.encode())
            answer = await reader.read(4096)
        finally:
            writer.close()
    return b" 200 " in answer.split(b"\r\n", 1)[0]


def _client() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def _late(client: socket.socket) -> int:
    """Return what has come of a connection meanwhile, where the loop had no time to look."""
    if client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNREFUSED:
        return WSAECONNREFUSED
    try:
        client.getpeername()
    except OSError:
        return WSAETIMEDOUT
    return 0
