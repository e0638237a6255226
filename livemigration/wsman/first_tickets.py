"""What an account's first ticket is got with: a password, a keytab, or a ticket that is there.

The libraries are loaded where Kerberos is used; they are an extra (`livemigration[kerberos]`).
Nothing here writes to a cache of the person's own.
"""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from livemigration.base.secret import Secret
from livemigration.wsman.kerberos_causes import KerberosError, account_failure, expired
from livemigration.wsman.principals import Principal

# What Kerberos needs besides pyspnego, where the system has no SSPI.
_LIBRARIES = ("gssapi", "krb5")
_TICKET_GRANTING = "krbtgt/"


def lacking() -> tuple[str, ...]:
    """Return the names of the libraries that are not installed, or that cannot be loaded."""
    missing = []
    for name in _LIBRARIES:
        try:
            importlib.import_module(name)
        except (ImportError, OSError):
            missing.append(name)
    return tuple(missing)


def krb5_library() -> Any:
    """Return the module krb5, which is loaded now."""
    return importlib.import_module("krb5")


def default_realm() -> str:
    """Return this machine's own realm; empty where it has none."""
    krb5 = krb5_library()
    try:
        return str(krb5.get_default_realm(krb5.init_context()).decode())
    except (krb5.Krb5Error, UnicodeDecodeError):
        return ""


class Source(Protocol):
    """What an account's first ticket is got with."""

    def get(self, krb5: Any, who: Principal) -> Any:
        """Return the ticket-granting ticket; raises what krb5 raises, or a KerberosError."""

    def failure(self, code: int, who: Principal) -> KerberosError:
        """Return what a code means that the KDC answered with."""


@dataclass(frozen=True, eq=False)
class ByPassword:
    """A password, which is tried once."""

    password: Secret

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByPassword) and self.password.reveal() == other.password.reveal()

    __hash__ = None  # type: ignore[assignment] # of a password nothing else is made

    def get(self, krb5: Any, who: Principal) -> Any:
        """Return the ticket-granting ticket."""
        # A password that is not text in UTF-8 is none that anybody typed.
        word = self.password.reveal().encode("utf-8", "replace")
        context = krb5.init_context()
        return krb5.get_init_creds_password(
            context, _parsed(krb5, context, who), _options(krb5, context), password=word
        )

    def failure(self, code: int, who: Principal) -> KerberosError:
        """Return what a code means."""
        return account_failure(code, who)


@dataclass(frozen=True)
class ByKeytab:
    """A file with the account's keys."""

    path: Path

    def get(self, krb5: Any, who: Principal) -> Any:
        """Return the ticket-granting ticket."""
        context = krb5.init_context()
        keytab = krb5.kt_resolve(context, f"FILE:{self.path}".encode())
        return krb5.get_init_creds_keytab(
            context, _parsed(krb5, context, who), _options(krb5, context), keytab=keytab
        )

    def failure(self, code: int, who: Principal) -> KerberosError:
        """Return what a code means."""
        return account_failure(code, who, keytab=str(self.path))


@dataclass(frozen=True)
class ByCache:
    """A ticket that the person got by hand, in a cache that is only read."""

    name: str

    def get(self, krb5: Any, who: Principal) -> Any:
        """Return the ticket-granting ticket."""
        context = krb5.init_context()
        cache = krb5.cc_resolve(context, self.name.encode())
        ticket = _granting(cache)
        if ticket is None or ticket.times.endtime <= time.time():
            raise expired(who, self.name, _moment(ticket) if ticket is not None else "")
        return ticket

    def failure(self, code: int, who: Principal) -> KerberosError:
        """Return what a code means."""
        return account_failure(code, who)


@dataclass(frozen=True)
class OwnTicket:
    """A ticket that a person has: whose, in which cache, and until when in seconds since 1970."""

    who: Principal
    cache: str
    until: int


def own_ticket(username: str = "") -> OwnTicket | None:
    """Return the ticket of the person who runs the suite; of this user name where one is given.

    One that has expired is returned as well. The cache is the one that KRB5CCNAME or krb5.conf
    names, or the libraries' own.
    """
    krb5 = krb5_library()
    context = krb5.init_context()
    try:
        cache = krb5.cc_default(context)
        ticket = _granting(cache)
        name = f"{cache.cache_type.decode()}:{cache.name.decode()}"
        found = _principal(ticket.client) if ticket is not None else None
    except (krb5.Krb5Error, UnicodeDecodeError):
        return None
    if ticket is None or found is None or not _is_named(found, username):
        return None
    return OwnTicket(found, name, int(ticket.times.endtime))


def keytab_principal(path: Path) -> Principal | None:
    """Return whose keys come first in a keytab; None: it cannot be read, or holds none."""
    krb5 = krb5_library()
    try:
        entries = krb5.kt_resolve(krb5.init_context(), f"FILE:{path}".encode())
        return next((_principal(each.principal) for each in entries), None)
    except krb5.Krb5Error:
        return None


def _granting(cache: Any) -> Any:
    """Return the ticket-granting ticket of a cache that ends last; None: it has none."""
    found = [each for each in cache if each.server.name.decode().startswith(_TICKET_GRANTING)]
    return max(found, key=lambda each: each.times.endtime, default=None)


def _principal(own: Any) -> Principal:
    name, _, realm = own.name.decode().rpartition("@")
    return Principal(name.replace("\\", ""), realm)


def _is_named(who: Principal, username: str) -> bool:
    name = username.partition("\\")[2] or username
    wanted = {who.name.casefold(), f"{who.name}@{who.realm}".casefold()}
    return not username or name.casefold() in wanted


def _moment(ticket: Any) -> str:
    return datetime.fromtimestamp(ticket.times.endtime, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _parsed(krb5: Any, context: Any, who: Principal) -> Any:
    if who.enterprise:
        flags = krb5.PrincipalParseFlags.enterprise
        return krb5.parse_name_flags(context, who.parsed_from.encode(), flags)
    return krb5.parse_name_flags(context, who.parsed_from.encode())


def _options(krb5: Any, context: Any) -> Any:
    options = krb5.get_init_creds_opt_alloc(context)
    # The directory may spell the account otherwise, or know it by its UPN.
    krb5.get_init_creds_opt_set_canonicalize(options, True)
    # No host needs to ask others in the account's name.
    krb5.get_init_creds_opt_set_forwardable(options, False)
    return options
