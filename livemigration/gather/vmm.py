"""What is asked of the VMM server: its release, its records and its resolver."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from livemigration.base.addresses import Address, parse_address
from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line
from livemigration.facts.model import (
    FailureKind,
    GatherFailure,
    NotGathered,
    Outcome,
    Vantage,
    gathered,
)
from livemigration.facts.registry import VMM_VIEW_GROUPS
from livemigration.facts.vmm import (
    VMM_ACCESS,
    VMM_RECORD,
    VMM_RELEASE,
    VMM_RESOLUTION,
    VmmAccess,
    VmmRecord,
    VmmResolution,
)
from livemigration.gather.asking import Outcomes, failure_of
from livemigration.gather.batches import VmmScripts, in_batches
from livemigration.gather.connect import Connector, Target
from livemigration.gather.record import HostRecords, record_of, release_facts
from livemigration.gather.session import Session
from livemigration.vmm.scripts import (
    READ_VMM,
    RESOLVE_NAMES,
    HostReply,
    ReadVmmRequest,
    ResolvedName,
    ResolveRequest,
)
from livemigration.wsman.errors import WsmanError

ACCESS_CHECK = "LM001"


@dataclass
class VmmView:
    """What the VMM server said so far: of itself, and of each host by inventory name."""

    own: Outcomes = field(default_factory=dict)
    hosts: dict[str, Outcomes] = field(default_factory=dict)


def gather_vmm(
    target: Target,
    hosts: Mapping[str, str],
    *,
    connect: Connector,
    milliseconds: int,
    deadline: Deadline,
    into: VmmView,
) -> None:
    """Fill `into` with the release, and with VMM's record and resolution of each host.

    Args:
        target: the VMM server.
        hosts: the address of each host of the inventory, by its name.
        connect: opens the session.
        milliseconds: the resolver's common deadline.
        deadline: when to stop.
        into: filled as answers come.
    """
    asking = _Asking(target, hosts, milliseconds, into)
    try:
        try:
            asking.once(connect, deadline)
        except WsmanError as error:
            # The scripts change nothing: what lost its connection is asked again, once.
            lost = error.kind is FailureKind.UNREACHABLE and VMM_ACCESS.name in into.own
            if not lost or deadline.passed:
                raise
            asking.once(connect, deadline)
    except WsmanError as error:
        failed = NotGathered(failure_of(error, asking.tried, ACCESS_CHECK))
        into.own.setdefault(VMM_ACCESS.name, failed)
        into.own.setdefault(VMM_RELEASE.name, failed)
        for host in hosts:
            own = into.hosts.setdefault(host, {})
            for group in VMM_VIEW_GROUPS:
                own.setdefault(group.name, failed)


@dataclass
class _Asking:
    """One conversation with the VMM server; `tried` says what it was at."""

    target: Target
    hosts: Mapping[str, str]
    milliseconds: int
    into: VmmView
    tried: str = ""

    def once(self, connect: Connector, deadline: Deadline) -> None:
        """Ask everything over one session."""
        target, into = self.target, self.into
        started = time.monotonic()
        self.tried = f"Connecting to the VMM server {target.endpoint}"
        with closing(connect(target, deadline)) as session:
            identity = session.identify()
            access = VmmAccess(
                target.endpoint,
                identity.product_vendor,
                identity.product_version,
                identity.signed_in,
            )
            into.own[VMM_ACCESS.name] = gathered(access, Vantage.SUITE, started)
            self.tried = f"Reading the VMM server {target.name} with its cmdlets"
            names = _read_records(session, target, self.hosts, deadline, into)
        if names is not None:
            _resolve(VmmScripts(target, connect, deadline, ACCESS_CHECK), names, self, into)


def _read_records(
    session: Session,
    target: Target,
    hosts: Mapping[str, str],
    deadline: Deadline,
    into: VmmView,
) -> dict[str, str] | None:
    started = time.monotonic()
    milliseconds = max(1000, round(deadline.remaining * 1000))
    reply = session.run_script(READ_VMM, ReadVmmRequest(target.name, milliseconds))
    if reply.hosts is None:
        failed = NotGathered(
            GatherFailure(
                kind=FailureKind.SCRIPT,
                tried=f"Reading the VMM server {target.name} with its cmdlets",
                came_back=one_line(reply.error or "the cmdlets gave no reason"),
                next_step="Install the VMM console on this server, or give the account of this run "
                "a VMM role that sees the hosts.",
                root=ACCESS_CHECK,
            )
        )
        into.own[VMM_RELEASE.name] = failed
        return None
    into.own[VMM_RELEASE.name] = gathered(release_facts(reply), Vantage.VMM, started)
    names: dict[str, str] = {}
    records = HostRecords(reply.hosts)
    for host, address in hosts.items():
        found = records.find(host, address)
        record = _record(host, found)
        names[host] = record.name
        own = into.hosts.setdefault(host, {})
        why = records.nameless_error if found is None else found.error
        own[VMM_RECORD.name] = (
            gathered(record, Vantage.VMM, started) if why is None else _unread(record.name, why)
        )
    return names


def _unread(name: str, why: str) -> NotGathered:
    """Return that a host's record could not be read, or that one without a name may be its."""
    return NotGathered(
        GatherFailure(
            kind=FailureKind.SCRIPT,
            tried=f"Reading VMM's record of {name}",
            came_back=one_line(why) or "PowerShell gave no reason",
            next_step="Run Get-SCVMHost for this host on the VMM server by hand and compare.",
            root="",
        )
    )


