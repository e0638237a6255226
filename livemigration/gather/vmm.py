"""What is asked of the VMM server: its release, its records, its resolver and its probes."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from livemigration.addresses import Address, parse_address, usable
from livemigration.deadline import Deadline
from livemigration.facts.migration import LISTENERS
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    GatherFailure,
    NotGathered,
    Outcome,
    Vantage,
    gathered,
)
from livemigration.facts.network import LIVE_MIGRATION_PORT
from livemigration.facts.registry import VMM_VIEW_GROUPS
from livemigration.facts.vmm import (
    DATA_PORTS,
    VMM_ACCESS,
    VMM_DATA_PORTS,
    VMM_PROBES,
    VMM_RECORD,
    VMM_RELEASE,
    VMM_RESOLUTION,
    VMM_WSMAN_TEST,
    Probe,
    VmmAccess,
    VmmHostSettings,
    VmmProbes,
    VmmRecord,
    VmmRelease,
    VmmResolution,
    VmmWsmanTest,
)
from livemigration.gather.connect import Connector, Target
from livemigration.gather.host import Outcomes, failure_of
from livemigration.vmm.scripts import (
    PROBE,
    READ_VMM,
    RESOLVE_NAMES,
    ConnectionRequest,
    HostReply,
    ListenerRequest,
    ProbeReply,
    ProbeRequest,
    ReadVmmRequest,
    ResolvedName,
    ResolveRequest,
)
from livemigration.wsman.errors import WsmanError, one_line
from livemigration.wsman.session import WsmanSession

ACCESS_CHECK = "LM001"
SSL_PORT = 5986
_NAMES_AT_ONCE = 2000
_CONNECTIONS_AT_ONCE = 3000


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
        with connect(target, deadline) as session:
            identity = session.identify()
            access = VmmAccess(target.endpoint, identity.product_vendor, identity.product_version)
            into.own[VMM_ACCESS.name] = gathered(access, Vantage.SUITE, started)
            self.tried = f"Reading the VMM server {target.name} with its cmdlets"
            names = _read_records(session, target, self.hosts, into)
            if names is not None:
                self.tried = f"Resolving names on the VMM server {target.name}"
                _resolve(session, names, self.milliseconds, into)


def _read_records(
    session: WsmanSession, target: Target, hosts: Mapping[str, str], into: VmmView
) -> dict[str, str] | None:
    started = time.monotonic()
    reply = session.run_script(READ_VMM, ReadVmmRequest(target.name))
    if reply.hosts is None:
        failed = NotGathered(
            GatherFailure(
                kind=FailureKind.SCRIPT,
                tried=f"Reading the VMM server {target.name} with its cmdlets",
                came_back=one_line(reply.error or "the cmdlets gave no reason"),
                next_step="Install the VMM console on this server, or give the suite's account a "
                "VMM role that sees the hosts.",
                root=ACCESS_CHECK,
            )
        )
        into.own[VMM_RELEASE.name] = failed
        return None
    release = VmmRelease(
        **vars(reply.release),
        managed_hosts=tuple(name for each in reply.hosts if (name := each.fqdn or each.name)),
    )
    into.own[VMM_RELEASE.name] = gathered(release, Vantage.VMM, started)
    names: dict[str, str] = {}
    for host, address in hosts.items():
        record = find_record(host, reply.hosts, address)
        names[host] = record.name
        found = gathered(record, Vantage.VMM, started)
        into.hosts.setdefault(host, {})[VMM_RECORD.name] = found
    return names


def find_record(host: str, records: Iterable[HostReply], address: str = "") -> VmmRecord:
    """Return VMM's record of a host of the inventory, which answers at `address` if it is given.

    The full name decides, or the address: VMM knows some perimeter hosts by that. A first label
    counts where only one of the two is a full name.
    """
    wanted = host.casefold()
    short: HostReply | None = None
    for record in records:
        names = [name.casefold() for name in (record.fqdn, record.name) if name]
        if wanted in names or (address and address.casefold() in names):
            return _record(record, host)
        both_full = "." in wanted and any("." in name for name in names)
        if not both_full and any(name.split(".")[0] == wanted.split(".")[0] for name in names):
            short = record
    return _record(short, host) if short is not None else VmmRecord(known=False, name=host)


def _record(reply: HostReply, host: str) -> VmmRecord:
    return VmmRecord(
        known=True,
        name=reply.fqdn or reply.name or host,
        cluster=reply.cluster or None,
        perimeter=reply.perimeter,
        settings=VmmHostSettings(**vars(reply.settings)),
    )


def _resolve(
    session: WsmanSession, names: Mapping[str, str], milliseconds: int, into: VmmView
) -> None:
    started = time.monotonic()
    wanted = sorted(set(names.values()))
    answers: dict[str, ResolvedName] = {}
    for start in range(0, len(wanted), _NAMES_AT_ONCE):
        batch = tuple(wanted[start : start + _NAMES_AT_ONCE])
        reply = session.run_script(RESOLVE_NAMES, ResolveRequest(batch, milliseconds))
        answers.update((each.name, each) for each in reply.names)
    for host, name in names.items():
        into.hosts[host][VMM_RESOLUTION.name] = _resolution(name, answers.get(name), started)


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


@dataclass(frozen=True)
class ProbePlan:
    """What the VMM server is to try for one host; `port` and `ssl` are how it manages the host.

    `data` is None where nobody asked for the data ports.
    """

    host: str
    addresses: tuple[tuple[Address, int], ...]
    data: tuple[tuple[Address, int], ...] | None
    name: str
    port: int
    ssl: bool

    @property
    def pairs(self) -> tuple[tuple[Address, int], ...]:
        """Every connection to try, once each."""
        return tuple(dict.fromkeys((*self.addresses, *(self.data or ()))))


def plan_probes(
    target: Target, wanted: Collection[str], outcomes: Mapping[str, Outcome[Any]]
) -> ProbePlan | None:
    """Return the probes of one host, or None where VMM's resolution of it is unknown.

    Every usable listener on 6600, and every address VMM uses on 6600, on the control port and,
    where they are wanted, on the data ports: one connection per address, port and vantage.
    """
    resolution = outcomes.get(VMM_RESOLUTION.name)
    if not isinstance(resolution, Gathered):
        return None
    seen: VmmResolution = resolution.value
    listeners = outcomes.get(LISTENERS.name)
    bound: tuple[Address, ...] = ()
    if isinstance(listeners, Gathered):
        bound = usable(listeners.value.listeners)
    ssl = _uses_ssl(target, outcomes)
    port = SSL_PORT if ssl else target.port
    pairs = [(address, LIVE_MIGRATION_PORT) for address in (*bound, *seen.addresses)]
    pairs += [(address, port) for address in seen.addresses]
    data = [(address, each) for each in DATA_PORTS for address in seen.addresses]
    return ProbePlan(
        host=target.name,
        addresses=tuple(dict.fromkeys(pairs)),
        data=tuple(data) if VMM_DATA_PORTS.name in wanted else None,
        name=seen.name,
        port=port,
        ssl=ssl,
    )


def _uses_ssl(target: Target, outcomes: Mapping[str, Outcome[Any]]) -> bool:
    """Return whether VMM manages a host over SSL: perimeter hosts, where nobody says otherwise."""
    if target.vmm_uses_ssl is not None:
        return target.vmm_uses_ssl
    record = outcomes.get(VMM_RECORD.name)
    return isinstance(record, Gathered) and record.value.perimeter is True


def probe_from_vmm(
    target: Target,
    plans: Sequence[ProbePlan],
    *,
    connect: Connector,
    milliseconds: int,
    deadline: Deadline,
    into: VmmView,
) -> None:
    """Fill `into` with the probes of each planned host, in batches under one deadline each."""
    with connect(target, deadline) as session:
        for batch in _batches(plans):
            try:
                _probe(session, batch, milliseconds, into)
            except WsmanError as error:
                tried = f"Connecting from the VMM server {target.name} to the hosts"
                failed = NotGathered(failure_of(error, tried, ""))
                for plan in plans:
                    own = into.hosts.setdefault(plan.host, {})
                    for group in (VMM_PROBES, VMM_DATA_PORTS, VMM_WSMAN_TEST):
                        own.setdefault(group.name, failed)
                return


def _batches(plans: Sequence[ProbePlan]) -> Iterable[list[ProbePlan]]:
    batch: list[ProbePlan] = []
    size = 0
    for plan in plans:
        if batch and size + len(plan.pairs) > _CONNECTIONS_AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(plan)
        size += len(plan.pairs)
    if batch:
        yield batch


def _probe(
    session: WsmanSession, plans: Sequence[ProbePlan], milliseconds: int, into: VmmView
) -> None:
    started = time.monotonic()
    pairs = dict.fromkeys(pair for plan in plans for pair in plan.pairs)
    request = ProbeRequest(
        connections=tuple(ConnectionRequest(str(address), port) for address, port in pairs),
        listeners=tuple(ListenerRequest(plan.name, plan.port, plan.ssl) for plan in plans),
        milliseconds=milliseconds,
    )
    reply: ProbeReply = session.run_script(PROBE, request)
    probes = {
        (address, each.port): Probe(address, each.port, each.code, each.milliseconds)
        for each in reply.connections
        if (address := _address(each.address)) is not None
    }
    tests = {(each.name, each.port): each for each in reply.listeners}
    for plan in plans:
        own = into.hosts.setdefault(plan.host, {})
        for group, tried in ((VMM_PROBES, plan.addresses), (VMM_DATA_PORTS, plan.data)):
            if tried is None:
                continue
            made = tuple(probes[pair] for pair in tried if pair in probes)
            own[group.name] = gathered(VmmProbes(made), Vantage.VMM, started)
        if (test := tests.get((plan.name, plan.port))) is not None:
            result = VmmWsmanTest(
                test.name, test.port, test.answered, test.code, one_line(test.text)
            )
            own[VMM_WSMAN_TEST.name] = gathered(result, Vantage.VMM, started)
