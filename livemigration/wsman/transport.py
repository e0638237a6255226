"""One authenticated, encrypted connection to a host: pywinrm's transport behind the guard."""

from __future__ import annotations

import logging
import threading
from weakref import WeakKeyDictionary

import requests
from requests_ntlm import HttpNtlmAuth
from winrm.transport import Transport

from livemigration.compat import nt_hash
from livemigration.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.secret import Credentials, Secret
from livemigration.wsman.causes import failure_of, fault_text, status_failure
from livemigration.wsman.errors import WsmanError, deadline_passed, timed_out, unusable
from livemigration.wsman.guard import GuardAdapter, Line

_ENCRYPTED = "multipart/encrypted"
_PROTOCOL = 'protocol="application/HTTP-SPNEGO-session-encrypted"'

# pyspnego logs every token while it debugs: enough to guess the password from, at leisure.
logging.getLogger("spnego").setLevel(logging.INFO)

# What is left of a deadline when a time-out that was set to it fires, at most.
_SLACK = 0.05


class Channel:
    """A connection that is made, authenticated and sealed with its first message.

    After an exchange that raised, its security context and the host's no longer match: it must be
    closed and never used again. Not for several threads at once.

    Args:
        url: the endpoint's URL.
        credentials: for NTLM.
        connect_seconds: how long resolving the name may take, and then connecting to each of its
            addresses; the message's own time bounds it all.
    """

    def __init__(self, url: str, credentials: Credentials, connect_seconds: float) -> None:
        self._url = url
        self._credentials = credentials
        self._line = Line(connect_seconds)
        self._transport: Transport | None = None

    def exchange(self, plain: bytes, seconds: float, deadline: Deadline) -> bytes:
        """Send a message and return the decrypted reply, whatever its HTTP status.

        Args:
            plain: the envelope.
            seconds: how long the whole exchange may take.
            deadline: the earlier end, which is the caller's.

        Raises:
            WsmanError: with nothing of the libraries' exceptions attached to it.
        """
        try:
            with self._line.message(deadline.earlier_of(seconds)):
                return self._exchange(plain)
        except Exception as error:  # noqa: BLE001 - the libraries raise whatever a host provokes
            failure = failure_of(error)
        if self._line.was_cut and failure.kind is not FailureKind.NAME_NOT_RESOLVED:
            failure = timed_out("the answer did not come in time")
        if failure.code == timed_out("").code and deadline.remaining < _SLACK:
            failure = deadline_passed()
        # Frames of the libraries hold the password, and their exceptions hold request headers.
        failure.__context__ = failure.__cause__ = None
        raise failure.with_traceback(None)

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None and self._transport.session is not None:
            self._transport.session.close()

    def _exchange(self, plain: bytes) -> bytes:
        if self._transport is None:
            self._transport = self._open()
        transport = self._transport
        encryption = transport.encryption
        if encryption is None or transport.session is None:
            raise unusable("the connection is not encrypted")
        request = encryption.prepare_encrypted_request(transport.session, self._url, plain)
        response = transport.session.send(request)
        content_type = response.headers.get("Content-Type", "")
        if not content_type.lower().startswith(_ENCRYPTED) or _PROTOCOL not in content_type:
            raise _plain_reply(response)
        return encryption.parse_encrypted_response(response)

    def _open(self) -> Transport:
        """Authenticate over a guarded session that pywinrm did not build.

        pywinrm's `build_session` reads proxies and CA bundles from the environment whatever it is
        told, and with `proxy=None` it races on `os.environ` between threads (measured.md section
        6). It returns a session that it finds; encryption is set up by hand after the guard is in
        place, so that no byte escapes it.
        """
        transport = Transport(
            endpoint=self._url,
            username=self._credentials.username,
            password=_password_equivalent(self._credentials).reveal(),
            auth_method="ntlm",
            message_encryption="never",
            proxy=None,
        )
        session = requests.Session()
        session.trust_env = False
        session.proxies.clear()
        session.max_redirects = 0
        session.auth = HttpNtlmAuth(
            transport.username, transport.password, send_cbt=self._url.startswith("https:")
        )
        session.headers.update(transport.default_headers)
        # Requests travel to the URL as requests spells it: lower case, international names encoded.
        adapter = GuardAdapter(
            self._line, session.prepare_request(requests.Request("POST", self._url)).url
        )
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        transport.session = session
        # Set before the first byte, so that `close` reaches the connection after a failure.
        self._transport = transport
        transport.setup_encryption(transport.build_session())
        if session.auth.session_security is None:
            raise unusable("what answered did not ask for authentication")
        self._line.seal()
        return transport


def _plain_reply(response: requests.Response) -> WsmanError:
    if response.ok:
        return unusable("the reply is not encrypted")
    return status_failure(response.status_code, fault_text(response.content))


_equivalents: WeakKeyDictionary[Credentials, Secret] = WeakKeyDictionary()
_equivalents_lock = threading.Lock()


def _password_equivalent(credentials: Credentials) -> Secret:
    """Return the password as the `LM:NT` hash pair that pyspnego takes in its place.

    From a plain password pyspnego computes the obsolete LM hash in pure Python for each session,
    30 % of the client's time (measured.md 2.2); NTLMv2 does not use it. The form also keeps an
    empty password from selecting the account that runs the suite.
    """
    with _equivalents_lock:
        found = _equivalents.get(credentials)
        if found is None:
            found = Secret("0" * 31 + "1:" + nt_hash(credentials.password.reveal()))
            _equivalents[credentials] = found
        return found
