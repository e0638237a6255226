"""Programs on a host through WinRS (windows-facts.md 5.6): start, feed, read, clean up.

Every shell is signalled and deleted, whatever happens, and in time: a part of the deadline is kept
for that. What still escapes ends with its short idle time-out. Input is never sent twice to the
same command: it may have been delivered although nobody said so.
"""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from livemigration.base.deadline import Deadline
from livemigration.wsman.busy import gave_up, is_quota
from livemigration.wsman.document import text_of
from livemigration.wsman.envelope import Message, Pairs, expect, xml_attribute, xml_text
from livemigration.wsman.errors import WsmanFault, deadline_passed, unusable
from livemigration.wsman.exchange import Exchange, Reply
from livemigration.wsman.manners import IDLE_MINUTES
from livemigration.wsman.namespaces import (
    COMMAND,
    COMMAND_SHELL,
    CREATE,
    DELETE,
    RECEIVE,
    SEND,
    SHELL,
    SIGNAL,
    SIGNAL_TERMINATE,
    STATE_DONE,
    TRANSFER,
    WSMAN,
)

_SHELL_OPTIONS = (("WINRS_NOPROFILE", "TRUE"), ("WINRS_CODEPAGE", "65001"))
_IDLE_TIMEOUT = f"PT{60 * IDLE_MINUTES}S"

# Without cmd.exe the plug-in does not search the path: `powershell.exe` comes back as 0x80070002
# (capture test_winrs_no_cmd_shell.yml). Through cmd.exe it is found, and the base64 arguments hold
# nothing that cmd.exe would interpret; the command line must stay below 8191 characters.
_COMMAND_OPTIONS = (("WINRS_CONSOLEMODE_STDIN", "FALSE"), ("WINRS_SKIP_CMD_SHELL", "FALSE"))
LONGEST_COMMAND_LINE = 8_000

_RECEIVE_OPTIONS = (("WSMAN_CMDSHELL_OPTION_KEEPALIVE", "TRUE"),)

# As base64 in UTF-16, by which Windows seems to count, a chunk is 87 KB of the envelope's 150 KB.
_INPUT_CHUNK = 32 << 10
# VMM's record of a host is 0.6 KB where all is well, 2 KB where nothing is: 10,000 of them fit.
MAXIMUM_OUTPUT = 32 << 20
# For both messages of the cleaning up; of a short deadline, a part of it.
_CLEAN_UP_SECONDS = 5.0
_CLEAN_UP_SHARE = 0.2
# Of the time that is kept for it, so that whoever waits for the result has it before the deadline.
_CLEAN_UP_ENDS = 0.5
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


@dataclass(frozen=True)
class ProgramResult:
    """What a program wrote and how it ended."""

    output: bytes
    errors: bytes
    exit_code: int


# Says that a shell is open meanwhile; what it gives is called with the message that ends it.
Keeping = Callable[[], AbstractContextManager[Callable[[Message], None]]]


@contextmanager
def _unkept() -> Iterator[Callable[[Message], None]]:
    yield lambda _: None


def run_program(
    exchange: Exchange,
    program: str,
    arguments: Sequence[str],
    standard_input: bytes,
    keeping: Keeping = _unkept,
) -> ProgramResult:
    """Run a program on the host, feed it, and wait for its end or the deadline.

    `keeping`: the run may be given up meanwhile, and then ends the shell itself.

    Raises:
        WsmanError: the host refused, the session broke, or the deadline passed.
    """
    length = len(program) + sum(len(each) + 1 for each in arguments)
    if length > LONGEST_COMMAND_LINE:
        raise unusable(f"a command line of {length} characters is too long for the host")
    kept = min(_CLEAN_UP_SECONDS, exchange.deadline.remaining * _CLEAN_UP_SHARE)
    until = Deadline(exchange.deadline.at - kept)
    with keeping() as ends_with:
        shell = _Shell(exchange, _create(exchange, until), until, kept * _CLEAN_UP_ENDS)
        ends_with(shell.deletion)
        try:
            command_id = shell.start(program, arguments)
            try:
                shell.feed(command_id, standard_input)
                return shell.wait(command_id)
            finally:
                shell.terminate(command_id)
        finally:
            shell.delete()


def _create(exchange: Exchange, until: Deadline) -> str:
    body = (
        f'<rsp:Shell xmlns:rsp="{SHELL}"><rsp:IdleTimeOut>{_IDLE_TIMEOUT}</rsp:IdleTimeOut>'
        "<rsp:InputStreams>stdin</rsp:InputStreams>"
        "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>"
    )
    # One that was refused made no shell; one that the host gave up ends with its idle time-out.
    message = Message(CREATE, COMMAND_SHELL, body, options=_SHELL_OPTIONS, safe=True)
    reply = exchange.send(message, until)
    created = expect(reply.body, f"{{{TRANSFER}}}ResourceCreated")
    for selector in created.iter(f"{{{WSMAN}}}Selector"):
        if selector.get("Name", "").casefold() == "shellid" and text_of(selector):
            return text_of(selector)
    raise unusable("the host created a shell but did not name it")


