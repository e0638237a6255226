"""What is wrong where a machine does not answer, or not what it is asked."""

from __future__ import annotations

import re

from livemigration.base.text import one_line
from livemigration.facts.model import FailureKind, GatherFailure
from livemigration.verdict.findings import HOSTS

# How a conversation says where it connects to.
_CONNECTING = re.compile(r"^Connecting to .* at (\S+), port (\d+)$")
_ANSWER = f"Get {HOSTS} to answer"
_READ = f"Find out why {HOSTS} cannot be read"

# What is to be done, what is wrong, and that in a word.
NO_ACCESS = {
    FailureKind.NAME_NOT_RESOLVED: (
        f"Make the name of {HOSTS} resolve, or correct the inventory",
        "The name does not resolve on the machine that asks",
        "not resolved",
    ),
    FailureKind.REFUSED: (
        _ANSWER,
        "Connections to Windows Remote Management are refused",
        "refused",
    ),
    FailureKind.TIMED_OUT: (
        _ANSWER,
        "No answer from Windows Remote Management",
        "no answer",
    ),
    FailureKind.UNREACHABLE: (
        _ANSWER,
        "The connection to Windows Remote Management fails",
        "unreachable",
    ),
    FailureKind.DEADLINE: (
        f"Get {HOSTS} to answer within the time limit",
        "The time limit passed before everything was read",
        "too slow",
    ),
    FailureKind.CERTIFICATE: (
        f"Have the certificate of {HOSTS} accepted",
        "The certificate of the HTTPS listener is not accepted, so no password was sent",
        "certificate",
    ),
    FailureKind.TLS: (
        f"Get {HOSTS} to answer over HTTPS, or correct the inventory",
        "This machine and the listener do not agree on TLS, so no password was sent",
        "no TLS",
    ),
    FailureKind.KERBEROS: (
        f"Get Kerberos to work with {HOSTS}",
        "Kerberos failed, so nothing was asked, and NTLM was not tried in its place",
        "no Kerberos",
    ),
    FailureKind.AUTHENTICATION: (
        f"Get the account accepted on {HOSTS}",
        "The user name or password, or the way to sign in, is refused",
        "sign-in refused",
    ),
    FailureKind.ACCESS_DENIED: (
        f"Give the account of this run access to {HOSTS}",
        "The account may not use Windows Remote Management, or not read WMI",
        "access denied",
    ),
    FailureKind.FAULT: (
        _READ,
        "Windows Remote Management answers with a fault",
        "fault",
    ),
    FailureKind.PROTOCOL: (
        _READ,
        "The reply of Windows Remote Management cannot be used",
        "unusable reply",
    ),
}
OTHERWISE = (_READ, "What is needed of it could not be read", "not read")


def came_back(failure: GatherFailure) -> tuple[tuple[str, str], ...]:
    """Return what was tried and what came back, as the values of a cause."""
    named = failure.code is None or re.search(rf"\b{failure.code}\b", failure.came_back)
    code = "" if named else f" ({failure.code})"
    connected = _CONNECTING.search(failure.tried)
    where = one_line(failure.tried)
    if connected:
        address, port = connected.groups()
        where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    # The same labels whatever is known: a bundle holds these facts without their texts.
    return (("Tried", where), ("Came back", f"{one_line(failure.came_back.rstrip('.'))}{code}"))
