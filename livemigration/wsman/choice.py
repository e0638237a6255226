"""Which mechanism a session signs in with: decided here, and left to no library.

A library that negotiates answers a refused password, a disabled account and a silent KDC alike:
with NTLM, and without a word (authentication.md A4).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import Enum

from livemigration.wsman.principals import Login, Principal


class WhyNtlm(Enum):
    """Why a session signs in by NTLM although Kerberos comes first, in the words of reports."""

    ADDRESS = "named by an IP address"
    LOCAL = "a local account"
    NO_REALM = "no realm is known"
    NOT_INSTALLED = "not installed here"
    NO_KDC = "no KDC answered"
    NO_SERVICE = "no ticket for the machine"


@dataclass(frozen=True)
class SignIn:
    """What is known of how to sign in, before a machine is asked.

    Args:
        asked: whether the inventory asks for Kerberos, and nothing else will do.
        username: as it was given.
        principal: who that is for Kerberos; None: no realm is at hand.
        installed: whether this machine has what Kerberos needs.
        password: whether there is a password, without which there is no NTLM.
    """

    asked: bool
    username: str
    principal: Principal | None
    installed: bool
    password: bool = True

    def why_ntlm(self, machine: str) -> WhyNtlm | None:
        """Return why a machine is signed in to by NTLM; None: by Kerberos, or not at all."""
        if self.asked or not self.password:
            return None
        if is_address(machine):
            return WhyNtlm.ADDRESS
        if Login.of(self.username).is_of(machine):
            return WhyNtlm.LOCAL
        if self.principal is None:
            return WhyNtlm.NO_REALM
        return None if self.installed else WhyNtlm.NOT_INSTALLED


def is_address(machine: str) -> bool:
    """Whether a machine's name is an IP address, for which Kerberos has no tickets."""
    try:
        ipaddress.ip_address(machine.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True
