"""What a ticket is bound to that a directory is shown: its certificate, where there is TLS."""

from __future__ import annotations

import hashlib
import ssl
from typing import Any

import sansldap
import trustme
from played_directory import answers, attributes, played

from livemigration.base.deadline import Deadline
from livemigration.ldap.directory import Directory, Server
from livemigration.ldap.signing import by_ticket
from livemigration.wsman.kerberos import Context, TicketSource
from livemigration.wsman.principals import Principal
from livemigration.wsman.tls import context

DC = "dc01.contoso.com"


class Sealing:
    """A context that is complete; whoever has it seal anything has made a mistake."""

    complete = True


class Given(TicketSource):
    """Tickets that note what they were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any, bool]] = []

    @property
    def who(self) -> Principal:
        return Principal("svc", "CONTOSO.COM")

    @property
    def proves_account(self) -> bool:
        return True

    def ready(self, deadline: Deadline) -> None:
        pass

    def start(
        self,
        service: str,
        machine: str,
        bindings: Any,
        deadline: Deadline,
        *,
        within_tls: bool = False,
    ) -> tuple[Context, bytes]:
        assert not deadline.passed
        self.asked.append((service, machine, bindings, within_tls))
        made: Any = Sealing()
        return made, b"token"


def accepting(session: sansldap.LDAPServer, message: sansldap.LDAPMessage) -> None:
    if isinstance(message, sansldap.BindRequest):
        session.bind_response(message.message_id)
        return
    session.search_result_entry(message.message_id, "", attributes(dnsHostName=[DC.encode()]))
    session.search_result_done(message.message_id)


def test_within_tls_a_ticket_is_bound_to_the_certificate_and_seals_nothing() -> None:
    authority, tickets = trustme.CA(), Given()
    own = authority.issue_cert(DC)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.configure_cert(server)
    der = ssl.PEM_cert_to_DER_cert(own.cert_chain_pems[0].bytes().decode())
    trusted = context(authority=authority.cert_pem.bytes().decode())
    with played(answers(accepting), server) as port:
        at, until = Server(DC, "127.0.0.1", port, trusted), Deadline.after(30)
        with Directory(at, until) as directory:
            by_ticket(directory, tickets, DC, until)
            assert directory.signed_in == "Kerberos over LDAPS, certificate checked"
            # Had it sealed anything, nobody would have understood.
            assert directory.root().text("dnsHostName") == DC
    ((service, machine, bindings, within_tls),) = tickets.asked
    assert (service, machine, within_tls) == ("ldap", DC, True)
    # RFC 5929, 4.1: the hash of the certificate's own signature, which is SHA-256 here.
    expected = b"tls-server-end-point:" + hashlib.sha256(der).digest()
    assert bindings.application_data == expected


def test_without_tls_it_is_bound_to_nothing() -> None:
    tickets = Given()
    with played(answers(accepting)) as port:
        until = Deadline.after(30)
        with Directory(Server(DC, "127.0.0.1", port), until) as directory:
            by_ticket(directory, tickets, DC, until)
            assert directory.signed_in == "Kerberos over LDAP, messages sealed"
    assert tickets.asked == [("ldap", DC, None, False)]
