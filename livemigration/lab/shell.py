"""Remote shells as WinRS serves them (windows-facts.md 5.6)."""

from __future__ import annotations

import asyncio
import base64
import re
import uuid
from dataclasses import dataclass, field

from livemigration.facts.windows import WINDOWS_SERVER_2012
from livemigration.lab import programs, soap
from livemigration.lab.faults import (
    FILE_NOT_FOUND,
    TOO_LONG,
    bad_parameter,
    no_command,
    no_shell,
    not_started,
    not_supported,
    timed_out,
    too_many_shells,
)
from livemigration.lab.fleet_host import FleetHost
from livemigration.lab.world import World
from livemigration.wsman import namespaces as ns

# Documents differ (2047 in one of them); 8191 is cmd.exe's in most. Unknown which holds where.
COMMAND_LIMIT = 8191
# MaxShellsPerUser of current releases; documents give 5 for old ones.
MOST_SHELLS = 30
_PIECE = 16384
_DEFAULT_SECONDS = 60.0
_BODIES = {
    ns.CREATE: "Shell",
    ns.COMMAND: "CommandLine",
    ns.SEND: "Send",
    ns.RECEIVE: "Receive",
    ns.SIGNAL: "Signal",
}
_SECONDS = re.compile(r"PT([0-9]{1,4}(?:\.[0-9]{1,6})?)S")


@dataclass
class _Command:
    """A program, and how many pieces of its output were handed out."""

    program: programs.Program
    given: bytearray = field(default_factory=bytearray)
    work: asyncio.Task[programs.Ended] | None = None
    told: int = 0

    def start(self) -> None:
        """Start the program with the input that it was given."""
        if self.work is None:
            self.work = asyncio.create_task(programs.run(self.program, bytes(self.given)))

    def end(self) -> None:
        """End the program, if it still runs."""
        if self.work is not None:
            self.work.cancel()


class Shells:
    """The shells of one machine."""

    def __init__(self, world: World, machine: str, host: FleetHost | None) -> None:
        self._world = world
        self._machine = machine
        self._host = host
        self._shells: dict[str, dict[str, _Command]] = {}

    async def answer(self, request: soap.Request) -> bytes:
        """Return the reply to one request for shells.

        Raises:
            LabFault: the request is one that Windows refuses.
        """
        if (element := _BODIES.get(request.action)) is not None:
            request.demand(f"{{{ns.SHELL}}}{element}")
        if request.action == ns.CREATE:
            return self._create(request)
        shell = request.selector("ShellId").upper()
        if shell not in self._shells:
            raise no_shell()
        commands = self._shells[shell]
        if request.action == ns.DELETE:
            del self._shells[shell]
            for command in commands.values():
                command.end()
            return soap.reply(request, f"{ns.TRANSFER}/DeleteResponse", "")
        if request.action == ns.COMMAND:
            return self._command(request, commands)
        if request.action == ns.SEND:
            return _send(request, commands)
        if request.action == ns.RECEIVE:
            return await _receive(request, commands)
        if request.action == ns.SIGNAL:
            return _signal(request, commands)
        raise not_supported()

    def _create(self, request: soap.Request) -> bytes:
        if len(self._shells) >= MOST_SHELLS:
            old = self._world.system(self._host).build < WINDOWS_SERVER_2012
            raise too_many_shells(MOST_SHELLS, old=old)
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

    def _command(self, request: soap.Request, commands: dict[str, _Command]) -> bytes:
        words = (
            request.text(f"{{{ns.SHELL}}}Command"),
            *(each.text or "" for each in request.root.iterfind(f".//{{{ns.SHELL}}}Arguments")),
        )
        if len(" ".join(words)) > COMMAND_LIMIT:
            raise not_started(TOO_LONG, "The filename or extension is too long.")
        if request.option("WINRS_SKIP_CMD_SHELL").upper() == "TRUE" and "\\" not in words[0]:
            # Without cmd.exe the path is not searched (captured).
            raise not_started(FILE_NOT_FOUND, "The system cannot find the file specified.")
        console = request.option("WINRS_CONSOLEMODE_STDIN").upper() == "TRUE"
        program = programs.find(self._world, self._machine, self._host, words, console=console)
        command = _Command(program)
        if not program.reads_input:
            command.start()
        name = str(uuid.uuid4()).upper()
        commands[name] = command
        body = f"<rsp:CommandResponse><rsp:CommandId>{name}</rsp:CommandId></rsp:CommandResponse>"
        return soap.reply(request, f"{ns.SHELL}/CommandResponse", body)


