"""What a real directory says of accounts is read from it, by each way to sign in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import delegation_accounts as accounts
import pytest
import sansldap
from delegation_accounts import SOURCES, Source
from directory_accounts import OPERATOR
from played_directory import answers, attributes, played
from played_dns import ADDRESS, played_dns, srv, zone
from realm import Realm

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.discovery.directory import BY_KERBEROS, ask_directory
from livemigration.facts.directory import (
    DIRECTORY_ACCOUNT,
    DIRECTORY_DOMAIN,
    DIRECTORY_NAMES,
    DirectoryAccount,
    NameOwner,
)
from livemigration.facts.host import DOMAIN_MEMBERSHIP, DomainMembership
from livemigration.facts.model import FailureKind, Gathered, NotGathered, Outcome, Vantage
from livemigration.gather.asking import Outcomes
from livemigration.gather.directory import ask_directories
from livemigration.gather.directory_answers import accounts_in
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.gather.signing import Accounts
from livemigration.inventory.connection import Connection
from livemigration.inventory.credentials import CredentialSource
from livemigration.inventory.directory import DirectoryServer
from livemigration.inventory.reach import Reach
from livemigration.ldap.directory import Directory, Server
from livemigration.ldap.signing import by_ticket
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.security import Security

pytestmark = pytest.mark.usefixtures("at_home")

ALL = frozenset(each.name for each in (DIRECTORY_ACCOUNT, DIRECTORY_NAMES, DIRECTORY_DOMAIN))
SIGN_INS = ("kerberos", "ntlm", "negotiate")


def target(
    realm: Realm,
    transport: str = "negotiate",
    user: str = OPERATOR,
    password: str = "",
    **entry: str,
) -> DirectoryTarget:
    own = DirectoryServer.model_validate(
        {"server": "dc01.contoso.test", "address": realm.address, "transport": transport, **entry}
    )
    credentials = Credentials(realm.principal(user), Secret(password or realm.password(user)))
    reach = Reach(own.connection(Connection()), CredentialSource())
    return DirectoryTarget(own, Accounts().access(reach, Security(), lambda _: credentials))


def asked(
    targets: Sequence[DirectoryTarget],
    hosts: Sequence[str],
    domain: str = "contoso.test",
) -> dict[str, Outcomes]:
    sheets: dict[str, Outcomes] = {}
    for name in hosts:
        member = DomainMembership(name.upper(), domain, True, name)
        sheets[name] = {DOMAIN_MEMBERSHIP.name: Gathered(member, Vantage.HOST)}
    wanted = dict.fromkeys(hosts, ALL)
    ask_directories(targets, wanted, sheets, Deadline.after(60), lambda _: None)
    return sheets


def value(outcome: Outcome[object]) -> object:
    assert isinstance(outcome, Gathered), outcome
    return outcome.value


def account(sheets: dict[str, Outcomes], source: Source) -> DirectoryAccount:
    found = value(sheets[source.name][DIRECTORY_ACCOUNT.name])
    assert isinstance(found, DirectoryAccount)
    return found


@pytest.fixture(scope="module")
def said(realm: Realm) -> Iterator[dict[str, Outcomes]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, own in realm.environment(KRB5CCNAME="FILE:/nonexistent/cache").items():
            patch.setenv(name, own)
        yield asked([target(realm)], [*(each.name for each in SOURCES), "dl99"])


@pytest.mark.parametrize("transport", SIGN_INS)
def test_each_way_to_sign_in_reads_the_same(
    realm: Realm, said: dict[str, Outcomes], transport: str
) -> None:
    names = [each.name for each in SOURCES]
    found = asked([target(realm, transport)], names)
    for name in names:
        for group in ALL:
            assert value(found[name][group]) == value(said[name][group])


@pytest.mark.parametrize("source", [e for e in SOURCES if e is not accounts.HIDDEN])
def test_an_account_is_read_as_it_was_written(said: dict[str, Outcomes], source: Source) -> None:
    found = account(said, source)
    assert found.found
    assert found.account.casefold() == f"{source.name}$"
    assert found.control == source.control
    assert {str(each) for each in found.delegates_to} == set(source.delegates)
    assert found.encryption_types == (int(source.encryption) if source.encryption else None)
    if source is not accounts.TWIN:
        assert {str(each) for each in found.names} == set(source.names)


def test_who_may_act_on_behalf_is_named_by_its_sid(said: dict[str, Outcomes]) -> None:
    source = account(said, accounts.RESOURCE)
    assert source.sid is not None
    assert account(said, accounts.TARGET).acting == (source.sid,)
    assert account(said, accounts.CONSTRAINED).acting == ()


def test_an_attribute_that_the_account_may_not_read_is_not_taken_for_unset(
    said: dict[str, Outcomes],
) -> None:
    found = account(said, accounts.HIDDEN)
    assert found.found
    assert found.control is None


def test_an_account_that_is_not_there_is_not_found(said: dict[str, Outcomes]) -> None:
    assert value(said["dl99"][DIRECTORY_ACCOUNT.name]) == DirectoryAccount(False, "DL99$")


def test_names_that_two_accounts_have_are_found_in_the_whole_forest(
    said: dict[str, Outcomes],
) -> None:
    found = value(said[accounts.TWICE.name][DIRECTORY_NAMES.name])
    assert found.whole_forest  # type: ignore[attr-defined]  # a value of any group
    shared = found.shared  # type: ignore[attr-defined]  # a value of any group
    assert {f"{each.service}/{each.name}".casefold() for each in shared} == {
        each.casefold() for each in accounts.TWICE.names
    }
    owners = {NameOwner("dl10$", "contoso.test"), NameOwner("dl11$", "contoso.test")}
    assert all(set(each.owners) == owners for each in shared)
    assert value(said[accounts.CONSTRAINED.name][DIRECTORY_NAMES.name]).shared == ()  # type: ignore[attr-defined]  # a value of any group


@pytest.mark.parametrize("name", ["dc01.contoso.test", "dc01.contoso.test/contoso.test"])
def test_a_ticket_may_be_for_a_controller_of_the_domain_alone(realm: Realm, name: str) -> None:
    tickets = target(realm, "kerberos").access.security.tickets
    assert tickets is not None
    until = Deadline.after(60)
    with Directory(Server("dc01.contoso.test", realm.address, 389), until) as directory:
        by_ticket(directory, tickets, name, until)
        assert accounts_in(directory, "DC=contoso,DC=test", {}) == {}


@contextmanager
def found_at(
    realm: Realm, name: str, address: str, user: str = "", **entry: object
) -> Iterator[DirectoryTarget]:
    """Give a directory whose server nobody names; DNS says that there is one of that name there."""
    records = {
        (srv("contoso.test"), "SRV"): [f"0 100 389 {name}."],
        (f"{name}.", "A"): [address],
    }
    with played_dns(zone(records)) as dns:
        own = DirectoryServer.model_validate({"dns": ADDRESS, "dns_port": dns.port, **entry})
        given = Credentials(user or realm.principal(), Secret(realm.password()))
        reach = Reach(own.connection(Connection()), CredentialSource())
        yield DirectoryTarget(own, Accounts().access(reach, Security(), lambda _: given))


@pytest.mark.parametrize("user", ["", f"CONTOSO\\{OPERATOR}"])
def test_a_controller_that_dns_names_is_signed_in_to_by_kerberos(
    realm: Realm, said: dict[str, Outcomes], user: str
) -> None:
    # It is no machine of which the account could be a local one, whatever its domain is called.
    with found_at(realm, "dc01.contoso.test", realm.address, user) as own:
        found = asked([own], ["dl01"])
    assert account(found, accounts.CONSTRAINED) == account(said, accounts.CONSTRAINED)
    assert account(found, accounts.CONSTRAINED).answered_by == "dc01.contoso.test"
    assert account(found, accounts.CONSTRAINED).signed_in == "Kerberos over LDAP, messages sealed"


def test_whoever_a_forged_answer_of_dns_names_has_to_prove_that_it_is_a_controller(
    realm: Realm,
) -> None:
    received: list[bytes] = []

    def stranger(session: sansldap.LDAPServer, message: sansldap.LDAPMessage) -> None:
        if isinstance(message, sansldap.BindRequest):
            own = message.authentication
            assert isinstance(own, sansldap.SaslCredential)
            received.append(own.credentials or b"")
            session.bind_response(message.message_id)
            return
        root = attributes(
            defaultNamingContext=[b"DC=contoso,DC=test"], dnsHostName=[b"dc01.contoso.test"]
        )
        session.search_result_entry(message.message_id, "", root)
        session.search_result_done(message.message_id)

    with (
        played(answers(stranger)) as port,
        found_at(realm, "contoso.stranger.test", "127.0.0.1", port=port) as own,
    ):
        failed = asked([own], ["dl01"])["dl01"][DIRECTORY_ACCOUNT.name]
    assert isinstance(failed, NotGathered)
    assert "it did not prove that it knows the account" in failed.failure.came_back
    # Nothing of NTLM, from which a weak password could be guessed.
    (token,) = received
    assert b"NTLMSSP" not in token


def test_a_ticket_for_a_machine_that_is_no_controller_is_not_taken(realm: Realm) -> None:
    tickets = target(realm, "kerberos").access.security.tickets
    assert tickets is not None
    until = Deadline.after(60)
    server = Server("dc01.contoso.test", realm.address, 389)
    with Directory(server, until) as directory, pytest.raises(WsmanError) as caught:
        by_ticket(directory, tickets, "hv01.contoso.test/contoso.test", until)
    assert caught.value.kind is FailureKind.KERBEROS


@pytest.mark.parametrize("transport", SIGN_INS)
def test_a_wrong_password_is_tried_once_and_told(
    realm: Realm, transport: str, tmp_path: Path
) -> None:
    before = len(realm.sign_ins())
    found = asked([target(realm, transport, password="wrong-Pa55")], ["dl01", "dl02"])
    failures = {each[DIRECTORY_ACCOUNT.name] for each in found.values()}
    (failed,) = failures
    assert isinstance(failed, NotGathered)
    assert failed.failure.kind is FailureKind.AUTHENTICATION
    assert "wrong-Pa55" not in repr(failed)
    tried = [each for each in realm.sign_ins()[before:] if each.account == OPERATOR]
    assert len(tried) <= 1


@pytest.mark.parametrize(
    ("user", "words"),
    [("disabled", "disabled"), ("expired", "expired"), ("protected", "Protected Users")],
)
def test_an_account_that_may_not_sign_in_by_ntlm_is_told(
    realm: Realm, user: str, words: str
) -> None:
    found = asked([target(realm, "ntlm", user)], ["dl01"])
    failed = found["dl01"][DIRECTORY_ACCOUNT.name]
    assert isinstance(failed, NotGathered)
    assert failed.failure.kind is FailureKind.AUTHENTICATION
    assert words in f"{failed.failure.came_back} {failed.failure.next_step}"


def test_hosts_of_another_domain_are_told_whose_directory_it_is(realm: Realm) -> None:
    found = asked([target(realm)], ["hv01"], domain="other.example")
    failed = found["hv01"][DIRECTORY_ACCOUNT.name]
    assert isinstance(failed, NotGathered)
    assert "contoso.test" in failed.failure.came_back
    assert "other.example" in failed.failure.next_step


@pytest.mark.parametrize("transport", SIGN_INS)
def test_accounts_with_the_migration_services_name_are_found(realm: Realm, transport: str) -> None:
    found = ask_directory(
        target(realm, transport), "contoso.test", datetime.now(UTC), Deadline.after(60)
    )
    unfit = {each.name: each.unfit for each in found.hosts}
    named = [each for each in SOURCES if each.names]
    assert unfit.keys() >= {f"{each.name}.contoso.test" for each in named}
    assert f"{accounts.NO_NAMES.name}.contoso.test" not in unfit
    assert unfit[f"{accounts.CONSTRAINED.name}.contoso.test"] == ""
    assert unfit[f"{accounts.OFF.name}.contoso.test"] == "its account is disabled"
    assert unfit[f"{accounts.TARGET.name}.contoso.test"].startswith(
        "its account has not signed in for 200 days"
    )
    assert unfit[f"{accounts.OLD_KEYS.name}.contoso.test"].startswith("its account never signed in")
    assert {each.reaching for each in found.hosts} == {BY_KERBEROS}
