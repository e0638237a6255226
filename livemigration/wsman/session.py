"""A session with one host's WS-Management service: what the rest of the suite uses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from livemigration.cim import MethodArgument, WmiMethod, WmiQuery, WmiRow
from livemigration.deadline import Deadline
from livemigration.secret import Credentials
from livemigration.vmm.scripts import Script
from livemigration.wsman import scripting, shell
from livemigration.wsman.conversation import Conversation
from livemigration.wsman.document import text_of
from livemigration.wsman.enumeration import enumerate_rows
from livemigration.wsman.envelope import expect
from livemigration.wsman.errors import one_line
from livemigration.wsman.invoke import InvokeResult, invoke_method
from livemigration.wsman.namespaces import IDENTITY
from livemigration.wsman.shell import ProgramResult
from livemigration.wsman.transport import Channel

Req = TypeVar("Req")
Rep = TypeVar("Rep")


@dataclass(frozen=True)
class Endpoint:
    """Where a host answers.

    Args:
        name: the host, for people.
        address: what to connect to: a name or an IP address.
        port: the WS-Management port.
        scheme: `http`, where the messages themselves are encrypted, or `https`.
    """

    name: str
    address: str
    port: int
    scheme: str = "http"

    @property
    def url(self) -> str:
        """The URL of the service; IPv6 addresses get brackets."""
        address = f"[{self.address}]" if _is_ipv6(self.address) else self.address
        return f"{self.scheme}://{address}:{self.port}/wsman"


def _is_ipv6(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).version == 6
    except ValueError:
        return False


@dataclass(frozen=True)
class Timeouts:
    """How long, in seconds, making a connection and one whole exchange may take."""

    connect: float = 5.0
    message: float = 30.0


@dataclass(frozen=True)
class Identity:
    """What a WS-Management service says of itself (windows-facts.md 5.2)."""

    product_vendor: str
    product_version: str
    protocol_version: str


class WsmanSession:
    """One authenticated, encrypted session; for one thread at a time.

    Nothing is sent before the first method is called. Every failure is a `WsmanError`; after one
    that is not the host's own fault or a script's, the session has ended and a new one is needed.

    Args:
        endpoint: where the host answers.
        credentials: for NTLM.
        timeouts: for each message.
        deadline: when everything must be done, whatever the time-outs.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        timeouts: Timeouts,
        deadline: Deadline,
    ) -> None:
        self._conversation = Conversation(
            endpoint.url,
            lambda: Channel(endpoint.url, credentials, timeouts.connect),
            timeouts.message,
            deadline,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def identify(self) -> Identity:
        """Return what the service says of itself, asked with authentication and encryption."""
        answer = expect(self._conversation.identify(), f"{{{IDENTITY}}}IdentifyResponse")

        def said(name: str) -> str:
            return one_line(text_of(answer.find(f"{{{IDENTITY}}}{name}")))

        return Identity(said("ProductVendor"), said("ProductVersion"), said("ProtocolVersion"))

    def enumerate(self, query: WmiQuery) -> tuple[WmiRow, ...]:
        """Return every instance that a query finds, typed by the query's class."""
        return enumerate_rows(self._conversation, query)

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> InvokeResult:
        """Call a method of a class, or of the instance that the selectors name."""
        return invoke_method(self._conversation, method, selectors, arguments)

    def run_program(
        self, program: str, arguments: Sequence[str] = (), standard_input: bytes = b""
    ) -> ProgramResult:
        """Run a program, or a whole command line of cmd.exe, and wait for its end."""
        return shell.run_program(self._conversation, program, arguments, standard_input)

    def run_script(self, script: Script[Req, Rep], request: Req) -> Rep:
        """Run one of the suite's PowerShell scripts on the machine and return its typed reply."""
        return scripting.run_script(self._conversation, script, request)

    @property
    def ended(self) -> bool:
        """Whether the session can no longer be used. A fault or a failed script does not end it."""
        return self._conversation.ended

    def close(self) -> None:
        """End the session; it cannot be used again."""
        self._conversation.close()
