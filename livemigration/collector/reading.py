"""From a collector's file to facts, through the same gathering and parsers as from the machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from livemigration.base import codec
from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line
from livemigration.collector.document import (
    FORMAT,
    SCHEMA_VERSION,
    Collected,
    CollectedHost,
    CollectedVmm,
    Failure,
    Identification,
)
from livemigration.facts.cim import (
    CimScalar,
    CimType,
    CimValue,
    EmbeddedObject,
    ObjectReference,
    WmiClass,
    WmiProperty,
    WmiQuery,
    WmiRow,
)
from livemigration.facts.clock import CLOCK
from livemigration.facts.compatibility import COMPATIBILITY_VECTORS
from livemigration.facts.model import FactSheet, FailureKind, Gathered
from livemigration.facts.reader import MethodArgument, WmiMethod
from livemigration.facts.registry import HOST_GROUPS, HOST_WMI_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtualization import SERVICE_CLASS
from livemigration.gather.connect import Target
from livemigration.gather.fleet import FleetConnections, Order, gather
from livemigration.gather.jobs import Progress
from livemigration.gather.session import Session
from livemigration.inventory.connection import TimeLimits
from livemigration.vmm.scripts import PROBE, READ_DISKS, READ_VMM, RESOLVE_NAMES, Script
from livemigration.wsman import codes
from livemigration.wsman.errors import WsmanError, WsmanFault, unusable
from livemigration.wsman.invoke import InvokeResult
from livemigration.wsman.items import RawValue, ValueForm, parse_datetime, parse_interval
from livemigration.wsman.session import Identity
from livemigration.wsman.traffic import Counted

Request = TypeVar("Request")
Reply = TypeVar("Reply")

# The collector asked for every row, of which the narrower questions want some.
_GROUPS = {query: group.name for group in HOST_WMI_GROUPS for query in (group.query, *group.narrow)}
_KINDS = {
    0x80338012: FailureKind.UNREACHABLE,
    0x80338126: FailureKind.UNREACHABLE,
    0x803381B9: FailureKind.NAME_NOT_RESOLVED,
    codes.OPERATION_TIMED_OUT: FailureKind.TIMED_OUT,
    **dict.fromkeys(codes.ACCESS_DENIED, FailureKind.ACCESS_DENIED),
}
# It asks each host for itself, so for nothing that depends on the others.
_ASKED = frozenset(group.name for group in (*HOST_GROUPS, *VMM_VIEW_GROUPS)) - {
    COMPATIBILITY_VECTORS.name
}
_AT_ONCE = 8
_COLLECT_AGAIN = "Write collect.ps1 again with livemigration collector, and collect again."


def is_collected(document: object) -> bool:
    """Whether a JSON document says that the collector wrote it."""
    return isinstance(document, dict) and document.get("format") == FORMAT


def facts_of(document: object) -> RunFacts:
    """Return the facts of a collector's file.

    Raises:
        ValueError: the document is not what this suite's collector writes.
    """
    collected: Collected = codec.from_json(Collected, _arrays(document))
    if collected.schema != SCHEMA_VERSION:
        raise ValueError(f"schema: this suite reads the collector's schema {SCHEMA_VERSION}")
    vmm = Target(collected.vmm.name, collected.vmm.name, collected.port)
    hosts = {each.name: each for each in collected.hosts}

    def connect(target: Target, _deadline: Deadline) -> Session:
        if target is vmm:
            return _VmmAnswers(collected.vmm, collected.collected_on)
        return _HostAnswers(hosts[target.name])

    def quiet(_asked: str, _progress: Progress) -> None:
        """Say nothing: no machine is asked."""

    fleet = FleetConnections(
        vmms=(vmm,),
        hosts={name: Target(name, name, collected.port) for name in hosts},
        connect=connect,
        seconds=TimeLimits().run,
        concurrency=_AT_ONCE,
        managers={},
    )
    facts = gather(fleet, Order(dict.fromkeys(hosts, _ASKED), vmm=True), quiet)
    return RunFacts(
        {
            name: _with_clock(_timeless(sheet), hosts[name], collected.collected_on)
            for name, sheet in facts.hosts.items()
        },
        {name: _timeless(sheet) for name, sheet in facts.vmms.items()},
        facts.managers,
        gathered=_moment("collected", collected.collected),
    )


def _timeless(sheet: FactSheet) -> FactSheet:
    """Return a sheet without the moments of this reading, which are not those of collecting."""
    outcomes = {
        name: replace(each, seconds=0.0, at=None) if isinstance(each, Gathered) else each
        for name, each in sheet.outcomes.items()
    }
    return replace(sheet, outcomes=outcomes)


def _with_clock(sheet: FactSheet, host: CollectedHost, collected_on: str) -> FactSheet:
    """Return a sheet with the moment at which another machine was asked for its clock.

    A machine that asked itself says nothing of its clock.
    """
    own = host.name.partition(".")[0].casefold() == collected_on.partition(".")[0].casefold()
    said = next((each for each in host.answers if each.group == CLOCK.name), None)
    found = sheet.outcomes.get(CLOCK.name)
    if own or said is None or not said.answered or not isinstance(found, Gathered):
        return sheet
    asked, answered = _moment("asked", said.asked), _moment("answered", said.answered)
    timed = replace(found, seconds=max((answered - asked).total_seconds(), 0.0), at=answered)
    return replace(sheet, outcomes={**sheet.outcomes, CLOCK.name: timed})


def _moment(key: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None
    if moment.tzinfo is None:
        raise ValueError(f"{key}: {one_line(text)} is not a time with its zone")
    return moment.astimezone(UTC)


def _arrays(value: Any) -> Any:
    """Undo what ConvertTo-Json of Windows PowerShell makes of some arrays.

    Up to version 5.1 it writes an array that an object wraps as {"value": […], "Count": n}
    (github.com/PowerShell/PowerShell/issues/5579).
    """
    if isinstance(value, list):
        return [_arrays(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"value", "Count"}:
        return _arrays(value["value"])
    return {name: _arrays(each) for name, each in value.items()}


class _Answers:
    """In the place of a session: what the file says that the machine answered."""

    def __init__(self, said: Identification | None, reason: WsmanError | None) -> None:
        self._said, self._reason = said, reason

    @property
    def ended(self) -> bool:
        """Never: no connection can be lost."""
        return False

    def counted(self) -> Counted:
        return Counted()

    def close(self) -> None:
        """There is nothing to close."""

    def identify(self) -> Identity:
        """Return what the machine said of itself."""
        if self._said is None:
            raise self._missing("answer to Identify")
        return Identity(self._said.vendor, self._said.version, "")

    def heard(self) -> Identity | None:
        """Return nothing: what the machine said of itself is in the file."""
        return None

    def enumerate(self, query: WmiQuery) -> tuple[WmiRow, ...]:
        """Raise: this machine was asked for no rows."""
        raise self._missing(query.wmi_class.name)

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> InvokeResult:
        """Raise: no method of this machine was called."""
        del selectors, arguments
        raise self._missing(method.title)

    def run_script(self, script: Script[Request, Reply], request: Request) -> Reply:
        """Raise: this machine ran no script."""
        del request
        raise self._missing(script.name)

    def _missing(self, what: str) -> WsmanError:
        """Return why something is missing: the machine's own reason, where it gave one."""
        if self._reason is not None:
            return self._reason
        return WsmanError(
            FailureKind.NOT_IN_FILE, f"the collector's file has no {what}", next_step=_COLLECT_AGAIN
        )


