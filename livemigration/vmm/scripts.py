"""The suite's PowerShell files: their text, and the JSON documents that they read and print.

How a script travels (measured with real PowerShell): a constant bootstrap in `-EncodedCommand`
reads standard input as UTF-8. The first line is the request as one line of ASCII JSON; the rest is
the script, which is run with that line as its only argument.

The bootstrap ends the process itself, because threads that wait for dead machines keep it alive:
after the script, and where that hangs, 2.7 s after the `milliseconds` of the request. Its text must
not hold the variable of PowerShell's own input: the host, which looks for that word, would then
read standard input before it.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Generic, TypeVar

from livemigration.base import codec
from livemigration.base.json_text import load_json
from livemigration.facts.vmm import VmmHostSettings
from livemigration.vmm.properties import HostStateReply, ServerReply

Request = TypeVar("Request")
Reply = TypeVar("Reply")

BOOTSTRAP = """\
$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue'
$WarningPreference='SilentlyContinue'
$u=New-Object Text.UTF8Encoding $false
try{
$i=New-Object IO.StreamReader ([Console]::OpenStandardInput()),$u
$d=$i.ReadLine();$t=$i.ReadToEnd()
if($d -match '"milliseconds":([1-9][0-9]{0,7})'){
$w="[Threading.Thread]::Sleep($(2700+[int]$Matches[1]))
[Console]::Error.Write('It did not end in time.');[Environment]::Exit(3)"
$g=[powershell]::Create();[void]$g.AddScript($w);[void]$g.BeginInvoke()
}
$r=& ([scriptblock]::Create($t)) $d
$b=$u.GetBytes([string]::Join("`n",@($r)));$o=[Console]::OpenStandardOutput();$c=0
}catch{
$b=$u.GetBytes([string]$_.Exception.Message);$o=[Console]::OpenStandardError();$c=1
}
$o.Write($b,0,$b.Length);$o.Flush()
[Environment]::Exit($c)
"""

# What probe.ps1 says of a listener that was asked and did not answer.
NO_ANSWER = "No answer before the deadline."
# How long a script that asks VMM's cmdlets may take where nobody says otherwise.
_CMDLET_MILLISECONDS = 100_000

POWERSHELL = "powershell.exe"
POWERSHELL_ARGUMENTS = (
    "-NoProfile",
    "-NonInteractive",
    # For this process only, as VMM's own shortcut does: under Restricted, which Windows Server 2012
    # begins with, VMM's module does not load. A policy of the domain wins over it.
    "-ExecutionPolicy",
    "RemoteSigned",
    "-EncodedCommand",
    base64.b64encode(BOOTSTRAP.encode("utf-16-le")).decode("ascii"),
)


@dataclass(frozen=True)
class ReadVmmRequest:
    """The name by which VMM is known, for a server that does not answer as localhost.

    A highly available VMM answers under the name of its clustered service. The process is ended
    soon after `milliseconds`, so that a VMM that hangs keeps none.
    """

    server: str
    milliseconds: int = _CMDLET_MILLISECONDS


@dataclass(frozen=True)
class ReleaseReply:
    """Product versions, as the registry and as the VMM service state them.

    `answered_by` is the computer on which the script ran: host name and primary DNS suffix.
    """

    registry: str | None
    server: str | None
    answered_by: str | None = None


@dataclass(frozen=True)
class HostReply:
    """One host as Get-SCVMHost lists it; what VMM does not state is None.

    `error` says why the record could not be read whole; what then is there is no evidence.
    """

    name: str | None
    fqdn: str | None
    cluster: str | None
    perimeter: bool | None
    settings: VmmHostSettings = field(default_factory=VmmHostSettings)
    state: HostStateReply = field(default_factory=HostStateReply)
    error: str | None = None


@dataclass(frozen=True)
class ReadVmmReply:
    """`hosts` is None where the VMM cmdlets failed; `error` then says why."""

    release: ReleaseReply
    hosts: tuple[HostReply, ...] | None
    error: str | None
    server: ServerReply | None = None


@dataclass(frozen=True)
class ResolveRequest:
    """Names to resolve, and the common deadline in milliseconds."""

    names: tuple[str, ...]
    milliseconds: int


@dataclass(frozen=True)
class ResolvedName:
    """One name's addresses in the resolver's order, or the Winsock code.

    `text` says why the name could not be tried at all, and is empty where it was.
    """

    name: str
    addresses: tuple[str, ...]
    code: int | None
    text: str = ""


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
    """One connection's outcome: 0 open, else the Winsock code.

    None: it could not be tried, and `text` says why.
    """

    address: str
    port: int
    code: int | None
    milliseconds: int
    text: str = ""


@dataclass(frozen=True)
class ListenerReply:
    """One listener's outcome: answered, else the HRESULT where there is one, and the text.

    `tried` is false where the host was not asked: the text is then PowerShell's own. None: a reply
    that does not say, because it was collected by an older script.
    """

    name: str
    port: int
    answered: bool
    code: int | None
    text: str
    tried: bool | None = None


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
    milliseconds: int = _CMDLET_MILLISECONDS


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
class ListHostsRequest:
    """The name by which VMM is known, and how long it may take; as of `ReadVmmRequest`."""

    server: str
    milliseconds: int = _CMDLET_MILLISECONDS


@dataclass(frozen=True)
class ListedHost:
    """One host as VMM lists it; what VMM does not state is None.

    VMHostGroup.Path and VirtualizationPlatform are read as public scripts read them (Ansible's
    collection microsoft.scvmm among them); no object of a real VMM that has them was seen. `group`
    is the path of its host group, from the root, with backslashes. `platform` is such as HyperV.
    `error` says why it could not be read whole.
    """

    name: str | None
    fqdn: str | None = None
    cluster: str | None = None
    group: str | None = None
    platform: str | None = None
    perimeter: bool | None = None
    communication: str | None = None
    maintenance: bool | None = None
    error: str | None = None


@dataclass(frozen=True)
class ListHostsReply:
    """`hosts` is None where the VMM cmdlets failed; `error` then says why."""

    hosts: tuple[ListedHost, ...] | None
    error: str | None


@dataclass(frozen=True)
class ReadDisksRequest:
    """Hosts by VMM's names, of whose machines the disks are wanted; else as of `ReadVmmRequest`."""

    server: str
    hosts: tuple[str, ...]
    milliseconds: int = _CMDLET_MILLISECONDS


