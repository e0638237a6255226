"""A directory that answers as a test says: real sockets, and what no real directory would send."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence

import sansldap

# What a test does with one connection to the directory.
Play = Callable[[socket.socket], None]


@contextlib.contextmanager
def played(play: Play, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """Give the port on which each connection is played, one after the other."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError, ValueError), connection:
                    if tls is None:
                        play(connection)
                        continue
                    with tls.wrap_socket(connection, server_side=True) as secure:
                        play(secure)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(10)


def sends(data: bytes) -> Play:
    """Return a play that reads a message, sends this, and waits until the client ends."""

    def play(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(data)
        while connection.recv(65536):
            pass

    return play


def answers(answer: Callable[[sansldap.LDAPServer, sansldap.LDAPMessage], None]) -> Play:
    """Return a play in which every message is answered by a function."""

    def play(connection: socket.socket) -> None:
        session = sansldap.LDAPServer()
        while data := connection.recv(65536):
            for message in session.receive(data):
                answer(session, message)
            connection.sendall(session.data_to_send())

    return play


def attributes(**given: Sequence[bytes]) -> list[sansldap.PartialAttribute]:
    return [sansldap.PartialAttribute(name, list(values)) for name, values in given.items()]
