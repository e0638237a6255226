"""The Kerberos ticket of the person who runs the suite, where it stands in for a password."""

from __future__ import annotations

import os
import sys
import time

from livemigration.inventory.connection import BY_TICKET, Connection
from livemigration.inventory.credentials import CredentialSource
from livemigration.wsman.first_tickets import OwnTicket, lacking, own_ticket

_WINDOWS = sys.platform == "win32"
# Sources of which a ticket comes before what they would be asked for.
_BEFORE = frozenset({"environment", "prompt"})


def ticket_instead(connection: Connection, source: CredentialSource) -> OwnTicket | None:
    """Return the person's own ticket where nothing was given that comes before it; else None.

    A password in the environment comes before it, and so does each other source that is named; a
    prompt does not. Of a user name that is given, only that one's ticket counts. One that has
    expired is told of where nobody can be asked for a password in its place. On Windows that is
    whoever is logged on, where no user name is given.
    """
    if connection.transport not in BY_TICKET or connection.keytab is not None:
        return None
    if source.source not in _BEFORE:
        return None
    asks = source.source == "prompt"
    if not asks and os.environ.get(source.password_variable):
        return None
    username = user_name(source)
    if _WINDOWS:
        return None if asks or username else _logged_on()
    found = own_ticket(username) if not lacking() else None
    expired = found is not None and found.until <= time.time()
    return None if expired and asks else found


def user_name(source: CredentialSource) -> str:
    """Return the user name that a source has without asking anybody; empty: none."""
    return source.username or os.environ.get(source.username_variable, "")


def _logged_on() -> OwnTicket | None:
    from livemigration.wsman.sspi import logged_on  # noqa: PLC0415 - Windows only

    who = logged_on()
    return OwnTicket(who, "", sys.maxsize) if who is not None else None


def or_a_ticket(connection: Connection) -> str:
    """Return what may be done besides where there is no user name or no password; or nothing."""
    if connection.transport != "kerberos":
        return ""
    return " Or get a Kerberos ticket, with kinit, and run the suite again."
