"""Replies as Windows writes them, for tests."""

from __future__ import annotations

from livemigration.wsman import document
from livemigration.wsman.enumeration import read_page
from livemigration.wsman.errors import unusable
from livemigration.wsman.items import RawItem, read_item
from livemigration.wsman.namespaces import (
    ADDRESSING,
    CIM,
    ENUMERATION,
    FAULT,
    IDENTITY,
    SHELL,
    SOAP,
    TRANSFER,
    WSMAN,
    XSI,
)

PREFIXES = {
    "s": SOAP,
    "a": ADDRESSING,
    "n": ENUMERATION,
    "w": WSMAN,
    "x": TRANSFER,
    "rsp": SHELL,
    "f": FAULT,
    "cim": CIM,
    "xsi": XSI,
}


def read_items(reply: bytes) -> tuple[RawItem, ...]:
    """Return the instances in one whole reply of any class, without a schema."""
    body = document.parse(reply).find(f"{{{SOAP}}}Body")
    if body is None:
        raise unusable("the reply has no body")
    return tuple(map(read_item, read_page(body).items))


def envelope(body: str, relates_to: str = "") -> bytes:
    declared = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in PREFIXES.items())
    header = f"<a:RelatesTo>{relates_to}</a:RelatesTo>" if relates_to else ""
    return (
        f"<s:Envelope {declared}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(code: object, reason: str = "No.", subcode: str = "w:InternalError") -> str:
    return (
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value>"
        f"<s:Subcode><s:Value>{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="">{reason}</s:Text></s:Reason>'
        f'<s:Detail><f:WSManFault Code="{code}" Machine="h"><f:Message>{reason}</f:Message>'
        "</f:WSManFault></s:Detail></s:Fault>"
    )


def identity(version: str = "OS: 6.2.9200 SP: 0.0 Stack: 3.0") -> bytes:
    return envelope(
        f'<i:IdentifyResponse xmlns:i="{IDENTITY}">'
        "<i:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</i:ProtocolVersion>"
        "<i:ProductVendor>Microsoft Corporation</i:ProductVendor>"
        f"<i:ProductVersion>{version}</i:ProductVersion></i:IdentifyResponse>"
    )


def page(items: str, *, context: str = "", first: bool = True, ended: bool = True) -> str:
    prefix, name = ("w", "EnumerateResponse") if first else ("n", "PullResponse")
    end = f"<{prefix}:EndOfSequence/>" if ended else ""
    token = f"<n:EnumerationContext>{context}</n:EnumerationContext>" if context or first else ""
    return f"<n:{name}>{token}<{prefix}:Items>{items}</{prefix}:Items>{end}</n:{name}>"
