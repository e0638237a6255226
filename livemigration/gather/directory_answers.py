"""What is asked of a directory, and its answers as facts: one search for many hosts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import sansldap

from livemigration.base.text import one_line
from livemigration.facts.directory import (
    FILE_SERVICE,
    MIGRATION_SERVICE,
    OF_CONTROLLERS,
    OF_READ_ONLY_CONTROLLERS,
    DirectoryAccount,
    DirectoryDomain,
    DirectoryNames,
    DomainController,
    NameOwner,
    ServiceName,
    SharedName,
    Trust,
)
from livemigration.facts.host import DomainMembership
from livemigration.ldap.descriptor import allowed_by, sid_of
from livemigration.ldap.directory import Directory, Entry

# Conditions of one search: 198 took a directory 0.6 s (authentication.md C).
_AT_ONCE = 150
_ACTING = "msDS-AllowedToActOnBehalfOfOtherIdentity"
_ACCOUNT = (
    "sAMAccountName",
    "dNSHostName",
    "userAccountControl",
    "objectSid",
    "msDS-AllowedToDelegateTo",
    _ACTING,
    "servicePrincipalName",
    "msDS-SupportedEncryptionTypes",
)
_MEANT = {MIGRATION_SERVICE.casefold(), FILE_SERVICE}
_COMPONENT = re.compile(r"(?<!\\),")

Hosts = Mapping[str, DomainMembership]


def domain_of(name: str) -> str:
    """Return the DNS name of the domain that a distinguished name ends with; empty: it has none."""
    parts = (each.strip().partition("=") for each in _COMPONENT.split(name))
    return ".".join(value for kind, _, value in parts if kind.casefold() == "dc")


def accounts_in(directory: Directory, base: str, hosts: Hosts) -> dict[str, DirectoryAccount]:
    """Return the account of each host in its own domain's directory.

    Raises:
        WsmanError: the directory did not answer to the end.
    """
    names = {host: f"{member.name}$" for host, member in hosts.items()}
    found: dict[str, DirectoryAccount] = {}
    for some in _batches(sorted(set(names.values()))):
        for entry in directory.search(base, _any_of("sAMAccountName", some), _ACCOUNT):
            found[entry.text("sAMAccountName").casefold()] = account_of(entry)
    nobody = {host: DirectoryAccount(False, name) for host, name in names.items()}
    return {host: found.get(name.casefold(), nobody[host]) for host, name in names.items()}


def account_of(entry: Entry) -> DirectoryAccount:
    """Return what a directory shows of an account."""
    own = list(_service_names(entry, "servicePrincipalName"))
    return DirectoryAccount(
        found=True,
        account=entry.text("sAMAccountName"),
        control=entry.number("userAccountControl"),
        sid=_sid(entry.one("objectSid")),
        delegates_to=tuple(_service_names(entry, "msDS-AllowedToDelegateTo")),
        acting=_acting(entry.one(_ACTING)),
        names=tuple(each for each in own if each.service.casefold() != FILE_SERVICE),
        encryption_types=entry.number("msDS-SupportedEncryptionTypes"),
        dns_name=entry.text("dNSHostName") or None,
    )


def _service_names(entry: Entry, attribute: str) -> Iterator[ServiceName]:
    """Yield the names in an attribute that live migration is about, in an order of their own."""
    for text in sorted(entry.texts(attribute), key=str.casefold):
        service, slash, name = text.partition("/")
        if slash and service.casefold() in _MEANT:
            yield ServiceName(service, name)


def _sid(data: bytes | None) -> str | None:
    try:
        return sid_of(data) if data is not None else None
    except ValueError:
        return None


def _acting(data: bytes | None) -> tuple[str, ...] | None:
    try:
        return allowed_by(data) if data is not None else ()
    except ValueError:
        return None


def domain_in(directory: Directory, root: Entry) -> DirectoryDomain:
    """Return the domain of a directory with its trusts; `root` is what its server says of itself.

    Raises:
        WsmanError: the directory did not answer to the end.
    """
    base = root.text("defaultNamingContext")
    condition = sansldap.FilterEquality("objectClass", b"trustedDomain")
    asked = ("trustPartner", "trustDirection", "trustAttributes")
    trusts = [
        Trust(partner, each.number("trustDirection"), each.number("trustAttributes"))
        for each in directory.search(f"CN=System,{base}", condition, asked)
        if (partner := each.text("trustPartner"))
    ]
    return DirectoryDomain(
        domain_of(base),
        domain_of(root.text("rootDomainNamingContext")),
        tuple(sorted(trusts, key=lambda each: each.partner.casefold())),
    )


def controllers_in(directory: Directory, root: Entry) -> tuple[DomainController, ...]:
    """Return the controllers of the domain of a directory, in the order of their names.

    `root` is what its server says of itself.

    Raises:
        WsmanError: the directory did not answer to the end.
    """
    groups = (OF_CONTROLLERS, OF_READ_ONLY_CONTROLLERS)
    condition = sansldap.FilterAnd(
        [
            # A user may have that primary group as well.
            sansldap.FilterEquality("objectClass", b"computer"),
            _any_of("primaryGroupID", map(str, groups)),
        ]
    )
    base = root.text("defaultNamingContext")
    found = directory.search(base, condition, ("dNSHostName", "cn"))
    names = {name for each in found if (name := each.text("dNSHostName") or each.text("cn"))}
    return tuple(DomainController(each) for each in sorted(names, key=lambda e: (e.casefold(), e)))


def names_of(
    hosts: Hosts, accounts: Mapping[str, DirectoryAccount]
) -> dict[str, tuple[ServiceName, ...]]:
    """Return the names of live migration that each host has, or should have: whole, and short."""
    found = {}
    for host, member in hosts.items():
        known = accounts.get(host)
        whole = (known.dns_name if known is not None else None) or full_name(member)
        names = [ServiceName(MIGRATION_SERVICE, name) for name in (whole, member.name)]
        names += known.names if known is not None else ()
        found[host] = tuple({each.key: each for each in names}.values())
    return found


def full_name(member: DomainMembership) -> str:
    """Return the name of a member of a domain, with that domain."""
    return f"{member.dns_name or member.name}.{member.domain}"


def names_in(
    directory: Directory,
    base: str,
    names: Mapping[str, Sequence[ServiceName]],
    *,
    whole_forest: bool,
) -> dict[str, DirectoryNames]:
    """Return which names of each host several accounts have.

    Args:
        directory: who is asked.
        base: below what; empty: everything that it holds.
        names: of each host.
        whole_forest: whether it holds every domain of the forest.

    Raises:
        WsmanError: the directory did not answer to the end.
    """
    owners: dict[tuple[str, str], dict[str, NameOwner]] = {}
    every = sorted({str(each) for own in names.values() for each in own})
    for some in _batches(every):
        condition = _any_of("servicePrincipalName", some)
        for entry in directory.search(base, condition, ("sAMAccountName", "servicePrincipalName")):
            owner = NameOwner(
                entry.text("sAMAccountName") or one_line(entry.name), domain_of(entry.name)
            )
            for each in _service_names(entry, "servicePrincipalName"):
                # By the object: the same account may be found twice.
                owners.setdefault(each.key, {})[entry.name.casefold()] = owner
    return {
        host: DirectoryNames(
            whole_forest,
            tuple(
                SharedName(each.service, each.name, tuple(found.values()))
                for each in own
                if len(found := owners.get(each.key, {})) > 1
            ),
        )
        for host, own in names.items()
    }


def _any_of(attribute: str, values: Iterable[str]) -> sansldap.LDAPFilter:
    """Return the condition that an attribute has one of some values."""
    # Not as text, in which a name may hold what means something else.
    return sansldap.FilterOr(
        [sansldap.FilterEquality(attribute, each.encode("utf-8", "replace")) for each in values]
    )


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    left = iter(names)
    while some := list(islice(left, _AT_ONCE)):
        yield some
