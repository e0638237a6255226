"""From an exception of the libraries below to the failure that an administrator can act on."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator, Sequence

import requests
import urllib3.exceptions
from winrm.exceptions import InvalidCredentialsError, WinRMTransportError

from livemigration.base.text import one_line
from livemigration.facts.model import FailureKind
from livemigration.wsman import codes, document
from livemigration.wsman.errors import (
    HTTP_UNAUTHORIZED,
    WINSOCK_HOST_NOT_FOUND,
    WINSOCK_REFUSED,
    WsmanError,
    timed_out,
    unusable,
)
from livemigration.wsman.faults import read_fault
from livemigration.wsman.guard import authentication_refused, head_too_large, no_length
from livemigration.wsman.post import HttpReply

# Winsock's numbers, so that an answer reads the same from every system that runs the suite.
_WINSOCK = {
    errno.ENETUNREACH: 10051,
    errno.ECONNABORTED: 10053,
    errno.ECONNRESET: 10054,
    errno.EPIPE: 10054,
    errno.EHOSTUNREACH: 10065,
}


def failure_of(error: Exception) -> WsmanError:
    """Return what an exception of requests, urllib3, pyspnego or pywinrm means.

    Nothing of the exception's own text is taken over, because it can hold request headers.
    """
    links = list(links_of(error))
    for link in links:
        if isinstance(link, WsmanError):
            return link
    for find in (_name, _refused, _timeout, _authentication, _status, _socket):
        for link in links:
            found = find(link)
            if found is not None:
                return found
    return _of_http(links) or unusable(f"the reply could not be used ({type(error).__name__})")


def _of_http(links: Sequence[BaseException]) -> WsmanError | None:
    """Return what is wrong with a reply whose HTTP could not be read."""
    if any(isinstance(link, http.client.IncompleteRead) for link in links):
        return unusable("the reply ended early")
    if any(isinstance(link, urllib3.exceptions.InvalidHeader) for link in links):
        return no_length()
    if any(isinstance(link, http.client.LineTooLong) for link in links):
        return head_too_large()
    if any(isinstance(link, http.client.HTTPException) for link in links):
        return unusable("what answered does not speak HTTP")
    return None


def links_of(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those that it carries, each once, outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__, getattr(link, "reason", None), *link.args]


def _name(error: BaseException) -> WsmanError | None:
    invalid = (requests.exceptions.InvalidURL, urllib3.exceptions.LocationParseError)
    if isinstance(error, (socket.gaierror, urllib3.exceptions.NameResolutionError, *invalid)):
        return WsmanError(
            FailureKind.NAME_NOT_RESOLVED,
            "the name could not be resolved",
            code=WINSOCK_HOST_NOT_FOUND,
        )
    return None


def _refused(error: BaseException) -> WsmanError | None:
    if isinstance(error, ConnectionRefusedError):
        return WsmanError(FailureKind.REFUSED, "the connection was refused", code=WINSOCK_REFUSED)
    return None


def _timeout(error: BaseException) -> WsmanError | None:
    # urllib3 derives it from the time-out, although the system gave another reason.
    if isinstance(error, urllib3.exceptions.NewConnectionError):
        return None
    if isinstance(error, (requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError)):
        return timed_out("the connection was not made in time")
    if isinstance(error, (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)):
        return timed_out("the answer did not come in time")
    return None


def _authentication(error: BaseException) -> WsmanError | None:
    if isinstance(error, InvalidCredentialsError):
        return authentication_refused()
    # requests_ntlm raises it, without a number, where the host offers no usable challenge.
    if isinstance(error, PermissionError) and error.errno is None:
        return WsmanError(
            FailureKind.AUTHENTICATION,
            "the host did not answer NTLM authentication",
            code=HTTP_UNAUTHORIZED,
        )
    return None


def _status(error: BaseException) -> WsmanError | None:
    if not isinstance(error, WinRMTransportError):
        return None
    status = error.code
    said = fault_text(error.response_text.encode(errors="replace"))
    return status_failure(status, said)


def status_failure(status: int, said: str = "") -> WsmanError:
    """Return the error for an HTTP status that came without an encrypted reply."""
    came_back = f"HTTP {status} without an encrypted reply" + (f": {said}" if said else "")
    return WsmanError(
        FailureKind.PROTOCOL, came_back, code=status, next_step=codes.STATUS_STEPS.get(status)
    )


def plain_reply(reply: HttpReply) -> WsmanError:
    """Return the error for a reply that came without encryption where there is some."""
    if reply.ok:
        return unusable("the reply is not encrypted")
    return status_failure(reply.status, fault_text(reply.content))


def fault_text(reply: bytes) -> str:
    """Return what the fault in a reply says; empty where there is none."""
    try:
        fault = read_fault(document.parse(reply))
    except WsmanError:
        return ""
    return one_line(fault.came_back) if fault is not None else ""


def _socket(error: BaseException) -> WsmanError | None:
    # requests' own exceptions are OSErrors too, without being the socket's.
    if not isinstance(error, OSError) or isinstance(error, requests.RequestException):
        return None
    if isinstance(error, ssl.SSLError):
        return WsmanError(FailureKind.TLS, "the TLS connection broke")
    number = getattr(error, "winerror", None) or _WINSOCK.get(error.errno or 0)
    closed = isinstance(error, (ConnectionResetError, ConnectionAbortedError, BrokenPipeError))
    said = "the host closed the connection" if closed else "the host could not be reached"
    if isinstance(error, ConnectionResetError) and number is None:
        number = _WINSOCK[errno.ECONNRESET]
    return WsmanError(FailureKind.UNREACHABLE, said, code=number)
