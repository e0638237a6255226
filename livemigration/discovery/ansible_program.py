"""`ansible-inventory`, which reads an inventory of Ansible's as Ansible itself does.

What it says on standard error is nowhere shown: it may quote the line of a file that holds a
password.
"""

from __future__ import annotations

import os
import queue
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from livemigration.base.deadline import Deadline
from livemigration.base.environment import for_children
from livemigration.discovery.found import NotFoundError

PROGRAM = "ansible-inventory"
SECONDS = 120.0
MOST_BYTES = 64 << 20

# A file that is not understood would otherwise be an empty inventory, and one that is understood in
# part a smaller one.
_STRICT = {
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "true",
    "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FATAL": "true",
}
_LOCALES = ("LC_ALL", "LC_CTYPE", "LANG")


def listing_of(path: Path, passwords: Iterable[str] = (), seconds: float = SECONDS) -> bytes:
    """Return what the program prints for an inventory, a document of JSON.

    Args:
        path: the inventory.
        passwords: environment variables that hold the suite's own, which it does not get.
        seconds: how long it may take: an inventory may ask others for its hosts.

    Raises:
        NotFoundError: it is not installed, fails, or prints too much, or takes too long.
    """
    by_hand = f"{PROGRAM} --list -i {shlex.quote(str(path))}"
    process = _started(path, passwords)
    said = _output(process, Deadline.after(seconds))
    if said is None:
        raise NotFoundError(
            f"{PROGRAM} did not end within {seconds:g} seconds. It has no terminal here to ask "
            f"for a vault's password on. Run it by hand: {by_hand}"
        )
    if len(said) > MOST_BYTES:
        raise NotFoundError(f"{PROGRAM} printed more than {MOST_BYTES >> 20} MiB. See: {by_hand}")
    if process.returncode:
        raise NotFoundError(
            f"{PROGRAM} failed with exit code {process.returncode}. What it said is not shown "
            f"here, as it may quote a secret. Run it by hand: {by_hand}"
        )
    return said


def _started(path: Path, passwords: Iterable[str]) -> subprocess.Popen[bytes]:
    """Start the program for an inventory, and return its process."""
    beside = str(Path(sys.executable).parent)
    program = shutil.which(PROGRAM) or shutil.which(PROGRAM, path=beside)
    if program is None:
        raise NotFoundError(
            f"{PROGRAM} is not on the PATH. Run this where Ansible is, or: pip install ansible-core"
        )
    try:
        return subprocess.Popen(  # noqa: S603 - the program above, and no shell
            [program, "--list", "-i", str(path.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(passwords),
            start_new_session=True,
        )
    except OSError as error:
        raise NotFoundError(
            f"{PROGRAM} cannot be started: {error.strerror or type(error).__name__}."
        ) from None


def _environment(passwords: Iterable[str]) -> dict[str, str]:
    own = {**for_children(passwords), **_STRICT}
    # The first of them that says anything is the one that counts.
    if "utf" not in next(filter(None, map(own.get, _LOCALES)), "").casefold():
        # Ansible starts in no other encoding.
        own["LC_ALL"] = "C.UTF-8"
    return own


def _output(process: subprocess.Popen[bytes], until: Deadline) -> bytes | None:
    """Return what a program prints, to a byte more than it may; None: it did not end in time."""
    came: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    stream = process.stdout
    if stream is None:
        raise RuntimeError("the program was given a pipe to print to")

    def read(stream: IO[bytes]) -> None:
        # Closed here: who closes it elsewhere waits for what is read.
        with stream:
            came.put(stream.read(MOST_BYTES + 1))

    # What it started may hold the pipe for ever.
    threading.Thread(target=read, args=(stream,), daemon=True).start()
    try:
        said = came.get(timeout=until.remaining)
        if len(said) <= MOST_BYTES:
            process.wait(until.remaining)
    except (queue.Empty, subprocess.TimeoutExpired):
        return None
    finally:
        if process.poll() is None:
            # Not waited for yet: its number is still its own, and that of all it started.
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return said
