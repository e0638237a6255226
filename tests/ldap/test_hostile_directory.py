"""Whatever a directory sends, its client ends in time, and says in words what came back."""

from __future__ import annotations

import socket
import ssl

import pytest
import sansldap
import trustme
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from played_directory import Play, answers, attributes, played, sends

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.model import FailureKind
from livemigration.ldap import wire
from livemigration.ldap.directory import Directory, Server
from livemigration.ldap.signing import by_ntlm, by_password
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.tls import context

ANYTHING = sansldap.FilterPresent("objectClass")
SOMEBODY = Credentials("CONTOSO\\svc", Secret("C4nary&<Pa55>"))


def opened(port: int) -> Directory:
    return Directory(Server("dc01", "127.0.0.1", port), Deadline.after(30))


def root_of(play: Play, seconds: float = 30.0) -> WsmanError:
    """Return what is said of a directory that does not say what it is."""
    with played(play) as port:
        server = Server("dc01", "127.0.0.1", port, seconds=seconds)
        with pytest.raises(WsmanError) as caught, Directory(server, Deadline.after(30)) as own:
            own.root()
    return caught.value


@in_turn(
    "data, words",
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak LDAP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak LDAP"),
        (b"\x30\x80\x00\x00", "does not speak LDAP"),
        (b"\x30\x89" + bytes(9), "does not speak LDAP"),
        (b"\x30\x84\x7f\xff\xff\xff", "too long"),
        (b"\x30\x84\x00\x40\x00\x01", "too long"),
        (b"\x30\x03\x02\x01\x01", "no message of LDAP"),
        (b"\x30\x05\x02\x01\x01\x61\x00", "no message of LDAP"),
        (b"\x30\x0c\x02\x01\x63\x65\x07\x0a\x01\x00\x04\x00\x04\x00", "no message of LDAP"),
    ],
)
def test_what_is_no_message_is_told_at_once(data: bytes, words: str) -> None:
    found = root_of(sends(data))
    assert words in found.came_back
    assert found.kind is FailureKind.PROTOCOL
    assert "domain controller" in found.next_step


def test_a_connection_that_is_closed_is_told() -> None:
    def play(connection: socket.socket) -> None:
        connection.recv(65536)

    assert "closed the connection" in root_of(play).came_back


def test_silence_ends_by_the_limit_of_an_answer() -> None:
    found = root_of(sends(b""), 0.2)
    assert found.kind is FailureKind.TIMED_OUT
    assert "did not answer in time" in found.came_back


def test_a_message_that_trickles_ends_by_the_limit_of_an_answer() -> None:
    def play(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"\x30\x84\x00\x10\x00\x00")
        while True:
            connection.sendall(b"\x00" * 1000)

    found = root_of(play, 0.3)
    assert found.kind in {FailureKind.TIMED_OUT, FailureKind.PROTOCOL}


def test_a_directory_that_never_ends_a_search_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_IN_ALL", 100_000)

    def play(connection: socket.socket) -> None:
        session = sansldap.LDAPServer()
        (asked,) = session.receive(connection.recv(65536))
        while True:
            session.search_result_entry(asked.message_id, "CN=x", attributes(cn=[b"x" * 5000]))
            connection.sendall(session.data_to_send())

    assert "it sent more than" in root_of(play).came_back


def drain(own: wire.Wire) -> None:
    while True:
        own.answer()


@given(st.binary(min_size=1, max_size=300))
def test_no_bytes_raise_anything_but_the_clients_own_error(data: bytes) -> None:
    there, here = socket.socketpair()
    with there, here:
        own = wire.Wire(here, 5, Deadline.after(30))
        own.session.search_request(filter=ANYTHING)
        own.ask()
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)
        with pytest.raises(WsmanError):
            drain(own)


