"""TLS to a host: who is believed, and what is said where it does not come about.

The certificate that a host presented is taken from the handshake that failed, so that nobody is
connected to a second time with the checks off.
"""

from __future__ import annotations

import contextlib
import ssl
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from livemigration.base.deadline import Deadline
from livemigration.facts.model import FailureKind
from livemigration.wsman.certificates import Presented, presented
from livemigration.wsman.compat import presented_certificate
from livemigration.wsman.connecting import connect
from livemigration.wsman.errors import WsmanError, timed_out

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_NOT_YET_VALID = 9
_EXPIRED = 10
_SELF_SIGNED = 18
_SELF_SIGNED_AUTHORITY = 19
_NO_ISSUER = {2, 20, 21}
_OTHER_NAME = {62, 64}
_OTHER_PURPOSE = 26

_PRIVATE_CA = (
    "Name the PEM file of the CA that signed it under connection, ca: in the inventory, or have "
    "this machine trust that CA."
)
_RENEW = (
    "Renew the certificate, and bind the new one to the HTTPS listener (winrm enumerate "
    "winrm/config/listener shows its thumbprint)."
)
_OTHER_STEP = (
    "Bind a certificate to the HTTPS listener that is for server authentication and that this "
    "machine trusts."
)
# What OpenSSL says where both sides share no version of TLS; this one speaks 1.2 and 1.3.
_OLD = {
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "UNSUPPORTED_PROTOCOL",
    "WRONG_SSL_VERSION",
}
_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "HTTPS_PROXY_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "BAD_RECORD_TYPE",
    "UNEXPECTED_MESSAGE",
}
# How a host says that it does not take a client's certificate.
_CLIENT_REFUSED = {
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "TLSV1_ALERT_UNKNOWN_CA",
    "TLSV1_ALERT_ACCESS_DENIED",
}
_LISTENER = (
    "Compare the port with winrm enumerate winrm/config/listener on the host, and see whether "
    "something in between takes TLS apart."
)


@dataclass(frozen=True)
class ClientCertificate:
    """The PEM files that a client signs in with."""

    certificate: Path
    key: Path


class TlsFileError(Exception):
    """A file of certificates or keys that cannot be used: which, and why."""


def context(
    *,
    ca: Path | None = None,
    authority: str = "",
    checked: bool = True,
    client: ClientCertificate | None = None,
) -> ssl.SSLContext:
    """Return what connections are made with: TLS 1.2 and later.

    Args:
        ca: who signs the hosts' certificates; None: those that the system trusts.
        authority: the same in PEM itself, where there is no file.
        checked: whether certificates and names are checked at all.
        client: what to sign in with.

    Raises:
        TlsFileError: a file cannot be used.
    """
    try:
        made = ssl.create_default_context(
            cafile=str(ca) if ca is not None else None, cadata=authority or None
        )
    except OSError as error:
        raise TlsFileError(f"{ca}: {_file_problem(error)}") from None
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if not checked:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    if client is not None:
        _load(made, client)
    made.sslsocket_class = _Told
    return made


@cache
def system_context() -> ssl.SSLContext:
    """Return the context that trusts whom the system trusts, made once: it takes its time."""
    return context()


def _load(made: ssl.SSLContext, client: ClientCertificate) -> None:
    def no_password() -> str:
        # OpenSSL would ask for it at the terminal.
        raise TlsFileError(
            f"{client.key}: the key is encrypted. Write it without a password, readable by its "
            "owner alone."
        )

    try:
        made.load_cert_chain(client.certificate, client.key, password=no_password)
    except OSError as error:
        both = f"{client.certificate} and {client.key}"
        raise TlsFileError(f"{both}: {_file_problem(error)}") from None
    # A host may ask for it only once a request needs it, and in TLS 1.3 only whom it may ask then
    # (RFC 8446 4.2.6); in 1.2 it begins the handshake anew.
    made.post_handshake_auth = True


