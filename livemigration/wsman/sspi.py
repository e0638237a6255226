"""Kerberos of Windows itself, through pyspnego. Nothing of it was run: it is typed, and unproven.

Windows gets and keeps the tickets; a password is heard of only when the first machine refuses it,
and the guard against lockouts counts it there.
"""

from __future__ import annotations

import os
from typing import Any

import spnego

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials
from livemigration.wsman.compat import protection
from livemigration.wsman.kerberos import Context, TicketSource, code_of
from livemigration.wsman.kerberos_causes import host_failure
from livemigration.wsman.principals import Principal


def logon_realm() -> str:
    """Return the realm of whoever is logged on; empty where that is no domain."""
    return os.environ.get("USERDNSDOMAIN", "")


def logged_on() -> Principal | None:
    """Return who is logged on, where that is an account of a domain."""
    name, realm = os.environ.get("USERNAME", ""), logon_realm()
    return Principal(name, realm.upper()) if name and realm else None


class SspiTickets(TicketSource):
    """The tickets of one account, which Windows gets.

    Args:
        who: the account.
        credentials: its user name and password; None: of whoever is logged on.
    """

    def __init__(self, who: Principal, credentials: Credentials | None) -> None:
        self._who = who
        self._credentials = credentials

    @property
    def who(self) -> Principal:
        """The account."""
        return self._who

    @property
    def proves_account(self) -> bool:
        """Whether an account that is `ready` has shown its password: Windows does not tell."""
        return False

    def ready(self, deadline: Deadline) -> None:
        """Say nothing: Windows does not tell before a machine is asked."""

    def start(
        self,
        service: str,
        machine: str,
        bindings: Any,
        deadline: Deadline,  # noqa: ARG002 - SSPI takes none
        *,
        within_tls: bool = False,
    ) -> tuple[Context, bytes]:
        """Return a session's context, and what to say first to the machine.

        Raises:
            KerberosError: there is no ticket for the machine.
        """
        given = self._credentials
        try:
            made = spnego.client(
                given.username if given is not None else None,
                given.password.reveal() if given is not None else None,
                hostname=machine,
                service=service,
                protocol="kerberos",
                channel_bindings=bindings,
                options=spnego.NegotiateOptions.use_sspi,
                context_req=protection(within_tls=within_tls),
            )
            return made, made.step() or b""
        except Exception as error:  # noqa: BLE001 - whatever SSPI raises
            failure = host_failure(code_of(error), self._who, service, machine)
        raise failure from None
