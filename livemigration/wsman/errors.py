"""What can go wrong between here and a host, in the words and kinds of the facts model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from livemigration.facts.model import FailureKind
from livemigration.facts.reader import WmiRefusedError

WINSOCK_TIMED_OUT = 10060
WINSOCK_REFUSED = 10061
WINSOCK_HOST_NOT_FOUND = 11001
HTTP_UNAUTHORIZED = 401
HTTP_FORBIDDEN = 403

_NEXT_STEPS = {
    FailureKind.NAME_NOT_RESOLVED: "Correct the name in the inventory, or its DNS record.",
    FailureKind.REFUSED: "Run Enable-PSRemoting on the host, or correct the port in the inventory.",
    FailureKind.TIMED_OUT: "Check that the host runs, and that its firewall and the network let "
    "this machine reach the WS-Management port.",
    FailureKind.UNREACHABLE: "Check the route to the host and the WinRM service on it.",
    FailureKind.CERTIFICATE: "Bind a certificate to the host's HTTPS listener that this machine "
    "trusts, or name its CA under connection, ca: in the inventory.",
    FailureKind.TLS: "Check that the port is that of the host's HTTPS listener, and that the host "
    "speaks TLS 1.2.",
    FailureKind.KERBEROS: "Get a ticket for the host by hand (kinit, then kvno HTTP/HOST), and "
    "compare.",
    FailureKind.AUTHENTICATION: "Check the user name and password, and that the host's WinRM "
    "service accepts Negotiate authentication.",
    FailureKind.ACCESS_DENIED: "Give the account the rights to read WMI over WinRM: the group "
    "WinRMRemoteWMIUsers__ or Remote Management Users, and remote enable on the namespace.",
    FailureKind.FAULT: "See the host's log Microsoft-Windows-WinRM/Operational at this moment.",
    FailureKind.PROTOCOL: "Check that the address and port belong to the host's WinRM service and "
    "that no proxy answers in its place.",
    FailureKind.SCRIPT: "Run the script by hand on the server with the same account and compare.",
    FailureKind.DEADLINE: "Raise the time limits in the inventory, or find out why the host is "
    "slow.",
}
HIDDEN = "***"
_OTHER_STEP = "Run the suite again."


class WsmanError(Exception):
    """Anything that kept a host from answering usably.

    Args:
        kind: why, in the facts model's terms.
        came_back: one short sentence: what came back.
        code: the Win32, WSMan, WMI or HTTP code, where there is one.
        next_step: what an administrator does next; the kind's own advice where not given.

    `retry_after` is after how many seconds the other side asks to be asked again, where it does.
    `silent`: a connection was made, and no answer to a message came over it in time.
    """

    retry_after: float | None = None
    silent: bool = False

    def __init__(
        self,
        kind: FailureKind,
        came_back: str,
        *,
        code: int | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(came_back)
        self.kind = kind
        self.came_back = came_back
        self.code = code
        self.next_step = next_step or _NEXT_STEPS.get(kind, _OTHER_STEP)

    def hide(self, texts: Iterable[str]) -> None:
        """Take texts out of what came back: a machine may say anything, also what it was told."""
        for each in texts:
            self.came_back = self.came_back.replace(each, HIDDEN)
        self.args = (self.came_back,)

    def again(self) -> Self:
        """Return the same error, to be raised once more; no traceback and no cause come with it."""
        error = type(self).__new__(type(self), *self.args)
        error.__dict__.update(self.__dict__)
        return error

    def with_remark(self, remark: str) -> Self:
        """Return the same error, which says one thing more of what came back."""
        error = self.again()
        error.came_back = f"{self.came_back}; {remark}"
        error.args = (error.came_back,)
        return error


class WsmanFault(WsmanError, WmiRefusedError):  # noqa: N818 - SOAP calls it a fault
    """A SOAP fault: the host understood the message and refused or failed it.

    Args beyond `WsmanError`:
        subcode: the local name of the fault's subcode, such as `TimedOut`.
        provider_codes: codes of nested provider faults, outermost first.
        reason: the host's own text, localized: shown, never judged by.
    """

    def __init__(
        self,
        kind: FailureKind,
        came_back: str,
        *,
        code: int | None = None,
        next_step: str | None = None,
        subcode: str | None = None,
        provider_codes: tuple[int, ...] = (),
        reason: str = "",
    ) -> None:
        super().__init__(kind, came_back, code=code, next_step=next_step)
        self.subcode = subcode
        self.provider_codes = provider_codes
        self.reason = reason

    def hide(self, texts: Iterable[str]) -> None:
        """Take texts out of what came back, and of the host's own."""
        told = tuple(texts)
        super().hide(told)
        for each in told:
            self.reason = self.reason.replace(each, HIDDEN)


def unusable(came_back: str, *, code: int | None = None) -> WsmanError:
    """Return the error for a reply that the client cannot use."""
    return WsmanError(FailureKind.PROTOCOL, came_back, code=code)


def deadline_passed() -> WsmanError:
    """Return the error for the host's own deadline."""
    return WsmanError(FailureKind.DEADLINE, "the time limit for this machine passed")


def timed_out(doing: str) -> WsmanError:
    """Return the error for an answer that did not come in time."""
    return WsmanError(FailureKind.TIMED_OUT, doing, code=WINSOCK_TIMED_OUT)