def _file_problem(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        if error.reason == "KEY_VALUES_MISMATCH":
            return "the key is not that of the certificate. Name the pair that belongs together."
        return "no usable PEM file. Write certificates as -----BEGIN CERTIFICATE-----."
    return (
        f"{error.strerror or 'cannot be read'}. Correct the path, which counts from the inventory."
    )


class _Told(ssl.SSLSocket):
    """A TLS connection whose handshake fails in words."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError as error:
            failure = self._failure(error)
        else:
            return
        self.close()
        raise failure

    def _failure(self, error: OSError) -> WsmanError:
        name = self.server_hostname
        if isinstance(error, ssl.SSLCertVerificationError):
            shown = presented(presented_certificate(self))
            return certificate_failure(error.verify_code, shown, str(name or ""))
        return handshake_failure(error)


def certificate_failure(code: int, shown: Presented | None, name: str) -> WsmanError:
    """Return the error for a certificate that is not accepted.

    Args:
        code: OpenSSL's reason.
        shown: what the host presented; None: it could not be read.
        name: whom it should have been for.
    """
    said = f": {shown.text}" if shown is not None else ""
    if code in _OTHER_NAME:
        what = f"the certificate is not for {name}{said}"
        step = (
            f"Bind a certificate for {name} to the HTTPS listener, or give the machine's name in "
            "the inventory as in its certificate."
        )
    elif code == _EXPIRED:
        what, step = f"the certificate has expired{said}", _RENEW
    elif code == _NOT_YET_VALID:
        what = f"the certificate is not valid yet{said}"
        step = f"Compare the clocks of this machine and the host. {_RENEW}"
    elif code == _SELF_SIGNED:
        what = f"the certificate is self-signed{said}"
        step = f"Bind one of a CA to the HTTPS listener. {_PRIVATE_CA}"
    elif code in _NO_ISSUER or code == _SELF_SIGNED_AUTHORITY:
        what, step = f"this machine does not know who signed the certificate{said}", _PRIVATE_CA
    elif code == _OTHER_PURPOSE:
        what, step = f"the certificate is not for servers{said}", _OTHER_STEP
    else:
        what, step = f"the certificate is not accepted (OpenSSL {code}){said}", _OTHER_STEP
    return WsmanError(FailureKind.CERTIFICATE, what, code=code, next_step=step)


def handshake_failure(error: OSError) -> WsmanError:
    """Return the error for a handshake that failed, but not for the host's certificate."""
    if isinstance(error, TimeoutError):
        late = timed_out("the TLS handshake did not end in time")
        return WsmanError(late.kind, late.came_back, code=late.code, next_step=_LISTENER)
    reason = error.reason if isinstance(error, ssl.SSLError) else ""
    if reason in _OLD:
        return WsmanError(
            FailureKind.TLS,
            "the host speaks no TLS that is safe: it offers neither 1.2 nor 1.3",
            next_step="Enable TLS 1.2 on the host (Schannel), which Windows Server 2012 can.",
        )
    if reason in _NOT_TLS:
        return WsmanError(
            FailureKind.TLS,
            "what answered does not speak TLS",
            next_step="Give the port of the host's HTTPS listener, usually 5986, or set https: "
            "false: the port answers without TLS.",
        )
    if reason in _CLIENT_REFUSED:
        return client_refused()
    ended = not isinstance(error, ssl.SSLError) or isinstance(error, ssl.SSLEOFError)
    return WsmanError(
        FailureKind.TLS,
        "the host ended the TLS handshake"
        if ended
        else f"the TLS handshake failed ({reason or 'no reason given'})",
        next_step="Check that a certificate is bound to the HTTPS listener (winrm enumerate "
        "winrm/config/listener), and that the host speaks TLS 1.2.",
    )


def speaks_tls(address: str, port: int, seconds: float, deadline: Deadline) -> bool:
    """Whether TLS answers at an address; nothing but a handshake is sent."""
    try:
        with contextlib.closing(connect(address, port, seconds, deadline)) as connection:
            connection.settimeout(max(deadline.earlier_of(seconds).remaining, 0.001))
            with context(checked=False).wrap_socket(connection):
                return True
    except (OSError, WsmanError):
        return False


def tls_expected() -> WsmanError:
    """Return the error for a port that was asked without TLS, and speaks it."""
    return WsmanError(
        FailureKind.TLS,
        "the port speaks TLS, and was asked without",
        next_step="Set https: true under connection in the inventory, or give the port of the "
        "host's HTTP listener, usually 5985.",
    )


def refuses_client(error: ssl.SSLError) -> bool:
    """Whether an alert says that the client's certificate is not taken."""
    return error.reason in _CLIENT_REFUSED


def client_refused() -> WsmanError:
    """Return the error for a client's certificate that the host does not take."""
    return WsmanError(
        FailureKind.AUTHENTICATION,
        "the host did not take the client certificate",
        next_step="Check that the host maps this certificate to an account (winrm enumerate "
        "winrm/config/service/certmapping), trusts its CA, and allows Certificate authentication.",
    )
