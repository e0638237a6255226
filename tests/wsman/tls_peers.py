"""What answers, or does not, where a host's HTTPS listener is expected."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme
from ntlm_server import shut
from wsman_support import ANYTHING, PASSWORD, USER

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.wsman.security import BY_DEFAULT, Security
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

NAME = "hv01.contoso.com"
_DAY = timedelta(days=1)


class Authority:
    """A CA of its own, and its file."""

    def __init__(self, folder: Path) -> None:
        self.own = trustme.CA(organization_name="Contoso")
        self.file = folder / "ca.pem"
        self.own.cert_pem.write_to_path(self.file)

    def serving(self, name: str = NAME, *, begins: int = -1, ends: int = 1) -> ssl.SSLContext:
        """Return the TLS of a host with a certificate that holds from day to day."""
        now = datetime.now(UTC)
        issued = self.own.issue_cert(
            name, not_before=now + begins * _DAY, not_after=now + ends * _DAY
        )
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        issued.configure_cert(made)
        return made

    def client(self, folder: Path) -> tuple[Path, Path]:
        """Write a client's certificate and its key, and return where."""
        issued = self.own.issue_cert("administrator@contoso.com")
        certificate, key = folder / "client.pem", folder / "client.key"
        issued.cert_chain_pems[0].write_to_path(certificate)
        key.touch(mode=0o600)
        issued.private_key_pem.write_to_path(key)
        return certificate, key


def session(
    port: int,
    security: Security = BY_DEFAULT,
    *,
    scheme: str = "https",
    name: str = NAME,
    timeouts: Timeouts | None = None,
) -> WsmanSession:
    """Return a session to a host that answers on 127.0.0.1."""
    return WsmanSession(
        Endpoint(name, "127.0.0.1", port, scheme),
        Credentials(USER, Secret(PASSWORD)),
        timeouts or Timeouts(5, 5),
        Deadline.after(30),
        security,
        register=ANYTHING,
    )


@contextmanager
def peer(serve: Callable[[socket.socket], None]) -> Iterator[tuple[int, list[int]]]:
    """Serve connections one after the other; give the port, and a list with one entry for each."""
    listener = socket.create_server(("127.0.0.1", 0))
    met: list[int] = []

    def accept() -> None:
        while True:
            try:
                connection, (_, port) = listener.accept()
            except OSError:
                return
            met.append(port)
            with connection:
                connection.settimeout(10)
                try:
                    serve(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield listener.getsockname()[1], met
    finally:
        shut(listener)
        thread.join(60)
        assert not thread.is_alive()