def _send(request: soap.Request, commands: dict[str, _Command]) -> bytes:
    for stream in request.root.iterfind(f".//{{{ns.SHELL}}}Stream"):
        command = _find(commands, stream.get("CommandId", ""))
        if command.program.console_input:
            # In console mode the bytes do not reach a program that reads its standard input as a
            # pipe. Which code Windows gives is not known; that the lab refuses keeps a client from
            # relying on it.
            raise bad_parameter("Standard input is in console mode.")
        command.given += base64.b64decode(stream.text or "")
        if stream.get("End", "").lower() == "true":
            command.start()
    return soap.reply(request, f"{ns.SHELL}/SendResponse", "<rsp:SendResponse/>")


def _signal(request: soap.Request, commands: dict[str, _Command]) -> bytes:
    signal = request.first(f"{{{ns.SHELL}}}Signal")
    command = commands.get((signal.get("CommandId", "") if signal is not None else "").upper())
    if command is None:
        raise bad_parameter()
    command.end()
    return soap.reply(request, f"{ns.SHELL}/SignalResponse", "<rsp:SignalResponse/>")


async def _receive(request: soap.Request, commands: dict[str, _Command]) -> bytes:
    wanted = request.first(f"{{{ns.SHELL}}}DesiredStream")
    name = wanted.get("CommandId", "").upper() if wanted is not None else ""
    if not name:
        raise bad_parameter()
    command = _find(commands, name)
    match = _SECONDS.fullmatch(request.text(f"{{{ns.WSMAN}}}OperationTimeout"))
    patience = float(match[1]) if match else _DEFAULT_SECONDS
    if command.work is None:
        await asyncio.sleep(patience)
    else:
        await asyncio.wait({command.work}, timeout=patience)
    if command.work is None or not command.work.done():
        raise timed_out()
    body = _output(name, command, command.work.result(), request.room)
    return soap.reply(request, f"{ns.SHELL}/ReceiveResponse", body)


def _find(commands: dict[str, _Command], name: str) -> _Command:
    command = commands.get(name.upper())
    if command is None:
        raise no_command()
    return command


def _output(name: str, command: _Command, ended: programs.Ended, room: int) -> str:
    """Return as much as one envelope holds of what is left of a command's output.

    Captured: while there is more, or may be, the command still runs. How Windows cuts what comes at
    once is not known; that it cuts at the envelope is assumed, as no reply may be larger.
    """
    pieces = [
        (stream, data[start : start + _PIECE])
        for stream, data in (("stdout", ended.output), ("stderr", ended.errors))
        for start in range(0, len(data), _PIECE)
    ]
    said: list[str] = []
    for stream, data in pieces[command.told :]:
        text = (
            f'<rsp:Stream Name="{stream}" CommandId="{name}">'
            f"{base64.b64encode(data).decode()}</rsp:Stream>"
        )
        room -= len(text)
        # One piece at least, or the client would ask for ever.
        if room < 0 and said:
            break
        said.append(text)
    command.told += len(said)
    if command.told < len(pieces):
        state = f'<rsp:CommandState CommandId="{name}" State="{ns.STATE_RUNNING}"/>'
        return f"<rsp:ReceiveResponse>{''.join(said)}{state}</rsp:ReceiveResponse>"
    ends = "".join(
        f'<rsp:Stream Name="{stream}" CommandId="{name}" End="true"></rsp:Stream>'
        for stream in ("stdout", "stderr")
    )
    return (
        f"<rsp:ReceiveResponse>{''.join(said)}{ends}"
        f'<rsp:CommandState CommandId="{name}" State="{ns.STATE_DONE}">'
        f"<rsp:ExitCode>{ended.code}</rsp:ExitCode></rsp:CommandState></rsp:ReceiveResponse>"
    )
