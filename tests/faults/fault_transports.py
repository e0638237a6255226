"""Over what the kinds are played, and what cannot be shown there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fault_plays import Kind

from livemigration.facts.model import FailureKind as Fails

_HTTPS = "  https: true\n"
_NO_TLS = "what is spoken is TLS"
_NO_SEALS = "messages have no seals of their own"
_NO_PASSWORD = "no password is tried that could be refused"
_NO_NTLM = "the sign-in is not NTLM"
_NO_LEGS = "who signs in shows that with each message"
_ON_HTTPS = {"speaks TLS on the http port": _NO_TLS}
_OF_SEALS = {
    "plain reply in an encrypted session": _NO_SEALS,
    "bit flipped in a sealed reply": _NO_SEALS,
    "first sealed reply replayed for ever": _NO_SEALS,
}
_OF_LEGS = {
    "broken NTLM challenge": _NO_NTLM,
    "HTTP/1.0 all the way": _NO_LEGS,
    "HTTP/1.0, closes after each reply": _NO_LEGS,
}
# A ticket that is not taken is no refused account, and a machine that takes none is not asked from
# elsewhere either: one cause.
_NOT_TAKEN = {
    "finds": frozenset({Fails.KERBEROS}),
    "also_from_vmm": False,
    "says": "did not take the ticket",
}
_BY_TICKET: Mapping[str, Mapping[str, Any]] = {
    "401 without end, before authentication": _NOT_TAKEN,
    "401 loop at every step": _NOT_TAKEN,
    "broken NTLM challenge": {"finds": frozenset({Fails.KERBEROS}), "says": "NTLM"},
    # Its keys open no ticket for another name, so that it is never asked for its own.
    "address of hv04 given for hv03 (wrong DNS)": {
        "finds": frozenset({Fails.KERBEROS}),
        "says": "has another key",
    },
}


@dataclass(frozen=True)
class Transport:
    """A way to reach machines.

    Args:
        connection: lines of the inventory that say so.
        without: the names of the kinds that cannot be shown over it, each with the reason.
        tls: as `connection`, for the fleet with the faults of TLS.
        tickets: whether machines are members of a realm, and take its tickets.
        otherwise: by the name of a kind, what is found there in place of what the kind says.
    """

    connection: str = ""
    without: Mapping[str, str] = field(default_factory=dict)
    tls: str = _HTTPS
    tickets: bool = False
    otherwise: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def by(self, client: str) -> Transport:
        """Return the same way by a client; empty: the usual one."""
        line = f"  client: {client}\n" if client else ""
        return replace(self, connection=self.connection + line, tls=self.tls + line)

    def found(self, kind: Kind) -> Kind:
        """Return a kind with what is found of it over this transport."""
        return replace(kind, **self.otherwise.get(kind.name, {}))

    def shows(self, kind: Kind) -> bool:
        """Whether a kind can be shown over it."""
        return kind.name not in self.without


HTTP_NTLM, HTTP_KERBEROS = "http-ntlm", "http-kerberos"
_BY_PYWINRM = {
    HTTP_NTLM: Transport(),
    "https-ntlm": Transport(_HTTPS, _ON_HTTPS),
    "https-basic": Transport(
        f"{_HTTPS}  transport: basic\n",
        {**_ON_HTTPS, **_OF_SEALS, **_OF_LEGS, "offers Basic only": "that is what it offers"},
    ),
    "https-certificate": Transport(
        f"{_HTTPS}  transport: certificate\n"
        "  client_certificate: client.pem\n  client_key: client.pem\n",
        {**_ON_HTTPS, **_OF_SEALS, **_OF_LEGS, "offers Basic only": _NO_PASSWORD},
    ),
    HTTP_KERBEROS: Transport(
        "  transport: kerberos\n",
        tls=f"{_HTTPS}  transport: kerberos\n",
        tickets=True,
        otherwise=_BY_TICKET,
    ),
}
# Each by each client; a plus stands before the one that is not the usual one of such a fleet.
TRANSPORTS = {
    f"{name}{client}": each.by(client.removeprefix("+"))
    for name, each in _BY_PYWINRM.items()
    for client in ("", "+streams")
}
CHOSEN = os.environ.get("LIVEMIGRATION_FAULTS", HTTP_NTLM)
