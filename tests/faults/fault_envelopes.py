"""Faults of the messages themselves: what a host says where its seals, and HTTP, are right."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

from fault_edits import (
    DROPPED,
    Edit,
    always,
    edited,
    faulted,
    in_body,
    is_first,
    is_query,
    once,
    queried,
    with_dtd,
)
from fault_plays import Answered, Asked, Change, Kind, Trap

from livemigration.facts.model import FailureKind as Fails
from livemigration.lab import faults as lab_faults
from livemigration.lab import soap
from livemigration.lab.faults import Detail, FaultForm, LabFault
from livemigration.wsman import namespaces as ns

_UNUSABLE = frozenset({Fails.PROTOCOL})
_LATE = frozenset({Fails.TIMED_OUT, Fails.DEADLINE})
_ODD = frozenset({Fails.MISSING})
_FAULT = frozenset({Fails.FAULT})


_LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(30)
)
_QUADRATIC = f'<!ENTITY q "{"x" * 100_000}">'


def _values(edit: Callable[[str], str]) -> Edit:
    """Return an edit of the text of every property in items."""

    def change(text: str, _asked: Asked, _trap: Trap) -> str:
        head, mark, rest = text.partition("<s:Body")
        return head + mark + re.sub(r">([^<>]+)</(p:)?(?=\w)", lambda m: _value(m, edit), rest)

    return change


def _value(found: re.Match[str], edit: Callable[[str], str]) -> str:
    return f">{edit(found[1])}</{found[2] or ''}"


def _nil(text: str, _asked: Asked, _trap: Trap) -> str:
    head, mark, rest = text.partition("<s:Body")
    rest = re.sub(r"<(p:)?([A-Za-z]\w*)>[^<>]+</(p:)?\2>", r'<\1\2 xsi:nil="true"/>', rest)
    return head + mark + rest


def _no_items(text: str, _asked: Asked, _trap: Trap) -> str:
    text = re.sub(r"<w:Items>.*</w:Items>", "", text, flags=re.DOTALL)
    text = re.sub(r"<n:EnumerationContext>[^<]*<", "<n:EnumerationContext><", text)
    return (
        text
        if "EndOfSequence" in text
        else text.replace("</n:EnumerateResponse>", "<w:EndOfSequence/></n:EnumerateResponse>")
    )


def _fifty_times(text: str, _asked: Asked, _trap: Trap) -> str:
    return re.sub(
        r"(<w:Items>)(.*)(</w:Items>)", lambda m: m[1] + m[2] * 50 + m[3], text, flags=re.DOTALL
    )


def _another_class(text: str, _asked: Asked, _trap: Trap) -> str:
    other = '<p:Win32_Other xmlns:p="http://schemas/other"><p:Strange>1</p:Strange></p:Win32_Other>'
    return re.sub(r"<w:Items>.*</w:Items>", f"<w:Items>{other}</w:Items>", text, flags=re.DOTALL)


_LARGE_PAGES = 4


def _items_without_end(context: Callable[[int], str], filler: str) -> Change:
    """Return a change that makes every enumeration go on, page after page."""

    async def change(asked: Asked, _trap: Trap) -> Answered:
        status, reply = await asked.answer()
        if asked.action not in {"Enumerate", "Pull"}:
            return status, reply
        asked.seen["pages"] += 1
        # What is large is so in the first pages alone: it takes both sides seconds.
        more = filler if asked.seen["pages"] <= _LARGE_PAGES else ""
        prefix = "n" if asked.action == "Pull" else "w"
        name = "PullResponse" if asked.action == "Pull" else "EnumerateResponse"
        body = (
            f"<n:{name}><n:EnumerationContext>{context(asked.seen['pages'])}"
            f"</n:EnumerationContext><{prefix}:Items>{more}</{prefix}:Items></n:{name}>"
        )
        request = soap.Request(asked.text.encode())
        return 200, soap.reply(request, f"{ns.ENUMERATION}/{name}", body)

    return change


async def _bad_contexts(asked: Asked, _trap: Trap) -> Answered:
    """Break every enumeration after its first page."""
    if asked.action == "Pull":
        request = soap.Request(asked.text.encode())
        return 500, soap.fault(request, lab_faults.bad_context(), "hv")
    status, reply = await asked.answer()
    if not asked.is_query:
        return status, reply
    text = re.sub(r"<n:EnumerationContext>[^<]*<", "<n:EnumerationContext>uuid:1<", reply.decode())
    return status, text.replace("<w:EndOfSequence/>", "").encode()


def quota(code: int, form: int) -> LabFault:
    """Return the fault of a quota, in one of the two forms that Windows sends."""
    text = "This user is allowed a maximum number of 5 concurrent operations."
    told = FaultForm("w:QuotaLimit", reason=text, detail=Detail.WMI)
    if form == 1:
        told = FaultForm("w:InternalError", sender=False, reason=text)
    return LabFault(code, told, text)


def _without_number(text: str, _asked: Asked, _trap: Trap) -> str:
    return re.sub(r'Code="[0-9]+"', 'Code="many"', text)


_HOSTILE = "&#27;[2J&lt;script&gt;alert(1)&lt;/script&gt; ::error::x%0A| a | b |&#x202e;"


def _hostile(text: str, _asked: Asked, _trap: Trap) -> str:
    safe = _HOSTILE.replace("&#27;", "\u0085")
    return re.sub(r"(<f:Message>|<s:Text[^>]*>)[^<]*", lambda m: m[1] + safe, text)


def _long(text: str, asked: Asked, _trap: Trap) -> str:
    asked.seen["long"] += 1
    if asked.seen["long"] > 2:
        return text
    return re.sub(r"(<s:Text[^>]*>)[^<]*", lambda m: m[1] + "x" * (5 << 20), text)


def _swapped(text: str, _asked: Asked, _trap: Trap) -> str:
    return re.sub(r"(RelatesTo>)[^<]*", r"\1uuid:00000000-0000-0000-0000-000000000000", text)


async def dropping_each_third(asked: Asked, _trap: Trap) -> Answered:
    """Lose the connection at every third query."""
    if asked.is_query:
        asked.seen["queries"] += 1
        if asked.seen["queries"] % 3 == 0:
            return DROPPED
    return await asked.answer()


async def _slow(asked: Asked, _trap: Trap) -> Answered:
    # Over two connections, which such a host gets, one second for each would do.
    await asyncio.sleep(2)
    return await asked.answer()


def _services_late_once(number: int) -> Change:
    async def late(asked: Asked, _trap: Trap) -> Answered:
        await asyncio.sleep(20)
        return await asked.answer()

    return once(late, number)


def _renamed(text: str, asked: Asked, _trap: Trap) -> str:
    if "Win32_ComputerSystem" not in asked.text:
        return text
    return re.sub(r"(<(?:p:)?(?:DNSHostName|Name)>)[^<]*", r"\1WEB77", text)


_ACCESS = lab_faults.access_denied(lab_faults.ACCESS_DENIED)
_GONE = 2150859173
_MORE = 2150859174

OF_MESSAGES = (
    Kind("truncated XML", _UNUSABLE, change=edited(lambda text, _a, _t: text[: len(text) // 2])),
    Kind("empty body", _UNUSABLE, change=always(b"")),
    Kind("binary rubbish", _UNUSABLE, change=always(bytes(range(256)) * 4)),
    Kind("billion laughs", _UNUSABLE, change=edited(with_dtd(_LAUGHS, "&l29;"))),
    Kind("quadratic blow-up", _UNUSABLE, change=edited(with_dtd(_QUADRATIC, "&q;" * 10_000))),
    Kind(
        "external entity (file)",
        _UNUSABLE,
        change=edited(with_dtd('<!ENTITY f SYSTEM "file:///etc/passwd">', "&f;")),
    ),
    Kind(
        "external entity (http)",
        _UNUSABLE,
        change=edited(with_dtd('<!ENTITY f SYSTEM "http://{trap}/x">', "&f;")),
    ),
    Kind(
        "1,000-deep nesting",
        _UNUSABLE,
        change=edited(in_body(lambda: "<d>" * 1000 + "</d>" * 1000)),
    ),
    Kind("100,000-deep nesting", _UNUSABLE, change=edited(in_body(lambda: "<d>" * 100_000))),
    Kind(
        "a million attributes",
        _UNUSABLE,
        change=edited(
            in_body(lambda: "<d " + " ".join(f'a{n}=""' for n in range(1_000_000)) + "/>"),
            is_first,
        ),
        costly=True,
    ),
    Kind(
        "a million elements (5 MB)",
        _UNUSABLE,
        change=edited(in_body(lambda: "<d/>" * 1_000_000), is_first),
        costly=True,
    ),
    Kind(
        "199,000 elements", change=edited(in_body(lambda: "<d/>" * 199_000), is_first), costly=True
    ),
    Kind(
        "wrong namespaces",
        _UNUSABLE,
        change=edited(lambda text, _a, _t: text.replace("http://", "http://wrong.")),
    ),
    Kind(
        "wrong enumeration namespace",
        _UNUSABLE,
        change=queried(lambda text, _a, _t: text.replace(ns.ENUMERATION, "http://wrong")),
    ),
    Kind("UTF-16 reply", change=edited(lambda text, _a, _t: text.encode("utf-16"))),
    Kind(
        "UTF-7 declared",
        change=edited(lambda text, _a, _t: '<?xml version="1.0" encoding="utf-7"?>' + text),
    ),
    Kind("swapped RelatesTo", _UNUSABLE, change=edited(_swapped)),
    Kind(
        "no RelatesTo",
        _UNUSABLE,
        change=edited(lambda text, _a, _t: re.sub(r"<a:RelatesTo>.*?</a:RelatesTo>", "", text)),
    ),
    Kind(
        "enumeration that never ends (fresh contexts)",
        _UNUSABLE | _LATE | _ODD,
        change=_items_without_end(lambda number: f"uuid:{number}", ""),
    ),
    Kind(
        "enumeration repeats its context",
        _UNUSABLE | _LATE | _ODD,
        change=_items_without_end(lambda _: "uuid:1", ""),
    ),
    Kind(
        "enumeration that never ends, 7 MB a page",
        _UNUSABLE | _LATE,
        change=_items_without_end(
            lambda number: f"uuid:{number}",
            "<w:XmlFragment>" + " " * (7 << 20) + "</w:XmlFragment>",
        ),
        costly=True,
    ),
    Kind("Pull fault: context invalid", _FAULT, change=_bad_contexts),
    Kind("another class returned", _UNUSABLE | _ODD, change=queried(_another_class)),
    Kind("properties nil everywhere", _ODD | _UNUSABLE, change=queried(_nil)),
    Kind(
        "numbers are texts",
        _ODD | _UNUSABLE,
        change=queried(_values(lambda text: "many" if text.isdecimal() else text)),
    ),
    Kind(
        "numbers are huge",
        _ODD | _UNUSABLE,
        change=queried(_values(lambda text: "9" * 40 if text.isdecimal() else text)),
    ),
    Kind("no instances of anything", _ODD, change=queried(_no_items)),
    Kind("every instance 50 times", _ODD | _UNUSABLE, change=queried(_fifty_times)),
    Kind("answers with another host's name", says="WEB77", change=queried(_renamed)),
    Kind(
        "Identify fault access denied",
        frozenset({Fails.ACCESS_DENIED}),
        change=faulted(_ACCESS, is_first),
    ),
    Kind(
        "Identify fault in HTTP 200",
        frozenset({Fails.ACCESS_DENIED}),
        change=faulted(_ACCESS, is_first, 200),
    ),
    *(
        Kind(
            f"quota fault {code} on every Enumerate, form {form}",
            _FAULT,
            change=faulted(quota(code, form), is_query),
        )
        for code in (_GONE, _MORE)
        for form in (1, 2)
    ),
    Kind(
        "quota fault once, then gone (transient)",
        change=once(faulted(quota(_GONE, 1), is_query)),
    ),
    Kind(
        "fault code is no number",
        _FAULT,
        change=faulted(quota(_GONE, 1), is_query, edit=_without_number),
    ),
    Kind("fault text hostile", _FAULT, change=faulted(quota(_GONE, 1), is_query, edit=_hostile)),
    Kind(
        "fault text 5 MB",
        _FAULT | _UNUSABLE,
        change=faulted(quota(_GONE, 1), is_query, edit=_long),
        costly=True,
    ),
    Kind("host drops the connection at each third query", change=dropping_each_third),
    Kind("host takes 2 s for each message (12 s host limit)", _LATE, change=_slow),
    Kind(
        "401 loop at every step",
        frozenset({Fails.AUTHENTICATION}),
        also_from_vmm=True,
        offer=lambda _status, headers, _body: (
            401,
            [*headers, ("WWW-Authenticate", "Negotiate")],
            b"",
        ),
    ),
    Kind(
        "quota fault on the 4th query only (retry expected)",
        change=once(faulted(quota(_GONE, 2), is_query), 4),
    ),
    Kind(
        "timed out fault on the 4th query only",
        change=once(faulted(lab_faults.timed_out(), is_query), 4),
    ),
    Kind("clock 10 minutes off", machine="clock: -600", says="The clock is 10 minutes"),
    Kind("resolver that drops", machine="unanswered: true", says="does not resolve"),
    Kind("address of hv04 given for hv03 (wrong DNS)", answers_at=True, says="Another machine"),
    Kind(
        "services: the 3rd query times out once",
        _LATE,
        change=_services_late_once(3),
    ),
)
