"""Where each machine of a run answers, and how a session to it is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from livemigration.deadline import Deadline
from livemigration.inventory import Connection
from livemigration.secret import Credentials
from livemigration.wsman.knock import knock
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession


@dataclass(frozen=True)
class Target:
    """A machine, what to connect to, and its WS-Management port.

    `vmm_uses_ssl` is how VMM manages a host; None: as VMM's record of it suggests.
    """

    name: str
    address: str
    port: int
    vmm_uses_ssl: bool | None = None

    @property
    def endpoint(self) -> str:
        """The endpoint for a sentence."""
        at = "" if self.address == self.name else f" at {self.address}"
        return f"{self.name}{at}, port {self.port}"


Connector = Callable[[Target, Deadline], WsmanSession]

# Raises WsmanError where a machine does not answer at all; no credentials are sent.
Knock = Callable[[Target, Deadline], None]


def connector(connection: Connection, credentials: Credentials) -> Connector:
    """Return how sessions are opened with this connection and these credentials."""
    timeouts = Timeouts(connection.time_limits.connect, connection.time_limits.message)

    def connect(target: Target, deadline: Deadline) -> WsmanSession:
        endpoint = Endpoint(name=target.name, address=target.address, port=target.port)
        return WsmanSession(endpoint, credentials, timeouts, deadline)

    return connect


def knocker(connection: Connection) -> Knock:
    """Return how to find out, without credentials, whether a machine answers at all."""
    seconds = connection.time_limits.connect

    def ask(target: Target, deadline: Deadline) -> None:
        knock(target.address, target.port, seconds, deadline)

    return ask
