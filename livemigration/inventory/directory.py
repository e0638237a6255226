"""Which directory is asked about the hosts' accounts, and how; nothing where it is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from livemigration.inventory.connection import Connection
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.names import MachineName, is_address
from livemigration.inventory.own_connection import said

LDAP_PORT, LDAPS_PORT = 389, 636
CATALOGUE_PORT, CATALOGUE_LDAPS_PORT = 3268, 3269
# What a directory can be signed in to with, in the words of a connection.
_TRANSPORTS = ("negotiate", "kerberos", "ntlm")
_OF_SIGN_IN = ("transport", "realm", "keytab", "fallback")


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError(f"{text[:60]!r} is no IP address. Write that of a DNS server.")
    return text


class DirectoryServer(BaseModel):
    """A directory: read-only, by LDAP, with signed and sealed messages or over TLS."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    domain: MachineName | None = Field(
        default=None,
        description="The DNS name of the domain whose hosts it is asked about. Left out: of every "
        "domain that no other entry names.",
    )
    server: MachineName | None = Field(
        default=None,
        description="The full name of a domain controller of that domain. Left out: those that DNS "
        "names for each host's domain, the next one where one is silent.",
    )
    address: MachineName | None = Field(
        default=None, description="What to connect to, where it is not the server's name."
    )
    dns: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None,
        description="The address of the DNS server that names the domain controllers and their "
        "addresses, where server is left out. Left out: those of this machine.",
    )
    dns_port: int | None = Field(
        default=None, strict=True, ge=1, le=65535, description="Left out: 53."
    )
    credentials: CredentialSource | None = Field(
        default=None,
        description="The account, which needs no rights of its own. Left out: that "
        "of the inventory.",
    )
    transport: Literal["negotiate", "kerberos", "ntlm"] | None = Field(
        default=None,
        description="How to sign in; every message is signed and sealed. Left out: as the "
        "inventory's connection does, or negotiate. With ldaps: kerberos, or left out for the "
        "password.",
    )
    realm: str | None = Field(default=None, min_length=1, description="As that of a connection.")
    keytab: str | None = Field(default=None, min_length=1, description="As that of a connection.")
    fallback: Literal["ntlm"] | None = Field(default=None, description="As that of a connection.")
    ldaps: bool = Field(
        default=False,
        strict=True,
        description="LDAP within TLS, in which the password travels, or with transport: kerberos a "
        "ticket. The server's certificate is always checked.",
    )
    ca: str | None = Field(
        default=None,
        min_length=1,
        description="With ldaps: a PEM file with the certificates of those who sign the server's "
        "own, relative to the inventory's folder. Left out: those that this machine trusts.",
    )
    port: int | None = Field(
        default=None, strict=True, ge=1, le=65535, description="Left out: 389, or 636 with ldaps."
    )
    catalogue_port: int | None = Field(
        default=None,
        strict=True,
        ge=1,
        le=65535,
        description="That of the global catalogue, for names that two accounts have. Left out: "
        "3268, or 3269 with ldaps.",
    )
    time_limit: float = Field(
        default=60,
        strict=True,
        gt=0,
        le=3600,
        description="Seconds for everything that the directory of one domain is asked about up to "
        "250 hosts.",
    )

    @model_validator(mode="after")
    def _what_belongs_together(self) -> DirectoryServer:
        if self.address is not None and self.server is None:
            raise ValueError("address stands without server. Write the server's full name.")
        if self.dns is not None and self.server is not None:
            raise ValueError("dns finds the server, which is named. Remove one of the two.")
        if self.dns_port is not None and self.dns is None:
            raise ValueError("dns_port stands without dns. Write the DNS server's address.")
        if self.ca is not None and not self.ldaps:
            raise ValueError("ca says who signs certificates, and without ldaps there are none.")
        given = [each for each in _OF_SIGN_IN if getattr(self, each) is not None]
        if self.ldaps and given and self.transport != "kerberos":
            raise ValueError(
                f"{given[0]} is of no use with ldaps, where a password travels within TLS. Remove "
                "one of the two, or write transport: kerberos."
            )
        if given:
            # It says the same of what goes together as a connection does.
            Connection.model_validate({each: getattr(self, each) for each in given})
        return self

    @property
    def ports(self) -> tuple[int, int]:
        """The port of the domain, and that of the global catalogue."""
        usual = (LDAPS_PORT, CATALOGUE_LDAPS_PORT) if self.ldaps else (LDAP_PORT, CATALOGUE_PORT)
        return self.port or usual[0], self.catalogue_port or usual[1]

    def certificates(self, folder: Path) -> Path | None:
        """Return where the file lies that `ca` names, relative to a folder."""
        return folder / self.ca if self.ca is not None else None

    def connection(self, site: Connection) -> Connection:
        """Return how it is signed in to, as a connection; `site` is the inventory's own."""
        limits = {"time_limits": {"kdc": site.time_limits.kdc}}
        if self.ldaps and self.transport is None:
            return Connection.model_validate({"transport": "ntlm", **limits})
        own = {name: each for name in _OF_SIGN_IN if (each := getattr(self, name)) is not None}
        if not own and self.credentials is None and site.transport in _TRANSPORTS:
            given: dict[str, Any] = said(site)
            own = {name: given[name] for name in _OF_SIGN_IN if name in given}
        return Connection.model_validate({**own, **limits})


def server_for(directories: tuple[DirectoryServer, ...], domain: str) -> DirectoryServer | None:
    """Return the directory that is asked about the hosts of a domain; None: there is none."""
    wanted = domain.casefold()
    named = (each for each in directories if (each.domain or "").casefold() == wanted)
    return next(named, next((each for each in directories if each.domain is None), None))
