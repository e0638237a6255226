"""From what a directory answers to the failure that an administrator can act on.

Codes are those of RFC 4511, 4.1.9; the number after `data` in the text is Windows' own
(authentication.md C). The rest of that text is shown and never judged by.
"""

from __future__ import annotations

import re

import sansldap

from livemigration.base.text import one_line
from livemigration.facts.model import FailureKind
from livemigration.wsman.errors import WsmanError

STRONGER_AUTH, REFERRAL, CONFIDENTIALITY = 8, 10, 13
TIME_LIMIT, SIZE_LIMIT, ADMIN_LIMIT = 3, 4, 11
NO_SUCH_OBJECT, INVALID_CREDENTIALS, NO_RIGHTS = 32, 49, 50
BUSY, UNAVAILABLE, UNWILLING = 51, 52, 53

_DATA = re.compile(r"\bdata ([0-9a-f]{2,8})\b", re.IGNORECASE)
_ACCOUNT = "Active Directory Users and Computers > the account > Properties > Account"
_SIGN_INS: dict[int, tuple[str, str]] = {
    0x525: ("it knows no such account", "Correct the user name under directory, credentials:."),
    0x52E: (
        "it did not take user name and password",
        (
            "Give the right password. It was tried once, and each further try counts towards "
            "locking the account."
        ),
    ),
    0x490: (
        "it did not take user name and password",
        "Give the right password, or the user name as DOMAIN\\name.",
    ),
    0x52F: (
        "the account may not sign in this way",
        (
            "It may be in Protected Users, which have Kerberos alone: write transport: kerberos "
            "under directory, or take another account."
        ),
    ),
    0x530: ("the account may not sign in at this hour", f"Look at {_ACCOUNT} > Logon Hours."),
    0x532: ("the account's password has expired", "Change the password."),
    0x533: ("the account is disabled", f"Open {_ACCOUNT} and clear Account is disabled."),
    0x701: ("the account has expired", f"Open {_ACCOUNT} and set Account expires."),
    0x773: (
        "the account's password must be changed",
        f"Change it, or clear User must change password at next logon ({_ACCOUNT}).",
    ),
    0x775: ("the account is locked", f"Open {_ACCOUNT} and unlock it."),
}
_REFUSED = (
    "it did not take user name and password",
    "Check user name and password. Each further try counts towards locking the account.",
)
_SEALED = (
    "Leave ldaps out, so that messages are signed and sealed on port 389; or write ldaps: true "
    "where this directory takes LDAPS only."
)
_OF_KIND = {
    FailureKind.NAME_NOT_RESOLVED: "Write server: under directory in the inventory, the full name "
    "of a domain controller, and address: where this machine cannot resolve it.",
    FailureKind.REFUSED: "Check that this is a domain controller, and that ldaps: under directory "
    "in the inventory suits it.",
    FailureKind.TIMED_OUT: "Check that the domain controller runs, and that the firewall between "
    "lets this machine reach the port.",
    FailureKind.UNREACHABLE: "Check the route from this machine to the domain controller.",
    FailureKind.CERTIFICATE: "Name the PEM file of the CA under directory, ca: in the inventory, "
    "and the server as its certificate does; or leave ldaps out.",
    FailureKind.TLS: "Check that the domain controller has a certificate for LDAPS; or leave "
    "ldaps out, so that messages are signed and sealed on port 389.",
    FailureKind.PROTOCOL: "Check that the server and port under directory in the inventory are "
    "those of a domain controller.",
    FailureKind.DEADLINE: "Raise time_limit under directory in the inventory, or name a domain "
    "controller that is nearer.",
}


def code_of(result: sansldap.LDAPResult) -> int:
    """Return the code of a result; one that the library does not know is 0 as a number to it."""
    return int(result.result_code.value)


def of_directory(error: WsmanError) -> WsmanError:
    """Return an error with what is to be done about it where a directory was asked."""
    step = _OF_KIND.get(error.kind)
    if step is None:
        return error
    return WsmanError(error.kind, error.came_back, code=error.code, next_step=step)


def broken(what: str) -> WsmanError:
    """Return the error for an answer that is none of a directory's."""
    return of_directory(WsmanError(FailureKind.PROTOCOL, what))


def sign_in_failure(code: int, said: str) -> WsmanError:
    """Return the error for a sign-in that a directory answered so."""
    if code == INVALID_CREDENTIALS:
        found = _DATA.search(said)
        number = int(found.group(1), 16) if found is not None else 0
        what, step = _SIGN_INS.get(number, _REFUSED)
        shown = f"{what} (data {number:x})" if number else what
        return WsmanError(FailureKind.AUTHENTICATION, shown, code=code, next_step=step)
    if code in {STRONGER_AUTH, CONFIDENTIALITY}:
        return WsmanError(
            FailureKind.AUTHENTICATION,
            f"it asks for another protection of the messages (LDAP {code})",
            code=code,
            next_step=_SEALED,
        )
    return WsmanError(
        FailureKind.AUTHENTICATION,
        f"it refused the sign-in {_shown(code, said)}",
        code=code,
        next_step="Try another domain controller under directory, server: in the inventory, and "
        "another transport: there.",
    )


def search_failure(code: int, said: str) -> WsmanError:
    """Return the error for a search that a directory answered so."""
    what, kind = f"the search failed {_shown(code, said)}", FailureKind.FAULT
    step = "Ask it by hand, with Get-ADComputer and the same account, and compare."
    if code in {SIZE_LIMIT, ADMIN_LIMIT, TIME_LIMIT}:
        what = f"it stopped the search at a limit of its own (LDAP {code})"
    elif code == NO_RIGHTS:
        kind = FailureKind.ACCESS_DENIED
        step = "Give the account the right to read computer accounts, as every user of the domain "
        step += "has it by default."
    elif code in {REFERRAL, NO_SUCH_OBJECT}:
        what = f"it does not hold that domain (LDAP {code})"
        step = "List a domain controller of that domain under directory in the inventory, with "
        step += "domain: and server:."
    elif code in {BUSY, UNAVAILABLE, UNWILLING}:
        step = "Run the suite again, or name another domain controller under directory, server:."
    return WsmanError(kind, what, code=code, next_step=step)


def _shown(code: int, said: str) -> str:
    text = one_line(said, limit=160)
    return f"(LDAP {code}: {text})" if text else f"(LDAP {code})"
