"""How a session signs in, and how it knows whom it talks to."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, replace
from enum import Enum

from livemigration.wsman.choice import SignIn, WhyNtlm
from livemigration.wsman.clients import BY_STREAMS, SIGNED_IN_APART, Client
from livemigration.wsman.kerberos import TicketSource
from livemigration.wsman.kerberos_causes import Fallback, KerberosError


class Mechanism(Enum):
    """How a session signs in, in the words of reports."""

    NTLM = "NTLM"
    KERBEROS = "Kerberos"
    CREDSSP = "CredSSP"
    BASIC = "Basic"
    CERTIFICATE = "client certificate"


# What CredSSP does, in capitals as nothing else of a session is that is safe.
PASSWORD_GIVEN = "PASSWORD GIVEN to the machine"  # noqa: S105 - says that there was one

_FALLBACKS = {Fallback.NO_KDC: WhyNtlm.NO_KDC, Fallback.NO_SERVICE: WhyNtlm.NO_SERVICE}


@dataclass(frozen=True)
class Security:
    """How a session signs in, and what TLS is spoken with.

    Args:
        mechanism: how to sign in.
        tls: what https is spoken with; None: whom the system trusts is trusted.
        unencrypted: whether a password may travel readable where there is no TLS.
        sign_in: what the mechanism is chosen by for each machine; None: it is `mechanism`.
        tickets: where Kerberos has its tickets from.
        service: the class of the SPN that they are for.
        fallback: whether NTLM may stand in where there is no ticket, and no password was refused.
        why_ntlm: why it is NTLM, where Kerberos would come first.
        client: what carries the messages.
    """

    mechanism: Mechanism = Mechanism.NTLM
    tls: ssl.SSLContext | None = None
    unencrypted: bool = False
    sign_in: SignIn | None = None
    tickets: TicketSource | None = None
    service: str = "HTTP"
    fallback: bool = False
    why_ntlm: WhyNtlm | None = None
    client: Client = Client.PYWINRM

    def towards(self, machine: str) -> Security:
        """Return how a session to one machine signs in."""
        if self.sign_in is None:
            return self
        why = self.sign_in.why_ntlm(machine)
        chosen = Mechanism.KERBEROS if why is None else Mechanism.NTLM
        return replace(self, mechanism=chosen, why_ntlm=why)

    def has_tickets_for(self, machine: str) -> bool:
        """Whether a session to a machine signs in by Kerberos, and the account has its tickets."""
        return self.tickets is not None and self.towards(machine).mechanism is Mechanism.KERBEROS

    def after(self, failure: KerberosError) -> Security | None:
        """Return how a session signs in instead, to which Kerberos failed; None: not at all."""
        if not self.fallback or failure.instead is None:
            return None
        return replace(
            self, mechanism=Mechanism.NTLM, why_ntlm=_FALLBACKS[failure.instead], tickets=None
        )

    def unchecked(self, url: str) -> bool:
        """Whether whoever answers at a URL is believed."""
        tls = self.tls
        return url.startswith("https:") and tls is not None and tls.verify_mode is ssl.CERT_NONE

    def text(self, scheme: str, *, apart: bool = False) -> str:
        """Return how a session over http or https signs in, and what is checked, for reports.

        `apart`: its machine did not take a question along with the sign-in.
        """
        name = self.mechanism.value
        if scheme == "https":
            checked = self.tls is None or self.tls.verify_mode is ssl.CERT_REQUIRED
            said = f"{name} over HTTPS, certificate {'' if checked else 'NOT '}checked"
        elif self.mechanism in {Mechanism.NTLM, Mechanism.KERBEROS}:
            said = f"{name} over HTTP, messages encrypted"
        else:
            said = f"{name} over HTTP, UNENCRYPTED"
        if self.mechanism is Mechanism.CREDSSP:
            said += f", {PASSWORD_GIVEN}"
        if self.client is Client.STREAMS:
            said += f", {BY_STREAMS}"
        if apart:
            said += f", {SIGNED_IN_APART}"
        return said if self.why_ntlm is None else f"{said} (no Kerberos: {self.why_ntlm.value})"


BY_DEFAULT = Security()
