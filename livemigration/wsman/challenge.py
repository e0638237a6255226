"""A sign-in takes several messages on one connection: what it means where that does not last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from livemigration.facts.model import FailureKind
from livemigration.wsman.errors import HTTP_UNAUTHORIZED, WsmanError
from livemigration.wsman.post import Head

# A first message of NTLM in base64 (MS-NLMP 2.2.1.1): it answers nothing.
_FIRST = "TlRMTVNTUAAB".lower()
_CHALLENGE = "WWW-Authenticate"
_OF_SEVERAL_LEGS = {"negotiate", "ntlm", "kerberos", "credssp"}
_BETWEEN = "Find what stands between this machine and the host"
_OTHER_STEP = (
    f"{_BETWEEN} which closes connections early, and reach the host without it: a sign-in needs "
    "one connection."
)
_STEP = (
    f"{_BETWEEN} and speaks HTTP/1.0, such as a proxy, and reach the host without it: a sign-in "
    "needs one connection, and Windows speaks HTTP/1.1."
)
_OLD = "with HTTP/1.0, which keeps no connection"


@dataclass(frozen=True)
class Challenge:
    """A challenge that is being answered; `old`: it came with HTTP/1.0."""

    old: bool

    def parted(self) -> WsmanError:
        """Return the error for a connection that did not last until the answer."""
        which = _OLD if self.old else "too early"
        return WsmanError(
            FailureKind.PROTOCOL,
            f"the connection was closed within the sign-in, {which}; the password was not judged",
            next_step=_STEP if self.old else _OTHER_STEP,
        )


def not_kept() -> WsmanError:
    """Return the error for a connection of HTTP/1.0 that a sign-in was the last of."""
    return WsmanError(
        FailureKind.PROTOCOL,
        f"the connection was closed after the sign-in, {_OLD}",
        next_step=_STEP,
    )


def challenges(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what a reply asks for: schemes in lower case, each with its token, which may be ""."""
    parts = (each.strip().partition(" ") for each in headers.get(_CHALLENGE, "").split(","))
    return [(scheme.lower(), token.strip()) for scheme, _, token in parts if scheme]


def answered_challenge(authorization: str, before: Head | None) -> Challenge | None:
    """Return the challenge in the reply before that a request answers; None: it answers none.

    Args:
        authorization: what the request says of who asks.
        before: how the reply before began, on the same connection; None: there was none.
    """
    if before is None or before.status != HTTP_UNAUTHORIZED:
        return None
    scheme, _, given = authorization.lower().partition(" ")
    if scheme not in _OF_SEVERAL_LEGS or not given:
        return None
    # An offer has no token (RFC 4559).
    if not any(each == scheme and token for each, token in challenges(before.headers)):
        return None
    if given.startswith(_FIRST):
        return None
    return Challenge(before.old)
