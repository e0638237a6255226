"""How each machine of an inventory is reached, and with whose account: for a run and for commands.

Nothing is asked of a machine here, and each account is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials
from livemigration.gather.connect import Access, Target, security_of
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.own_ticket import or_a_ticket
from livemigration.gather.signing import Accounts
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.directory import DirectoryServer
from livemigration.inventory.file import Host, InventoryMachine
from livemigration.inventory.inventory import Inventory
from livemigration.inventory.reach import Reach
from livemigration.wsman.security import Mechanism, Security

# What the simulation of a fleet, which is in no domain, does not know.
_OF_A_DOMAIN = "kerberos"


class _UnreadError(UsageError):
    """A source of credentials does not have them; the text is whole as it is."""


class PlayedMachine(Protocol):
    """Where a simulated machine answers."""

    @property
    def address(self) -> str:
        """Its address."""

    @property
    def port(self) -> int:
        """Its port for HTTP."""

    @property
    def https_port(self) -> int:
        """Its port for HTTPS."""


class PlayedDirectory(Protocol):
    """Where a simulated directory answers."""

    @property
    def name(self) -> str:
        """The name of its server."""

    @property
    def address(self) -> str:
        """Its address."""

    @property
    def port(self) -> int:
        """Its port."""

    @property
    def catalogue_port(self) -> int:
        """The port of its global catalogue."""


class Played(Protocol):
    """A simulated fleet that runs: its account, the certificate of its CA, and its machines."""

    @property
    def credentials(self) -> Credentials:
        """The account that it knows."""

    @property
    def authority(self) -> str:
        """The certificate of its CA in PEM."""

    @property
    def directory(self) -> PlayedDirectory | None:
        """Where its directory answers; None: it plays none."""

    def machine(self, name: str) -> PlayedMachine:
        """Return a machine by its name."""


class Reached:
    """How the machines of an inventory are reached; made once for all that are reached alike.

    Args:
        inventory: who they are.
        read: returns the credentials of a source, which it asks once.
    """

    def __init__(
        self, inventory: Inventory, read: Callable[[CredentialSource], Credentials]
    ) -> None:
        self._inventory = inventory
        self._read = read
        self._signers = Accounts()
        self._securities: dict[Reach, Security] = {}
        self._accesses: dict[Reach, Access] = {}
        self._directories: tuple[DirectoryTarget, ...] | None = None

    @property
    def https(self) -> bool:
        """Whether any machine is reached over HTTPS."""
        reaches = (self._inventory.reach, *self._inventory.reaches.values())
        return any(each.connection.https for each in reaches)

    def take(self, machines: Iterable[str], *, directory: bool = False) -> None:
        """Read what signs in to these machines, before any is asked. The lab has its own account.

        `directory`: what signs in to the directories as well.

        Raises:
            UsageError: a source does not have it, or a file of a connection cannot be used.
        """
        if self._inventory.lab_fleet is not None:
            return
        wanted, listed = set(machines), (*self._inventory.vmms, *self._inventory.hosts)
        reaches = [self._inventory.reach_of(each.name) for each in listed if each.name in wanted]
        # Nobody types a password for a run that then stops at a file.
        for each in reaches:
            self._secured(each, "")
        for each in reaches:
            self._access(each, None)
        if directory:
            self.directories(None)

    def directories(self, played: Played | None) -> tuple[DirectoryTarget, ...]:
        """Return the directories of the inventory; of a simulated fleet, the one that it plays.

        Raises:
            UsageError: nobody can sign in, or a file cannot be used.
        """
        if self._inventory.lab_fleet is not None:
            own = played.directory if played is not None else None
            return (
                (played_directory(own, played),) if played is not None and own is not None else ()
            )
        if self._directories is None:
            self._directories = tuple(map(self._directory, self._inventory.directories))
        return self._directories

    def _directory(self, entry: DirectoryServer) -> DirectoryTarget:
        site = self._inventory.reach
        try:
            secure = None
            if entry.ldaps:
                from livemigration.wsman.tls import (  # noqa: PLC0415 - loads cryptography
                    TlsFileError,
                    context,
                )

                try:
                    secure = context(ca=entry.certificates(site.folder))
                except TlsFileError as error:
                    raise UsageError(str(error)) from None
            source = entry.credentials or site.credentials
            reach = Reach(entry.connection(site.connection), source, site.folder)
            access = self._signers.access(reach, Security(Mechanism.NTLM), self._read)
        except UsageError as error:
            raise UsageError(f"{self._inventory.label}: directory: {error}") from None
        return DirectoryTarget(entry, access, secure)

    def target(
        self, machine: InventoryMachine, played: Played | None, *, asked: bool = True
    ) -> Target:
        """Return where a machine answers; one that is not asked has no account.

        Raises:
            UsageError: nobody can sign in.
        """
        ssl = machine.vmm_uses_ssl if isinstance(machine, Host) else None
        reach = self._inventory.reach_of(machine.name)
        connection = reach.connection
        access = self._access(reach, played) if asked else Access(connection)
        if played is None:
            address = machine.address or machine.name
            port, vmm_port = connection.port, connection.vmm_port
            return Target(machine.name, address, port, ssl, vmm_port, access)
        own = played.machine(machine.name)
        port = own.https_port if connection.https else own.port
        return Target(machine.name, own.address, port, ssl, own.port, access)

    def _access(self, reach: Reach, played: Played | None) -> Access:
        if reach not in self._accesses:
            security = self._secured(reach, played.authority if played is not None else "")
            self._accesses[reach] = (
                self._simulated(reach, security, played)
                if played is not None
                else self._signed_in(reach, security)
            )
        return self._accesses[reach]

    def _simulated(self, reach: Reach, security: Security, played: Played) -> Access:
        transport = reach.connection.transport
        if transport == _OF_A_DOMAIN:
            raise UsageError(
                f"{self._inventory.label}: connection: the lab is in no domain, so transport: "
                f"{transport} signs in to none of its machines. Use negotiate or ntlm."
            )
        return Access(reach.connection, played.credentials, security)

    def _signed_in(self, reach: Reach, security: Security) -> Access:
        """Return how real machines are reached, with the account and its tickets."""
        try:
            return self._signers.access(reach, security, self._reading)
        except _UnreadError as error:
            raise UsageError(f"{error}{or_a_ticket(reach.connection)}") from None
        except UsageError as error:
            raise UsageError(f"{self._inventory.label}: {error}") from None

    def _reading(self, source: CredentialSource) -> Credentials:
        try:
            return self._read(source)
        except UsageError as error:
            raise _UnreadError(str(error)) from None

    def _secured(self, reach: Reach, authority: str) -> Security:
        if reach not in self._securities:
            try:
                own = security_of(reach.connection, reach.files, authority)
            except UsageError as error:
                raise UsageError(f"{self._inventory.label}: {error}") from None
            self._securities[reach] = own
        return self._securities[reach]


def played_directory(own: PlayedDirectory, lab: Played) -> DirectoryTarget:
    """Return the directory of a simulated fleet, which takes the fleet's account."""
    entry = DirectoryServer(
        server=own.name,
        address=own.address,
        port=own.port,
        catalogue_port=own.catalogue_port,
    )
    return DirectoryTarget(entry, Access(credentials=lab.credentials))
