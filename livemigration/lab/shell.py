"""Remote shells as WinRS serves them."""

from __future__ import annotations

import asyncio
import base64
import uuid
from dataclasses import dataclass, field

from livemigration.lab import powershell, soap
from livemigration.lab.world import World
from livemigration.wsman import namespaces as ns

COMMAND_LIMIT = 8191
TOO_LONG = 2147942606
NO_SHELL = 2150858843
NOT_YET = 2150858793
_PIECE = 16384
_PATIENCE_SECONDS = 1.0


@dataclass
class _Command:
    arguments: tuple[str, ...]
    console_input: bool
    given: bytearray = field(default_factory=bytearray)
    work: asyncio.Task[tuple[int, bytes, bytes]] | None = None


class Shells:
    """The shells of one machine."""

    def __init__(self, world: World, machine: str) -> None:
        self._world = world
        self._machine = machine
        self._shells: dict[str, dict[str, _Command]] = {}

    async def handle(self, request: soap.Request) -> tuple[int, bytes]:
        """Answer one request for shells."""
        if request.action == ns.CREATE:
            return 200, self._create(request)
        commands = self._shells.get(request.selector("ShellId").upper())
        if commands is None:
            return self._fault(request, NO_SHELL, "w:InvalidSelectors", "There is no such shell.")
        if request.action == ns.DELETE:
            del self._shells[request.selector("ShellId").upper()]
            return 200, soap.reply(request, f"{ns.TRANSFER}/DeleteResponse", "")
        if request.action in {ns.COMMAND, ns.SEND}:
            answer = self._command if request.action == ns.COMMAND else self._send
            return answer(request, commands)
        if request.action == ns.RECEIVE:
            return await self._receive(request, commands)
        return 200, soap.reply(request, f"{ns.SHELL}/SignalResponse", "<rsp:SignalResponse/>")

    def _fault(self, request: soap.Request, code: int, sub: str, text: str) -> tuple[int, bytes]:
        return 500, soap.fault(request, code, sub, text, self._machine)

    def _create(self, request: soap.Request) -> bytes:
        shell = str(uuid.uuid4()).upper()
        self._shells[shell] = {}
        body = (
            f"<x:ResourceCreated><a:Address>http://{self._machine}:5985/wsman</a:Address>"
            f"<a:ReferenceParameters><w:ResourceURI>{ns.COMMAND_SHELL}</w:ResourceURI>"
            f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'
            "</a:ReferenceParameters></x:ResourceCreated>"
            f'<rsp:Shell xmlns:rsp="{ns.SHELL}"><rsp:ShellId>{shell}</rsp:ShellId>'
            f"<rsp:ResourceUri>{ns.COMMAND_SHELL}</rsp:ResourceUri>"
            "<rsp:Owner>administrator</rsp:Owner><rsp:ClientIP>127.0.0.1</rsp:ClientIP>"
            "<rsp:IdleTimeOut>PT7200.000S</rsp:IdleTimeOut>"
            "<rsp:InputStreams>stdin</rsp:InputStreams>"
            "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams>"
            "<rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime>"
            "<rsp:ShellInactivity>P0DT0H0M0S</rsp:ShellInactivity></rsp:Shell>"
        )
        return soap.reply(request, f"{ns.TRANSFER}/CreateResponse", body)

    def _command(self, request: soap.Request, commands: dict[str, _Command]) -> tuple[int, bytes]:
        arguments = tuple(
            each.text or "" for each in request.root.iterfind(f".//{{{ns.SHELL}}}Arguments")
        )
        if sum(len(each) + 1 for each in arguments) > COMMAND_LIMIT:
            text = "The filename or extension is too long."
            return self._fault(request, TOO_LONG, "w:InternalError", text)
        name = str(uuid.uuid4()).upper()
        console = request.option("WINRS_CONSOLEMODE_STDIN").upper() != "FALSE"
        commands[name] = _Command(arguments, console)
        body = f"<rsp:CommandResponse><rsp:CommandId>{name}</rsp:CommandId></rsp:CommandResponse>"
        return 200, soap.reply(request, f"{ns.SHELL}/CommandResponse", body)

    def _send(self, request: soap.Request, commands: dict[str, _Command]) -> tuple[int, bytes]:
        for stream in request.root.iterfind(f".//{{{ns.SHELL}}}Stream"):
            command = commands.get(stream.get("CommandId", "").upper())
            if command is None:
                return self._fault(request, NO_SHELL, "w:InvalidSelectors", "No such command.")
            command.given += base64.b64decode(stream.text or "")
            if stream.get("End", "").lower() == "true":
                # Standard input in console mode does not reach a program as bytes: refused.
                given = b"" if command.console_input else bytes(command.given)
                work = powershell.run(self._world, command.arguments, given)
                command.work = asyncio.create_task(work)
        return 200, soap.reply(request, f"{ns.SHELL}/SendResponse", "<rsp:SendResponse/>")

    async def _receive(
        self, request: soap.Request, commands: dict[str, _Command]
    ) -> tuple[int, bytes]:
        wanted = request.first(f"{{{ns.SHELL}}}DesiredStream")
        name = wanted.get("CommandId", "").upper() if wanted is not None else ""
        command = commands.get(name)
        if command is None:
            return self._fault(request, NO_SHELL, "w:InvalidSelectors", "No such command.")
        if command.work is not None:
            await asyncio.wait({command.work}, timeout=_PATIENCE_SECONDS)
        if command.work is None or not command.work.done():
            text = "The WS-Management service cannot complete the operation within the time."
            return self._fault(request, NOT_YET, "w:TimedOut", text)
        code, out, error = command.work.result()
        return 200, soap.reply(
            request, f"{ns.SHELL}/ReceiveResponse", _output(name, code, out, error)
        )


def _output(name: str, code: int, out: bytes, error: bytes) -> str:
    body = "".join(
        f'<rsp:Stream Name="{stream}" CommandId="{name}">'
        f"{base64.b64encode(data[start : start + _PIECE]).decode()}</rsp:Stream>"
        for stream, data in (("stdout", out), ("stderr", error))
        for start in range(0, len(data), _PIECE)
    )
    ends = "".join(
        f'<rsp:Stream Name="{stream}" CommandId="{name}" End="true"></rsp:Stream>'
        for stream in ("stdout", "stderr")
    )
    return (
        f"<rsp:ReceiveResponse>{body}{ends}"
        f'<rsp:CommandState CommandId="{name}" State="{ns.STATE_DONE}">'
        f"<rsp:ExitCode>{code}</rsp:ExitCode></rsp:CommandState></rsp:ReceiveResponse>"
    )
