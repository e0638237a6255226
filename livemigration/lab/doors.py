"""Listening sockets by the thousand on one event loop, which keeps only the descriptor of each.

A server object of asyncio for each of them would take more memory and time than all the rest.
"""

from __future__ import annotations

import asyncio
import select
import socket
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial

from livemigration.lab.descriptors import is_out_of_descriptors

Answer = Callable[[str, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_AT_ONCE = 64
# When to try again where no descriptor is left for a connection; it waits, and is not refused.
_AGAIN_SECONDS = 0.1


async def open_doors(
    answering: Iterable[tuple[str, socket.socket]], shut: Iterable[socket.socket], answer: Answer
) -> None:
    """Take the connections of listening sockets from now on, until the loop ends.

    Args:
        answering: sockets with the names of their machines, for `answer`.
        shut: sockets whose connections are taken and closed.
        answer: serves one connection.
    """
    if sys.platform == "linux":
        _Doors(answer).open(answering, shut)
    else:
        for name, listener in answering:
            await asyncio.start_server(partial(answer, name), sock=listener)
        for listener in shut:
            await asyncio.start_server(_close, sock=listener)


async def _close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


if sys.platform == "linux":

    class _Doors:
        """One set of epoll holds all of them; the loop waits for the set."""

        def __init__(self, answer: Answer) -> None:
            self._answer = answer
            self._loop = asyncio.get_running_loop()
            self._waiting = select.epoll()
            self._sockets: dict[int, tuple[str | None, socket.socket]] = {}
            self._taken: set[asyncio.Task[object]] = set()

        def open(
            self,
            answering: Iterable[tuple[str, socket.socket]],
            shut: Iterable[socket.socket],
        ) -> None:
            doors: Iterable[tuple[str | None, socket.socket]] = (
                *answering,
                *((None, listener) for listener in shut),
            )
            for name, listener in doors:
                self._sockets[listener.fileno()] = name, listener
                self._waiting.register(listener.fileno(), select.EPOLLIN)
            self._listen()

        def _listen(self) -> None:
            self._loop.add_reader(self._waiting.fileno(), self._knocked)

        def _knocked(self) -> None:
            for number, _ in self._waiting.poll(0, _AT_ONCE):
                try:
                    self._take(*self._sockets[number])
                except (BlockingIOError, ConnectionAbortedError):
                    continue
                except OSError as error:
                    if not is_out_of_descriptors(error):
                        raise
                    self._loop.remove_reader(self._waiting.fileno())
                    self._loop.call_later(_AGAIN_SECONDS, self._listen)
                    return

        def _take(self, name: str | None, listener: socket.socket) -> None:
            connection, _ = listener.accept()
            if name is None:
                connection.close()
                return
            connection.setblocking(False)
            task = self._loop.create_task(self._serve(name, connection))
            self._taken.add(task)
            task.add_done_callback(self._taken.discard)

        async def _serve(self, name: str, connection: socket.socket) -> None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with suppress(ConnectionError):
                await self._loop.connect_accepted_socket(partial(self._protocol, name), connection)

        def _protocol(self, name: str) -> asyncio.StreamReaderProtocol:
            # As asyncio's own servers have it: such a writer knows that it is the server.
            reader = asyncio.StreamReader(loop=self._loop)
            answer = partial(self._answer, name)
            return asyncio.StreamReaderProtocol(reader, answer, loop=self._loop)
