"""Who signs in, as Kerberos names accounts, and whether there is a realm for it at all."""

from __future__ import annotations

from dataclasses import dataclass

# What Windows takes for the machine that is signed in to.
_ITSELF = "."
# krb5_parse_name(3): what separates the parts of a principal's name. The first @ of an enterprise
# name is part of it.
_SPECIAL = "\\/@"
_SPECIAL_IN_UPN = "\\/"


@dataclass(frozen=True)
class Principal:
    """An account of a realm.

    `enterprise`: the name is a UPN whose suffix is not the realm, such as admin@company.com in
    CORP.EXAMPLE; the KDC looks it up (RFC 6806, section 5).
    """

    name: str
    realm: str
    enterprise: bool = False

    @property
    def text(self) -> str:
        """The principal for people."""
        return f"{self.name} in {self.realm}" if self.enterprise else f"{self.name}@{self.realm}"

    @property
    def parsed_from(self) -> str:
        """The principal as Kerberos' libraries read it."""
        name = self.name
        for each in _SPECIAL_IN_UPN if self.enterprise else _SPECIAL:
            name = name.replace(each, f"\\{each}")
        return f"{name}@{self.realm}"

    @property
    def kinit(self) -> str:
        """The command that gets a ticket by hand."""
        return f"kinit {'-E ' if self.enterprise else ''}{self.parsed_from}"


@dataclass(frozen=True)
class Login:
    """A user name as it was given, in its parts; `domain` is what stands before a backslash."""

    name: str
    domain: str = ""
    suffix: str = ""

    @classmethod
    def of(cls, username: str) -> Login:
        r"""Return the parts of `DOMAIN\user`, `user@suffix` or `user`."""
        domain, backslash, name = username.partition("\\")
        if backslash:
            return cls(name, domain)
        name, _, suffix = username.rpartition("@")
        return cls(name, suffix=suffix) if name and suffix else cls(username)

    def is_of(self, machine: str) -> bool:
        """Whether the account is one of the machine itself, and of no domain."""
        own = machine.partition(".")[0].casefold()
        return self.domain == _ITSELF or (bool(self.domain) and self.domain.casefold() == own)


def principal_of(username: str, realm: str, default: str, *, asked: bool) -> Principal | None:
    r"""Return who signs in where a realm is at hand, else None.

    A realm that is only this machine's default stands for `DOMAIN\user` where it is that domain's:
    the password of one account, tried for its namesake of another domain, can lock that one.

    Args:
        username: as it was given.
        realm: the one that the inventory names; empty: none.
        default: this machine's own; empty: none.
        asked: whether Kerberos was asked for, so that a bare user name is one of the default realm.
    """
    login = Login.of(username)
    if not login.name or login.domain == _ITSELF:
        return None
    realm, default = realm.upper(), default.upper()
    if login.suffix:
        upper = login.suffix.upper()
        if realm and upper != realm:
            return Principal(f"{login.name}@{login.suffix}", realm, enterprise=True)
        return Principal(login.name, upper)
    if realm:
        return Principal(login.name, realm)
    if login.domain:
        found = _realm_of_domain(login.domain.upper(), default)
    else:
        found = default if asked else ""
    return Principal(login.name, found) if found else None


def _realm_of_domain(domain: str, default: str) -> str:
    if domain in {default, default.partition(".")[0]}:
        return default
    # The domain's DNS name, which is its realm's.
    return domain if "." in domain else ""
