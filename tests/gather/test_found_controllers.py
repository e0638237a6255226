"""A directory whose server nobody names: the domain controllers are found, and one is asked."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import sansldap
import trustme
from played_directory import answers, attributes, played
from played_dns import ADDRESS, Answer, played_dns, srv, zone

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.directory import DIRECTORY_ACCOUNT, DIRECTORY_NAMES
from livemigration.facts.host import DOMAIN_MEMBERSHIP, DomainMembership
from livemigration.facts.model import FailureKind, Gathered, GatherFailure, NotGathered, Vantage
from livemigration.gather import directory_session
from livemigration.gather.asking import Outcomes
from livemigration.gather.connect import Access
from livemigration.gather.directory import ask_directories
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.inventory.directory import DirectoryServer
from livemigration.lab.launch import LabDirectory, RunningLab, start
from livemigration.wsman.tls import context

DOMAIN, HOST = "contoso.com", "hv01.contoso.com"
ALL = frozenset({DIRECTORY_ACCOUNT.name, DIRECTORY_NAMES.name})
PASSWORD = "C4nary&<Pa55>"


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with start("delegation") as running:
        yield running


@pytest.fixture
def own(lab: RunningLab) -> LabDirectory:
    assert lab.directory is not None
    return lab.directory


def names(*addresses: str, domain: str = DOMAIN) -> Answer:
    """Return what names a controller at each of these addresses, the first to be asked first."""
    labels = [f"dc{number:02}.{DOMAIN}." for number, _ in enumerate(addresses, 1)]
    records: dict[tuple[str, str], Sequence[str]] = {
        (label, "A"): [address] for label, address in zip(labels, addresses, strict=True)
    }
    records[srv(domain), "SRV"] = [f"{at} 0 9999 {label}" for at, label in enumerate(labels)]
    return zone(records)


def asked(
    answer: Answer,
    entry: Mapping[str, Any],
    credentials: Credentials,
    *,
    domain: str = DOMAIN,
    tls: ssl.SSLContext | None = None,
) -> Outcomes:
    """Return what is known of a host whose directory is found by these answers of DNS."""
    with played_dns(answer) as dns:
        found = DirectoryServer.model_validate(
            {"dns": ADDRESS, "dns_port": dns.port, "ldaps": tls is not None, **entry}
        )
        member = DomainMembership("HV01", domain, True, "hv01")
        sheets: dict[str, Outcomes] = {
            HOST: {DOMAIN_MEMBERSHIP.name: Gathered(member, Vantage.HOST)}
        }
        targets = [DirectoryTarget(found, Access(credentials=credentials), tls)]
        ask_directories(targets, {HOST: ALL}, sheets, Deadline.after(60), lambda _: None)
    return sheets[HOST]


def of(own: LabDirectory) -> dict[str, Any]:
    return {"port": own.port, "catalogue_port": own.catalogue_port}


def failure(sheet: Outcomes) -> GatherFailure:
    outcome = sheet[DIRECTORY_ACCOUNT.name]
    assert isinstance(outcome, NotGathered), outcome
    return outcome.failure


@contextmanager
def silent(port: int, *addresses: str) -> Iterator[None]:
    """Take connections at these addresses, and never say a word."""
    with ExitStack() as stack:
        for address in addresses:
            stack.enter_context(socket.create_server((address, port)))
        yield


def test_the_controller_that_dns_names_is_asked(lab: RunningLab, own: LabDirectory) -> None:
    sheet = asked(names(own.address), of(own), lab.credentials)
    account = sheet[DIRECTORY_ACCOUNT.name]
    assert isinstance(account, Gathered)
    assert account.value.found
    # It says itself who it is; and its catalogue is asked at the same place.
    assert account.value.answered_by == own.name
    assert account.value.signed_in == "NTLM over LDAP, messages sealed"
    owners = sheet[DIRECTORY_NAMES.name]
    assert isinstance(owners, Gathered)
    assert owners.value.whole_forest


def test_where_one_is_silent_or_gone_the_next_is_asked(lab: RunningLab, own: LabDirectory) -> None:
    connection = Access().connection
    quick = connection.time_limits.model_copy(update={"connect": 0.3})
    access = Access(connection.model_copy(update={"time_limits": quick}), lab.credentials)
    with (
        silent(own.port, "127.0.0.2"),
        played_dns(names("127.0.0.2", "127.0.0.3", own.address)) as dns,
    ):
        entry = DirectoryServer.model_validate({"dns": ADDRESS, "dns_port": dns.port, **of(own)})
        until = Deadline.after(60)
        with directory_session.signed_in(DirectoryTarget(entry, access), DOMAIN, until) as found:
            directory, root = found
            assert directory.server.name == f"dc03.{DOMAIN}"
            assert root.text("dnsHostName") == own.name
            # Only whether it answers at all had to be found out so soon.
            assert directory.wire.seconds == connection.time_limits.message
            assert directory.server.seconds == connection.time_limits.message


def test_so_many_are_tried_and_each_is_told(lab: RunningLab, own: LabDirectory) -> None:
    gone = [f"127.0.0.{number}" for number in range(2, 8)]
    told = failure(asked(names(*gone), of(own), lab.credentials))
    assert told.kind is FailureKind.REFUSED
    who = f"a domain controller that DNS names, port {own.port}"
    assert told.tried == f"Asking the directory of {DOMAIN} ({who})"
    assert told.came_back.startswith("none of the first 4 of 6 domain controllers that DNS names")
    assert told.came_back.count("refused") == directory_session.MOST_TRIED
    assert f"dc04.{DOMAIN}" in told.came_back
    assert "dc05" not in told.came_back


def test_the_only_one_is_named_where_it_cannot_be_asked(lab: RunningLab, own: LabDirectory) -> None:
    told = failure(asked(names("127.0.0.2"), of(own), lab.credentials))
    assert told.came_back.endswith(f"DNS names dc01.{DOMAIN} alone")


def test_one_of_another_domain_is_passed_over_before_anybody_signs_in(
    lab: RunningLab, own: LabDirectory
) -> None:
    answer = names(own.address, domain="other.example")
    told = failure(asked(answer, of(own), lab.credentials, domain="other.example"))
    assert "it is the directory of contoso.com" in told.came_back


def test_a_domain_of_which_dns_knows_no_controller_blocks_with_what_to_write(
    lab: RunningLab, own: LabDirectory
) -> None:
    told = failure(asked(zone({}), of(own), lab.credentials))
    assert told.kind is FailureKind.NAME_NOT_RESOLVED
    assert "DNS names no domain controller of contoso.com" in told.came_back
    assert "server: under directory" in told.next_step


def test_a_refused_password_goes_to_no_other_controller(lab: RunningLab, own: LabDirectory) -> None:
    wrong = Credentials(lab.credentials.username, Secret(PASSWORD))
    told = failure(asked(names(own.address, own.address), of(own), wrong))
    assert told.kind is FailureKind.AUTHENTICATION
    assert f"asked was dc01.{DOMAIN} at {own.address}" in told.came_back
    assert "dc02" not in told.came_back


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def within_tls(
    authority: trustme.CA,
    certificate_of: str,
    domain: str = DOMAIN,
    entry: Mapping[str, str] | None = None,
) -> tuple[Outcomes, list[bytes]]:
    """Return what is known of a host, and which passwords came to whom DNS names for its domain."""
    passwords: list[bytes] = []

    def answer(session: sansldap.LDAPServer, message: sansldap.LDAPMessage) -> None:
        if isinstance(message, sansldap.BindRequest):
            passwords.append(repr(message).encode())
            session.bind_response(message.message_id)
            return
        root = attributes(
            defaultNamingContext=[b",".join(b"DC=" + each.encode() for each in domain.split("."))],
            dnsHostName=[b"dc01.contoso.com"],
        )
        session.search_result_entry(message.message_id, "", root)
        session.search_result_done(message.message_id)

    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(certificate_of).configure_cert(server)
    trusts = context(authority=authority.cert_pem.bytes().decode())
    account = Credentials("svc@contoso.com", Secret(PASSWORD))
    with played(answers(answer), server) as port:
        found = asked(
            names("127.0.0.1", domain=domain),
            {"port": port, "catalogue_port": port, **(entry or {})},
            account,
            domain=domain,
            tls=trusts,
        )
    return found, passwords


def test_a_password_is_given_to_who_has_a_certificate_for_the_domain(
    authority: trustme.CA,
) -> None:
    sheet, passwords = within_tls(authority, DOMAIN)
    account = sheet[DIRECTORY_ACCOUNT.name]
    assert isinstance(account, Gathered)
    assert account.value.signed_in == "Password over LDAPS, certificate checked"
    assert len(passwords) == 1
    assert PASSWORD.encode() in passwords[0]


def test_a_poisoned_answer_gives_no_password_to_a_machine_with_a_certificate_of_its_own(
    authority: trustme.CA,
) -> None:
    sheet, passwords = within_tls(authority, f"dc01.{DOMAIN}")
    assert failure(sheet).kind is FailureKind.CERTIFICATE
    assert passwords == []


@pytest.mark.parametrize(("entry", "given"), [({}, 0), ({"domain": "evil.example"}, 1)])
def test_a_domain_that_a_host_alone_names_gets_no_password(
    authority: trustme.CA, entry: dict[str, str], given: int
) -> None:
    sheet, passwords = within_tls(authority, "evil.example", "evil.example", entry)
    assert len(passwords) == given
    if not given:
        told = failure(sheet)
        assert "only hosts themselves name that domain" in told.came_back
        assert "domain: evil.example" in told.next_step
