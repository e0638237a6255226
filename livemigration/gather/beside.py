"""A second connection to a host, beside the first: where latency makes it pay.

Questions about the firewall go over the second, everything else over the first, but for what makes
both chains of requests equally long: one provider answers everything about the firewall, and not
side by side (scale-wire.md 2). It is opened only once the host took the credentials over the first,
so that a wrong password is tried once. What it loses is asked over the first, and so is what it has
not begun when the first is done.

Measured with 100 ms for each request, a host takes 1/1.6 of the time, for one more sign-in on it
and at its domain controller; with 50 ms, 1/1.3.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from livemigration.facts.firewall import FIREWALL
from livemigration.facts.host import SERVICES
from livemigration.facts.machine_moves import MIGRATION_JOBS, PLANNED_MACHINES
from livemigration.facts.model import FailureKind, HostGroup
from livemigration.gather.asking import ASKED_AGAIN, MACHINE_EVIDENCE, Asking, is_full
from livemigration.gather.connect import Connector
from livemigration.gather.session import Session
from livemigration.wsman.errors import WsmanError

PAYS_FROM = 0.05
"""So many seconds for the quickest reply of a host, and a second connection is opened to it."""

MOST_HOSTS = 2_000
"""In runs of more hosts there is one connection to each: every one is a logon at a controller."""

# After a deadline, its last socket is shut down within moments.
_GRACE = 1.0
# So many more of them failed than stood, and no more are opened in the run.
_IN_VAIN_AT_MOST = 2
_FIREWALL = frozenset(each.name for each in FIREWALL)

Groups = list[HostGroup[Any]]


class Connections:
    """How many connections the hosts of a run get, for all its threads.

    Args:
        hosts: how many hosts the run asks.
    """

    def __init__(self, hosts: int) -> None:
        self._few = hosts <= MOST_HOSTS
        self._lock = threading.Lock()
        self._in_vain = 0

    def pays(self, said: str | int, quickest: float | None, address: str) -> bool:
        """Whether a second connection is opened to a host.

        Args:
            said: what the inventory says: `auto`, 1 or 2.
            quickest: the seconds of the host's quickest reply; None: nothing was counted.
            address: of the host. There is no way to one of this machine's own: where replies from
                there take long, the machine has no time, and a second one would take more of it.
        """
        with self._lock:
            if said == 1 or self._in_vain >= _IN_VAIN_AT_MOST:
                return False
        late = self._few and quickest is not None and quickest >= PAYS_FROM
        return said == 2 or (late and not _is_own(address))

    def came_to(self, *, anything: bool, final: bool) -> None:
        """Say whether a second connection answered; `final`: its credentials were refused."""
        with self._lock:
            if final:
                self._in_vain = _IN_VAIN_AT_MOST
            elif self._in_vain < _IN_VAIN_AT_MOST:
                self._in_vain = max(0, self._in_vain + (-1 if anything else 1))


def _is_own(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def shared_out(groups: Sequence[HostGroup[Any]]) -> tuple[Groups, Groups]:
    """Return what of a host's questions stays on the first connection, and what the second takes.

    Signing in costs the second one request more, as it had to wait for the first to do so. What
    only a clustered host is asked is shared in halves, and counts as nothing. Where it makes no
    chain shorter by two requests, the second takes nothing.
    """
    apart = [each for each in groups if each.name in _FIREWALL]
    others = [each for each in groups if each.name not in _FIREWALL]
    perhaps = [each for each in others if each.only_with]
    sure = [each for each in others if not each.only_with]
    lendable = [each for each in sure if not _is_kept(each)]
    due = max(0, (len(sure) - len(apart) - 1) // 2)
    given = lendable[max(0, len(lendable) - due) :]
    kept = [each for each in sure if each not in given]
    half = len(perhaps) // 2
    # Something little shows that it stands. Then the firewall: of a provider that is slow nobody
    # knows when it ends, and what is behind it the first connection can take.
    second = [*given[:1], *apart, *given[1:], *perhaps[:half]]
    if len(sure) + len(apart) - max(len(kept), len(given) + len(apart) + 1) < 2:
        return list(groups), []
    return [*kept, *perhaps[half:]], second


def _is_kept(group: HostGroup[Any]) -> bool:
    """Whether a question stays on the first connection.

    The services decide what is asked at all, and whether there is a machine what is asked of
    machines. A move that began behind the planned machines has to be among the jobs.
    """
    return group.of_machines or group.name in _KEPT


_KEPT = frozenset(
    each.name for each in (SERVICES, *MACHINE_EVIDENCE, PLANNED_MACHINES, MIGRATION_JOBS)
)


class Second:
    """A second connection, with the questions that it takes, on a thread of its own.

    Args:
        asking: what all questions share.
        connect: opens the session.
        groups: what it asks.
        connections: hears what became of it.
    """

    def __init__(
        self, asking: Asking, connect: Connector, groups: Groups, connections: Connections
    ) -> None:
        self._asking = asking
        self._connect = connect
        self._lock = threading.Lock()
        self._left = list(groups)
        self._connections = connections
        self._services_known = threading.Event()
        self._defect: BaseException | None = None
        self.requests = 0
        self._thread = threading.Thread(
            target=self._work, name=f"gather {asking.target.name}, second", daemon=True
        )

    def start(self) -> bool:
        """Begin; return whether the system had a thread for it."""
        with suppress(RuntimeError):
            self._thread.start()
            return True
        return False

    def heard(self, group: HostGroup[Any]) -> None:
        """Say what was asked over the first connection: the services decide what is asked."""
        if group is SERVICES:
            self._services_known.set()

    def taken(self) -> Groups:
        """Return a question that it has not begun, for the first connection, where there is one."""
        with self._lock:
            # It is at the first of them.
            spare = len(self._left) > 1 and self._left[-1].name not in _FIREWALL
            return [self._left.pop()] if spare else []

    def left(self) -> Groups:
        """Wait for its end, and return what it did not ask, or lost.

        Raises:
            TimeoutError: it has not ended by the deadline.
            BaseException: a defect of the suite.
        """
        self._services_known.set()
        self._thread.join(max(self._asking.deadline.remaining, 0.0) + _GRACE)
        if self._thread.is_alive():
            raise TimeoutError
        if self._defect is not None:
            raise self._defect
        return self._left

    def _work(self) -> None:
        session: Session | None = None
        try:
            session = self._connect(self._asking.target, self._asking.deadline)
            self._ask_all(session)
        except BaseException as raised:  # noqa: BLE001 - whoever waits for it raises it again
            self._defect = raised
        finally:
            if session is not None:
                self.requests = session.counted().requests
                session.close()

    def _ask_all(self, session: Session) -> None:
        answered = False
        while self._left:
            group = self._left[0]
            if group.only_with:
                self._services_known.wait(max(self._asking.deadline.remaining, 0.0))
            outcome, error = self._asking.ask(session, group)
            if not answered:
                answered = error is None or not session.ended
                refused = error is not None and error.kind is FailureKind.AUTHENTICATION
                self._connections.came_to(anything=answered, final=refused and not answered)
            if not answered:
                return
            if is_full(outcome) or _is_lost(session, error):
                return
            self._asking.into[group.name] = outcome
            with self._lock:
                self._left.pop(0)
            if session.ended:
                return


def _is_lost(session: Session, error: WsmanError | None) -> bool:
    """Whether a question was lost with its connection, and may be asked over another."""
    return error is not None and session.ended and error.kind in ASKED_AGAIN
