"""Who signs in to the machines of a run, and where Kerberos has the account's tickets from."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials
from livemigration.gather.connect import NOBODY, Access, refuse_open_to_others
from livemigration.gather.own_ticket import ticket_instead, user_name
from livemigration.inventory.connection import BY_TICKET, Connection, ConnectionFiles
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.reach import Reach
from livemigration.wsman.choice import SignIn
from livemigration.wsman.first_tickets import (
    ByCache,
    ByKeytab,
    ByPassword,
    OwnTicket,
    Source,
    default_realm,
    keytab_principal,
    lacking,
)
from livemigration.wsman.kerberos import Tickets, TicketSource
from livemigration.wsman.principals import Principal, principal_of
from livemigration.wsman.security import Mechanism, Security

_WINDOWS = sys.platform == "win32"
_INSTALL = (
    "Run pip install gssapi krb5. Both are built on Linux, which needs gcc, and "
    "libkrb5-dev on Debian and Ubuntu or krb5-devel on Red Hat and SUSE."
)


class Accounts:
    """The accounts of one run, each of which asks a KDC for its first ticket once."""

    def __init__(self) -> None:
        self._tickets: list[Tickets] = []

    def access(
        self, reach: Reach, security: Security, read: Callable[[CredentialSource], Credentials]
    ) -> Access:
        """Return how machines are reached, with their account and its tickets.

        Args:
            reach: how, as the inventory says.
            security: what is spoken with them.
            read: returns the user name and password of a source; not asked where none is needed.

        Raises:
            UsageError: Kerberos is asked for, and cannot be had; and what `read` raises.
        """
        connection, source = reach.connection, reach.credentials
        own = ticket_instead(connection, source)
        if own is not None or connection.transport == "certificate":
            given = NOBODY
        elif connection.keytab is not None:
            given = Credentials(user_name(source), NOBODY.password)
        else:
            given = read(source)
        return Access(
            connection, given, self.secured(security, connection, reach.files, given, own)
        )

    def secured(
        self,
        security: Security,
        connection: Connection,
        files: ConnectionFiles,
        given: Credentials,
        own: OwnTicket | None = None,
    ) -> Security:
        """Return how sessions over a connection sign in, with what its account has.

        Args:
            security: what is spoken over it.
            connection: the connection.
            files: its files.
            given: user name and password; with a keytab only the name counts, which may be empty.
            own: the ticket of the person, in place of a password.

        Raises:
            UsageError: Kerberos is asked for, and cannot be had.
        """
        if connection.transport not in BY_TICKET:
            return security
        asked = connection.transport == "kerberos"
        missing = () if _WINDOWS else lacking()
        if missing and (asked or _means_kerberos(connection)):
            raise UsageError(f"connection: Kerberos needs {' and '.join(missing)}. {_INSTALL}")
        usable = not missing
        who, source = _who(connection, files, given, own, usable=usable)
        if asked and who is None:
            raise UsageError(
                f"connection: transport: kerberos needs a realm, and {_shown(given.username)} "
                "names none. Write realm: under connection, or the user name as user@REALM."
            )
        by_password = isinstance(source, ByPassword)
        return replace(
            security,
            mechanism=Mechanism.KERBEROS if asked or not by_password else Mechanism.NTLM,
            sign_in=SignIn(asked, given.username, who, usable, by_password),
            tickets=self._of(who, source, connection, given)
            if who is not None and usable
            else None,
            service=connection.kerberos_service,
            fallback=connection.fallback == "ntlm",
        )

    def _of(
        self, who: Principal, source: Source, connection: Connection, given: Credentials
    ) -> TicketSource:
        if _WINDOWS:
            from livemigration.wsman.sspi import SspiTickets  # noqa: PLC0415 - Windows only

            return SspiTickets(who, given if isinstance(source, ByPassword) else None)
        for each in self._tickets:
            if each.is_of(who, source):
                return each
        made = Tickets(who, source, connection.time_limits.kdc)
        self._tickets.append(made)
        return made


def _means_kerberos(connection: Connection) -> bool:
    """Whether what stands in a connection is of no use without Kerberos."""
    named = connection.realm is not None or connection.keytab is not None
    return named and connection.fallback is None


def _who(
    connection: Connection,
    files: ConnectionFiles,
    given: Credentials,
    own: OwnTicket | None,
    *,
    usable: bool,
) -> tuple[Principal | None, Source]:
    """Return who signs in by a ticket, None where no realm is known, and where that comes from."""
    realm = connection.realm or ""
    if files.keytab is not None:
        return _of_keytab(files.keytab, given.username, realm), ByKeytab(files.keytab)
    if own is not None:
        return own.who, ByCache(own.cache)
    default = _default_realm() if usable else ""
    asked = connection.transport == "kerberos"
    return principal_of(given.username, realm, default, asked=asked), ByPassword(given.password)


def _shown(username: str) -> str:
    return f"the user name {username}" if username else "an empty user name"


def _of_keytab(path: Path, username: str, realm: str) -> Principal:
    if _WINDOWS:
        raise UsageError("connection.keytab: Windows takes no keytab. Give a password, or log on.")
    refuse_open_to_others(path, "connection.keytab")
    if not os.access(path, os.R_OK):
        raise UsageError(
            f"connection.keytab: {path} cannot be read. Correct the path, which counts from the "
            "inventory."
        )
    named = principal_of(username, realm, default_realm(), asked=True) if username else None
    who = named or keytab_principal(path)
    if who is None:
        raise UsageError(
            f"connection.keytab: {path} holds no keys. Write one with ktpass; klist -kte shows "
            "what is in it."
        )
    return who


def _default_realm() -> str:
    if _WINDOWS:
        return str(importlib.import_module("livemigration.wsman.sspi").logon_realm())
    return default_realm()
