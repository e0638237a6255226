"""Tickets of one account: got once, and handed to each session in a cache of its own in memory.

The libraries are loaded where Kerberos is used; they are an extra (`livemigration[kerberos]`).
Nothing here writes to a cache of the person's own, and each exchange with a KDC runs in a thread
that can be given up: a silent KDC holds the library for 18 to 27 seconds (authentication.md A3).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from livemigration.base.deadline import Deadline
from livemigration.wsman.errors import deadline_passed
from livemigration.wsman.first_tickets import ByCache, Source, krb5_library
from livemigration.wsman.kerberos_causes import (
    CLOCK,
    KerberosError,
    account_failure,
    host_failure,
    no_kdc,
    signed,
)
from livemigration.wsman.principals import Principal

# A KDC that let so many requests in a row wait is asked no more.
_SILENT_AT_MOST = 2


class Context(Protocol):
    """One side of a session that is being signed in; pyspnego's, by duck."""

    @property
    def complete(self) -> bool:
        """Whether both sides know each other."""

    def step(self, in_token: bytes | None = None) -> bytes | None:
        """Take what the other side said, and return what to answer."""


class TicketSource(Protocol):
    """Where sessions get what they show to machines; for any number of threads."""

    @property
    def who(self) -> Principal:
        """The account."""

    @property
    def proves_account(self) -> bool:
        """Whether an account that is `ready` has shown its password, or what stands for it."""

    def ready(self, deadline: Deadline) -> None:
        """Find out whether the account can sign in at all; raises WsmanError where it cannot."""

    def start(
        self,
        service: str,
        machine: str,
        bindings: Any,
        deadline: Deadline,
        *,
        within_tls: bool = False,
    ) -> tuple[Context, bytes]:
        """Return a session's context, and what to say first to the machine."""


