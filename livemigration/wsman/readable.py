"""Messages that only TLS hides: with Basic authentication, or a client certificate."""

from __future__ import annotations

import base64
import ssl

from livemigration.base.secret import Credentials
from livemigration.facts.model import FailureKind
from livemigration.wsman.causes import failure_of, fault_text, links_of, status_failure
from livemigration.wsman.errors import HTTP_UNAUTHORIZED, WsmanError, unusable
from livemigration.wsman.guard import GuardedConnection
from livemigration.wsman.post import Poster
from livemigration.wsman.security import Mechanism
from livemigration.wsman.tls import client_refused, refuses_client

_SOAP = "application/soap+xml"
# What Windows' own client sends along with its certificate (MS-WSMV 2.2.9.1.1).
_MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"


class ReadableTransport:
    """One session whose messages are as they are.

    Args:
        credentials: for Basic.
        mechanism: Basic, or a client certificate, which the connection's TLS carries.
        poster: what messages travel with, the guard in place.
        line: the connection under it.
    """

    def __init__(
        self,
        credentials: Credentials,
        mechanism: Mechanism,
        poster: Poster,
        line: GuardedConnection,
    ) -> None:
        self._mechanism = mechanism
        self._poster = poster
        self._line = line
        self._credentials = credentials

    def exchange(self, plain: bytes) -> bytes:
        """Send a message and return the reply; the host says with it whether it knows us.

        Raises:
            WsmanError: the host refused to know us, or its reply is no message.
        """
        headers = {
            "Content-Type": f"{_SOAP};charset=UTF-8",
            "Authorization": self._authorization(),
            "Connection": "Keep-Alive",
        }
        try:
            response = self._poster.post(plain, headers)
        except OSError as error:
            # What requests raises is one too.
            first = self._line.met and not self._line.sealed
            if self._mechanism is not Mechanism.CERTIFICATE or not first:
                raise
            about = _about_the_certificate(error)
            if about is None:
                raise
            raise about from None
        if response.status == HTTP_UNAUTHORIZED:
            raise self._refused()
        self._line.seal()
        if _SOAP not in response.headers.get("Content-Type", "").lower():
            if response.ok:
                raise unusable("the reply is not a message of WS-Management")
            raise status_failure(response.status, fault_text(response.content))
        return response.content

    def _authorization(self) -> str:
        if self._mechanism is Mechanism.CERTIFICATE:
            return _MUTUAL
        pair = f"{self._credentials.username}:{self._credentials.password.reveal()}"
        return f"Basic {base64.b64encode(pair.encode()).decode('ascii')}"

    def _refused(self) -> WsmanError:
        if self._mechanism is Mechanism.CERTIFICATE:
            return client_refused()
        return WsmanError(
            FailureKind.AUTHENTICATION,
            "the host refused the credentials (HTTP 401)",
            code=HTTP_UNAUTHORIZED,
            next_step="Check the user name and password: Basic takes local accounts of the host "
            "only, and only where its WinRM service allows Basic authentication.",
        )


def _about_the_certificate(error: OSError) -> WsmanError | None:
    """Return what a connection that broke off at the first message says of a client certificate.

    TLS 1.3 has the host look at it after the handshake has ended. Its alert is a refusal; an end
    without one may be, because a reset overtakes the alert. Anything else is neither.
    """
    broken = next((each for each in links_of(error) if isinstance(each, ssl.SSLError)), None)
    if broken is not None and refuses_client(broken):
        return client_refused()
    ended = isinstance(broken, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
    failure = failure_of(error)
    if not ended and (broken is not None or failure.kind is not FailureKind.UNREACHABLE):
        return None
    return WsmanError(
        FailureKind.UNREACHABLE,
        "the host closed the connection in place of an answer",
        code=failure.code,
        next_step="Check the WinRM service on the host. With TLS 1.3 a client certificate that is "
        "not taken looks so too: check that the host trusts its CA and maps it to an account "
        "(winrm enumerate winrm/config/service/certmapping).",
    )
