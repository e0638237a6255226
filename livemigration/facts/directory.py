"""What Active Directory says of a host's account: delegation, names, keys, and its domain's trusts.

Attributes and what their bits mean: windows-facts-2.md 13. It is asked by LDAP, read-only, and only
where the inventory names a directory.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from livemigration.facts.model import FactGroup, Inapplicable, Subject, Vantage

MIGRATION_SERVICE = "Microsoft Virtual System Migration Service"
"""The class of the names under which live migration is asked for (windows-facts.md 3.4)."""

FILE_SERVICE = "cifs"
"""The class of the names under which files are, which storage moves by."""

# Bits of userAccountControl.
ACCOUNT_DISABLED = 0x2
TRUSTED_FOR_DELEGATION = 0x80000
ANY_PROTOCOL = 0x1000000
# Of msDS-SupportedEncryptionTypes: AES128 and AES256.
AES = 0x18

# How a session with a directory is told: who signed in by what, and what protects the messages.
BY_PASSWORD = "Password"  # noqa: S105 - names a way to sign in
SEALED = "over LDAP, messages sealed"
WITHIN_TLS = "over LDAPS, certificate checked"

NO_DIRECTORY = Inapplicable("no directory configured")
"""What is said of these groups where the inventory names no directory."""

NONE_FOR_THE_DOMAIN = f"{NO_DIRECTORY.reason} for the domain"
"""How it is said of a host whose domain none of the inventory's directories is asked about."""


@dataclass(frozen=True)
class ServiceName:
    """A service principal name: `service/name`, in the spelling that the directory has."""

    service: str
    name: str

    def __str__(self) -> str:
        return f"{self.service}/{self.name}"

    @property
    def key(self) -> tuple[str, str]:
        """What two spellings of one name have in common."""
        return self.service.casefold(), self.name.casefold()


@dataclass(frozen=True)
class DirectoryAccount:
    """The host's own account in the directory of its domain, by the computer's name.

    `found` is false where the directory shows no such account: it is not there, or the suite's
    account may not see it. `account`: sAMAccountName. `control`: userAccountControl; None: it was
    not shown, and so of no attribute is known whether it is set. `sid`: objectSid.
    `delegates_to`: msDS-AllowedToDelegateTo, the services of live migration and of files only.
    `acting`: the SIDs that may act on its behalf of others
    (msDS-AllowedToActOnBehalfOfOtherIdentity); None: the attribute is set and cannot be read.
    `names`: servicePrincipalName, those of live migration only. `encryption_types`:
    msDS-SupportedEncryptionTypes; None: not set. `dns_name`: dNSHostName, which the host
    writes: its whole name, also where its DNS suffix is not that of its domain; None: not shown.
    `answered_by` is the domain controller that showed it, as it names itself, and `signed_in` how
    the suite signed in there; empty where a facts file does not say.
    """

    found: bool
    account: str
    control: int | None = None
    sid: str | None = None
    delegates_to: tuple[ServiceName, ...] = ()
    acting: tuple[str, ...] | None = ()
    names: tuple[ServiceName, ...] = ()
    encryption_types: int | None = None
    dns_name: str | None = None
    answered_by: str = field(default="", compare=False)
    signed_in: str = field(default="", compare=False)


DIRECTORY_ACCOUNT: FactGroup[DirectoryAccount] = FactGroup(
    "directory-account",
    "its account in the directory",
    Subject.HOST,
    Vantage.DIRECTORY,
    DirectoryAccount,
)


@dataclass(frozen=True)
class NameOwner:
    """An account that has a name: its sAMAccountName, and the DNS name of its domain."""

    account: str
    domain: str


@dataclass(frozen=True)
class SharedName:
    """A service principal name that several accounts have."""

    service: str
    name: str
    owners: tuple[NameOwner, ...]


@dataclass(frozen=True)
class DirectoryNames:
    """Which of the host's names of live migration other accounts have as well.

    `whole_forest`: the global catalogue was asked; else only the host's own domain.
    """

    whole_forest: bool
    shared: tuple[SharedName, ...] = ()


DIRECTORY_NAMES: FactGroup[DirectoryNames] = FactGroup(
    "directory-names",
    "who has its service principal names",
    Subject.HOST,
    Vantage.DIRECTORY,
    DirectoryNames,
)


@dataclass(frozen=True)
class Trust:
    """A trust of a domain (trustedDomain): its partner's DNS name, trustDirection, trustAttributes.

    `direction`: 1 the partner trusts this domain less than it is trusted, that is inbound; 2
    outbound; 3 both; 0 disabled; None: not shown.
    """

    partner: str
    direction: int | None
    attributes: int | None


@dataclass(frozen=True)
class DirectoryDomain:
    """The domain of a host as its own directory has it: DNS names of it and of its forest."""

    domain: str
    forest: str
    trusts: tuple[Trust, ...] = ()


DIRECTORY_DOMAIN: FactGroup[DirectoryDomain] = FactGroup(
    "directory-domain",
    "the trusts of its domain",
    Subject.HOST,
    Vantage.DIRECTORY,
    DirectoryDomain,
)
