"""Computers of the tests' directory between which live migration is, or is not, delegated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from directory_accounts import BASE, DOMAIN

MIGRATION, FILES = "Microsoft Virtual System Migration Service", "cifs"
ANY_PROTOCOL, TRUSTED, DISABLED, COMPUTER = 0x1000000, 0x80000, 0x2, 0x1000


def spns(*names: str, services: tuple[str, ...] = (MIGRATION, FILES)) -> tuple[str, ...]:
    """Return the names of services of computers, by their full and their short names."""
    return tuple(
        f"{service}/{form}"
        for name in names
        for service in services
        for form in (f"{name}.{DOMAIN}", name.upper())
    )


@dataclass(frozen=True)
class Source:
    """A computer that sends virtual machines; what is left out is as it should be."""

    name: str
    control: int = COMPUTER | ANY_PROTOCOL
    delegates: tuple[str, ...] = spns("dl02")
    own: tuple[str, ...] | None = None
    encryption: str = "28"

    @property
    def dn(self) -> str:
        return f"CN={self.name},CN=Computers,{BASE}"

    @property
    def names(self) -> tuple[str, ...]:
        return spns(self.name, services=(MIGRATION,)) if self.own is None else self.own

    @property
    def ldif(self) -> str:
        lines = [
            f"dn: {self.dn}",
            "objectClass: computer",
            f"sAMAccountName: {self.name}$",
            f"userAccountControl: {self.control}",
            f"dNSHostName: {self.name}.{DOMAIN}",
            *(f"servicePrincipalName: {each}" for each in self.names),
            *(f"msDS-AllowedToDelegateTo: {each}" for each in self.delegates),
        ]
        if self.encryption:
            lines.append(f"msDS-SupportedEncryptionTypes: {self.encryption}")
        return "\n".join(lines) + "\n"


CONSTRAINED = Source("dl01")
TARGET = Source("dl02", delegates=spns("dl01"))
UNCONSTRAINED = Source("dl03", COMPUTER | TRUSTED, ())
KERBEROS_ONLY = Source("dl04", COMPUTER)
NOTHING = Source("dl05", delegates=())
RESOURCE = Source("dl06", delegates=())
OFF = Source("dl07", COMPUTER | ANY_PROTOCOL | DISABLED)
NO_NAMES = Source("dl08", own=())
OLD_KEYS = Source("dl09", encryption="4")
TWICE = Source("dl10")
TWIN = Source("dl11", own=())
HIDDEN = Source("dl12")
NO_KINDS = Source("dl13", encryption="")
SOURCES = (
    CONSTRAINED,
    TARGET,
    UNCONSTRAINED,
    KERBEROS_ONLY,
    NOTHING,
    RESOURCE,
    OFF,
    NO_NAMES,
    OLD_KEYS,
    TWICE,
    TWIN,
    HIDDEN,
    NO_KINDS,
)


# userAccountControl in the schema.
CONTROL = "bf967a68-0de6-11d0-a285-00aa003049e2"


def duplicates() -> str:
    """Return what a directory refuses to write: names that are another account's too."""
    names = "".join(f"servicePrincipalName: {each}\n" for each in TWICE.names)
    return f"dn: {TWIN.dn}\nchangetype: modify\nadd: servicePrincipalName\n{names}"


# Days since an account signed in; every other one never did.
SIGNED_IN = {CONSTRAINED.name: 2, TARGET.name: 200, OFF.name: 1}


def sign_ins() -> str:
    """Return what a directory writes itself when an account signs in: in 100 ns since 1601."""
    begins = datetime(1601, 1, 1, tzinfo=UTC)
    now = datetime.now(UTC)
    ticks = {
        name: int((now - timedelta(days=days) - begins).total_seconds()) * 10_000_000
        for name, days in SIGNED_IN.items()
    }
    return "\n".join(
        f"dn: CN={name},CN=Computers,{BASE}\nchangetype: modify\n"
        f"replace: lastLogonTimestamp\nlastLogonTimestamp: {own}\n"
        for name, own in ticks.items()
    )