class _Shell:
    """An open shell; `seconds` is how long both messages of its cleaning up may take together."""

    def __init__(self, exchange: Exchange, shell_id: str, until: Deadline, seconds: float) -> None:
        self._exchange = exchange
        self._until = until
        self._seconds = seconds
        self._selectors = (("ShellId", shell_id),)

    def start(self, program: str, arguments: Sequence[str]) -> str:
        """Start a program and return the command's id."""
        more = "".join(f"<rsp:Arguments>{xml_text(each)}</rsp:Arguments>" for each in arguments)
        body = (
            f'<rsp:CommandLine xmlns:rsp="{SHELL}">'
            f"<rsp:Command>{xml_text(program)}</rsp:Command>{more}</rsp:CommandLine>"
        )
        reply = self._send(COMMAND, body, _COMMAND_OPTIONS)
        response = expect(reply.body, f"{{{SHELL}}}CommandResponse")
        command_id = text_of(response.find(f"{{{SHELL}}}CommandId"))
        if not command_id:
            raise unusable("the host started a command but did not name it")
        return command_id

    def feed(self, command_id: str, data: bytes) -> None:
        """Write standard input and close it."""
        starts = range(0, len(data), _INPUT_CHUNK) if data else range(1)
        for start in starts:
            chunk = base64.b64encode(data[start : start + _INPUT_CHUNK]).decode("ascii")
            end = ' End="true"' if start == starts[-1] else ""
            body = (
                f'<rsp:Send xmlns:rsp="{SHELL}"><rsp:Stream Name="stdin" '
                f"CommandId={xml_attribute(command_id)}{end}>{chunk}</rsp:Stream></rsp:Send>"
            )
            self._send(SEND, body)

    def wait(self, command_id: str) -> ProgramResult:
        """Read both outputs until the program has ended."""
        outputs: dict[str, list[bytes]] = {"stdout": [], "stderr": []}
        size = 0
        for response in self._responses(command_id):
            for name, data in _streams(response, command_id):
                size += len(data)
                if size > MAXIMUM_OUTPUT:
                    raise unusable(f"the program wrote more than {MAXIMUM_OUTPUT} bytes")
                outputs.setdefault(name, []).append(data)
            exit_code = _exit_code(response, command_id)
            if exit_code is not None:
                output, errors = (b"".join(outputs[name]) for name in ("stdout", "stderr"))
                return ProgramResult(output, errors, exit_code)
        raise deadline_passed()

    def _responses(self, command_id: str) -> Iterator[Element]:
        """Yield ReceiveResponses until the deadline, slower while nothing comes."""
        body = (
            f'<rsp:Receive xmlns:rsp="{SHELL}"><rsp:DesiredStream '
            f"CommandId={xml_attribute(command_id)}>stdout stderr</rsp:DesiredStream></rsp:Receive>"
        )
        pause = _FIRST_PAUSE
        while not self._until.passed:
            try:
                reply = self._send(RECEIVE, body, _RECEIVE_OPTIONS)
            except WsmanFault as fault:
                # The host answers so whenever nothing was written within OperationTimeout. One that
                # refused for a quota has handed nothing out.
                if not gave_up(fault) and not is_quota(fault):
                    raise
            else:
                response = expect(reply.body, f"{{{SHELL}}}ReceiveResponse")
                yield response
                if any(text_of(each) for each in response.iter(f"{{{SHELL}}}Stream")):
                    pause = _FIRST_PAUSE
                    continue
            threading.Event().wait(min(pause, self._until.remaining))
            pause = min(2 * pause, _LONGEST_PAUSE)

    def terminate(self, command_id: str) -> None:
        """End the program, if it still runs, and release the command."""
        body = (
            f'<rsp:Signal xmlns:rsp="{SHELL}" CommandId={xml_attribute(command_id)}>'
            f"<rsp:Code>{SIGNAL_TERMINATE}</rsp:Code></rsp:Signal>"
        )
        self._clean_up(self._message(SIGNAL, body))

    def delete(self) -> None:
        """Delete the shell."""
        self._clean_up(self.deletion)

    @property
    def deletion(self) -> Message:
        """The message that deletes it, with whatever runs in it."""
        return self._message(DELETE, "")

    def _clean_up(self, message: Message) -> None:
        # Half of it each, so that a Signal without an answer leaves time for the Delete.
        self._exchange.clean_up(message, self._seconds / 2)

    def _send(self, action: str, body: str, options: Pairs = ()) -> Reply:
        return self._exchange.send(self._message(action, body, options), self._until)

    def _message(self, action: str, body: str, options: Pairs = ()) -> Message:
        return Message(action, COMMAND_SHELL, body, selectors=self._selectors, options=options)


def _streams(response: Element, command_id: str) -> Iterator[tuple[str, bytes]]:
    for stream in response.iterfind(f"{{{SHELL}}}Stream"):
        if stream.get("CommandId", command_id).casefold() != command_id.casefold():
            raise unusable("the reply holds the output of another command")
        try:
            data = base64.b64decode("".join((stream.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            data = None
        if data is None:
            raise unusable("the program's output is not base64")
        yield stream.get("Name", ""), data


def _exit_code(response: Element, command_id: str) -> int | None:
    """Return the exit code, or None while the program runs."""
    state = response.find(f"{{{SHELL}}}CommandState")
    if state is None or state.get("State") != STATE_DONE:
        return None
    if state.get("CommandId", command_id).casefold() != command_id.casefold():
        raise unusable("the reply holds the state of another command")
    text = text_of(state.find(f"{{{SHELL}}}ExitCode"))
    if not re.fullmatch(r"-?[0-9]{1,10}", text):
        raise unusable("the program ended without a usable exit code")
    return int(text)