@dataclass(frozen=True)
class DiskFileReply:
    """A disk that another one builds upon; bytes. `file` is None where VMM gives no path."""

    file: str | None
    size: int | None = None


@dataclass(frozen=True)
class DiskReply:
    """A virtual hard disk of a machine, as VMM has it on record; bytes.

    Location, Size, MaximumSize, VHDType and ParentDisk are properties of objects that a VMM 2012 R2
    gave (windows-facts-2.md 9.4). There, a parent had become its name: that the parent's own object
    has its path is inferred.
    """

    file: str | None
    size: int | None = None
    maximum: int | None = None
    differencing: bool | None = None
    parents: tuple[DiskFileReply, ...] = ()


@dataclass(frozen=True)
class HostDisksReply:
    """The disks of one host's machines. `disks` is None where `error` says why."""

    name: str
    disks: tuple[DiskReply, ...] | None
    error: str | None = None


@dataclass(frozen=True)
class ReadDisksReply:
    """One entry for each host; `hosts` is None where the VMM cmdlets failed: `error` says why."""

    hosts: tuple[HostDisksReply, ...] | None
    error: str | None


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
        document: Any = load_json(output.decode("utf-8"))
        return codec.from_json(self.reply_type, document)


READ_VMM = Script("read-vmm.ps1", ReadVmmRequest, ReadVmmReply)
RESOLVE_NAMES = Script("resolve-names.ps1", ResolveRequest, ResolveReply)
PROBE = Script("probe.ps1", ProbeRequest, ProbeReply)
RATE_HOST = Script("rate-host.ps1", RateRequest, RateReply)
LIST_HOSTS = Script("list-hosts.ps1", ListHostsRequest, ListHostsReply)
READ_DISKS = Script("read-disks.ps1", ReadDisksRequest, ReadDisksReply)
SCRIPTS: tuple[Script[Any, Any], ...] = (
    READ_VMM,
    RESOLVE_NAMES,
    PROBE,
    RATE_HOST,
    LIST_HOSTS,
    READ_DISKS,
)
