"""What a worker holds for the runs that it asks hosts for, and how it forgets that."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from livemigration.base.errors import UsageError
from livemigration.base.secret import Secret
from livemigration.executor.luggage import Unpacked, unpacked
from livemigration.gather.beside import Connections
from livemigration.gather.properties import AbsentProperties
from livemigration.wsman.manners import Manners


@dataclass
class Held:
    """What a worker holds for one run; `problem` is why it cannot ask a host for it."""

    unpacked: Unpacked
    problem: str = ""
    manners: Manners = field(default_factory=Manners)
    absent: AbsentProperties = field(default_factory=AbsentProperties)

    @cached_property
    def connections(self) -> Connections:
        """How many connections the hosts of the run get."""
        return Connections(self.unpacked.hosts)


_HELD: dict[str, tuple[Held, threading.Timer]] = {}
_LOCK = threading.Lock()


def hold(run: str, luggage: Secret, seconds: float, forgotten: Callable[[], None]) -> None:
    """Hold what a run needs, until it is let go of; at the longest for so many seconds.

    Args:
        run: the run's own name.
        luggage: what it needs.
        seconds: after them it is forgotten, whatever became of the run.
        forgotten: is called then, in a thread of its own.
    """
    let_go(run)
    try:
        held = Held(unpacked(luggage))
    except (UsageError, ValueError) as error:
        held = Held(Unpacked(0, ()), str(error) if isinstance(error, UsageError) else "is another")

    def forget() -> None:
        let_go(run)
        forgotten()

    timer = threading.Timer(seconds, forget)
    timer.daemon = True
    with _LOCK:
        _HELD[run] = held, timer
    timer.start()


def let_go(run: str) -> None:
    """Forget what a run needs; what is asked for it at this moment ends before its next message."""
    with _LOCK:
        held, timer = _HELD.pop(run, (None, None))
    if timer is not None:
        timer.cancel()
    if held is not None:
        held.manners.give_up()


def held_for(run: str) -> Held | None:
    """Return what is held for a run; None: nothing is, or no more."""
    with _LOCK:
        found = _HELD.get(run)
    return found[0] if found is not None else None


def holds_anything() -> bool:
    """Whether anything is held for any run."""
    return bool(_HELD)