class _HostAnswers(_Answers):
    def __init__(self, host: CollectedHost) -> None:
        super().__init__(host.identity, _error(host.failure) if host.failure else None)
        self._found = {each.group: each for each in host.answers}
        self._called = {(each.method, each.about): each for each in host.calls}

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> InvokeResult:
        """Return what the same call gave back; its instance was the only one."""
        del selectors
        called = self._called.get((method.title, str(arguments.get("sValueName", ""))))
        if called is None:
            raise self._missing(method.title)
        if called.failure is not None:
            raise _error(called.failure)
        output = {
            name: (RawValue(ValueForm.TEXT, text),)
            for name, text in called.output.items()
            if text is not None
        }
        return InvokeResult(called.return_value, output)

    def enumerate(self, query: WmiQuery) -> tuple[WmiRow, ...]:
        """Return the rows that the same query found."""
        if query.wmi_class == SERVICE_CLASS:
            # Whoever asks for the service's keys calls its method, whose outcome is in the file.
            return (
                WmiRow(SERVICE_CLASS.name, {each.name: "" for each in SERVICE_CLASS.properties}),
            )
        # Which properties are absent was found out by the collector.
        answer = self._found.get(_GROUPS.get(query.whole, ""))
        if answer is not None and answer.rows is not None:
            rows = tuple(row_of(query.wmi_class, each) for each in answer.rows)
            return tuple(row for row in rows if _is_of(row, query.key))
        if answer is not None and answer.failure is not None:
            raise _error(answer.failure)
        raise self._missing(query.wmi_class.name)


