"""A shell of WinRS as the test server plays it, and a script that says what it is told."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

import wsman_replies as soap
from ntlm_server import action, message_id

from livemigration.vmm.scripts import POWERSHELL_ARGUMENTS, Script
from livemigration.wsman.manners import Manners, Pace


@dataclass(frozen=True)
class Nothing:
    """The empty request."""


@dataclass(frozen=True)
class Echo:
    text: str


class FakeScript(Script[Any, Echo]):
    @property
    def text(self) -> str:
        return "# " + "x" * 100_000


ECHO = FakeScript("echo.ps1", Nothing, Echo)


class WinRs:
    """The server's side of one shell. `replies` are the bodies of the ReceiveResponses."""

    def __init__(self, *replies: str) -> None:
        self.replies = list(replies)
        self.actions: list[str] = []
        self.stdin = b""
        self.ended: list[bool] = []

    def __call__(self, request: bytes) -> tuple[int, bytes]:
        name = action(request)
        self.actions.append(name)
        body = getattr(self, name.lower())(request.decode())
        status = 500 if "<s:Fault>" in body else 200
        return status, soap.envelope(body, message_id(request))

    def create(self, request: str) -> str:
        assert '<w:Option Name="WINRS_NOPROFILE">TRUE<' in request
        assert '<w:Option Name="WINRS_CODEPAGE">65001<' in request
        return (
            "<x:ResourceCreated><a:ReferenceParameters><w:SelectorSet>"
            '<w:Selector Name="ShellId">S-1</w:Selector>'
            "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>"
        )

    def command(self, request: str) -> str:
        assert re.findall("<rsp:Arguments>([^<]*)<", request) == list(POWERSHELL_ARGUMENTS)
        assert '<w:Option Name="WINRS_CONSOLEMODE_STDIN">FALSE<' in request
        return "<rsp:CommandResponse><rsp:CommandId>C-1</rsp:CommandId></rsp:CommandResponse>"

    def send(self, request: str) -> str:
        assert len(request) * 2 < 153_600
        found = re.search("<rsp:Stream ([^>]*)>([^<]*)<", request)
        assert found is not None
        self.stdin += base64.b64decode(found[2])
        self.ended.append('End="true"' in found[1])
        return "<rsp:SendResponse/>"

    def receive(self, request: str) -> str:
        assert '<w:Selector Name="ShellId">S-1</w:Selector>' in request
        return self.replies.pop(0)

    def signal(self, request: str) -> str:
        assert 'CommandId="C-1"' in request
        return "<rsp:SignalResponse/>"

    def delete(self, request: str) -> str:
        assert ">S-1<" in request
        return ""


def stream(data: bytes, name: str = "stdout", command: str = "C-1") -> str:
    text = base64.b64encode(data).decode()
    return f'<rsp:Stream Name="{name}" CommandId="{command}">{text}</rsp:Stream>'


def received(*streams: str, exit_code: object = None) -> str:
    state = "Running" if exit_code is None else "Done"
    code = "" if exit_code is None else f"<rsp:ExitCode>{exit_code}</rsp:ExitCode>"
    return (
        f"<rsp:ReceiveResponse>{''.join(streams)}"
        '<rsp:CommandState CommandId="C-1" State="http://schemas.microsoft.com/wbem/wsman/1/'
        f'windows/shell/CommandState/{state}">{code}</rsp:CommandState></rsp:ReceiveResponse>'
    )


AT_ONCE = Manners(Pace(lambda _: False, lambda: 1.0))
TIMED_OUT = soap.fault(2150858793, "The operation timed out.", "w:TimedOut")
