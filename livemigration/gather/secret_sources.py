"""A password from a program, a file descriptor or the system's keyring.

Each is asked once, within a limit of time and of size. What came is in no error: whatever a
password manager prints is most likely a password.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

from livemigration.base.deadline import Deadline
from livemigration.base.errors import UsageError
from livemigration.base.secret import Secret

SECONDS = 30.0
MOST_BYTES = 64 << 10

_ALONE = "It must give the password in one line, and nothing else."
_UNATTENDED = (
    "It has no input and no terminal here: unlock the password manager before, and run it by hand."
)
_NO_KEYRING = "Use from: environment, command or fd."


class _Nothing:
    """That no password came: why, as the end of a sentence, and what to do next."""

    def __init__(self, why: str, step: str) -> None:
        self.why = why
        self.step = step


_Answer = Secret | _Nothing


def from_program(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float = SECONDS
) -> Secret:
    """Return the password that a program prints, to the end of its line.

    No shell reads the arguments, and the program gets no input and no terminal.

    Args:
        command: the program, a path or a name that is looked for on the PATH, and its arguments.
        folder: what a path is relative to.
        environment: what the program has of it.
        seconds: how long it may take.

    Raises:
        UsageError: it cannot be started, fails, or gives no password in time.
    """
    program = Path(command[0])
    tried = f"the program {program.name[:60]!a}"
    named = program.name == command[0]
    found = shutil.which(command[0]) if named else str(folder.absolute() / program)
    if found is None:
        raise UsageError(f"{tried} is not on the PATH. Install it, or write its path.")
    try:
        process = subprocess.Popen(  # noqa: S603 - what an inventory names, and no shell
            [found, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(
            f"{tried} cannot be started: {_reason(error)}. Correct it in the inventory."
        ) from None
    return _taken(_printed(process, seconds), tried)


def _printed(process: subprocess.Popen[bytes], seconds: float) -> _Answer:
    until = Deadline.after(seconds)
    late = _Nothing(f"did not end within {seconds:g} seconds", _UNATTENDED)
    code = None
    try:
        answer = _within(until, lambda: _whole(lambda: _output(process)), late)
        if isinstance(answer, Secret):
            code = process.wait(until.remaining)
    except subprocess.TimeoutExpired:
        answer = late
    finally:
        if process.returncode is None:
            # Not waited for yet: its number is still its own, and that of all it started.
            _kill(process)
            process.wait()
    return _Nothing(f"failed with exit code {code}", _UNATTENDED) if code else answer


def _output(process: subprocess.Popen[bytes]) -> BinaryIO:
    if process.stdout is None:
        raise OSError("it has no output")
    return cast("BinaryIO", process.stdout)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


def from_descriptor(number: int, seconds: float = SECONDS) -> Secret:
    """Return the password that a file descriptor holds, which is read to its end and closed.

    Raises:
        UsageError: this process was not given it, or it holds no password.
    """
    tried = f"the file descriptor {number}"
    try:
        # What Python opens itself is not inheritable (PEP 446): it is nobody's password.
        given = os.get_inheritable(number)
    except OSError:
        given = False
    if not given:
        raise UsageError(
            f"{tried} was not given to this process. Give it, such as in bash: pytest … "
            f"{number}< <(PROGRAM)"
        )
    late = _Nothing(f"did not end within {seconds:g} seconds", "Close it behind the password.")
    until = Deadline.after(seconds)
    return _taken(_within(until, lambda: _whole(lambda: os.fdopen(number, "rb")), late), tried)


def from_keyring(service: str, username: str, seconds: float = SECONDS) -> Secret:
    """Return the password that the system's keyring keeps for a user name.

    Raises:
        UsageError: there is no keyring, or it has no such password.
    """
    try:
        import keyring  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            f"from: keyring needs keyring: pip install keyring. {_NO_KEYRING}"
        ) from None

    def ask() -> _Answer:
        try:
            found = keyring.get_password(service, username)
        except keyring.errors.NoKeyringError:
            return _Nothing("is not there on this machine", _NO_KEYRING)
        except Exception as error:  # noqa: BLE001 - each backend fails in its own way
            return _Nothing(f"failed with {type(error).__name__}", f"Unlock it. {_NO_KEYRING}")
        if found is None:
            step = f"Store it: keyring set {service!a} {username!a}"
            return _Nothing(f"has no password of {username} for {service}", step)
        return Secret(found)

    late = _Nothing(f"did not answer within {seconds:g} seconds", f"Unlock it. {_NO_KEYRING}")
    return _taken(_within(Deadline.after(seconds), ask, late), "the keyring")


def _within(until: Deadline, ask: Callable[[], _Answer], late: _Nothing) -> _Answer:
    """Return an answer in time, or else what is said of one that is late.

    What is waited for cannot be interrupted: it keeps a thread, which ends with this process.
    """
    answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
    threading.Thread(target=lambda: answers.put(ask()), name="a password", daemon=True).start()
    try:
        return answers.get(timeout=until.remaining)
    except queue.Empty:
        return late


def _whole(opens: Callable[[], BinaryIO]) -> _Answer:
    """Return all that a stream holds, and close it."""
    try:
        with opens() as stream:
            read = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return _Nothing(f"cannot be read: {_reason(error)}", "Open it for reading.")
    if len(read) > MOST_BYTES:
        return _Nothing(f"gave more than {MOST_BYTES >> 10} KiB", _ALONE)
    # Bytes that are no text stay what they are, for the next look.
    return Secret(read.decode("utf-8", "surrogateescape"))


def _taken(answer: _Answer, tried: str) -> Secret:
    if isinstance(answer, Secret):
        answer = _password(answer)
    if isinstance(answer, _Nothing):
        raise UsageError(f"{tried} {answer.why}. {answer.step}")
    return answer


def _password(read: Secret) -> _Answer:
    """Return the password in what was read: without the end of its line."""
    text = read.reveal()
    text = text.removesuffix("\n").removesuffix("\r") if text.endswith("\n") else text
    if not text:
        return _Nothing("gave nothing", _ALONE)
    if any("\udc80" <= each <= "\udcff" for each in text):
        return _Nothing("gave bytes that are not UTF-8", _ALONE)
    if not {"\n", "\r", "\0"}.isdisjoint(text):
        return _Nothing("gave more than one line", _ALONE)
    return Secret(text)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
