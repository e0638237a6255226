"""What collect.ps1 would write of a lab fleet. PowerShell itself does not run here.

The same questions in the same order, asked with the suite's own client, written in the same form.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from livemigration.base import codec
from livemigration.base.deadline import Deadline
from livemigration.collector.document import (
    FORMAT,
    SCHEMA_VERSION,
    Answer,
    Called,
    Collected,
    CollectedHost,
    CollectedVmm,
    Failure,
    Identification,
)
from livemigration.facts.cim import (
    CimValue,
    EmbeddedObject,
    ObjectReference,
    WmiQuery,
    WmiRow,
    WmiRowError,
)
from livemigration.facts.host import OPERATING_SYSTEM
from livemigration.facts.host_guardian import GUARDIAN_VALUES
from livemigration.facts.model import FailureKind
from livemigration.facts.network import LIVE_MIGRATION_PORT
from livemigration.facts.reader import MethodArgument, MethodOutput, WmiMethod
from livemigration.facts.registry import HOST_WMI_GROUPS, METHOD_GROUPS
from livemigration.facts.virtual_disks import VIRTUAL_DISKS
from livemigration.facts.vmm import DATA_PORTS, WSAETIMEDOUT
from livemigration.gather.properties import AbsentProperties, PropertyReader
from livemigration.inventory.connection import TimeLimits
from livemigration.lab.launch import LabMachine, RunningLab
from livemigration.vmm.scripts import (
    PROBE,
    READ_DISKS,
    READ_VMM,
    RESOLVE_NAMES,
    ConnectionReply,
    ConnectionRequest,
    ListenerRequest,
    ProbeReply,
    ProbeRequest,
    ReadDisksReply,
    ReadDisksRequest,
    ReadVmmReply,
    ReadVmmRequest,
    ResolveReply,
    ResolveRequest,
)
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

MILLISECONDS = 500
# What collect.ps1 gives each connection, and what a suite that reads its file takes for granted.
OF_THE_COLLECTOR = round(TimeLimits().probe * 1000)
# What WinRM's client says where our client says that nobody answers (windows-facts.md 5.5).
_CODES = {FailureKind.TIMED_OUT: 0x80338126, FailureKind.REFUSED: 0x80338012}


def collect(lab: RunningLab) -> Any:
    """Return the JSON document of a fleet, with its VMM server asked."""
    absent = AbsentProperties()
    hosts = tuple(_host(lab, each, absent) for each in lab.hosts)
    collected = Collected(
        format=FORMAT,
        schema=SCHEMA_VERSION,
        suite_version="0.1.0",
        collected="2026-01-01T00:00:00Z",
        collected_on=lab.vmm.name,
        redacted=False,
        port=lab.vmm.port,
        vmm=_vmm(lab, hosts),
        hosts=hosts,
    )
    return codec.to_json(collected)


def _session(lab: RunningLab, machine: LabMachine) -> WsmanSession:
    endpoint = Endpoint(machine.name, machine.address, machine.port)
    return WsmanSession(endpoint, lab.credentials, Timeouts(0.5, 30), Deadline.after(50))


def _failure(error: WsmanError) -> Failure:
    code = error.code if error.code is not None else 0
    return Failure(_CODES.get(error.kind, code), error.came_back)


def _host(lab: RunningLab, machine: LabMachine, absent: AbsentProperties) -> CollectedHost:
    own, build = AbsentProperties(), None
    with closing(_session(lab, machine)) as session:
        try:
            said = session.identify()
        except WsmanError as error:
            return CollectedHost(machine.name, None, _failure(error), ())
        answers = []
        for group in HOST_WMI_GROUPS:
            try:
                reader = PropertyReader(session, absent, own, build, Deadline.after(50))
                began = datetime.now(UTC).isoformat()
                rows = tuple(_json_row(each) for each in reader.enumerate(group.query))
                answers.append(Answer(group.name, rows, None, began, datetime.now(UTC).isoformat()))
                if group is OPERATING_SYSTEM:
                    build = int(rows[0]["BuildNumber"])
            except WsmanError as error:
                answers.append(Answer(group.name, None, _failure(error)))
        recorder = _Recorder(session)
        for asked in METHOD_GROUPS:
            with suppress(WsmanError, ValueError, WmiRowError):
                asked.read(recorder)
    identity = Identification(said.product_vendor, said.product_version)
    return CollectedHost(machine.name, identity, None, tuple(answers), tuple(recorder.calls))


class _Recorder:
    """Asks a session and keeps what its methods gave back."""

    def __init__(self, session: WsmanSession) -> None:
        self._session = session
        self.calls: list[Called] = []

    def enumerate(self, query: WmiQuery) -> tuple[WmiRow, ...]:
        return self._session.enumerate(query)

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> MethodOutput:
        about = str(arguments.get("sValueName", ""))
        try:
            said = self._session.call(method, selectors, arguments)
        except WsmanError as error:
            self.calls.append(Called(method.title, about, None, {}, _failure(error)))
            raise
        output: dict[str, str | None] = {
            name: " ".join(said.texts(name)) or None for name in ("sValue", "uValue")
        }
        for path in ("sNames", *GUARDIAN_VALUES):
            if texts := said.texts(path):
                output[path] = ";".join(texts)
        self.calls.append(Called(method.title, about, said.return_value, output, None))
        return said


def _json_row(row: WmiRow) -> dict[str, Any]:
    return {name: _json_value(value) for name, value in row.items()}


def _json_value(value: CimValue) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, ObjectReference):
        return dict(value.selectors)
    if isinstance(value, EmbeddedObject):
        return dict(value.texts)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value


def _vmm(lab: RunningLab, hosts: tuple[CollectedHost, ...]) -> CollectedVmm:
    with closing(_session(lab, lab.vmm)) as session:
        said = session.identify()
        records = session.run_script(READ_VMM, ReadVmmRequest("vmm01.contoso.com"))
        names = _names(records, hosts)
        resolution = session.run_script(RESOLVE_NAMES, ResolveRequest(names, MILLISECONDS))
        port = lab.vmm.port
        wanted = _connections(hosts, resolution, port)
        tried = session.run_script(PROBE, ProbeRequest(wanted, (), MILLISECONDS)).connections
        met = tuple(
            replace(each, milliseconds=OF_THE_COLLECTOR) if each.code == WSAETIMEDOUT else each
            for each in tried
        )
        asked = tuple(
            ListenerRequest(name, port, ssl=False)
            for name in names
            if not _is_shut(name, port, resolution, met)
        )
        heard = session.run_script(PROBE, ProbeRequest((), asked, MILLISECONDS)).listeners
        probes = ProbeReply(met, heard)
        request = ReadDisksRequest("vmm01.contoso.com", _with_disks(records, hosts))
        disks = (
            session.run_script(READ_DISKS, request) if request.hosts else ReadDisksReply((), None)
        )
    identity = Identification(said.product_vendor, said.product_version)
    return CollectedVmm(lab.vmm.name, True, identity, None, records, resolution, probes, disks)


def _with_disks(records: ReadVmmReply, hosts: tuple[CollectedHost, ...]) -> tuple[str, ...]:
    first = {
        host.name.partition(".")[0]
        for host in hosts
        if any(each.group == VIRTUAL_DISKS.name and each.rows for each in host.answers)
    }
    names = {each.fqdn or each.name or "" for each in records.hosts or ()}
    return tuple(sorted(each for each in names if each.partition(".")[0] in first))


def _is_shut(
    name: str, port: int, resolution: ResolveReply, met: tuple[ConnectionReply, ...]
) -> bool:
    used = {address for each in resolution.names if each.name == name for address in each.addresses}
    codes = [each.code for each in met if each.address in used and each.port == port]
    return bool(codes) and 0 not in codes


def _names(records: ReadVmmReply, hosts: tuple[CollectedHost, ...]) -> tuple[str, ...]:
    first = {each.name.split(".")[0] for each in hosts}
    known = {name for each in records.hosts or () for name in (each.fqdn, each.name) if name}
    same = {name for name in known if name.split(".")[0] in first}
    return tuple(sorted({each.name for each in hosts} | same))


def _connections(
    hosts: tuple[CollectedHost, ...], resolution: ResolveReply, port: int
) -> tuple[ConnectionRequest, ...]:
    listeners = {
        address
        for each in hosts
        for answer in each.answers
        for row in (answer.rows or () if answer.group == "listeners" else ())
        for address in row.get("MigrationServiceListenerIPAddressList") or ()
        if not address.startswith(("fe8", "fe9", "fea", "feb", "169.254."))
    }
    used = {address for each in resolution.names for address in each.addresses}
    wanted = {(each, LIVE_MIGRATION_PORT) for each in listeners | used}
    wanted |= {(each, number) for each in used for number in (port, *DATA_PORTS)}
    return tuple(ConnectionRequest(address, number) for address, number in sorted(wanted))
