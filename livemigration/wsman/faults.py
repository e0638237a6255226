"""SOAP faults in the forms that Windows and what stands before it send (windows-facts.md 5.5)."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from livemigration.facts.model import FailureKind
from livemigration.wsman import codes
from livemigration.wsman.document import local_name, text_of
from livemigration.wsman.errors import WsmanFault, one_line
from livemigration.wsman.namespaces import FAULT, SOAP, SOAP_1_1, WMI_ERROR


def read_fault(envelope: Element) -> WsmanFault | None:
    """Return the fault that an envelope carries, or None where it carries none."""
    fault = envelope.find(f"{{{SOAP}}}Body/{{{SOAP}}}Fault")
    if fault is not None:
        return _soap_1_2(fault)
    fault = envelope.find(f"{{{SOAP_1_1}}}Body/{{{SOAP_1_1}}}Fault")
    return _soap_1_1(fault) if fault is not None else None


def _soap_1_2(fault: Element) -> WsmanFault:
    subcodes = [text_of(each) for each in fault.iterfind(f".//{{{SOAP}}}Subcode/{{{SOAP}}}Value")]
    subcode = subcodes[-1].rpartition(":")[2] if subcodes else None
    reason = text_of(fault.find(f"{{{SOAP}}}Reason/{{{SOAP}}}Text"))
    return _with_detail(fault.find(f"{{{SOAP}}}Detail"), subcode, reason)


def _soap_1_1(fault: Element) -> WsmanFault:
    parts = {local_name(each): each for each in fault}
    subcode = text_of(parts.get("faultcode")).rpartition(":")[2] or None
    return _with_detail(parts.get("detail"), subcode, text_of(parts.get("faultstring")))


def _with_detail(detail: Element | None, subcode: str | None, reason: str) -> WsmanFault:
    found = _codes(detail) if detail is not None else []
    code = found[0] if found else None
    inner = tuple(each for each in found[1:] if each is not None)
    reason = one_line(reason or _message(detail))
    kind = _kind(code, inner, subcode)
    return WsmanFault(
        kind,
        _sentence(code, inner, subcode, reason),
        code=code,
        next_step=_next_step((code, *inner)) if kind is FailureKind.FAULT else None,
        subcode=one_line(subcode) if subcode else None,
        provider_codes=inner,
        reason=reason,
    )


def _codes(detail: Element) -> list[int | None]:
    """Return the fault's own code first, then its providers' codes, outermost first."""
    found = [_code(each.get("Code", "")) for each in detail.iter(f"{{{FAULT}}}WSManFault")]
    found += [
        _code(text_of(each.find(f"{{{WMI_ERROR}}}error_Code")))
        for each in detail.iter(f"{{{WMI_ERROR}}}MSFT_WmiError")
        # An MI_Result: numbers of their own, of which 5 is an invalid class (mi.h).
        if text_of(each.find(f"{{{WMI_ERROR}}}error_Type")).casefold() != "mi"
    ]
    extended = (
        each
        for error in detail.iter(f"{{{FAULT}}}ExtendedError")
        for each in error.iter()
        if local_name(each) == "StatusCode"
    )
    return found + [_code(text_of(each)) for each in extended]


def _code(text: str) -> int | None:
    """Return a code as an unsigned number, or None: a code that is no number is only shown."""
    if not re.fullmatch(r"-?[0-9]{1,10}", text):
        return None
    value = int(text)
    return value & 0xFFFFFFFF if -(2**31) <= value < 2**32 else None


def _message(detail: Element | None) -> str:
    if detail is None:
        return ""
    named = (each for each in detail.iter() if local_name(each) in {"Message", "ProviderFault"})
    return " ".join(text for each in named if (text := text_of(each)))


def _kind(code: int | None, inner: tuple[int, ...], subcode: str | None) -> FailureKind:
    denied = any(each in codes.ACCESS_DENIED for each in (code, *inner))
    return FailureKind.ACCESS_DENIED if denied or subcode == "AccessDenied" else FailureKind.FAULT


def _next_step(found: tuple[int | None, ...]) -> str | None:
    """Return the advice for the innermost code that has one: it is nearest to the cause."""
    steps = [codes.NEXT_STEPS[each] for each in found if each in codes.NEXT_STEPS]
    return steps[-1] if steps else None


def _sentence(code: int | None, inner: tuple[int, ...], subcode: str | None, reason: str) -> str:
    parts = ["WS-Management fault"]
    if code is not None:
        parts.append(_named(code))
    elif subcode:
        parts.append(one_line(subcode))
    deeper = [each for each in dict.fromkeys(inner) if each != code]
    if deeper:
        parts.append("from " + ", ".join(_named(each) for each in deeper[:3]))
    return one_line(" ".join(parts) + (f": {reason}" if reason else ""))


def _named(code: int) -> str:
    name = codes.NAMES.get(code)
    shown = str(code) if code < 2**16 else f"0x{code:08X}"
    return f"{shown} ({name})" if name else shown
