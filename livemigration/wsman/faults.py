"""SOAP faults in the forms that Windows and what stands before it send (windows-facts.md 5.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from livemigration.base.text import one_line
from livemigration.facts.model import FailureKind
from livemigration.wsman import codes
from livemigration.wsman.document import find_in, local_name, text_of
from livemigration.wsman.errors import WsmanFault
from livemigration.wsman.fault_text import additions_of, fault_text, sentences_of
from livemigration.wsman.namespaces import FAULT, SOAP, SOAP_1_1, WMI_ERROR


def read_fault(envelope: Element) -> WsmanFault | None:
    """Return the fault that an envelope carries, or None where it carries none."""
    fault = find_in(envelope, *_SOAP_1_2)
    if fault is not None:
        return _soap_1_2(fault, _not_understood(envelope))
    fault = find_in(envelope, *_SOAP_1_1)
    return _soap_1_1(fault) if fault is not None else None


_SOAP_1_2, _SOAP_1_1 = ((f"{{{each}}}Body", f"{{{each}}}Fault") for each in (SOAP, SOAP_1_1))


def _not_understood(envelope: Element) -> str:
    """Return the headers that the host did not understand; its fault names none of them."""
    found = envelope.iterfind(f"{{{SOAP}}}Header/{{{SOAP}}}NotUnderstood")
    return " ".join(name for each in found if (name := each.get("qname", "")))


def _soap_1_2(fault: Element, not_understood: str) -> WsmanFault:
    subcodes = [text_of(each) for each in fault.iterfind(f".//{{{SOAP}}}Subcode/{{{SOAP}}}Value")]
    code = text_of(fault.find(f"{{{SOAP}}}Code/{{{SOAP}}}Value"))
    name = _Name(_bare(code), _bare(subcodes[-1]) if subcodes else None, not_understood)
    reason = text_of(fault.find(f"{{{SOAP}}}Reason/{{{SOAP}}}Text"))
    return _with_detail(fault.find(f"{{{SOAP}}}Detail"), name, reason)


def _soap_1_1(fault: Element) -> WsmanFault:
    parts = {local_name(each): each for each in fault}
    name = _Name("", _bare(text_of(parts.get("faultcode"))))
    return _with_detail(parts.get("detail"), name, text_of(parts.get("faultstring")))


def _bare(name: str) -> str | None:
    return name.rpartition(":")[2] or None


@dataclass(frozen=True)
class _Name:
    """What SOAP calls a fault: its code, its innermost subcode, the headers that it is about."""

    code: str | None
    subcode: str | None
    not_understood: str = ""

    @property
    def text(self) -> str:
        """The name for a sentence."""
        name = self.subcode or self.code or ""
        return one_line(f"{name} ({self.not_understood})" if self.not_understood else name)


def _with_detail(detail: Element | None, name: _Name, reason: str) -> WsmanFault:
    found = _codes(detail) if detail is not None else []
    code = found[0] if found else None
    inner = tuple(each for each in found[1:] if each is not None)
    told = one_line(reason)
    if detail is not None:
        told = one_line(fault_text(reason, sentences_of(detail), additions_of(detail)))
    return WsmanFault(
        _kind(code, inner, name.subcode),
        _sentence(code, inner, name.text, told),
        code=code,
        next_step=_next_step((code, *inner), name),
        subcode=one_line(name.subcode) if name.subcode else None,
        provider_codes=inner,
        reason=told,
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


def _kind(code: int | None, inner: tuple[int, ...], subcode: str | None) -> FailureKind:
    denied = any(each in codes.ACCESS_DENIED for each in (code, *inner))
    return FailureKind.ACCESS_DENIED if denied or subcode == "AccessDenied" else FailureKind.FAULT


def _next_step(found: tuple[int | None, ...], name: _Name) -> str | None:
    """Return the advice for the innermost code that has one: it is nearest to the cause."""
    steps = [codes.NEXT_STEPS[each] for each in found if each in codes.NEXT_STEPS]
    if steps or any(each is not None for each in found):
        return steps[-1] if steps else None
    return codes.NAMED_STEPS.get(name.subcode or name.code or "")


def _sentence(code: int | None, inner: tuple[int, ...], name: str, reason: str) -> str:
    parts = ["WS-Management fault"]
    if code is not None:
        parts.append(_named(code))
    elif name:
        parts.append(name)
    deeper = [each for each in dict.fromkeys(inner) if each != code]
    if deeper:
        parts.append("from " + ", ".join(_named(each) for each in deeper[:3]))
    return one_line(" ".join(parts) + (f": {reason}" if reason else ""))


def _named(code: int) -> str:
    name = codes.NAMES.get(code)
    shown = str(code) if code < 2**16 else f"0x{code:08X}"
    return f"{shown} ({name})" if name else shown
