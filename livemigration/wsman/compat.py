"""Everything private that the client uses of its libraries, behind names of its own."""

from __future__ import annotations

import importlib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import requests
import spnego
from requests_ntlm import HttpNtlmAuth
from spnego._ntlm_raw.crypto import ntowfv1
from spnego.channel_bindings import GssChannelBindings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import parse_url
from winrm.encryption import Encryption
from winrm.transport import Transport

_ENCRYPTED = "multipart/encrypted"
_PROTOCOL = 'protocol="application/HTTP-SPNEGO-session-encrypted"'

# What `_ssl` calls ENCODING_DER.
_DER = 2

SocketOptions = Sequence[tuple[int, int, int | bytes]]


def nt_hash(password: str) -> str:
    """Return the NT hash of a password in hexadecimal; pyspnego computes it in private only."""
    return ntowfv1(password).hex()


def channel_bindings(data: bytes) -> GssChannelBindings:
    """Return what pyspnego binds a sign-in to; it documents the class nowhere."""
    return GssChannelBindings(application_data=data)


_BY_ITSELF, _WITHIN_TLS = (
    spnego.ContextReq.default,
    spnego.ContextReq.mutual_auth | spnego.ContextReq.no_integrity,
)


def protection(*, within_tls: bool) -> spnego.ContextReq:
    """Return what pyspnego is asked for.

    Args:
        within_tls: whether messages are left to TLS: a domain controller refuses a context over it
            that could sign or seal them (authentication.md C).
    """
    return _WITHIN_TLS if within_tls else _BY_ITSELF


def kerberos_context(
    cache: str, service: str, machine: str, bindings: Any, *, within_tls: bool
) -> Any:
    """Return a context that has said nothing yet.

    pyspnego has the libraries look the machine's name up in DNS and take the name that comes back,
    forged or not, unless krb5.conf forbids it. So it gets a context for the name as it is: with an
    empty realm, which stands for the one that the machine is in.

    Args:
        cache: a cache with the account's ticket.
        service: the class of the machine's SPN.
        machine: its name.
        bindings: what the sign-in is bound to, as pyspnego has it; None: nothing.
        within_tls: as for `protection`.
    """
    gssapi: Any = importlib.import_module("gssapi")
    made: Any = spnego.client(
        spnego.KerberosCCache(cache),
        hostname=machine,
        service=service,
        protocol="kerberos",
        channel_bindings=bindings,
        context_req=protection(within_tls=within_tls),
    )
    bound = {}
    if bindings is not None:
        bound["channel_bindings"] = gssapi.raw.ChannelBindings(
            application_data=bindings.application_data
        )
    made._context = _told(gssapi)(
        name=gssapi.Name(f"{service}/{machine}@", gssapi.NameType.kerberos_principal),
        creds=made._credential,
        mech=gssapi.MechType.kerberos,
        flags=made._context_req,
        usage="initiate",
        **bound,
    )
    return made


def _told(gssapi: Any) -> Any:
    """Return the class of contexts that say at once what the other side found wrong."""
    return type("_Told", (gssapi.SecurityContext,), {"__DEFER_STEP_ERRORS__": False})


class SocketMaker(Protocol):
    """Makes the sockets of connections, and stays in charge of them."""

    def connect(self, host: str, port: int, options: SocketOptions) -> socket.socket:
        """Return a connected socket."""

    def adopt(self, connected: socket.socket) -> None:
        """Take charge of the socket that carries the connection from now on."""


class _Made:
    """A urllib3 connection whose socket somebody else makes; urllib3 asks for it in private only.

    To be inherited before `HTTPConnection` or `HTTPSConnection`, whose `connect` then uses it,
    before TLS where there is any.
    """

    maker: SocketMaker
    # As it is asked for: urllib3 takes a dot at its end off `host`.
    name: str
    port: int
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        return self.maker.connect(self.name, self.port, self.socket_options or ())


class _Connection(_Made, HTTPConnection):
    def __init__(
        self, host: str, port: int | None = None, *, maker: SocketMaker, **options: Any
    ) -> None:
        super().__init__(host, port, **options)
        self.maker, self.name = maker, host


class _SecureConnection(_Made, HTTPSConnection):
    def __init__(
        self, host: str, port: int | None = None, *, maker: SocketMaker, **options: Any
    ) -> None:
        super().__init__(host, port, **options)
        self.maker, self.name = maker, host

    def connect(self) -> None:
        # Python counts the socket's time-out over the whole handshake; only then can it be cut,
        # because TLS takes the connection out of the object that was in charge.
        super().connect()
        self.maker.adopt(self.sock)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection

    def _validate_conn(self, conn: Any) -> None:
        """Connect, without urllib3's warning of a certificate that is not to be checked.

        A warning may be an error here, and every report of the run says it anyway.
        """
        if conn.is_closed:
            conn.connect()