def searching(code: int, said: str = "") -> WsmanError:
    def answer(session: sansldap.LDAPServer, asked: sansldap.LDAPMessage) -> None:
        result = sansldap.LDAPResultCode(code)
        session.search_result_done(asked.message_id, result_code=result, diagnostics_message=said)

    with played(answers(answer)) as port:
        server = Server("dc01", "127.0.0.1", port)
        with pytest.raises(WsmanError) as caught, Directory(server, Deadline.after(30)) as own:
            list(own.search("DC=contoso,DC=com", ANYTHING, ("cn",)))
    return caught.value


@in_turn(
    "code, words",
    [
        (3, "limit of its own"),
        (4, "limit of its own"),
        (10, "does not hold that domain"),
        (11, "limit of its own"),
        (32, "does not hold that domain"),
        (50, "LDAP 50"),
        (51, "LDAP 51"),
        (53, "LDAP 53: two lines"),
        (4711, "LDAP 4711"),
    ],
)
def test_a_search_that_stops_before_its_end_is_no_result(code: int, words: str) -> None:
    found = searching(code, "two\nlines")
    assert words in found.came_back
    assert found.next_step


def binding(data: str, code: int = 49) -> WsmanError:
    def answer(session: sansldap.LDAPServer, asked: sansldap.LDAPMessage) -> None:
        result = sansldap.LDAPResultCode(code)
        session.bind_response(asked.message_id, result_code=result, diagnostics_message=data)

    with played(answers(answer)) as port:
        server = Server("dc01", "127.0.0.1", port)
        with pytest.raises(WsmanError) as caught, Directory(server, Deadline.after(30)) as own:
            by_ntlm(own, SOMEBODY)
    return caught.value


@in_turn(
    "number, words",
    [
        ("52e", "did not take user name and password"),
        ("525", "knows no such account"),
        ("52f", "Protected Users"),
        ("530", "at this hour"),
        ("532", "expired"),
        ("533", "disabled"),
        ("701", "expired"),
        ("773", "must be changed"),
        ("775", "locked"),
        ("ffff", "did not take user name and password"),
    ],
)
def test_why_an_account_was_refused_is_told_by_windows_own_number(number: str, words: str) -> None:
    found = binding(f"8009030C: LdapErr: DSID-0C09, comment: error, data {number}, v4563")
    assert found.kind is FailureKind.AUTHENTICATION
    assert words in f"{found.came_back}. {found.next_step}"
    assert SOMEBODY.password.reveal() not in repr(found.__dict__)


def test_a_directory_that_wants_other_protection_is_told() -> None:
    assert "another protection" in binding("00002028: LdapErr", 8).came_back
    assert "refused the sign-in (LDAP 2: odd)" in binding("odd", 2).came_back


def test_a_sign_in_that_proves_nothing_is_none() -> None:
    found = binding("", 0)
    assert "did not prove" in found.came_back


def ranged(name: str, session: sansldap.LDAPServer, asked: sansldap.SearchRequest) -> None:
    values = [b"%d" % number for number in range(4000)]
    first = int(asked.attributes[0].partition("=")[2].rstrip("-*") or 0)
    last = first + 1499
    end = str(last) if last < len(values) - 1 else "*"
    part = {f"cn;range={first}-{end}": values[first : last + 1], "cn": []}
    session.search_result_entry(asked.message_id, name, attributes(**part))
    session.search_result_done(asked.message_id)


def test_an_attribute_with_many_values_is_read_to_its_end() -> None:
    def answer(session: sansldap.LDAPServer, asked: sansldap.LDAPMessage) -> None:
        assert isinstance(asked, sansldap.SearchRequest)
        ranged("CN=x", session, asked)

    with played(answers(answer)) as port, opened(port) as own:
        (entry,) = own.search("", ANYTHING, ("cn",))
    assert [int(each) for each in entry.all("cn")] == list(range(4000))


def test_an_attribute_whose_rest_does_not_come_is_no_result() -> None:
    def answer(session: sansldap.LDAPServer, asked: sansldap.LDAPMessage) -> None:
        part = attributes(**{"cn;range=0-9": [b"x"]})
        session.search_result_entry(asked.message_id, "CN=x", part)
        session.search_result_done(asked.message_id)

    with played(answers(answer)) as port:
        server = Server("dc01", "127.0.0.1", port)
        with pytest.raises(WsmanError) as caught, Directory(server, Deadline.after(30)) as own:
            list(own.search("", ANYTHING, ("cn",)))
    assert "rest of an attribute" in caught.value.came_back


