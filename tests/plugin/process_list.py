"""What everybody on the machine can read of processes while they run: what they were started with.

Linux only; elsewhere nothing is seen.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from canary import found_in

_PROCESSES = Path("/proc")
# A variable that whatever is looked for inherits.
_MARK = "STARTED_BY_A_TEST"
_PAUSE = 0.1
THERE = (_PROCESSES / "self" / "environ").exists()


@dataclass(frozen=True)
class Process:
    """A process: whose child it is, and its arguments and variables as it was started."""

    parent: int
    arguments: bytes
    variables: bytes


class ProcessList:
    """The processes that were started with `variables`, or by one that was."""

    def __init__(self) -> None:
        self._value = uuid.uuid4().hex
        self._needle = f"{_MARK}={self._value}".encode()
        self._seen: dict[int, Process] = {}

    @property
    def variables(self) -> Mapping[str, str]:
        """What the first of them is started with besides."""
        return {_MARK: self._value}

    def look(self) -> None:
        """Look once."""
        for folder in _PROCESSES.glob("[0-9]*"):
            # It may have ended meanwhile, or be about to become another program.
            with suppress(OSError):
                variables = (folder / "environ").read_bytes()
                if self._needle not in variables.split(b"\0"):
                    continue
                found = Process(_parent(folder), (folder / "cmdline").read_bytes(), variables)
                if (folder / "environ").read_bytes() == variables:
                    self._seen[int(folder.name)] = found

    def found(self, password: str, *, but_of: int = 0) -> list[str]:
        """Return the forms in which a password stands there.

        `but_of`: the variables of this process's children are not looked at: they were given it.
        """
        said = [each.arguments for each in self.programs]
        said += [each.variables for each in self.programs if each.parent != but_of]
        return found_in(b"\n".join(said), password)

    @property
    def programs(self) -> list[Process]:
        """Those that were seen with arguments and variables of their own."""
        return [each for each in list(self._seen.values()) if not self._is_a_copy(each)]

    def _is_a_copy(self, process: Process) -> bool:
        """Whether it shows what its parent does, because it has not become another program yet."""
        parent = self._seen.get(process.parent)
        return parent is not None and replace(parent, parent=process.parent) == process


def _parent(folder: Path) -> int:
    # The name of the program, which may hold anything, is in brackets before it.
    return int((folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[1])


@contextmanager
def watched(pause: float = _PAUSE) -> Iterator[ProcessList]:
    """Look at the list all the time that the context lasts, with so many seconds between."""
    found, ended = ProcessList(), threading.Event()

    def watch() -> None:
        while not ended.wait(pause):
            found.look()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
        found.look()
    finally:
        ended.set()
        thread.join()