def _is_of(row: WmiRow, key: tuple[tuple[str, str], ...]) -> bool:
    """Whether a row is the one of a key; of none, every row is."""
    return all(row.get(name) == text for name, text in key)


class _VmmAnswers(_Answers):
    def __init__(self, vmm: CollectedVmm, collected_on: str) -> None:
        reason = _error(vmm.failure) if vmm.failure else None
        super().__init__(vmm.identity, reason if vmm.asked else _no_vmm(collected_on))
        self._replies: dict[str, object | None] = {
            READ_VMM.name: vmm.records,
            READ_DISKS.name: vmm.disks,
            RESOLVE_NAMES.name: vmm.resolution,
            PROBE.name: vmm.probes,
        }

    def run_script(self, script: Script[Request, Reply], request: Request) -> Reply:
        """Return what the script printed. It was asked for at least what is asked for here."""
        del request
        reply = self._replies.get(script.name)
        if not isinstance(reply, script.reply_type):
            raise self._missing(script.name)
        return reply


def row_of(wmi_class: WmiClass, values: Mapping[str, Any]) -> WmiRow:
    """Return a row of JSON values, typed by its class.

    Raises:
        WsmanError: PROTOCOL: a value does not fit its property's type.
    """
    typed: dict[str, CimValue] = {}
    for name, value in values.items():
        declared = wmi_class.find(name)
        if declared is not None:
            typed[declared.name] = _value(wmi_class, declared, value)
    return WmiRow(wmi_class.name, typed)


def _value(wmi_class: WmiClass, declared: WmiProperty, value: Any) -> CimValue:
    if value is None:
        return None
    values = value if declared.array and isinstance(value, list) else [value]
    try:
        scalars = tuple(_scalar(declared.type, each) for each in values)
    except ValueError:
        raise unusable(
            f"{wmi_class.name}.{declared.name} is not usable: {one_line(repr(value))} "
            f"is not of type {declared.type.value}"
        ) from None
    return scalars if declared.array else scalars[0]


def _scalar(kind: CimType, value: object) -> CimScalar:
    """Return a JSON value as one of a type.

    Raises:
        ValueError: it is none.
    """
    if kind is CimType.BOOLEAN and isinstance(value, bool):
        return value
    if kind.is_integer and type(value) is int:
        least, greatest = kind.bounds
        if least <= value <= greatest:
            return value
    if kind is CimType.STRING and isinstance(value, str):
        return value
    if kind is CimType.DATETIME and isinstance(value, str):
        return parse_interval(value) if value.startswith("P") else parse_datetime(value)
    if kind.is_compound and isinstance(value, dict):
        texts = tuple((name, text) for name, text in value.items() if isinstance(text, str))
        return EmbeddedObject(texts) if kind is CimType.OBJECT else ObjectReference("", texts)
    raise ValueError(kind.value)


def _error(failure: Failure) -> WsmanError:
    text = one_line(failure.text)
    if failure.code is None:
        return WsmanFault(FailureKind.FAULT, text or "no reason was given", reason=text)
    code = failure.code & 0xFFFFFFFF
    name = codes.NAMES.get(code)
    said = f"0x{code:08X}{f' ({name})' if name else ''}"
    return WsmanFault(
        _KINDS.get(code, FailureKind.FAULT),
        one_line(f"{said}: {text}" if text else said),
        code=code,
        next_step=codes.NEXT_STEPS.get(code),
        reason=text,
    )


def _no_vmm(collected_on: str) -> WsmanError:
    return WsmanError(
        FailureKind.NOT_GATHERED,
        f"the collector ran on {one_line(collected_on)}, where the VMM module is not installed, "
        "and no VMM server was named",
        next_step="Run collect.ps1 on the VMM server, or name it with -VMMServer.",
    )
