"""Labs of the tests start as forks of one process that has everything imported already.

To start the interpreter and to import the lab takes most of the time of a short lab. Each is a
process of its own all the same, with its own pipes and random numbers, and ends with its standard
input. Elsewhere than on Linux, and for tests of the process itself, labs start as for users.
"""

from __future__ import annotations

import gc
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

_LONGEST_REQUEST = 1 << 20


class WarmProcess:
    """A lab's process as `livemigration.lab.launch` handles one: two pipes, its end, its kill."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], end: int, pid: int) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self._end = end
        self._pid = pid

    def wait(self, timeout: float | None = None) -> None:
        """Wait until it has ended.

        Raises:
            subprocess.TimeoutExpired: it has not.
        """
        # No select.select, which takes no number above 1023.
        ending = select.poll()
        ending.register(self._end, select.POLLIN)
        if not ending.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired("lab", timeout or 0)
        os.close(self._end)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)


class Nursery:
    """The process that forks labs; it begins with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, arguments: Sequence[str], errors: IO[bytes], environment: Mapping[str, str]
    ) -> WarmProcess:
        """Start a lab, in the folder of this process and with an environment."""
        with self._lock:
            channel = self._channel or self._begin()
            given, stdin = os.pipe()
            stdout, said = os.pipe()
            end, held = os.pipe()
            request = {
                "arguments": arguments,
                "folder": str(Path.cwd()),
                "environment": {**environment},
            }
            fds = [given, said, errors.fileno(), held]
            socket.send_fds(channel, [json.dumps(request).encode()], fds)
        for each in (given, said, held):
            os.close(each)
        # From the lab itself: a fork of this process may ask the same nursery.
        pid = int(os.read(end, 64))
        return WarmProcess(os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb"), end, pid)

    def _begin(self) -> socket.socket:
        # Messages, not a stream: a request is one of them.
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LONGEST_REQUEST)
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, __file__, str(number)]
            self._process = subprocess.Popen(command, pass_fds=[number])
        return self._channel

    def close(self) -> None:
        if self._channel is not None and self._process is not None:
            self._channel.close()
            self._process.wait(20)


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Give a nursery that ends with the context."""
    found = Nursery()
    try:
        yield found
    finally:
        found.close()


def _serve(channel: socket.socket) -> None:
    # Imported here: the process of the tests needs none of it.
    from livemigration.lab import __main__ as lab

    gc.collect()
    gc.freeze()
    while True:
        message, fds, _, _ = socket.recv_fds(channel, _LONGEST_REQUEST, 4)
        if not message:
            break
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        if os.fork() == 0:
            channel.close()
            _become(lab, json.loads(message), fds)
        for each in fds:
            os.close(each)
    with suppress(ChildProcessError):
        while True:
            os.wait()


def _become(lab: Any, request: dict[str, Any], fds: Sequence[int]) -> None:
    """Be a lab, to the end of this process."""
    code = 1
    try:
        os.write(fds[3], str(os.getpid()).encode())
        for number, each in enumerate(fds[:3]):
            os.dup2(each, number)
            os.close(each)
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        random.seed()
        sys.argv = ["livemigration.lab", *request["arguments"]]
        code = lab.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException as error:  # noqa: BLE001 # a fork has nobody to raise to
        # The last line of what Python would print.
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
