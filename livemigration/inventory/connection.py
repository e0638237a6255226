"""How the machines of an inventory are reached, and who may read what travels to them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

HTTP_PORT = 5985
HTTPS_PORT = 5986

Transport = Literal["negotiate", "kerberos", "ntlm", "credssp", "basic", "certificate"]
# What carries the messages (livemigration/wsman/clients.py).
Client = Literal["auto", "pywinrm", "streams"]


def _is_no_number(value: Any) -> Any:
    """Return a value that Python takes for 1, and nobody else does, as what it is not."""
    return str(value).lower() if isinstance(value, (bool, float)) else value


# To each host at once (livemigration/gather/beside.py).
Connections = Annotated[Literal["auto", 1, 2], BeforeValidator(_is_no_number)]
PolicyStore = Literal["local", "active"]
# What stands before the machine's name in the SPN that a ticket is asked for.
KerberosService = Literal["HTTP", "HOST", "WSMAN"]
ServerCertificate = Literal["validate", "ignore"]

# What somebody writes who wants a password to travel readable; a reviewer stops at it.
UNENCRYPTED = "yes, I know that anyone on the network can read it"

# Ways to sign in that may end in Kerberos, and what only they can use.
BY_TICKET = ("negotiate", "kerberos")
_BY_TICKET_ONLY = ("realm", "keytab", "kerberos_service", "fallback")
_REALM = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9])?")
_HTTPS_ONLY = {
    "server_certificate": "says whose certificate is accepted",
    "ca": "says who signs the machines' certificates",
}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TimeLimits(_Model):
    """Seconds after which waiting ends."""

    connect: float = Field(
        default=5, strict=True, gt=0, le=120, description="One connection to a machine."
    )
    message: float = Field(
        default=30, strict=True, gt=0, le=600, description="The reply to one message."
    )
    probe: float = Field(
        default=4, strict=True, gt=0, le=120, description="All connections from VMM, at once."
    )
    kdc: float = Field(
        default=10,
        strict=True,
        gt=0,
        le=120,
        description="One question to a domain controller for a Kerberos ticket.",
    )
    rating: float = Field(
        default=120,
        strict=True,
        gt=0,
        le=3600,
        description="VMM's rating of one host, with --stage-vm only.",
    )
    host: float = Field(
        default=120, strict=True, gt=0, le=3600, description="All that one host is asked."
    )
    run: float = Field(
        default=1200, strict=True, gt=0, le=86400, description="All that all machines are asked."
    )


@dataclass(frozen=True)
class ConnectionFiles:
    """Where the files lie that a connection names."""

    ca: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    keytab: Path | None = None


class Connection(_Model):
    """How the suite and VMM reach WS-Management on the hosts."""

    transport: Transport = Field(
        default="negotiate",
        description="How the suite signs in. negotiate: by Kerberos where a realm or a ticket is "
        "at hand, else by NTLM. credssp, basic and certificate need https.",
    )
    realm: str | None = Field(
        default=None,
        min_length=1,
        description="The account's Kerberos realm, which is the DNS name of its domain. Left out: "
        "that of a user name as user@realm, or the one of this machine where it is that domain's.",
    )
    keytab: str | None = Field(
        default=None,
        min_length=1,
        description="A file with the account's keys in place of its password, that its owner alone "
        "may read. Relative to the inventory's folder.",
    )
    kerberos_service: KerberosService = Field(
        default="HTTP",
        description="The service that tickets are for: WSMAN where HTTP/ is another account's.",
    )
    fallback: Literal["ntlm"] | None = Field(
        default=None,
        description="ntlm: for transport: negotiate, also where no domain controller answers, or "
        "none knows the machine. Whoever drops the packets to a domain controller has NTLM then.",
    )
    https: bool = Field(
        default=False,
        strict=True,
        description="Whether the suite asks over HTTPS. Left out: only where port is 5986.",
    )
    port: int = Field(
        default=HTTP_PORT,
        strict=True,
        ge=1,
        le=65535,
        description="Where the suite connects to. Left out: 5985, or 5986 with https.",
    )
    server_certificate: ServerCertificate = Field(
        default="validate",
        description="ignore: whoever answers is believed. Every report of the run says so.",
    )
    ca: str | None = Field(
        default=None,
        min_length=1,
        description="A PEM file with the certificates of those who sign the machines' own, read "
        "relative to the inventory's folder. Left out: those that this machine trusts.",
    )
    client_certificate: str | None = Field(
        default=None, min_length=1, description="A PEM file, for transport: certificate."
    )
    client_key: str | None = Field(
        default=None,
        min_length=1,
        description="Its private key, a PEM file that its owner alone may read.",
    )
    send_password_unencrypted: str | None = Field(
        default=None,
        description=f'For transport: basic without https. It must read: "{UNENCRYPTED}".',
    )
    client: Client = Field(
        default="auto",
        description="What carries the messages: pywinrm, or the suite's own client, which takes "
        "less time for each. auto: pywinrm where a run asks up to 100 hosts, else streams.",
    )
    connections: Connections = Field(
        default="auto",
        description="How many connections a host is asked over at once. auto: a second one where "
        "its quickest reply takes 50 ms or longer, and a run asks up to 2,000 hosts; none to "
        "127.0.0.1 and its like. The second one costs a sign-in more.",
    )
    slow_link: bool = Field(
        default=False,
        strict=True,
        description="Whether the way to the hosts is slow, or each byte of it is paid for: less "
        "comes back for longer questions.",
    )
    policy_store: PolicyStore = Field(
        default="local",
        description="Which rules of a host's firewall are read: those of the local store, or what "
        "they and Group Policy's come to. active is not proven on Windows yet.",
    )
    concurrent_hosts: int = Field(
        default=64, strict=True, ge=1, le=512, description="Hosts that are asked side by side."
    )
    time_limits: TimeLimits = Field(
        default=TimeLimits(), description="Seconds after which waiting ends."
    )

    @model_validator(mode="before")
    @classmethod
    def _https_has_a_port_of_its_own(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        if given.get("https") is True and "port" not in given:
            return {**given, "port": HTTPS_PORT}
        if given.get("port") == HTTPS_PORT and "https" not in given:
            return {**given, "https": True}
        return given

    @field_validator("realm")
    @classmethod
    def _realm_is_one(cls, value: str | None) -> str | None:
        if value is not None and not _REALM.fullmatch(value):
            raise ValueError(
                f"{value[:60]!r} is no realm. Write the DNS name of the account's domain, such as "
                "CONTOSO.COM."
            )
        return value

    @model_validator(mode="after")
    def _no_password_is_readable(self) -> Connection:
        for problem in (
            self._readable(),
            self._without_https(),
            self._client(),
            self._unchecked(),
            self._by_ticket(),
        ):
            if problem:
                raise ValueError(problem)
        return self

    def _readable(self) -> str:
        said = self.send_password_unencrypted
        if self.transport == "basic" and not self.https:
            if said == UNENCRYPTED:
                return ""
            return (
                "transport: basic without https sends the password readable to anyone on the "
                "network. Use ntlm, or set https: true."
            )
        if said is not None:
            return (
                "send_password_unencrypted is of no use here: only transport: basic without https "
                "sends a readable password. Remove it."
            )
        return ""

    def _without_https(self) -> str:
        if self.https:
            return ""
        if self.transport in {"certificate", "credssp"}:
            return f"transport: {self.transport} needs HTTPS. Set https: true."
        given = [each for each in _HTTPS_ONLY if each in self.model_fields_set]
        if given:
            return (
                f"{given[0]} {_HTTPS_ONLY[given[0]]}, and without https there are none. Set "
                f"https: true, or remove {given[0]}."
            )
        return ""

    def _client(self) -> str:
        pair = {"client_certificate": self.client_certificate, "client_key": self.client_key}
        if self.transport == "certificate":
            missing = [name for name, value in pair.items() if value is None]
            return (
                f"{missing[0]} is missing, which transport: certificate needs." if missing else ""
            )
        given = [name for name, value in pair.items() if value is not None]
        if given:
            return f"{given[0]} is for transport: certificate only. Remove it, or set that."
        return ""

    def _unchecked(self) -> str:
        if self.server_certificate != "ignore":
            return ""
        if self.ca is not None:
            return "ca stands beside server_certificate: ignore. Keep one of the two."
        if self.transport in {"basic", "credssp"}:
            return (
                f"transport: {self.transport} with server_certificate: ignore gives the password "
                "to whoever answers. Use ntlm, or validate the certificate, with ca: for a private "
                "CA."
            )
        return ""

    def _by_ticket(self) -> str:
        if self.transport not in BY_TICKET:
            given = [each for each in _BY_TICKET_ONLY if each in self.model_fields_set]
            return (
                f"{given[0]} is for transport: negotiate or kerberos only. Remove it, or set one."
                if given
                else ""
            )
        if self.fallback is None:
            return ""
        if self.transport == "kerberos":
            return "fallback is for transport: negotiate only. Remove it, or set that."
        if self.keytab is not None:
            return (
                "fallback: ntlm needs a password, which a keytab does not have. Remove one of the "
                "two."
            )
        return ""

    @property
    def vmm_port(self) -> int:
        """The port through which VMM manages hosts without SSL; HTTPS is the suite's own matter."""
        return HTTP_PORT if self.https else self.port

    def files(self, folder: Path) -> ConnectionFiles:
        """Return where the files of this connection lie, relative paths in this folder."""

        def place(name: str | None) -> Path | None:
            return folder / name if name is not None else None

        return ConnectionFiles(
            place(self.ca),
            place(self.client_certificate),
            place(self.client_key),
            place(self.keytab),
        )
