"""A session with one host's WS-Management service: what the rest of the suite uses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials
from livemigration.base.text import one_line
from livemigration.facts.cim import WmiQuery, WmiRow
from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.facts.reader import MethodArgument, WmiMethod
from livemigration.vmm.scripts import Script
from livemigration.wsman import scripting, shell
from livemigration.wsman.configuration import ServiceSettings, read_configuration
from livemigration.wsman.conversation import Conversation
from livemigration.wsman.document import text_of
from livemigration.wsman.enumeration import enumerate_rows
from livemigration.wsman.envelope import expect
from livemigration.wsman.invoke import InvokeResult, invoke_method
from livemigration.wsman.manners import Manners
from livemigration.wsman.namespaces import IDENTITY
from livemigration.wsman.register import SUITE, Register
from livemigration.wsman.security import BY_DEFAULT, Security
from livemigration.wsman.shell import ProgramResult
from livemigration.wsman.traffic import Counted, Traffic
from livemigration.wsman.transfer import get_row

Req = TypeVar("Req")
Rep = TypeVar("Rep")


@dataclass(frozen=True)
class Endpoint:
    """Where a host answers.

    Args:
        name: the host, for people; its certificate must be for this name.
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
    """What a WS-Management service says of itself (windows-facts.md 5.2).

    `signed_in` is how the session signed in, and whether the certificate was checked. The rest is
    empty where it was not asked.
    """

    product_vendor: str
    product_version: str
    protocol_version: str
    signed_in: str = ""


class WsmanSession:
    """One authenticated, encrypted session; for one thread at a time.

    Nothing is sent before the first method is called. Every failure is a `WsmanError`; after one
    that is not the host's own fault or a script's, the session has ended and a new one is needed.
    What is not in the register is refused before it is sent, and does not end it.

    Args:
        endpoint: where the host answers.
        credentials: user name and password; not used with a client certificate.
        timeouts: for each message.
        deadline: when everything must be done, whatever the time-outs.
        security: how to sign in, and whom to believe.
        register: what may be asked for.
        manners: what the sessions of a run share; None: this one is alone.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        timeouts: Timeouts,
        deadline: Deadline,
        security: Security = BY_DEFAULT,
        *,
        register: Register = SUITE,
        manners: Manners | None = None,
    ) -> None:
        # Here: pywinrm, pyspnego and requests take long to load, and most runs of a command, of a
        # replay or of --co ask no machine.
        from livemigration.wsman.transport import Channel  # noqa: PLC0415 - takes long to load

        shared = manners or Manners()

        def open_channel() -> Channel:
            self._channel = Channel(
                endpoint.url,
                credentials,
                timeouts.connect,
                own,
                name=endpoint.name,
                together=shared.together,
                traffic=self._traffic,
            )
            return self._channel

        self._register = register
        self._traffic = Traffic(shared.traffic(endpoint.name))
        own = security.towards(endpoint.name)
        self._channel: Channel | None = None
        self._conversation = Conversation(
            endpoint.url, open_channel, timeouts.message, deadline, shared, endpoint.name
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

        return Identity(
            said("ProductVendor"),
            said("ProductVersion"),
            said("ProtocolVersion"),
            self._channel.how if self._channel is not None else "",
        )

    def heard(self) -> Identity | None:
        """Return what is known of the service once it took the credentials, without asking it.

        Vendor and version are empty, but for the lab, which marks each of its replies; None: it did
        not take them yet.
        """
        if self._channel is None or not self._channel.signed_in:
            return None
        vendor = SIMULATED_VENDOR if self._channel.simulated else ""
        return Identity(vendor, "", "", self._channel.how)

    def counted(self) -> Counted:
        """Return what it took to ask over this session so far."""
        return self._traffic.counted

    def settings(self) -> ServiceSettings:
        """Return winrm/config: the settings of the service, where the account may read them."""
        return read_configuration(self._conversation)

    def enumerate(self, query: WmiQuery) -> tuple[WmiRow, ...]:
        """Return every instance that a query finds, typed by the query's class."""
        self._register.check_query(query)
        if query.key:
            return (get_row(self._conversation, query),)
        return enumerate_rows(self._conversation, query)

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> InvokeResult:
        """Call a method of a class, or of the instance that the selectors name."""
        self._register.check_method(method)
        return invoke_method(self._conversation, method, selectors, arguments)

    def run_program(
        self, program: str, arguments: Sequence[str] = (), standard_input: bytes = b""
    ) -> ProgramResult:
        """Run a program, or a whole command line of cmd.exe, and wait for its end."""
        self._register.check_program(program)
        return shell.run_program(
            self._conversation,
            program,
            arguments,
            standard_input,
            self._conversation.keeping,
        )

    def run_script(self, script: Script[Req, Rep], request: Req) -> Rep:
        """Run one of the suite's PowerShell scripts on the machine and return its typed reply."""
        self._register.check_script(script)
        return scripting.run_script(self._conversation, script, request)

    @property
    def ended(self) -> bool:
        """Whether the session can no longer be used. A fault or a failed script does not end it."""
        return self._conversation.ended

    def close(self) -> None:
        """End the session; it cannot be used again."""
        self._conversation.close()
