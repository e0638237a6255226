"""What this machine lacks, time or descriptors, makes no simulated host unreachable."""

from __future__ import annotations

import asyncio
import errno
import select
import socket
from collections.abc import Coroutine, Iterator
from contextlib import closing, nullcontext, suppress
from typing import Any

import pytest

from livemigration.lab import reaching
from livemigration.lab.reaching import identifies, reached

ADDRESS = "127.15.3.1"


@pytest.fixture
def port() -> Iterator[int]:
    # Nobody takes the connections: the kernel does, as many as it is told.
    with closing(socket.create_server((ADDRESS, 0), backlog=512)) as listener:
        found: int = listener.getsockname()[1]
        yield found


def closed_port() -> int:
    with closing(socket.create_server((ADDRESS, 0))) as listener:
        found: int = listener.getsockname()[1]
        return found


@pytest.mark.parametrize(("is_open", "code"), [(True, 0), (False, 10061)])
def test_a_loop_without_time_looks_once_more_before_it_speaks_of_a_time_out(
    port: int, monkeypatch: pytest.MonkeyPatch, is_open: bool, code: int
) -> None:
    with socket.socket() as client, asyncio.Runner() as runner:
        client.setblocking(False)
        client.connect_ex((ADDRESS, port if is_open else closed_port()))
        while not select.select([], [client], [], 1)[1]:
            pass

        async def too_late(connecting: Coroutine[Any, Any, None], _seconds: float) -> None:
            connecting.close()
            raise TimeoutError

        monkeypatch.setattr(asyncio, "wait_for", too_late)
        monkeypatch.setattr(reaching, "_client", lambda: nullcontext(client))
        assert runner.run(reached(ADDRESS, port, 30.0)) == code


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL])
@pytest.mark.parametrize("seconds", [None, 30.0])
def test_a_process_without_descriptors_tries_again(
    port: int, monkeypatch: pytest.MonkeyPatch, code: int, seconds: float | None
) -> None:
    tried = []
    original = reaching._tried

    async def first_without(*given: Any) -> int:
        tried.append(given)
        if len(tried) < 3:
            raise OSError(code, "no more")
        return await original(*given)

    monkeypatch.setattr(reaching, "_tried", first_without)
    assert asyncio.run(reached(ADDRESS, port, seconds)) == 0
    assert len(tried) == 3


def test_what_is_there_is_waited_for_though_the_kernel_gave_up_once(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [errno.ETIMEDOUT]
    original = reaching._tried

    async def first_late(*given: Any) -> int:
        if codes:
            raise OSError(codes.pop(), "late")
        return await original(*given)

    monkeypatch.setattr(reaching, "_tried", first_late)
    assert asyncio.run(reached(ADDRESS, port, None)) == 0


def test_more_connections_than_places_all_get_their_answer(port: int) -> None:
    async def many() -> list[int]:
        shut = closed_port()
        asked = [port, shut] * 200
        return list(await asyncio.gather(*(reached(ADDRESS, each, None) for each in asked)))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reaching, "_SHORT", 4)
        assert asyncio.run(many()) == [0, 10061] * 200


def test_a_listener_that_answers_after_the_deadline_is_there() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(0.05)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    async def asked() -> bool:
        server = await asyncio.start_server(answer, ADDRESS, 0)
        async with server:
            return await identifies(ADDRESS, server.sockets[0].getsockname()[1], None)

    assert asyncio.run(asked())
