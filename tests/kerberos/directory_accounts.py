"""The accounts of the tests' directory, and the LDIF that makes them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DOMAIN = "contoso.test"
BASE = "DC=contoso,DC=test"
# Everything that asks machines in these tests does so as this account.
OPERATOR = "svc-livemigration"
HOSTS = tuple(f"hv{number:02d}" for number in range(1, 9))
VMM = "vmm01"
# Real hosts have no HTTP/ of their own: the directory maps it to HOST/ (sPNMappings).
MAPPED = "hv10"
WITHOUT_SPN = "hv11"
TWICE = "hv12"
# Has the name hv12 as well, which a directory refuses to write and a restored backup brings back.
SECOND = "hv13"
_NORMAL, _DISABLED, _COMPUTER = 512, 514, 4096
# AES128 and AES256, no RC4 (MS-KILE 2.2.7).
_AES = 24
# 1 January 2020, in intervals of 100 ns since 1601.
_PAST = 132223104000000000
_LOCKOUT_THRESHOLD = 50


@dataclass(frozen=True)
class Person:
    """An account of a person or of a service; `extra` are lines of its LDIF."""

    name: str
    control: int = _NORMAL
    extra: str = ""

    @property
    def password(self) -> str:
        # Special in XML, JSON, URLs, Python and shells, and beyond ASCII.
        return f"C4n&<{self.name}>\"'\\/%=+ ä€:{{$}}"

    @property
    def dn(self) -> str:
        return f"CN={self.name},CN=Users,{BASE}"


@dataclass(frozen=True)
class Computer:
    """The account of a machine; `services` are the classes of its SPNs.

    `called` is the account's own name, where it is another. Samba gives tickets for HTTP/NAME to
    an account that is merely called NAME.
    """

    name: str
    services: tuple[str, ...] = ("HOST", "HTTP")
    called: str = ""

    @property
    def account(self) -> str:
        return self.called or self.name

    @property
    def dns(self) -> str:
        return f"{self.name}.{DOMAIN}"


PEOPLE = (
    Person(OPERATOR),
    Person("disabled", control=_DISABLED),
    Person("expired", extra=f"accountExpires: {_PAST}\n"),
    Person("must-change"),
    Person("protected"),
)
COMPUTERS = (
    *(Computer(name) for name in (*HOSTS, VMM)),
    Computer(MAPPED, ("HOST",)),
    Computer(WITHOUT_SPN, ("TERMSRV",), called="renamed"),
    Computer(TWICE),
    Computer(SECOND),
)


def additions(more: Sequence[Computer] = ()) -> str:
    """Return the records of all accounts, with their passwords: without them they have no keys."""
    return "\n".join((*map(person, PEOPLE), *map(_computer, (*COMPUTERS, *more))))


def controller_names() -> str:
    """Return the names of the domain controller, by which it has tickets for LDAP.

    Its DNS update service, which is off, would write them.
    """
    names = "".join(
        f"add: servicePrincipalName\nservicePrincipalName: ldap/dc01.{DOMAIN}{each}\n-\n"
        for each in ("", f"/{DOMAIN}")
    )
    return f"dn: CN=DC01,OU=Domain Controllers,{BASE}\nchangetype: modify\n{names}"


def changes() -> str:
    """Return what can only be changed in a record that is there."""
    must_change = next(each for each in PEOPLE if each.name == "must-change")
    protected = next(each for each in PEOPLE if each.name == "protected")
    return "\n".join(
        (
            controller_names(),
            # Without a threshold nobody counts wrong passwords.
            _replaced(BASE, "lockoutThreshold", str(_LOCKOUT_THRESHOLD)),
            _replaced(must_change.dn, "pwdLastSet", "0"),
            (
                f"dn: CN=Protected Users,CN=Users,{BASE}\nchangetype: modify\n"
                f"add: member\nmember: {protected.dn}\n"
            ),
        )
    )


def duplicates() -> str:
    """Return what a directory refuses to write: a name that is another account's too."""
    names = "".join(f"servicePrincipalName: {each}/{TWICE}.{DOMAIN}\n" for each in ("HOST", "HTTP"))
    return (
        f"dn: CN={SECOND},CN=Computers,{BASE}\nchangetype: modify\nadd: servicePrincipalName\n"
        f"{names}"
    )


def keytabs(more: Sequence[Computer] = ()) -> Iterator[tuple[str, str]]:
    """Yield the principals whose keys are exported, each with the stem of its file's name."""
    yield OPERATOR, OPERATOR
    for each in (*COMPUTERS, *more):
        # By its account's name: of names that two accounts have nothing can be exported.
        yield each.dns, f"{each.account}$"
        for service in each.services:
            if each.name not in {TWICE, SECOND}:
                yield each.dns, f"{service}/{each.dns}"


def person(each: Person) -> str:
    """Return the record of a person, with a password."""
    return (
        f"dn: {each.dn}\nobjectClass: user\nsAMAccountName: {each.name}\n"
        f"userPrincipalName: {each.name}@{DOMAIN}\nuserAccountControl: {each.control}\n"
        f"{each.extra}{_keys(each.password)}"
    )


def _computer(each: Computer) -> str:
    names = "".join(f"servicePrincipalName: {name}/{each.dns}\n" for name in each.services)
    return (
        f"dn: CN={each.account},CN=Computers,{BASE}\nobjectClass: computer\n"
        f"sAMAccountName: {each.account}$\nuserAccountControl: {_COMPUTER}\n"
        f"dNSHostName: {each.dns}\n{names}{_keys(f'Key-of-{each.name}-9Zx!')}"
    )


def _keys(password: str) -> str:
    written = base64.b64encode(f'"{password}"'.encode("utf-16-le")).decode()
    return f"msDS-SupportedEncryptionTypes: {_AES}\nunicodePwd:: {written}\n"


def _replaced(dn: str, attribute: str, value: str) -> str:
    return f"dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"
