"""The file that collect.ps1 writes: what the machines said, before any of it is parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livemigration.vmm.scripts import ProbeReply, ReadDisksReply, ReadVmmReply, ResolveReply

FORMAT = "livemigration-collector"
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Failure:
    """Why something could not be read: the code where there is one, and the machine's text."""

    code: int | None
    text: str


@dataclass(frozen=True)
class Identification:
    """What a WS-Management service said of itself to Test-WSMan."""

    vendor: str
    version: str


@dataclass(frozen=True)
class Answer:
    """The rows that one query found; None where it failed.

    `asked` and `answered` are when, by the clock of the machine that collected; empty in files of
    a collector that did not say.
    """

    group: str
    rows: tuple[dict[str, Any], ...] | None
    failure: Failure | None
    asked: str = ""
    answered: str = ""


@dataclass(frozen=True)
class Called:
    """What a read-only method gave back: `output` holds its texts by out parameter.

    `about` is the registry value that was asked for, where it is one.
    """

    method: str
    about: str
    return_value: int | None
    output: dict[str, str | None]
    failure: Failure | None


@dataclass(frozen=True)
class CollectedHost:
    """One host. `failure` says why it could not be asked at all."""

    name: str
    identity: Identification | None
    failure: Failure | None
    answers: tuple[Answer, ...]
    calls: tuple[Called, ...] = ()


@dataclass(frozen=True)
class CollectedVmm:
    """The VMM server; `asked` is false where the collector had none to ask.

    `disks` is what it said of the disks of all hosts; None: it was not asked.
    """

    name: str
    asked: bool
    identity: Identification | None
    failure: Failure | None
    records: ReadVmmReply | None
    resolution: ResolveReply | None
    probes: ProbeReply | None
    disks: ReadDisksReply | None = None


@dataclass(frozen=True)
class Collected:
    """The whole file. `port` is where the hosts answered, and the port that VMM manages through."""

    format: str
    schema: int
    suite_version: str
    collected: str
    collected_on: str
    redacted: bool
    port: int
    vmm: CollectedVmm
    hosts: tuple[CollectedHost, ...]