class _LibraryError(Exception):
    """What a library raised, by its code; 0: it has none."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Asked:
    """Something that is asked in a thread of its own, which is given up when its time is over."""

    def __init__(self, ask: Callable[[], Any], seconds: float) -> None:
        self._until = Deadline.after(seconds)
        self._done = threading.Event()
        self._value: Any = None
        self._error: KerberosError | _LibraryError | None = None

        def work() -> None:
            try:
                self._value = ask()
            except KerberosError as error:
                self._error = error.again()
            except Exception as error:  # noqa: BLE001 - any of three libraries
                # The exception itself has frames that hold the password.
                self._error = _LibraryError(code_of(error))
            self._done.set()

        threading.Thread(target=work, name="kerberos", daemon=True).start()

    def answer(self, deadline: Deadline) -> Any:
        """Return what was answered.

        Raises:
            TimeoutError: nothing was, in the time that it has.
            WsmanError: the asker's own deadline passed before, or what asking came to.
            _LibraryError: what asking came to, by its code.
        """
        if not self._done.wait(min(self._until.remaining, deadline.remaining)):
            if self._until.passed:
                raise TimeoutError
            raise deadline_passed()
        if self._error is not None:
            raise self._error
        return self._value


class Tickets(TicketSource):
    """The tickets of one account; for any number of threads.

    Args:
        who: the account.
        source: what its first ticket is got with, once.
        seconds: how long a KDC may take.
    """

    def __init__(self, who: Principal, source: Source, seconds: float) -> None:
        self._who = who
        self._source = source
        self._seconds = seconds
        self._lock = threading.Lock()
        self._first: _Asked | None = None
        self._failed: KerberosError | None = None
        self._silent = 0

    @property
    def who(self) -> Principal:
        """The account."""
        return self._who

    @property
    def proves_account(self) -> bool:
        """Whether an account that is `ready` has shown its password, or what stands for it."""
        return True

    def ready(self, deadline: Deadline) -> None:
        """Get the account's first ticket, where nobody has yet.

        Raises:
            KerberosError: there is none; the same each time, and the KDC is not asked again.
            WsmanError: the deadline passed.
        """
        self._ticket(deadline)

    @property
    def renewable(self) -> bool:
        """Whether another ticket can be had without the person: from a password, or a keytab."""
        return not isinstance(self._source, ByCache)

    @property
    def until(self) -> datetime | None:
        """When the account's ticket ends; None: there is none yet."""
        first = self._first
        if first is None or self._failed is not None:
            return None
        try:
            ticket = first.answer(Deadline(0.0))
        except Exception:  # noqa: BLE001 - whoever asks for a session hears why
            return None
        return datetime.fromtimestamp(ticket.times.endtime, UTC)

    def _ticket(self, deadline: Deadline) -> Any:
        krb5 = krb5_library()
        with self._lock:
            if self._failed is not None:
                raise self._failed.again()
            if self._first is None:
                self._first = _Asked(lambda: self._source.get(krb5, self.who), self._seconds)
            first = self._first
        try:
            return first.answer(deadline)
        except TimeoutError:
            failure = no_kdc(self.who, self._seconds)
        except KerberosError as error:
            failure = error
        except _LibraryError as error:
            failure = self._source.failure(error.code, self.who)
        with self._lock:
            self._failed = failure.again()
        raise failure.again() from None

    def is_of(self, who: Principal, source: Source) -> bool:
        """Whether these are the tickets of an account that is known in this way."""
        return self.who == who and self._source == source

    def start(
        self,
        service: str,
        machine: str,
        bindings: Any,
        deadline: Deadline,
        *,
        within_tls: bool = False,
    ) -> tuple[Context, bytes]:
        """Return a session's context, and what to say first to the machine.

        Args:
            service: the class of the machine's SPN, such as HTTP.
            machine: the name for which there is a ticket.
            bindings: what the sign-in is bound to, as pyspnego has it; None: nothing.
            deadline: the session's own.
            within_tls: whether TLS alone protects the messages, and the context does not.

        Raises:
            KerberosError: there is no ticket for the machine.
            WsmanError: the deadline passed.
        """
        ticket = self._ticket(deadline)
        if self._silent >= _SILENT_AT_MOST:
            raise no_kdc(self.who, self._seconds).of_host()
        asked = _Asked(
            lambda: _first_step(ticket, service, machine, bindings, within_tls=within_tls),
            self._seconds,
        )
        try:
            begun: tuple[Context, bytes] = asked.answer(deadline)
        except TimeoutError:
            with self._lock:
                self._silent += 1
            failure = no_kdc(self.who, self._seconds).of_host()
        except _LibraryError as error:
            failure = host_failure(error.code, self.who, service, machine)
            if signed(error.code) in CLOCK:
                # The machine was not asked yet: only this machine's clock and the KDC's can differ.
                failure = account_failure(error.code, self.who)
        else:
            self._silent = 0
            return begun
        raise failure from None


def code_of(error: BaseException) -> int:
    """Return the code of an exception of krb5, gssapi or pyspnego; 0: it has none."""
    seen: BaseException | None = error
    while seen is not None:
        for name in ("err_code", "min_code"):
            code = getattr(seen, name, None)
            if isinstance(code, int) and code:
                return code
        seen = seen.__cause__
    return 0


def _first_step(
    ticket: Any, service: str, machine: str, bindings: Any, *, within_tls: bool
) -> tuple[Context, bytes]:
    """Return a context and its first token, by a cache that exists only as long as that takes."""
    from livemigration.wsman.compat import kerberos_context  # noqa: PLC0415 - loads Kerberos' libraries

    krb5 = krb5_library()
    context = krb5.init_context()
    cache = krb5.cc_new_unique(context, b"MEMORY")
    krb5.cc_initialize(context, cache, ticket.client)
    try:
        krb5.cc_store_cred(context, cache, ticket)
        made = kerberos_context(
            f"MEMORY:{cache.name.decode()}", service, machine, bindings, within_tls=within_tls
        )
        return made, made.step() or b""
    finally:
        krb5.cc_destroy(context, cache)
