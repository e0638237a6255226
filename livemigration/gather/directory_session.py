"""A directory that is signed in to as an inventory says, and that is of the right domain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line
from livemigration.facts.model import FailureKind
from livemigration.gather.directory_answers import domain_of
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.ldap.directory import Directory, Entry, Server
from livemigration.ldap.signing import by_ntlm, by_password, by_ticket
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.kerberos_causes import KerberosError
from livemigration.wsman.security import Mechanism


def server_of(target: DirectoryTarget, domain: str) -> Server:
    """Return who is asked about a domain: the server that is named, or what answers for it."""
    name = target.entry.server or domain
    limits = target.access.connection.time_limits
    return Server(
        name, target.entry.address or name, target.entry.ports[0], target.tls, limits.message
    )


@contextmanager
def signed_in(
    target: DirectoryTarget, domain: str, until: Deadline
) -> Iterator[tuple[Directory, Entry]]:
    """Give a connection to the directory of a domain, and what its server says of itself.

    Raises:
        WsmanError: it does not answer, is that of another domain, or does not take the account.
    """
    with Directory(server_of(target, domain), until) as directory:
        root = directory.root()
        _check(root, domain)
        sign_in(target, domain, directory, root, until)
        # What anybody between could say in its place, it says once more, sealed.
        root = directory.root()
        _check(root, domain)
        yield directory, root


def _check(root: Entry, domain: str) -> None:
    said = domain_of(root.text("defaultNamingContext"))
    if said.casefold() != domain.casefold():
        raise WsmanError(
            FailureKind.FAULT,
            f"it is the directory of {one_line(said) or 'no domain'}",
            next_step=f"List one of {one_line(domain)} under directory in the inventory, "
            "with domain: and server:.",
        )


def sign_in(
    target: DirectoryTarget, domain: str, directory: Directory, root: Entry, until: Deadline
) -> None:
    """Sign in to a server that said what it is (`root`).

    Raises:
        WsmanError: it does not take the account.
    """
    own = target.access
    if directory.server.tls is not None:
        by_password(directory, own.credentials)
        return
    security = own.security.towards(directory.server.name)
    if security.mechanism is not Mechanism.KERBEROS or security.tickets is None:
        by_ntlm(directory, own.credentials)
        return
    try:
        by_ticket(directory, security.tickets, _machine(target, domain, root), until)
    except KerberosError as error:
        if security.after(error) is None:
            raise
        by_ntlm(directory, own.credentials)


def _machine(target: DirectoryTarget, domain: str, root: Entry) -> str:
    """Return for whom a ticket is: of a server that nobody named, only for one of the domain's.

    A domain controller has a name of three parts that no other machine may have.
    """
    if target.entry.server is not None:
        return target.entry.server
    return f"{root.text('dnsHostName')}/{domain}"
