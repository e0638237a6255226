"""Accounts as a directory that means harm would list them: none of it becomes a host unseen."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sansldap
import trustme
from played_directory import answers, attributes, played

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.discovery.directory import ask_directory
from livemigration.discovery.existing import Existing
from livemigration.discovery.found import Found, NotFoundError
from livemigration.discovery.telling import lines_of
from livemigration.discovery.updating import updated
from livemigration.gather.connect import Access
from livemigration.gather.directory_target import DirectoryTarget
from livemigration.inventory.directory import DirectoryServer
from livemigration.inventory.inventory import parse
from livemigration.wsman.tls import context

NOW = datetime(2026, 11, 27, tzinfo=UTC)
SPN = b"Microsoft Virtual System Migration Service/x"
Account = dict[str, Sequence[bytes]]


def ticks(days: int) -> bytes:
    return str(
        int((NOW - timedelta(days=days) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds())
        * 10_000_000
    ).encode()


def account(name: bytes, **more: Sequence[bytes]) -> Account:
    return {
        "sAMAccountName": [name[:15] + b"$"],
        "dNSHostName": [name],
        "objectClass": [b"top", b"computer"],
        "servicePrincipalName": [SPN],
        "userAccountControl": [b"4096"],
        "lastLogonTimestamp": [ticks(1)],
        **more,
    }


def said(
    accounts: Sequence[Account], folder: Path, code: int = 0, domain: str = "contoso.com"
) -> Found:
    """Return what is found in a directory that gives these accounts, over LDAPS."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("dc01.contoso.com").configure_cert(server)
    pem = folder / "ca.pem"
    authority.cert_pem.write_to_path(pem)

    def answer(session: sansldap.LDAPServer, message: sansldap.LDAPMessage) -> None:
        if isinstance(message, sansldap.BindRequest):
            session.bind_response(message.message_id)
        elif isinstance(message, sansldap.SearchRequest) and not message.base_object:
            root = attributes(
                defaultNamingContext=[b"DC=contoso,DC=com"], dnsHostName=[b"dc01.contoso.com"]
            )
            session.search_result_entry(message.message_id, "", root)
            session.search_result_done(message.message_id)
        elif isinstance(message, sansldap.SearchRequest):
            for number, each in enumerate(accounts):
                name = f"CN={number},DC=contoso,DC=com"
                session.search_result_entry(message.message_id, name, attributes(**each))
            result = sansldap.LDAPResultCode(code)
            session.search_result_done(message.message_id, result_code=result)

    with played(answers(answer), server) as port:
        entry = DirectoryServer(
            server="dc01.contoso.com", address="127.0.0.1", port=port, ldaps=True, ca=str(pem)
        )
        access = Access(credentials=Credentials("user", Secret("C4nary")))
        target = DirectoryTarget(entry, access, context(ca=pem))
        return ask_directory(target, domain, NOW, Deadline.after(30))


def test_whatever_an_account_is_called_it_is_a_host_or_left_out_with_its_reason(
    tmp_path: Path,
) -> None:
    found = said(
        [
            account(b"hv01.contoso.com"),
            account(b"HV01.contoso.com"),
            account(b"hv01.contoso.com\n  - name: evil"),
            account(b"hv[02-99].contoso.com"),
            account(b"\xff\xfe\x1b[2J"),
            account(b"attacker.evil.example"),
            account(b"off.contoso.com", userAccountControl=[b"4098"]),
            account(b"old.contoso.com", lastLogonTimestamp=[ticks(91)]),
            account(b"odd.contoso.com", lastLogonTimestamp=[b"9" * 19]),
            account(b"new.contoso.com", lastLogonTimestamp=[]),
            account(b"user.contoso.com", objectClass=[b"top", b"user"]),
            account(b"cl01.contoso.com", servicePrincipalName=[SPN, b"MSClusterVirtualServer/x"]),
            account(b"hv03", dNSHostName=[]),
            {},
        ],
        tmp_path,
    )
    done = updated(found, Existing("schema: 1\n", "found.yaml", Path()), "vmm01.contoso.com")
    assert [each.name for each in done.compared.new] == [
        "attacker.evil.example",
        "hv01.contoso.com",
        "hv03.contoso.com",
    ]
    assert len(done.compared.new) + len(done.compared.left_out) == len(found.hosts) == 14
    lines = lines_of(done, written=True)
    assert all(each.isprintable() for each in lines)
    assert "  attacker.evil.example: its DNS name is not one of contoso.com: compare" in lines
    assert any("has not signed in for 91 days, since 2026-08-28" in each for each in lines)
    inventory = parse(done.text, "found.yaml")
    for host in inventory.hosts:
        assert inventory.reach_of(host.name).connection.transport == "kerberos"


def test_a_search_that_stopped_early_is_no_list(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="stopped the search at a limit of its own"):
        said([account(b"hv01.contoso.com")], tmp_path, code=4)


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    entry = DirectoryServer(server="dc01.contoso.com", address="127.0.0.1", port=port)
    with pytest.raises(NotFoundError, match=rf"dc01\.contoso\.com at 127\.0\.0\.1, port {port}"):
        ask_directory(DirectoryTarget(entry, Access()), "contoso.com", NOW, Deadline.after(10))
