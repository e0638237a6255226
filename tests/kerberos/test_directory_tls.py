"""A real directory over LDAPS: by a password or by a ticket, once its certificate was checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from delegation_accounts import CONSTRAINED
from directory_accounts import OPERATOR
from played_dns import ADDRESS, played_dns, srv, zone
from realm import Realm
from test_real_directory import account, asked, target

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.directory import DIRECTORY_ACCOUNT, DIRECTORY_NAMES
from livemigration.facts.model import FailureKind, Gathered, NotGathered
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.signing import Accounts
from livemigration.inventory.connection import Connection
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.directory import DirectoryServer
from livemigration.inventory.reach import Reach
from livemigration.ldap.directory import Directory, Server
from livemigration.ldap.signing import by_ticket
from livemigration.wsman import compat
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.security import Security
from livemigration.wsman.tls import context

pytestmark = pytest.mark.usefixtures("at_home")

DC = "dc01.contoso.test"
HOWS = {"kerberos": "Kerberos", "": "Password"}


def within_tls(
    realm: Realm, transport: str, *, password: str = "", **entry: object
) -> DirectoryTarget:
    """Return a directory of the realm that is asked over LDAPS."""
    said = {"transport": transport} if transport else {}
    at = {} if "dns" in entry else {"server": DC, "address": realm.address}
    own = DirectoryServer.model_validate({"ldaps": True, **at, **said, **entry})
    given = Credentials(realm.principal(), Secret(password or realm.password()))
    reach = Reach(own.connection(Connection()), CredentialSource())
    access = Accounts().access(reach, Security(), lambda _: given)
    return DirectoryTarget(own, access, context(ca=realm.authority))


@pytest.mark.parametrize("transport", HOWS)
def test_it_says_the_same_as_over_ldap_that_is_sealed(realm: Realm, transport: str) -> None:
    sealed = asked([target(realm)], [CONSTRAINED.name])
    found = asked([within_tls(realm, transport)], [CONSTRAINED.name])
    assert account(found, CONSTRAINED) == account(sealed, CONSTRAINED)
    how = f"{HOWS[transport]} over LDAPS, certificate checked"
    assert account(found, CONSTRAINED).signed_in == how
    # Its catalogue was asked over TLS as well.
    names = found[CONSTRAINED.name][DIRECTORY_NAMES.name]
    assert isinstance(names, Gathered)
    assert names.value.whole_forest


@pytest.mark.parametrize("transport", HOWS)
def test_a_controller_that_dns_names_shows_the_certificate_of_its_domain(
    realm: Realm, transport: str
) -> None:
    # Whatever DNS calls it.
    name = "other.contoso.test"
    records = {
        (srv("contoso.test"), "SRV"): [f"0 100 389 {name}."],
        (f"{name}.", "A"): [realm.address],
    }
    # A ticket may go to a domain that only a host names; a password may not.
    said = {} if transport else {"domain": "contoso.test"}
    with played_dns(zone(records)) as dns:
        own = within_tls(realm, transport, **said, dns=ADDRESS, dns_port=dns.port)
        found = asked([own], [CONSTRAINED.name])
    assert account(found, CONSTRAINED).answered_by == DC


@pytest.mark.parametrize("transport", HOWS)
def test_a_wrong_password_is_tried_once(realm: Realm, transport: str) -> None:
    before = len(realm.sign_ins())
    own = within_tls(realm, transport, password="wrong-Pa55")
    failed = asked([own], [CONSTRAINED.name])[CONSTRAINED.name][DIRECTORY_ACCOUNT.name]
    assert isinstance(failed, NotGathered)
    assert failed.failure.kind is FailureKind.AUTHENTICATION
    assert "wrong-Pa55" not in repr(failed)
    tried = [each for each in realm.sign_ins()[before:] if each.account == OPERATOR]
    assert len(tried) <= 1


@contextmanager
def greeted(realm: Realm) -> Iterator[Directory]:
    server = Server(DC, realm.address, 636, context(ca=realm.authority))
    with Directory(server, Deadline.after(60)) as directory:
        yield directory


def test_a_second_protection_within_tls_is_what_a_controller_refuses(
    realm: Realm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compat, "_WITHIN_TLS", compat._BY_ITSELF)
    tickets = within_tls(realm, "kerberos").access.security.tickets
    assert tickets is not None
    with greeted(realm) as directory, pytest.raises(WsmanError) as caught:
        by_ticket(directory, tickets, DC, Deadline.after(60))
    assert "LDAP 53" in caught.value.came_back
