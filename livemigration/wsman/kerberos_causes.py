"""From a code of Kerberos to the failure that an administrator can act on.

Codes are those of MIT's libraries, authentication.md A4; what they say in words is localized and
never judged by. The KDC's own are -1765328384 plus the number of RFC 4120, section 7.5.9.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from livemigration.facts.model import FailureKind
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.principals import Principal

_BASE = -1765328384

CLIENT_UNKNOWN = _BASE + 6
SERVER_UNKNOWN = _BASE + 7
NO_ETYPE = _BASE + 14
CLIENT_REVOKED = _BASE + 18
KEY_EXPIRED = _BASE + 23
PREAUTH_FAILED = _BASE + 24
BAD_INTEGRITY = _BASE + 31
TICKET_EXPIRED = _BASE + 32
TICKET_NOT_YET = _BASE + 33
NOT_US = _BASE + 35
SKEW = _BASE + 37
MODIFIED = _BASE + 41
BAD_KEY_VERSION = _BASE + 44
NO_KEY = _BASE + 45
# Two clocks differ too much.
CLOCK = frozenset({TICKET_NOT_YET, SKEW})
REALM_UNKNOWN = -1765328230
KDC_UNREACHABLE = -1765328228
REALM_UNRESOLVED = -1765328164
NO_KEYTAB_ENTRY = -1765328203

_CONNECTION = "under connection in the inventory"
_OR_NTLM = f"Where NTLM will do, write transport: ntlm {_CONNECTION}."
_COMPARE = (
    "Compare the clocks: w32tm /stripchart /computer:{other} /samples:1 on Windows, chronyc "
    "tracking or timedatectl on Linux. Kerberos allows 5 minutes."
)
_PROPERTIES = "Active Directory Users and Computers > the account > Properties > Account"


class Fallback(Enum):
    """What NTLM may stand in for with fallback: ntlm. No password was tried by then."""

    NO_KDC = "no KDC"
    NO_SERVICE = "no service"


class KerberosError(WsmanError):
    """Kerberos failed before anything was asked of the host.

    Args beyond `WsmanError`:
        account: whose failure it is, where every machine of the account has it; empty: it is the
            host's own.
        instead: what NTLM may stand in for; None: NTLM is never tried.
    """

    def __init__(
        self,
        kind: FailureKind,
        came_back: str,
        *,
        code: int | None = None,
        next_step: str | None = None,
        account: str = "",
        instead: Fallback | None = None,
    ) -> None:
        super().__init__(kind, came_back, code=code, next_step=next_step)
        self.account = account
        self.instead = instead

    def of_host(self) -> KerberosError:
        """Return the same error, met with one machine only."""
        error = self.again()
        error.account = ""
        return error


def signed(code: int) -> int:
    """Return a code as the tables have it: GSS-API gives the same without its sign."""
    return code - (1 << 32) if code >= 1 << 31 else code


@dataclass(frozen=True)
class _Told:
    """What a code means, with the names of the failure between braces."""

    said: str
    step: str
    kind: FailureKind = FailureKind.KERBEROS
    instead: Fallback | None = None


_REFUSED = FailureKind.AUTHENTICATION
_OF_ACCOUNT = {
    PREAUTH_FAILED: _Told(
        "{kdc} refused the password of {who}",
        "Give the right password of {who}. It was tried once, and each further try counts towards "
        "locking the account.",
        _REFUSED,
    ),
    CLIENT_UNKNOWN: _Told(
        "{kdc} knows no account {who}",
        f"Correct the user name, or the realm: realm: {_CONNECTION} is the DNS name of the "
        "account's domain. An account of the machines' own has no Kerberos: write transport: ntlm "
        "for it.",
        _REFUSED,
    ),
    CLIENT_REVOKED: _Told(
        "{kdc} says that the account {who} is disabled, expired or locked",
        f"Open {_PROPERTIES}: unlock it, clear Account is disabled, or set Account expires.",
        _REFUSED,
    ),
    KEY_EXPIRED: _Told(
        "{kdc} says that the password of {who} has expired or must be changed",
        "Change the password of {who}, or clear User must change password at next logon "
        f"({_PROPERTIES}).",
        _REFUSED,
    ),
    REALM_UNKNOWN: _Told(
        "no KDC of the realm {realm} is known on this machine",
        "Write the realm's KDC into krb5.conf, or let this machine's DNS answer "
        "_kerberos._udp.{domain}. Where the account's domain has another name, write realm: "
        f"{_CONNECTION}. {_OR_NTLM}",
        instead=Fallback.NO_KDC,
    ),
    SKEW: _Told(
        "the clocks of this machine and of {kdc} differ too much for Kerberos",
        f"Set this machine's clock. {_COMPARE.format(other='{domain}')}",
    ),
    NO_ETYPE: _Told(
        "{kdc} has no key of {who} of a kind that this machine takes",
        "Set the account's password once more, for it has no AES keys until then, and allow AES "
        f"128 and AES 256 bit encryption ({_PROPERTIES}).",
    ),
    NO_KEYTAB_ENTRY: _Told(
        "{keytab} holds no key of {who}",
        "Name a keytab that does: klist -kte {keytab} shows whose keys are in it.",
    ),
}
_OF_ACCOUNT |= {
    BAD_INTEGRITY: _OF_ACCOUNT[PREAUTH_FAILED],
    REALM_UNRESOLVED: _OF_ACCOUNT[REALM_UNKNOWN],
    TICKET_NOT_YET: _OF_ACCOUNT[SKEW],
}
_STALE_KEYTAB = _Told(
    "{kdc} refused the key of {who} in {keytab}",
    "Write the keytab anew (ktpass): the account's password was changed after it was written.",
    _REFUSED,
)
_NO_TICKET = _Told(
    "{kdc} gave no ticket for {who}",
    f"Get one by hand with {{kinit}}, and compare. {_OR_NTLM}",
)


def account_failure(code: int, who: Principal, *, keytab: str = "") -> KerberosError:
    """Return the error for an account that gets no ticket.

    Args:
        code: why.
        who: the account.
        keytab: the file whose key was used in place of a password; empty: a password.
    """
    code = signed(code)
    if code == KDC_UNREACHABLE:
        return no_kdc(who)
    if code == TICKET_EXPIRED:
        return expired(who)
    told = _OF_ACCOUNT.get(code, _NO_TICKET)
    if keytab and told is _OF_ACCOUNT[PREAUTH_FAILED]:
        told = _STALE_KEYTAB
    names = {
        "kdc": f"the KDC of {who.realm}",
        "who": who.text,
        "realm": who.realm,
        "domain": who.realm.lower(),
        "kinit": who.kinit,
        "keytab": keytab,
    }
    return KerberosError(
        told.kind,
        told.said.format_map(names),
        code=code,
        next_step=told.step.format_map(names),
        account=who.text,
        instead=told.instead,
    )


def no_kdc(who: Principal, seconds: float | None = None) -> KerberosError:
    """Return the error for a KDC that cannot be reached, or said nothing for so many seconds."""
    said = (
        f"no KDC of the realm {who.realm} can be reached"
        if seconds is None
        else f"no KDC of the realm {who.realm} answered within {seconds:g} seconds"
    )
    return KerberosError(
        FailureKind.KERBEROS,
        said,
        code=KDC_UNREACHABLE,
        next_step="Let this machine reach a domain controller on port 88, TCP and UDP "
        f"(nltest /dsgetdc:{who.realm.lower()} names one on Windows). NTLM is not tried in its "
        f"place unless fallback: ntlm stands {_CONNECTION}.",
        account=who.text,
        instead=Fallback.NO_KDC,
    )


def expired(who: Principal, where: str = "", when: str = "") -> KerberosError:
    """Return the error for a ticket that is no longer valid: where it lies, and since when."""
    place = f" in {where}" if where else ""
    since = f" at {when}" if when else ""
    return KerberosError(
        FailureKind.KERBEROS,
        f"the ticket of {who.text}{place} expired{since}",
        code=TICKET_EXPIRED,
        next_step=f"Get another: {who.kinit}. Then run the suite again.",
        account=who.text,
    )


_OF_HOST = {
    SERVER_UNKNOWN: _Told(
        "{kdc} has no ticket for {spn}: no account has this SPN, or two have it",
        "Run setspn -Q {spn}, and setspn -Q HOST/{machine}, which stands for it. None found: where "
        "{machine} is an alias, give the machine's full name in the inventory; else run setspn -S "
        "HOST/{machine} COMPUTER with its computer account (Active Directory Users and Computers, "
        "View > Advanced Features > the computer > Attribute Editor > servicePrincipalName). More "
        "than one (setspn -X): run setspn -D with the SPN and the account that is not the "
        "machine's.",
        instead=Fallback.NO_SERVICE,
    ),
    TICKET_EXPIRED: _Told(
        "the ticket of {who} expired during the run",
        "Run the suite again with a fresh ticket; with a password or a keytab it gets one itself.",
    ),
    SKEW: _Told(
        "the clock of {machine} differs too much for Kerberos from that of {kdc}",
        f"Set the clock of {{machine}} (w32tm /resync). {_COMPARE.format(other='{machine}')}",
    ),
    BAD_INTEGRITY: _Told(
        "{machine} did not take the ticket for {spn}: it has another key",
        "Run setspn -Q {spn}: where another account than the machine's has this SPN, such as that "
        "of a web site, run setspn -D {spn} with that account, or write kerberos_service: WSMAN "
        f"{_CONNECTION}. Else check that the name leads to this machine, and that its secure "
        "channel holds: Test-ComputerSecureChannel on {machine}.",
    ),
    NO_ETYPE: _Told(
        "{kdc} and the account of {machine} share no kind of encryption",
        "Check msDS-SupportedEncryptionTypes of the computer account of {machine}: 24 allows AES "
        "128 and AES 256. An account without a password has no keys: Reset-ComputerMachinePassword "
        "on {machine}.",
    ),
}
_OF_HOST |= {
    TICKET_NOT_YET: _OF_HOST[SKEW],
    NOT_US: _OF_HOST[BAD_INTEGRITY],
    MODIFIED: _OF_HOST[BAD_INTEGRITY],
    BAD_KEY_VERSION: _OF_HOST[BAD_INTEGRITY],
    NO_KEY: _OF_HOST[BAD_INTEGRITY],
}
_NO_SERVICE_TICKET = _Told(
    "Kerberos failed with {spn}",
    "Get a ticket by hand with kvno {spn} (klist get {spn} on Windows), and compare. "
    f"{_OR_NTLM}",
)


def host_failure(code: int, who: Principal, service: str, machine: str) -> KerberosError:
    """Return the error for a ticket that a machine's service did not get, or did not take.

    Args:
        code: why.
        who: the account.
        service: the class of the SPN, such as HTTP.
        machine: the machine's name.
    """
    code = signed(code)
    if code in {KDC_UNREACHABLE, REALM_UNKNOWN, REALM_UNRESOLVED}:
        return no_kdc(who).of_host()
    told = _OF_HOST.get(code, _NO_SERVICE_TICKET)
    names = {
        "kdc": f"the KDC of {who.realm}",
        "who": who.text,
        "spn": f"{service}/{machine}",
        "machine": machine,
    }
    return KerberosError(
        told.kind,
        told.said.format_map(names),
        code=code,
        next_step=told.step.format_map(names),
        instead=told.instead,
    )


# What a machine itself can find wrong with a ticket; the rest is for a KDC to say.
_OF_ANSWER = frozenset(_OF_HOST) - {SERVER_UNKNOWN, NO_ETYPE}
# How each message of NTLM begins (MS-NLMP 2.2.1).
_NTLM = b"NTLMSSP\0"


def answer_failure(
    code: int, who: Principal, service: str, machine: str, answer: bytes
) -> KerberosError:
    """Return the error for what a machine answered to a ticket, and that does not prove it.

    NTLM never stands in for it: whoever answers in a machine's place must not choose it.

    Args:
        code: what the libraries say of the answer.
        who: the account.
        service: the class of the SPN, such as HTTP.
        machine: the machine's name.
        answer: the answer.
    """
    if signed(code) in _OF_ANSWER:
        return host_failure(code, who, service, machine)
    which = "NTLM" if answer.startswith(_NTLM) else "what does not prove that it is this machine"
    return KerberosError(
        FailureKind.KERBEROS,
        f"{machine} answered the ticket for {service}/{machine} with {which}",
        next_step="Check that the name leads to this machine, and that nothing answers in its "
        "place. On it, winrm get winrm/config/service/auth must say Kerberos = true. A machine in "
        f"no domain takes no tickets: write transport: ntlm {_CONNECTION} for its group.",
    )


def not_taken(service: str, machine: str) -> KerberosError:
    """Return the error for a ticket that a machine answered with 401, which says no more."""
    spn = f"{service}/{machine}"
    return KerberosError(
        FailureKind.KERBEROS,
        f"{machine} did not take the ticket for {spn} (HTTP 401)",
        code=401,
        next_step=f"Check that the account may use Windows Remote Management on {machine}, and "
        f"that its WinRM service accepts Kerberos (winrm get winrm/config/service/auth). Run "
        f"setspn -Q {spn}: only the machine's own account may have this SPN. Compare the clocks: "
        f"w32tm /stripchart /computer:{machine} /samples:1.",
    )


def needs_a_name(machine: str) -> KerberosError:
    """Return the error for a machine that the inventory names by its address."""
    return KerberosError(
        FailureKind.KERBEROS,
        f"Kerberos has no tickets for an IP address, and the inventory names {machine}",
        next_step="Write the machine's full name under name: in the inventory, and the address "
        "under address: where the name must not be resolved. Where NTLM will do, write transport: "
        f"ntlm {_CONNECTION}.",
    )
