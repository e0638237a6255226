"""A VMM server that does not answer, or refuses again and again, is asked nothing more.

Everything that a run wants of it goes through one breaker: names, probes and ratings have sessions
of their own, and each would wait for the same silence.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TypeVar

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import WmiQuery, WmiRow
from livemigration.facts.model import FailureKind
from livemigration.facts.reader import MethodArgument, WmiMethod
from livemigration.gather.connect import Connector, Target
from livemigration.gather.session import Session
from livemigration.vmm.scripts import Script
from livemigration.wsman.busy import is_quota, is_unavailable
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.invoke import InvokeResult
from livemigration.wsman.session import Identity
from livemigration.wsman.traffic import Counted

T = TypeVar("T")
Req = TypeVar("Req")
Rep = TypeVar("Rep")

FAILURES_AT_MOST = 3
"""After so many in a row a server is asked no more; as many sessions to it run side by side."""

_OF_THE_SERVER = {
    FailureKind.NAME_NOT_RESOLVED,
    FailureKind.REFUSED,
    FailureKind.TIMED_OUT,
    FailureKind.UNREACHABLE,
    FailureKind.CERTIFICATE,
    FailureKind.TLS,
}


class Breaker:
    """Opens the sessions to one machine, for all threads, as long as it answers at all."""

    def __init__(self, connect: Connector) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._failures = 0
        self._reason: WsmanError | None = None

    def connect(self, target: Target, deadline: Deadline) -> Session:
        """Return a session.

        Raises:
            WsmanError: why the machine is asked nothing more, as it was said first.
        """
        with self._lock:
            reason = self._reason
        if reason is not None:
            raise WsmanError(
                reason.kind, reason.came_back, code=reason.code, next_step=reason.next_step
            )
        return _Watched(self._connect(target, deadline), self)

    def answered(self) -> None:
        """Note that the machine did what it was asked."""
        with self._lock:
            self._failures = 0

    def failed(self, error: WsmanError) -> None:
        """Note a failure. Silence and a refused password need no second one."""
        final = error.silent or error.kind is FailureKind.AUTHENTICATION
        counts = final or error.kind in _OF_THE_SERVER or is_quota(error) or is_unavailable(error)
        with self._lock:
            self._failures = self._failures + 1 if counts else 0
            if self._reason is None and (final or self._failures >= FAILURES_AT_MOST):
                self._reason = error


class _Watched:
    """A session that tells the breaker how each request ended."""

    def __init__(self, session: Session, breaker: Breaker) -> None:
        self._session = session
        self._breaker = breaker

    @property
    def ended(self) -> bool:
        return self._session.ended

    def identify(self) -> Identity:
        return self._watch(self._session.identify)

    def heard(self) -> Identity | None:
        return self._session.heard()

    def counted(self) -> Counted:
        return self._session.counted()

    def enumerate(self, query: WmiQuery) -> tuple[WmiRow, ...]:
        return self._watch(lambda: self._session.enumerate(query))

    def call(
        self,
        method: WmiMethod,
        selectors: Mapping[str, str],
        arguments: Mapping[str, MethodArgument],
    ) -> InvokeResult:
        return self._watch(lambda: self._session.call(method, selectors, arguments))

    def run_script(self, script: Script[Req, Rep], request: Req) -> Rep:
        return self._watch(lambda: self._session.run_script(script, request))

    def close(self) -> None:
        self._session.close()

    def _watch(self, ask: Callable[[], T]) -> T:
        try:
            answer = ask()
        except WsmanError as error:
            self._breaker.failed(error)
            raise
        self._breaker.answered()
        return answer
