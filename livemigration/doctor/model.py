"""What the doctor found: of each machine, and of the runner itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from livemigration.facts.model import Subject

SCHEMA_VERSION = 1


class Level(Enum):
    """How much a remark matters: a problem keeps the suite from asking, a warning may yet."""

    PROBLEM = "problem"
    WARNING = "warning"
    NOTE = "note"


class State(Enum):
    """What is known of a machine, the worst first."""

    PROBLEM = "cannot be asked"
    NOT_TRIED = "not tried"
    WARNING = "can be asked, with a warning"
    FINE = "can be asked"


@dataclass(frozen=True)
class Step:
    """One thing to do: where, what, and where there is one, the line for it and how to undo it.

    `command` is for PowerShell 3.0 and later on a Windows machine, for a shell on the runner.
    """

    where: str
    what: str
    command: str = ""
    undo: str = ""


@dataclass(frozen=True)
class Remark:
    """Something to know, and what to do about it. `code` is a Win32, WSMan, WMI or HTTP code."""

    level: Level
    area: str
    told: str
    steps: tuple[Step, ...] = ()
    code: int | None = None


@dataclass(frozen=True)
class Tls:
    """The TLS of a machine. `chain`: the certificates' subjects, its own first.

    `ends` is when the first of the chain ends, UTC, and `days` how many whole days are left.
    """

    version: str
    chain: tuple[str, ...]
    ends: datetime | None
    days: int | None
    checked: bool


@dataclass(frozen=True)
class Ticket:
    """The Kerberos ticket with which a machine is asked; it ends at `ends`, UTC.

    `renewable`: another can be had without a person, from a password or a keytab at hand.
    """

    principal: str
    service: str
    ends: datetime
    renewable: bool


@dataclass(frozen=True)
class Namespace:
    """A namespace of WMI, and what became of one cheap question to it.

    `outcome` is readable, denied, absent, or failed; `asked` is the class that was asked.
    """

    name: str
    asked: str
    outcome: str


@dataclass(frozen=True)
class VmmAccount:
    """What VMM says of the account that asked, and how many hosts it lists to it."""

    account: str | None
    role: str | None
    hosts: int | None


@dataclass(frozen=True)
class Examined:
    """One machine.

    `addresses` are what its name stands for here, none where the inventory gives an address;
    `ahead` is by how many seconds its clock is ahead of the runner's. `settings` are those of
    winrm/config that the suite depends on, in the machine's own words.
    """

    subject: Subject
    name: str
    state: State
    port: int
    addresses: tuple[str, ...] = ()
    answered_at: str = ""
    ahead: int | None = None
    tls: Tls | None = None
    account: str = ""
    signed_in: str = ""
    ticket: Ticket | None = None
    settings: dict[str, str] = field(default_factory=dict)
    namespaces: tuple[Namespace, ...] = ()
    vmm: VmmAccount | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def title(self) -> str:
        """The machine for a sentence."""
        return f"the VMM server {self.name}" if self.subject is Subject.VMM else self.name


@dataclass(frozen=True)
class Examination:
    """Everything of one examination.

    `everything_can_be_asked` says nothing about live migration. `simulated`: the machines are the
    lab's. `remarks` are about the runner, or about several machines at once; `not_examined` says
    what nobody looked at, and why.
    """

    schema: int
    suite_version: str
    inventory: str
    simulated: bool
    runner: str
    began: datetime
    ended: datetime
    window: tuple[datetime, datetime] | None
    everything_can_be_asked: bool
    machines: tuple[Examined, ...]
    remarks: tuple[Remark, ...]
    not_examined: tuple[str, ...]
