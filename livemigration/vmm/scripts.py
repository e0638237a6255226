"""The suite's PowerShell files: their text, and the JSON documents that they read and print.

How a script travels (measured with real PowerShell): a constant bootstrap in `-EncodedCommand`
reads standard input as UTF-8. The first line is the request as one line of ASCII JSON; the rest is
the script, which is run with that line as its only argument.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from importlib import resources
from typing import Any, Generic, TypeVar

from livemigration import codec

Request = TypeVar("Request")
Reply = TypeVar("Reply")

BOOTSTRAP = """\
$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue'
$u=New-Object Text.UTF8Encoding $false
$i=New-Object IO.StreamReader ([Console]::OpenStandardInput()),$u
$d=$i.ReadLine()
$r=& ([scriptblock]::Create($i.ReadToEnd())) $d
$b=$u.GetBytes([string]::Join("`n",@($r)));$o=[Console]::OpenStandardOutput()
$o.Write($b,0,$b.Length);$o.Flush()
"""

POWERSHELL = "powershell.exe"
POWERSHELL_ARGUMENTS = (
    "-NoProfile",
    "-NonInteractive",
    "-EncodedCommand",
    base64.b64encode(BOOTSTRAP.encode("utf-16-le")).decode("ascii"),
)


@dataclass(frozen=True)
class ReadVmmRequest:
    """The name by which VMM is known, for a server that does not answer as localhost.

    A highly available VMM answers under the name of its clustered service.
    """

    server: str


@dataclass(frozen=True)
class ReleaseReply:
    """Product versions, as the registry and as the VMM service state them.

    `answered_by` is the computer on which the script ran; `is_highly_available` and `active_node`
    are VMM's own words.
    """

    registry: str | None
    server: str | None
    is_highly_available: bool | None = None
    active_node: str | None = None
    answered_by: str | None = None


@dataclass(frozen=True)
class SettingsReply:
    """The live-migration settings in VMM's record of a host; what VMM does not state is None.

    The names of the properties are those of Set-SCVMHost's parameters; that Get-SCVMHost's objects
    have them all is inferred (windows-facts.md 2.2).
    """

    enabled: bool | None = None
    maximum_migrations: int | None = None
    maximum_storage_migrations: int | None = None
    any_subnet: bool | None = None
    subnets: tuple[str, ...] | None = None
    authentication: str | None = None
    performance: str | None = None


@dataclass(frozen=True)
class HostReply:
    """One host as Get-SCVMHost lists it; what VMM does not state is None."""

    name: str | None
    fqdn: str | None
    cluster: str | None
    perimeter: bool | None
    settings: SettingsReply = SettingsReply()


@dataclass(frozen=True)
class ReadVmmReply:
    """`hosts` is None where the VMM cmdlets failed; `error` then says why."""

    release: ReleaseReply
    hosts: tuple[HostReply, ...] | None
    error: str | None


@dataclass(frozen=True)
class ResolveRequest:
    """Names to resolve, and the common deadline in milliseconds."""

    names: tuple[str, ...]
    milliseconds: int


@dataclass(frozen=True)
class ResolvedName:
    """One name's addresses in the resolver's order, or the Winsock code."""

    name: str
    addresses: tuple[str, ...]
    code: int | None


@dataclass(frozen=True)
class ResolveReply:
    """One entry for each requested name, in the order of the request."""

    names: tuple[ResolvedName, ...]


@dataclass(frozen=True)
class ConnectionRequest:
    """A TCP connection to try."""

    address: str
    port: int


@dataclass(frozen=True)
class ListenerRequest:
    """A WS-Management listener to ask with Test-WSMan, without credentials."""

    name: str
    port: int
    ssl: bool


@dataclass(frozen=True)
class ProbeRequest:
    """What to try, and the common deadline in milliseconds."""

    connections: tuple[ConnectionRequest, ...]
    listeners: tuple[ListenerRequest, ...]
    milliseconds: int


@dataclass(frozen=True)
class ConnectionReply:
    """One connection's outcome: 0 open, else the Winsock code."""

    address: str
    port: int
    code: int
    milliseconds: int


@dataclass(frozen=True)
class ListenerReply:
    """One listener's outcome: answered, else the HRESULT where there is one, and the text."""

    name: str
    port: int
    answered: bool
    code: int | None
    text: str


@dataclass(frozen=True)
class ProbeReply:
    """One entry for each request, in the order of the request."""

    connections: tuple[ConnectionReply, ...]
    listeners: tuple[ListenerReply, ...]


@dataclass(frozen=True)
class RateRequest:
    """A virtual machine and the host that VMM is to rate for it, by VMM's names."""

    server: str
    vm: str
    host: str


@dataclass(frozen=True)
class RateReply:
    """VMM's rating; `found` is how many virtual machines have the name.

    `rating` is None where VMM gave none, and for the host on which the virtual machine is.
    """

    found: int
    current: str | None
    rating: float | None
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Script(Generic[Request, Reply]):
    """One PowerShell file with the types of its request and reply."""

    name: str
    request_type: type[Request]
    reply_type: type[Reply]

    @property
    def text(self) -> str:
        """The file's text."""
        return resources.files(__package__).joinpath(self.name).read_text(encoding="utf-8")

    def standard_input(self, request: Request) -> bytes:
        """Return what the bootstrap reads: the request's line, then the script."""
        document = json.dumps(codec.to_json(request), ensure_ascii=True, separators=(",", ":"))
        return f"{document}\n{self.text}".encode()

    def read_reply(self, output: bytes) -> Reply:
        """Return the typed reply.

        Raises:
            ValueError: the output is not the JSON document that the contract promises.
        """
        document: Any = json.loads(output.decode("utf-8"))
        return codec.from_json(self.reply_type, document)


READ_VMM = Script("read-vmm.ps1", ReadVmmRequest, ReadVmmReply)
RESOLVE_NAMES = Script("resolve-names.ps1", ResolveRequest, ResolveReply)
PROBE = Script("probe.ps1", ProbeRequest, ProbeReply)
RATE_HOST = Script("rate-host.ps1", RateRequest, RateReply)
SCRIPTS: tuple[Script[Any, Any], ...] = (READ_VMM, RESOLVE_NAMES, PROBE, RATE_HOST)