def test_referrals_are_left_alone() -> None:
    def answer(session: sansldap.LDAPServer, asked: sansldap.LDAPMessage) -> None:
        session.search_result_reference(asked.message_id, ["ldap://evil.example/DC=x"])
        session.search_result_entry(asked.message_id, "CN=x", attributes(cn=[b"x"]))
        session.search_result_done(asked.message_id)

    with played(answers(answer)) as port, opened(port) as own:
        assert [each.name for each in own.search("", ANYTHING, ("cn",))] == ["CN=x"]


def test_every_page_is_read() -> None:
    def answer(session: sansldap.LDAPServer, asked: sansldap.LDAPMessage) -> None:
        (paged,) = (e for e in asked.controls if isinstance(e, sansldap.PagedResultControl))
        number = int(paged.cookie or b"0") + 1
        session.search_result_entry(asked.message_id, f"CN={number}", [])
        cookie = str(number).encode() if number < 3 else b""
        control = sansldap.PagedResultControl(False, 0, cookie)
        session.search_result_done(asked.message_id, controls=[control])

    with played(answers(answer)) as port, opened(port) as own:
        assert [e.name for e in own.search("", ANYTHING, ())] == ["CN=1", "CN=2", "CN=3"]


class Authority:
    def __init__(self) -> None:
        self.ca = trustme.CA()

    def server(self, name: str) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(name).configure_cert(made)
        return made

    def pem(self) -> str:
        return self.ca.cert_pem.bytes().decode()


def test_a_password_travels_within_tls_that_is_checked() -> None:
    authority, seen = Authority(), []

    def answer(session: sansldap.LDAPServer, asked: sansldap.LDAPMessage) -> None:
        assert isinstance(asked, sansldap.BindRequest)
        own = asked.authentication
        assert isinstance(own, sansldap.SimpleCredential)
        seen.append((asked.name, own.password))
        session.bind_response(asked.message_id)

    with played(answers(answer), authority.server("dc01.contoso.com")) as port:
        secure = context(authority=authority.pem())
        server = Server("dc01.contoso.com", "127.0.0.1", port, secure)
        with Directory(server, Deadline.after(30)) as own:
            by_password(own, SOMEBODY)
        assert seen == [(SOMEBODY.username, SOMEBODY.password.reveal())]
        other = Server("dc02.contoso.com", "127.0.0.1", port, secure)
        with pytest.raises(WsmanError) as caught, Directory(other, Deadline.after(30)):
            pass
    assert caught.value.kind is FailureKind.CERTIFICATE
    assert "directory, ca:" in caught.value.next_step
    assert len(seen) == 1


@pytest.mark.parametrize("own", [Credentials("", Secret("x")), Credentials("x", Secret(""))])
def test_nobody_is_no_account(own: Credentials) -> None:
    authority = Authority()
    with played(sends(b""), authority.server("dc01.contoso.com")) as port:
        secure = context(authority=authority.pem())
        server = Server("dc01.contoso.com", "127.0.0.1", port, secure)
        with pytest.raises(WsmanError) as caught, Directory(server, Deadline.after(30)) as there:
            by_password(there, own)
    assert "no user name and password" in caught.value.came_back


def raised_by(own: Directory) -> str:
    with pytest.raises(RuntimeError) as caught:
        by_password(own, SOMEBODY)
    return str(caught.value)


def test_a_password_never_travels_without_tls() -> None:
    with played(sends(b"")) as port, opened(port) as own:
        refused = raised_by(own)
    assert "within TLS" in refused


def test_a_port_that_refuses_is_told_with_the_inventorys_key() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(WsmanError) as caught:
        Directory(Server("dc01", "127.0.0.1", port), Deadline.after(30))
    assert caught.value.kind is FailureKind.REFUSED
    assert "directory" in caught.value.next_step
