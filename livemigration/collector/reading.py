"""From a collector's file to facts, through the same gathering and parsers as from the machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from livemigration import codec
from livemigration.cim import (
    CimScalar,
    CimType,
    CimValue,
    MethodArgument,
    WmiClass,
    WmiMethod,
    WmiProperty,
    WmiQuery,
    WmiRow,
)
from livemigration.collector.document import (
    FORMAT,
    SCHEMA_VERSION,
    Collected,
    CollectedHost,
    CollectedVmm,
    Failure,
    Identification,
)
from livemigration.deadline import Deadline
from livemigration.facts.model import FactSheet, FailureKind, Gathered
from livemigration.facts.registry import HOST_GROUPS, HOST_WMI_GROUPS, VMM_VIEW_GROUPS
from livemigration.facts.sheets import RunFacts
from livemigration.facts.virtualization import SERVICE_CLASS
from livemigration.gather.connect import Target
from livemigration.gather.fleet import Fleet, Order, gather
from livemigration.gather.jobs import Progress
from livemigration.inventory import TimeLimits
from livemigration.vmm.scripts import PROBE, READ_VMM, RESOLVE_NAMES, Script
from livemigration.wsman import codes
from livemigration.wsman.errors import WsmanError, WsmanFault, one_line, unusable
from livemigration.wsman.invoke import InvokeResult
from livemigration.wsman.items import Form, RawValue
from livemigration.wsman.session import Identity, WsmanSession

Request = TypeVar("Request")
Reply = TypeVar("Reply")

_GROUPS = {group.query: group.name for group in HOST_WMI_GROUPS}
_KINDS = {
    0x80338012: FailureKind.UNREACHABLE,
    0x80338126: FailureKind.UNREACHABLE,
    0x803381B9: FailureKind.NAME_NOT_RESOLVED,
    codes.OPERATION_TIMED_OUT: FailureKind.TIMED_OUT,
    **dict.fromkeys(codes.ACCESS_DENIED, FailureKind.ACCESS_DENIED),
}
_ASKED = frozenset(group.name for group in (*HOST_GROUPS, *VMM_VIEW_GROUPS))
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

    def connect(target: Target, _deadline: Deadline) -> WsmanSession:
        if target is vmm:
            return _VmmAnswers(collected.vmm, collected.collected_on)
        return _HostAnswers(hosts[target.name])

    def quiet(_asked: str, _progress: Progress) -> None:
        """Say nothing: no machine is asked."""

    fleet = Fleet(
        vmms=(vmm,),
        hosts={name: Target(name, name, collected.port) for name in hosts},
        connect=connect,
        limits=TimeLimits(),
        concurrency=_AT_ONCE,
        managers={},
    )
    facts = gather(fleet, Order(dict.fromkeys(hosts, _ASKED), vmm=True), quiet)
    return RunFacts(
        {name: _timeless(sheet) for name, sheet in facts.hosts.items()},
        {name: _timeless(sheet) for name, sheet in facts.vmms.items()},
        facts.managers,
        gathered=_moment(collected.collected),
    )


def _timeless(sheet: FactSheet) -> FactSheet:
    """Return a sheet without the moments of this reading, which are not those of collecting."""
    outcomes = {
        name: replace(each, seconds=0.0, at=None) if isinstance(each, Gathered) else each
        for name, each in sheet.outcomes.items()
    }
    return replace(sheet, outcomes=outcomes)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"collected: {one_line(text)} is not a time with its zone")
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


class _Answers(WsmanSession):
    """In the place of a session: what the file says that the machine answered."""

    def __init__(self, said: Identification | None, reason: WsmanError | None) -> None:
        self._said, self._reason = said, reason

    @property
    def ended(self) -> bool:
        """Never: no connection can be lost."""
        return False

    def close(self) -> None:
        """There is nothing to close."""

    def identify(self) -> Identity:
        """Return what the machine said of itself."""
        if self._said is None:
            raise self._missing("answer to Identify")
        return Identity(self._said.vendor, self._said.version, "")

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
            name: (RawValue(Form.TEXT, text),)
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
        answer = self._found.get(_GROUPS.get(query, ""))
        if answer is not None and answer.rows is not None:
            return tuple(row_of(query.wmi_class, each) for each in answer.rows)
        if answer is not None and answer.failure is not None:
            raise _error(answer.failure)
        raise self._missing(query.wmi_class.name)


class _VmmAnswers(_Answers):
    def __init__(self, vmm: CollectedVmm, collected_on: str) -> None:
        reason = _error(vmm.failure) if vmm.failure else None
        super().__init__(vmm.identity, reason if vmm.asked else _no_vmm(collected_on))
        self._replies: dict[str, object | None] = {
            READ_VMM.name: vmm.records,
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
    if not all(_fits(declared.type, each) for each in values):
        raise unusable(
            f"{wmi_class.name}.{declared.name} is not usable: {one_line(repr(value))} "
            f"is not of type {declared.type.value}"
        )
    scalars = cast("list[CimScalar]", values)
    return tuple(scalars) if declared.array else scalars[0]


def _fits(kind: CimType, value: object) -> bool:
    if kind is CimType.BOOLEAN:
        return isinstance(value, bool)
    if kind.is_integer:
        least, greatest = kind.bounds
        return type(value) is int and least <= value <= greatest
    return kind is CimType.STRING and isinstance(value, str)


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