def pool_over(
    maker: SocketMaker, url: str, tls: ssl.SSLContext | None = None, name: str = ""
) -> HTTPConnectionPool:
    """Return a pool of one connection to a URL, whose socket is made elsewhere.

    `tls` is what an https URL is reached with, and `name` whom its certificate must be for: empty,
    the URL's own host.

    urllib3 has no public way to hand it a socket, and its classes of connections are none of what
    it documents.
    """
    parts = parse_url(url)
    host = parts.host or ""
    if parts.scheme != "https":
        return _Pool(host, parts.port, maxsize=1, maker=maker)
    return _SecurePool(
        host, parts.port, maxsize=1, maker=maker, ssl_context=tls, server_hostname=name or None
    )


def presented_certificate(connection: ssl.SSLSocket) -> bytes | None:
    """Return the certificate of the other side in DER, also where it was not accepted.

    Python shows it from 3.13 on, and has it since 3.10.
    """
    if hasattr(connection, "get_unverified_chain"):
        chain = connection.get_unverified_chain()
    else:
        inner: Any = connection._sslobj  # type: ignore[attr-defined]  # typeshed has no name for it
        chain = [each.public_bytes(_DER) for each in inner.get_unverified_chain() or ()]
    return bytes(chain[0]) if chain else None


def verified_chain(connection: ssl.SSLSocket) -> tuple[bytes, ...]:
    """Return the certificates by which the other side is believed, its own first, in DER.

    Where nothing was verified, its own alone. Python shows the chain from 3.13 on, and has it since
    3.10.
    """
    if connection.context.verify_mode is ssl.CERT_NONE:
        own = connection.getpeercert(binary_form=True)
        return (own,) if own is not None else ()
    if hasattr(connection, "get_verified_chain"):
        return tuple(map(bytes, connection.get_verified_chain()))
    inner: Any = connection._sslobj  # type: ignore[attr-defined]  # typeshed has no name for it
    return tuple(bytes(each.public_bytes(_DER)) for each in inner.get_verified_chain() or ())


def speaks_http_1_0(response: requests.Response) -> bool:
    """Whether a reply came with HTTP/1.0; requests shows no version."""
    return getattr(response.raw, "version", 11) == 10


Stream = Callable[..., Iterator[bytes]]


def wrap_body(response: requests.Response, wrap: Callable[[Stream], Stream]) -> None:
    """Lay something around the reader of a reply's body.

    requests_ntlm needs the live reply of urllib3 below it, and requests offers no place between
    the two.
    """
    response.raw.stream = wrap(response.raw.stream)  # type: ignore[method-assign] # as above


class SealedTransport:
    """NTLM and message encryption of one session: pywinrm's transport, which it does not document.

    pywinrm's public `Session` and `Protocol` build an HTTP session of their own, which reads
    proxies and CA bundles from the environment whatever it is told, and with `proxy=None` they race
    on `os.environ` between threads (measured.md section 6). Its transport takes a session that it
    finds, and encryption is set up by hand once the caller's guard is in place, so that no byte
    escapes it.

    Args:
        url: the endpoint's URL.
        username: whom to authenticate.
        secret: the password, or its hashes in pyspnego's form.
        session: the HTTP session; it gets NTLM, with channel binding over TLS, and headers.
    """

    def __init__(self, url: str, username: str, secret: str, session: requests.Session) -> None:
        self._url = url
        self._session = session
        self._transport = Transport(
            endpoint=url,
            username=username,
            password=secret,
            auth_method="ntlm",
            message_encryption="never",
            proxy=None,
        )
        self._auth = HttpNtlmAuth(
            self._transport.username, self._transport.password, send_cbt=url.startswith("https:")
        )
        session.auth = self._auth
        session.headers.update(self._transport.default_headers)
        self._transport.session = session

    def authenticate(self) -> bool:
        """Agree on keys with the host; False: what answered did not ask for authentication.

        requests_ntlm shows whether there are keys nowhere else.
        """
        self._transport.setup_encryption(self._transport.build_session())
        return self._auth.session_security is not None

    def send(self, plain: bytes) -> requests.Response:
        """Send a message, sealed with the keys, and return the reply as it came."""
        request = self._encryption.prepare_encrypted_request(self._session, self._url, plain)
        return self._session.send(request)

    def is_sealed(self, response: requests.Response) -> bool:
        """Whether a reply says that it is sealed as this session's are."""
        content_type = response.headers.get("Content-Type", "")
        return content_type.lower().startswith(_ENCRYPTED) and _PROTOCOL in content_type

    def unseal(self, response: requests.Response) -> bytes:
        """Return the message in a sealed reply."""
        return self._encryption.parse_encrypted_response(response)

    @property
    def _encryption(self) -> Encryption:
        found = self._transport.encryption
        if found is None:
            raise RuntimeError("nothing is sealed before both sides agreed on keys")
        return found