def _record(host: str, found: HostReply | None) -> VmmRecord:
    return record_of(found, host) if found is not None else VmmRecord(known=False, name=host)


def _resolve(scripts: VmmScripts, names: Mapping[str, str], asking: _Asking, into: VmmView) -> None:
    started = time.monotonic()
    batches = in_batches(sorted(set(names.values())))
    requests = [ResolveRequest(batch, asking.milliseconds) for batch in batches]
    tried = f"Resolving names on the VMM server {scripts.target.name}"
    answers: dict[str, ResolvedName | NotGathered] = {}
    replies = scripts.run(RESOLVE_NAMES, requests, tried)
    for batch, reply in zip(batches, replies, strict=True):
        if isinstance(reply, NotGathered):
            answers.update(dict.fromkeys(batch, reply))
        else:
            answers.update((each.name, each) for each in reply.names)
    for host, name in names.items():
        answer = answers.get(name)
        into.hosts[host][VMM_RESOLUTION.name] = (
            answer if isinstance(answer, NotGathered) else _resolution(name, answer, started)
        )


def _resolution(name: str, answer: ResolvedName | None, started: float) -> Outcome[VmmResolution]:
    if answer is None:
        return NotGathered(
            GatherFailure(
                FailureKind.PROTOCOL,
                f"Resolving {name} on the VMM server",
                "the answer for this name is missing",
                "Run resolve-names.ps1 on the VMM server by hand and compare.",
                "",
            )
        )
    if answer.text:
        return NotGathered(
            GatherFailure(
                FailureKind.SCRIPT,
                f"Resolving {name} on the VMM server",
                f"it could not be tried: {one_line(answer.text)}",
                f"Compare the name by which VMM knows this host, and resolve it by hand: {name}",
                "",
            )
        )
    addresses = tuple(
        address for text in answer.addresses if (address := _address(text)) is not None
    )
    if len(addresses) < len(answer.addresses):
        return NotGathered(
            GatherFailure(
                FailureKind.PROTOCOL,
                f"Resolving {name} on the VMM server",
                "the answer holds something that is not an IP address",
                "Run resolve-names.ps1 on the VMM server by hand and compare.",
                "",
            )
        )
    code = answer.code if answer.code is not None or addresses else 11001
    return gathered(VmmResolution(name, addresses, code), Vantage.VMM, started)


def _address(text: str) -> Address | None:
    try:
        return parse_address(text)
    except ValueError:
        return None
