"""Where each machine of a run answers, and how a session to it is opened."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from livemigration.base.deadline import Deadline
from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret
from livemigration.gather.session import Session
from livemigration.inventory.connection import Connection, ConnectionFiles, TimeLimits
from livemigration.wsman.clients import chosen
from livemigration.wsman.knock import TlsFor, knock
from livemigration.wsman.manners import Manners
from livemigration.wsman.register import SUITE, Register
from livemigration.wsman.security import BY_DEFAULT, Mechanism, Security
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

# Who signs in where no user name and no password are needed.
NOBODY = Credentials("", Secret(""))


@dataclass(frozen=True)
class Access:
    """How sessions to a machine are opened, and with whose account.

    One for all machines that are reached alike.
    """

    connection: Connection = field(default_factory=Connection)
    credentials: Credentials = NOBODY
    security: Security = BY_DEFAULT


@dataclass(frozen=True)
class Target:
    """A machine, what to connect to, and the WS-Management port that the suite asks.

    `vmm_uses_ssl` is how VMM manages a host; None: as VMM's record of it suggests. `vmm_port` is
    where VMM reaches it without SSL; None: where the suite does. `access` is how it is reached, and
    how long to wait for it.
    """

    name: str
    address: str
    port: int
    vmm_uses_ssl: bool | None = None
    vmm_port: int | None = None
    access: Access = field(default_factory=Access, repr=False)

    @property
    def limits(self) -> TimeLimits:
        """How long to wait for it."""
        return self.access.connection.time_limits

    @property
    def tls(self) -> TlsFor | None:
        """What HTTPS is spoken with, and whom its certificate must be for; None: HTTP."""
        secure = self.access.security.tls
        return (secure, self.name.rstrip(".")) if secure is not None else None

    @property
    def endpoint(self) -> str:
        """The endpoint for a sentence."""
        at = "" if self.address == self.name else f" at {self.address}"
        return f"{self.name}{at}, port {self.port}"


_MECHANISMS = {
    "basic": Mechanism.BASIC,
    "certificate": Mechanism.CERTIFICATE,
    "credssp": Mechanism.CREDSSP,
    "kerberos": Mechanism.KERBEROS,
}

Connector = Callable[[Target, Deadline], Session]

# Raises WsmanError where a machine does not answer at all; no credentials are sent.
Knock = Callable[[Target, Deadline], None]


def security_of(
    connection: Connection, files: ConnectionFiles, lab_authority: str = ""
) -> Security:
    """Return how sessions over a connection sign in; its files are read here.

    `lab_authority` is the certificate of a lab's own CA, which stands in for the system's.

    Raises:
        UsageError: a file cannot be used, or is readable by others than its owner.
    """
    from livemigration.wsman.tls import (  # noqa: PLC0415 - loads cryptography
        ClientCertificate,
        TlsFileError,
        context,
    )

    mechanism = _MECHANISMS.get(connection.transport, Mechanism.NTLM)
    if not connection.https:
        return Security(mechanism, unencrypted=connection.send_password_unencrypted is not None)
    client = None
    if files.client_certificate is not None and files.client_key is not None:
        refuse_open_to_others(files.client_key, "connection.client_key")
        client = ClientCertificate(files.client_certificate, files.client_key)
    checked = connection.server_certificate == "validate"
    authority = lab_authority if files.ca is None else ""
    try:
        tls = context(ca=files.ca, authority=authority, checked=checked, client=client)
    except TlsFileError as error:
        raise UsageError(f"connection: {error}") from None
    return Security(mechanism, tls)


def refuse_open_to_others(key: Path, name: str) -> None:
    """Refuse a file of keys that others may read, named by an option or a key; not on Windows."""
    try:
        mode = key.stat().st_mode
    except OSError:
        # Reading it says what is wrong.
        return
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(
            f"{name}: {key}: others than its owner may use this file (mode "
            f"{stat.S_IMODE(mode):04o}). Run: chmod 600 {shlex.quote(str(key))}"
        )


def connector(
    register: Register = SUITE, manners: Manners | None = None, hosts: int = 1
) -> Callable[[Target, Deadline], WsmanSession]:
    """Return how sessions are opened, each as its target's access says.

    What is not in the register is refused before it is sent. `manners` is what the sessions of a
    run share; None: those that are opened so share their own. `hosts` is how many hosts the run
    asks, by which its client is chosen where the inventory leaves that open.
    """
    # No host's time runs while it is loaded.
    import livemigration.wsman.transport  # noqa: F401, PLC0415 - what asks nobody does without

    shared = manners or Manners()

    def connect(target: Target, deadline: Deadline) -> WsmanSession:
        access = target.access
        scheme = "https" if access.connection.https else "http"
        client = chosen(access.connection.client, hosts)
        return WsmanSession(
            Endpoint(target.name, target.address, target.port, scheme),
            access.credentials,
            Timeouts(target.limits.connect, target.limits.message),
            deadline,
            replace(access.security, client=client),
            register=register,
            manners=shared,
        )

    return connect


def knock_at(target: Target, deadline: Deadline) -> None:
    """Find out, without credentials, whether a machine answers at all.

    Raises:
        WsmanError: it does not.
    """
    knock(target.address, target.port, target.limits.connect, deadline, target.tls)
