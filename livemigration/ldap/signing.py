"""Signing in to a directory: by a ticket or by NTLM, sealed; within TLS by a ticket or a password.

Both kinds of sealing were seen to work with a real directory's rules (authentication.md C). Within
TLS a domain controller takes no second seal, and NTLM was not seen to work.
"""

from __future__ import annotations

from typing import Any

import sansldap
import spnego
import spnego.exceptions

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials
from livemigration.facts.directory import BY_PASSWORD, SEALED, WITHIN_TLS
from livemigration.facts.model import FailureKind
from livemigration.ldap.causes import broken, sign_in_failure
from livemigration.ldap.causes import code_of as result_of
from livemigration.ldap.directory import Directory
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.kerberos import Context, TicketSource, code_of
from livemigration.wsman.kerberos_causes import host_failure
from livemigration.wsman.ntlm import password_equivalent
from livemigration.wsman.security import Mechanism

SERVICE = "ldap"
_MECHANISM = "GSS-SPNEGO"
_SUCCESS, _IN_PROGRESS = 0, 14
_LEGS_AT_MOST = 8


def by_password(directory: Directory, credentials: Credentials) -> None:
    """Sign in by a password, over TLS alone.

    Raises:
        WsmanError: the directory did not take it.
    """
    if directory.server.tls is None:
        raise RuntimeError("a password travels within TLS alone")
    name, password = credentials.username, credentials.password.reveal()
    if not name or not password:
        # A directory takes that for somebody unknown, and says that all is well (RFC 4513 5.1.2).
        raise _nobody()
    directory.wire.session.bind_simple(name, password)
    code, said, _ = _answered(directory)
    if code:
        raise sign_in_failure(code, said)
    directory.signed_in = f"{BY_PASSWORD} {WITHIN_TLS}"


def by_ntlm(directory: Directory, credentials: Credentials) -> None:
    """Sign in by NTLM; every message is signed and sealed from then on.

    Raises:
        WsmanError: the directory did not take it.
    """
    if not credentials.username:
        # Windows would take whoever runs the suite.
        raise _nobody()
    context = spnego.client(
        credentials.username,
        password_equivalent(credentials).reveal(),
        hostname=directory.server.name,
        service=SERVICE,
        protocol="ntlm",
        options=spnego.NegotiateOptions.use_ntlm,
    )
    try:
        _agree(directory, context, context.step() or b"")
    except spnego.exceptions.SpnegoError:
        raise broken("its answer to the sign-in is none") from None
    directory.signed_in = f"{Mechanism.NTLM.value} {SEALED}"


def by_ticket(directory: Directory, tickets: TicketSource, machine: str, until: Deadline) -> None:
    """Sign in by Kerberos; every message is signed and sealed from then on.

    Within TLS, which protects the messages, the sign-in is bound to the server's certificate
    (RFC 5929): where it asks for that, nobody between can pass the ticket on.

    Args:
        directory: who is asked.
        tickets: the account's.
        machine: for whom the ticket is: the server's name, and the domain behind a slash where
            only one of its domain controllers will do.
        until: when everything ends.

    Raises:
        WsmanError: there is no ticket, or the directory did not take it.
    """
    certificate = directory.certificate
    if certificate is None:
        context, first = tickets.start(SERVICE, machine, None, until)
    else:
        # They load libraries that whoever asks without TLS does without.
        from livemigration.wsman.certificates import binding_data  # noqa: PLC0415 - as above
        from livemigration.wsman.compat import channel_bindings  # noqa: PLC0415 - as above

        bindings = channel_bindings(binding_data(certificate))
        context, first = tickets.start(SERVICE, machine, bindings, until, within_tls=True)
    try:
        _agree(directory, context, first)
    except spnego.exceptions.SpnegoError as error:
        raise host_failure(code_of(error), tickets.who, SERVICE, machine) from None
    except WsmanError:
        raise
    except Exception as error:
        # gssapi's own, where the context is told at once.
        if not (code := code_of(error)):
            raise
        raise host_failure(code, tickets.who, SERVICE, machine) from None
    protected = SEALED if certificate is None else WITHIN_TLS
    directory.signed_in = f"{Mechanism.KERBEROS.value} {protected}"


def _agree(directory: Directory, context: Any | Context, first: bytes) -> None:
    token = first
    for _ in range(_LEGS_AT_MOST):
        directory.wire.session.bind_sasl(_MECHANISM, "", token)
        code, said, answer = _answered(directory)
        if code not in {_SUCCESS, _IN_PROGRESS}:
            raise sign_in_failure(code, said)
        if not context.complete and answer:
            token = context.step(answer) or b""
        if code == _SUCCESS:
            if not context.complete:
                raise broken("it did not prove that it knows the account")
            if directory.certificate is None:
                directory.wire.seal(context)
            return
    raise broken("its sign-in has no end")


def _answered(directory: Directory) -> tuple[int, str, bytes]:
    directory.wire.ask()
    message = directory.wire.answer()
    if not isinstance(message, sansldap.BindResponse):
        raise broken("it answered something else than a sign-in")
    result = message.result
    return result_of(result), result.diagnostics_message, message.server_sasl_creds or b""


def _nobody() -> WsmanError:
    return WsmanError(
        FailureKind.AUTHENTICATION,
        "there is no user name and password for it",
        next_step="Write credentials: under directory in the inventory.",
    )
