"""Faults of the VMM server: what its shells and its scripts do wrong."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable
from dataclasses import replace

from fault_edits import DROPPED, Edit, edited, faulted
from fault_envelopes import quota
from fault_plays import Answered, Asked, Change, Kind, Trap, closing, silent

from livemigration.facts.model import FailureKind as Fails
from livemigration.lab import faults as lab_faults
from livemigration.lab import soap
from livemigration.wsman import namespaces as ns

_UNUSABLE = frozenset({Fails.PROTOCOL})
_LATE = frozenset({Fails.TIMED_OUT, Fails.DEADLINE})
_SCRIPT = frozenset({Fails.SCRIPT, Fails.PROTOCOL})
_CLIXML = (
    '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
    '<S S="Error">The VMM service is away._x000D__x000A_</S></Objs>'
)


def _is(*actions: str) -> Callable[[Asked], bool]:
    return lambda asked: asked.is_of_shells and asked.action in actions


def _command_of(asked: Asked) -> str:
    found = re.search(r'CommandId="([^"]*)"', asked.text)
    return found[1] if found else ""


def _streams(output: bytes, errors: bytes = b"", name: str = "") -> str:
    return "".join(
        f'<rsp:Stream Name="{stream}" CommandId="{name}">{base64.b64encode(data).decode()}'
        "</rsp:Stream>"
        for stream, data in (("stdout", output), ("stderr", errors))
        if data
    )


def _received(asked: Asked, output: bytes, errors: bytes = b"", code: int | None = 0) -> bytes:
    name = _command_of(asked)
    state = "" if code is None else f"<rsp:ExitCode>{code}</rsp:ExitCode>"
    word = "Running" if code is None else "Done"
    body = (
        f"<rsp:ReceiveResponse>{_streams(output, errors, name)}"
        f'<rsp:CommandState CommandId="{name}" State="{ns.SHELL}/CommandState/{word}">{state}'
        "</rsp:CommandState></rsp:ReceiveResponse>"
    )
    return soap.reply(soap.Request(asked.text.encode()), f"{ns.SHELL}/ReceiveResponse", body)


def _prints(output: bytes, errors: bytes = b"", code: int | None = 0) -> Change:
    """Return a change in which every script prints the same; no code: it goes on for ever."""

    async def change(asked: Asked, _trap: Trap) -> Answered:
        if not _is("Receive")(asked):
            return await asked.answer()
        return 200, _received(asked, output, errors, code)

    return change


async def _dribbling(asked: Asked, _trap: Trap) -> Answered:
    if not _is("Receive")(asked):
        return await asked.answer()
    await asyncio.sleep(0.1)
    return 200, _received(asked, b" ", code=None)


def _in_pieces(text: str, asked: Asked, _trap: Trap) -> str:
    whole = base64.b64decode("".join(re.findall(r'Name="stdout"[^>]*>([^<]+)<', text)))
    pieces = (whole[start : start + 7] for start in range(0, len(whole), 7))
    name = _command_of(asked)
    told = "".join(_streams(piece, name=name) for piece in pieces)
    bare = re.sub(r'<rsp:Stream Name="stdout"[^>]*>[^<]+</rsp:Stream>', "", text)
    return bare.replace("<rsp:ReceiveResponse>", f"<rsp:ReceiveResponse>{told}")


def _output(edit: Callable[[str], str]) -> Edit:
    return lambda text, _asked, _trap: edit(text)


async def _stuck(_asked: Asked, _trap: Trap) -> Answered:
    await asyncio.sleep(30)
    return DROPPED


async def _lost(_asked: Asked, _trap: Trap) -> Answered:
    return DROPPED


def _playing(play: Change, when: Callable[[Asked], bool]) -> Change:
    async def change(asked: Asked, trap: Trap) -> Answered:
        return await (play(asked, trap) if when(asked) else asked.answer())

    return change


def _once(play: Change, when: Callable[[Asked], bool]) -> Change:
    async def change(asked: Asked, trap: Trap) -> Answered:
        if not when(asked):
            return await asked.answer()
        asked.seen["asked"] += 1
        return await (play(asked, trap) if asked.seen["asked"] == 1 else asked.answer())

    return change


def _after_records(play: Change) -> Change:
    """Return a change that plays once two scripts were served: the records and the names."""

    async def change(asked: Asked, trap: Trap) -> Answered:
        if asked.is_of_shells and asked.action == "Create":
            asked.seen["shells"] += 1
        if asked.seen["shells"] > 2:
            return await play(asked, trap)
        return await asked.answer()

    return change


_HUGE = b'{"release": {"registry": 1' + b"0" * 5000 + b"}}"
_NO_ID = edited(
    _output(lambda text: re.sub(r'<w:Selector Name="ShellId">[^<]*</w:Selector>', "", text)),
    _is("Create"),
)

OF_SCRIPTS = tuple(
    replace(kind, on="vmm")
    for kind in (
        Kind("shell that never finishes (answers at once)", _LATE, change=_prints(b"", code=None)),
        Kind(
            "shell that never finishes (OperationTimeout)",
            _LATE,
            change=faulted(lab_faults.timed_out(), _is("Receive")),
        ),
        Kind("shell floods stdout", _UNUSABLE, change=_prints(b"x" * (3 << 20), code=None)),
        Kind("shell floods stderr", _UNUSABLE, change=_prints(b"", b"x" * (3 << 20), code=None)),
        Kind("shell trickles one byte a reply for ever", _LATE, change=_dribbling),
        Kind("stdout in 7-byte pieces", change=edited(_in_pieces, _is("Receive"))),
        Kind(
            "CLIXML on stderr with exit 0",
            change=edited(
                _output(
                    lambda text: text.replace(
                        "<rsp:ReceiveResponse>",
                        "<rsp:ReceiveResponse>" + _streams(b"", _CLIXML.encode()),
                    ).replace(' CommandId=""', "")
                ),
                _is("Receive"),
            ),
        ),
        Kind("script exits 1 with CLIXML", _SCRIPT, change=_prints(b"", _CLIXML.encode(), 1)),
        Kind("script prints nothing, exit 0", _SCRIPT, change=_prints(b"")),
        Kind("script prints no JSON", _SCRIPT, change=_prints(b"Hello.")),
        Kind("script prints JSON nested 100,000 deep", _SCRIPT, change=_prints(b"[" * 100_000)),
        Kind("script prints other JSON", _SCRIPT, change=_prints(b'{"other": 1}')),
        Kind("script prints huge int", _SCRIPT, change=_prints(_HUGE)),
        Kind(
            "stdout not base64",
            _UNUSABLE,
            change=edited(
                _output(lambda text: re.sub(r'(Name="stdout"[^>]*>)[^<]+', r"\1%%%", text)),
                _is("Receive"),
            ),
        ),
        Kind(
            "output of another command",
            _UNUSABLE,
            change=edited(
                _output(lambda text: re.sub(r'CommandId="[^"]*"', 'CommandId="OTHER"', text)),
                _is("Receive"),
            ),
        ),
        Kind("Create gives no shell id", _UNUSABLE, change=_NO_ID),
        Kind(
            "Create: too many shells (quota 2150859173)",
            frozenset({Fails.FAULT}),
            change=faulted(quota(2150859173, 1), _is("Create")),
        ),
        Kind(
            "Create: quota once, then free",
            change=_once(faulted(quota(2150859173, 1), _is("Create")), _is("Create")),
        ),
        Kind(
            "Delete and Signal never answer",
            change=_playing(_stuck, _is("Delete", "Signal")),
        ),
        Kind(
            "connection lost at Receive, always",
            frozenset({Fails.UNREACHABLE}),
            change=_playing(_lost, _is("Receive")),
        ),
        Kind("connection lost at Receive, once", change=_once(_lost, _is("Receive"))),
        Kind(
            "VMM dies between records and probes (connection closed)",
            frozenset({Fails.UNREACHABLE}),
            change=_after_records(_lost),
        ),
        Kind("VMM silent between records and probes", _LATE, change=_after_records(_stuck)),
        Kind("vmm refused", frozenset({Fails.REFUSED}), down="refused"),
        Kind("vmm black-holed", frozenset({Fails.TIMED_OUT}), down="silent"),
        Kind("vmm accepts and never answers", _LATE, greet=silent),
        Kind("vmm accepts and closes", frozenset({Fails.UNREACHABLE}), greet=closing),
    )
)
