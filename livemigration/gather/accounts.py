"""Which account signs in to a machine: what a lockout counts by."""

from __future__ import annotations

from dataclasses import dataclass

from livemigration.base.secret import Credentials
from livemigration.gather.connect import Access

# A machine's own accounts, in the form in which Windows takes them: .\name.
_OF_THE_MACHINE = "."


@dataclass(frozen=True)
class Login:
    """What signs in to a machine: an account, and the password that is tried for it."""

    account: tuple[str, ...]
    credentials: Credentials | None = None


def login_of(access: Access) -> Login:
    r"""Return what signs in to a machine.

    One account may be written as `DOMAIN\name` and as `name@domain`, in any case. The first label
    of a DNS domain counts as its short name, which Windows makes of it unless somebody chose
    another; a UPN suffix that is none of the domain's names makes two accounts of one. `.\name`
    is an account of each machine itself: two passwords for it are two accounts.
    """
    if access.connection.transport == "certificate":
        return Login(("certificate", access.connection.client_certificate or ""))
    own, chosen = access.credentials, access.security.sign_in
    named = own.username
    if not named and chosen is not None and chosen.principal is not None:
        # A keytab or a ticket needs no user name: it has one.
        named = f"{chosen.principal.name}@{chosen.principal.realm}"
    account = account_of(named)
    if account[0] == _OF_THE_MACHINE:
        account = (*account, str(id(own.password)))
    return Login(account, own)


def account_of(username: str) -> tuple[str, ...]:
    r"""Return the domain's short name and the name of an account; no domain: an empty one."""
    text = username.strip().casefold()
    if "\\" in text:
        domain, _, name = text.partition("\\")
    elif "@" in text:
        name, _, domain = text.rpartition("@")
    else:
        domain, name = "", text
    return (domain if domain == _OF_THE_MACHINE else domain.partition(".")[0]), name
