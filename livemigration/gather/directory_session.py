"""A directory that is signed in to as an inventory says, and that is of the right domain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from livemigration.base.deadline import Deadline
from livemigration.base.text import one_line, some
from livemigration.facts.model import FailureKind
from livemigration.gather.directory_answers import domain_of
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.ldap.directory import Directory, Entry, Server
from livemigration.ldap.signing import by_ntlm, by_password, by_ticket
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.kerberos_causes import KerberosError
from livemigration.wsman.security import Mechanism

MOST_TRIED = 4
"""So many of the domain controllers that DNS names are asked, one after the other."""


def whom(target: DirectoryTarget) -> str:
    """Return who is asked, for a sentence."""
    named = _named(target)
    if named is None:
        return f"a domain controller that DNS names, port {target.entry.ports[0]}"
    return named.endpoint


def _named(target: DirectoryTarget) -> Server | None:
    """Return the server that the inventory names; None: DNS does."""
    entry = target.entry
    if entry.server is None:
        return None
    seconds = target.access.connection.time_limits.message
    at = entry.address or entry.server
    return Server(entry.server, at, entry.ports[0], target.tls, seconds)


@contextmanager
def signed_in(
    target: DirectoryTarget, domain: str, until: Deadline
) -> Iterator[tuple[Directory, Entry]]:
    """Give a connection to the directory of a domain, and what its server says of itself.

    Raises:
        WsmanError: it does not answer, is that of another domain, or does not take the account.
    """
    named = _named(target)
    if named is None:
        directory, root = _found(target, domain, until)
    else:
        directory, root = _greeted(named, domain, until)
    with directory:
        try:
            sign_in(target, domain, directory, root, until)
            # What anybody between could say in its place, it says once more, sealed.
            root = directory.root()
            _check(root, domain)
            yield directory, root
        except WsmanError as error:
            if named is not None:
                raise
            raise error.with_remark(f"asked was {directory.server.endpoint}") from None


def _greeted(server: Server, domain: str, until: Deadline) -> tuple[Directory, Entry]:
    """Return a connection to a server of a domain, and what it says of itself."""
    directory = Directory(server, until)
    try:
        root = directory.root()
        _check(root, domain)
    except BaseException:
        directory.close()
        raise
    return directory, root


def _found(target: DirectoryTarget, domain: str, until: Deadline) -> tuple[Directory, Entry]:
    """Return a connection to the first that answers of the domain controllers that DNS names.

    Nobody signs in by then: one that is silent, or is of another domain, costs the account nothing.
    """
    from livemigration.ldap.controllers import DNS_PORT, Lookup  # noqa: PLC0415 - loads dnspython

    entry, limits = target.entry, target.access.connection.time_limits
    lookup = Lookup(domain, entry.dns, entry.dns_port or DNS_PORT, until)
    names = lookup.controllers()
    failures: list[tuple[str, WsmanError]] = []
    for name in names[:MOST_TRIED]:
        # Whoever can answer for DNS chooses that name, so no certificate for it is proof: it has to
        # be one for the domain itself. And no port of a record counts, for the same reason.
        whose = name if target.tls is None else domain
        try:
            at = lookup.address_of(name)
            server = Server(whose, at, entry.ports[0], target.tls, limits.connect)
            directory, root = _greeted(server, domain, until)
        except WsmanError as error:
            if until.passed:
                raise error.with_remark(f"asked was {name}") from None
            failures.append((name, error))
        else:
            directory.wait(limits.message)
            return directory, root
    raise _all_failed(failures, len(names))


def _all_failed(failures: Sequence[tuple[str, WsmanError]], known: int) -> WsmanError:
    """Return why none of the domain controllers could be asked that were tried."""
    first = failures[0][1]
    if known == 1:
        return first.with_remark(f"DNS names {failures[0][0]} alone")
    tried = len(failures)
    which = f"{known}" if tried == known else f"first {tried} of {known}"
    why = some(f"{name} ({one_line(error.came_back, 80)})" for name, error in failures)
    return WsmanError(
        first.kind,
        f"none of the {which} domain controllers that DNS names can be asked: {why}",
        code=first.code,
        next_step=first.next_step,
    )


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
    # Of a server that DNS names, not even the name has a part in how it is signed in to.
    security = own.security.towards(target.entry.server or f"*.{domain}")
    if security.mechanism is not Mechanism.KERBEROS or security.tickets is None:
        if directory.server.tls is not None:
            by_password(directory, own.credentials)
        else:
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
