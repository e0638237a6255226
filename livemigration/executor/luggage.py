"""How the hosts of a run are reached, with the passwords: what a worker must hold to ask them.

It leaves this process in one piece alone, by the plugin that carries it (`courier.py`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from livemigration.base import codec
from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret
from livemigration.gather.connect import Access, Target, security_of
from livemigration.inventory.connection import Connection, ConnectionFiles
from livemigration.inventory.own_connection import said
from livemigration.wsman.choice import SignIn
from livemigration.wsman.first_tickets import ByPassword, lacking
from livemigration.wsman.kerberos import Tickets
from livemigration.wsman.security import Mechanism

_FILES = ("ca", "client_certificate", "client_key", "keytab")
_ITSELF = "Leave --executor out for it, or give it an account with a password."


@dataclass(frozen=True, repr=False)
class _Way:
    """One way of reaching hosts, as it travels; never shown: it has a password in it.

    `sign_in` is given where Kerberos may be chosen, and `tickets` where it is.
    """

    connection: dict[str, Any]
    authority: str
    username: str
    password: str
    mechanism: Mechanism
    sign_in: SignIn | None
    tickets: bool


@dataclass(frozen=True, repr=False)
class _Luggage:
    """All ways of a run, and how many hosts it asks, by which its client is chosen."""

    hosts: int
    ways: tuple[_Way, ...]


@dataclass(frozen=True)
class Unpacked:
    """What a worker asks hosts with."""

    hosts: int
    accesses: tuple[Access, ...]


def refuse_what_stays(label: str, targets: Iterable[Target]) -> None:
    """Refuse ways of signing in whose secret is more than a password: it stays on this machine.

    Args:
        label: of the inventory.
        targets: the hosts.

    Raises:
        UsageError: a host is signed in to by a certificate, a keytab or somebody's own ticket.
    """
    for access in {id(each.access): each.access for each in targets}.values():
        own = access.security.sign_in
        stays = ""
        if access.connection.transport == "certificate":
            stays = "the key of transport: certificate"
        elif access.connection.keytab is not None:
            stays = "the keytab of the account"
        elif own is not None and not own.password:
            stays = "your own Kerberos ticket"
        elif access.security.tickets is not None and not isinstance(
            access.security.tickets, Tickets
        ):
            stays = "a Kerberos ticket of Windows"
        if stays:
            raise UsageError(f"{label}: {stays} does not leave this machine. {_ITSELF}")


def packed(accesses: Iterable[Access], hosts: int, authority: Callable[[Access], str]) -> Secret:
    """Return the luggage of a run.

    Args:
        accesses: how its hosts are reached, in the order of their numbers.
        hosts: how many it asks.
        authority: returns who signs the certificates of hosts that are reached so, in PEM; empty:
            whom the worker's machine trusts.
    """
    ways = tuple(
        _Way(
            connection={k: v for k, v in said(each.connection).items() if k not in _FILES},
            authority=authority(each),
            username=each.credentials.username,
            password=each.credentials.password.reveal(),
            mechanism=each.security.mechanism,
            sign_in=each.security.sign_in,
            tickets=each.security.tickets is not None,
        )
        for each in accesses
    )
    return Secret(json.dumps(codec.to_json(_Luggage(hosts, ways))))


def unpacked(text: Secret) -> Unpacked:
    """Return what the luggage of a run comes to on a worker.

    Raises:
        UsageError: Kerberos is needed, and the worker lacks its libraries.
        ValueError: it is none.
    """
    found: _Luggage = codec.from_json(_Luggage, json.loads(text.reveal()))
    return Unpacked(found.hosts, tuple(map(_access, found.ways)))


def _access(way: _Way) -> Access:
    connection = Connection.model_validate(way.connection)
    password = Secret(way.password)
    security = security_of(connection, ConnectionFiles(), way.authority)
    tickets = None
    own = way.sign_in
    if way.tickets and own is not None and own.principal is not None:
        if missing := lacking():
            raise UsageError(f"lacks {' and '.join(missing)}, which Kerberos needs")
        tickets = Tickets(own.principal, ByPassword(password), connection.time_limits.kdc)
    return Access(
        connection,
        Credentials(way.username, password),
        replace(
            security,
            mechanism=way.mechanism,
            sign_in=own,
            tickets=tickets,
            service=connection.kerberos_service,
            fallback=connection.fallback == "ntlm",
        ),
    )
