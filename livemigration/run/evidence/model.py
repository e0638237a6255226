"""The parts of results.json that come from the facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from livemigration.base.addresses import Address, Subnet
from livemigration.facts.model import Subject, Vantage


class FactState(Enum):
    """What became of a fact group on one machine."""

    GATHERED = "gathered"
    NOT_GATHERED = "not gathered"
    INAPPLICABLE = "not on this machine"


@dataclass(frozen=True)
class Source:
    """Where the facts of a group come from, once per run.

    `query` is the WQL text or the method; empty where no WMI class answers, as for what the VMM
    server's scripts say.
    """

    group: str
    title: str
    subject: Subject
    namespace: str = ""
    wmi_class: str = ""
    query: str = ""
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fact:
    """One fact group of one machine.

    `lines` are JSON as the facts file has it, a line per row; the reason where nothing was
    gathered. `lines_left_out` counts what did not fit; `cut` says that a line was too long. `at` is
    when it was gathered, UTC, where that is known.
    """

    group: str
    state: FactState
    lines: tuple[str, ...]
    vantage: Vantage | None = None
    seconds: float = 0.0
    lines_left_out: int = 0
    cut: bool = False
    at: datetime | None = None


@dataclass(frozen=True)
class TargetFacts:
    """The facts behind the findings of one machine.

    `left_out` are groups that would have made results.json too large.
    """

    kind: Subject
    target: str
    facts: tuple[Fact, ...]
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class CheckGroups:
    """The fact groups that a check reads."""

    check: str
    groups: tuple[str, ...]


@dataclass(frozen=True)
class Gathering:
    """When the facts were gathered, UTC: all of them, as the time of a single group is not kept.

    `ended` is None for a replay, which knows only when its facts file was begun. `executor` is the
    address of the scheduler whose workers asked the hosts, and `workers` how many did; empty where
    the machine of the run asked them.
    """

    began: datetime
    ended: datetime | None = None
    executor: str = ""
    workers: int = 0


@dataclass(frozen=True)
class Evidence:
    """The facts behind every finding that is more than a pass."""

    sources: tuple[Source, ...] = ()
    checks: tuple[CheckGroups, ...] = ()
    targets: tuple[TargetFacts, ...] = ()


class Reached(Enum):
    """What became of a connection that was tried."""

    OPEN = "open"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    FAILED = "failed"


@dataclass(frozen=True)
class Attempt:
    """One connection that the VMM server tried. `code` is the Win32 socket error, 0 if it opened.

    `subnet` is the host's own, a selected one, or one that another host is on; None: none of them
    holds the address. `foreign` says that the address is none of the host's.
    """

    address: Address
    subnet: Subnet | None
    port: int
    reached: Reached
    code: int
    foreign: bool = False


@dataclass(frozen=True)
class Attachment:
    """An address of a host, and what it is for.

    `management`: VMM resolves the host's name to it. `migration`: the host accepts live migration
    on it, or selects its subnet. `listener`: the host lists it as a listener.
    """

    address: Address
    subnet: Subnet
    management: bool
    migration: bool
    listener: bool


@dataclass(frozen=True)
class NetworkHost:
    """A host in the picture of the network, and the VMM server that manages it.

    `problem` says why its addresses are not known.
    """

    name: str
    vmm: str
    groups: tuple[str, ...] = ()
    cluster: str = ""
    selection: str = ""
    attachments: tuple[Attachment, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    attachments_left_out: int = 0
    attempts_left_out: int = 0
    problem: str = ""


@dataclass(frozen=True)
class NetworkEvidence:
    """Which host has which address, and what its VMM server reached.

    The VMM servers' own subnets are not among the facts.
    """

    hosts: tuple[NetworkHost, ...] = ()


@dataclass(frozen=True)
class OffsetChange:
    """From `at` on, UTC, local time had this offset, which the system calls `name`."""

    at: datetime
    offset_minutes: int
    name: str


@dataclass(frozen=True)
class Zone:
    """The local time of the machine that ran.

    `name` and `offset_minutes` are those at the start of the run. `changes` are in order, and known
    until `until`; without them there is that one offset only. `place` is the zone's name in the
    IANA database, empty where it is not known.
    """

    name: str
    offset_minutes: int
    changes: tuple[OffsetChange, ...] = ()
    until: datetime | None = None
    place: str = ""
