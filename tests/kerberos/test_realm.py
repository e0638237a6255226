"""The realm of these tests is one: it gives tickets, and refuses them, as a domain controller does.

Nothing of the suite's own takes part, but for the names and the passwords.
"""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from directory_accounts import HOSTS, MAPPED, OPERATOR, TWICE, VMM, WITHOUT_SPN
from realm import Realm, shared_realm

pytestmark = pytest.mark.usefixtures("at_home")

WRONG_PASSWORD, REVOKED, EXPIRED_KEY = -1765328360, -1765328366, -1765328361
NOT_FOUND, TICKET_EXPIRED = 2529638919, 2529638944


def initial(realm: Realm, user: str = OPERATOR, password: str | None = None) -> int:
    """Sign in with a password; return the code of the refusal, or 0."""
    import krb5

    context = krb5.init_context()
    principal = krb5.parse_name_flags(context, realm.principal(user).encode())
    options = krb5.get_init_creds_opt_alloc(context)
    given = (password or realm.password(user)).encode()
    try:
        krb5.get_init_creds_password(context, principal, options, password=given)
    except krb5.Krb5Error as error:
        return int(error.err_code)
    return 0


def exchange(realm: Realm, name: str, cache: Path, keytab: Path) -> str:
    """Sign in to a service of `name` with a ticket; return whom the service took it from."""
    import gssapi
    import spnego

    client = spnego.client(
        spnego.KerberosCCache(f"FILE:{cache}"), hostname=name, service="HTTP", protocol="kerberos"
    )
    keys = gssapi.Credentials(usage="accept", store={"keytab": str(keytab)})
    server = spnego.server(protocol="kerberos", _gssapi_credential=keys)
    token = client.step()
    while token is not None and not client.complete:
        token = client.step(server.step(token))
    sealed = client.wrap_winrm(b"<s:Envelope/>")
    assert server.unwrap_winrm(sealed.header, sealed.data) == b"<s:Envelope/>"
    return str(server.client_principal)


@pytest.mark.parametrize("name", [HOSTS[0], VMM, MAPPED])
def test_a_person_signs_in_to_a_machine(realm: Realm, tmp_path: Path, name: str) -> None:
    machine = f"{name}.{realm.domain}"
    cache = realm.ticket(tmp_path / "cache")
    found = exchange(realm, machine, cache, realm.keytabs / f"{machine}.keytab")
    assert found == realm.principal()


def test_the_keys_of_an_account_sign_it_in(realm: Realm, tmp_path: Path) -> None:
    cache = realm.ticket_by_keytab(tmp_path / "cache")
    machine = f"{HOSTS[1]}.{realm.domain}"
    found = exchange(realm, machine, cache, realm.keytabs / f"{machine}.keytab")
    assert found == realm.principal()


@pytest.mark.parametrize(
    ("user", "code"),
    [
        (OPERATOR, 0),
        ("protected", 0),
        ("disabled", REVOKED),
        ("expired", REVOKED),
        ("must-change", EXPIRED_KEY),
    ],
)
def test_the_controller_refuses_accounts_as_their_state_demands(
    realm: Realm, user: str, code: int
) -> None:
    assert initial(realm, user) == code


def test_every_attempt_is_counted(realm: Realm) -> None:
    before = len(realm.sign_ins())
    assert initial(realm, "protected", "wrong") == WRONG_PASSWORD
    assert initial(realm, "protected") == 0
    new = [each for each in realm.sign_ins()[before:] if each.account == "protected"]
    assert [each.status for each in new] == ["WRONG_PASSWORD", "OK"]


@pytest.mark.parametrize("name", [WITHOUT_SPN, TWICE, "127.0.0.1"])
def test_there_is_no_ticket_for_a_name_of_nobody_or_of_two(
    realm: Realm, tmp_path: Path, name: str
) -> None:
    machine = name if name == "127.0.0.1" else f"{name}.{realm.domain}"
    assert refused(realm.ticket(tmp_path / "cache"), machine) == NOT_FOUND


def test_a_ticket_expires(realm: Realm, tmp_path: Path) -> None:
    machine = f"{HOSTS[0]}.{realm.domain}"
    assert refused(realm.expired_ticket(tmp_path / "cache"), machine) == TICKET_EXPIRED


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content).to_bytes(2, "big")
    return bytes([tag, 0x82]) + size + content


def bound_by_ntlm(realm: Realm, user: str) -> bytes:
    """Return the answer to a bind over LDAP by NTLM (RFC 4511 4.2, MS-ADTS 5.1.1.1.2)."""
    import spnego

    client = spnego.client(
        f"CONTOSO\\{user}",
        realm.password(user),
        protocol="ntlm",
        options=spnego.NegotiateOptions.use_ntlm,
    )
    answer = b""
    with socket.create_connection((realm.address, 389), 10) as directory:
        for number in (1, 2):
            token = client.step(answer[answer.index(b"NTLMSSP\0") :] if answer else None) or b""
            sasl = der(0xA3, der(4, b"GSS-SPNEGO"), der(4, token))
            bind = der(0x60, der(2, b"\3"), der(4), sasl)
            directory.sendall(der(0x30, der(2, bytes([number])), bind))
            answer = directory.recv(65536)
    return answer


@pytest.mark.parametrize(
    ("user", "said"), [(OPERATOR, None), ("protected", b"data 52f"), ("disabled", b"data 533")]
)
def test_ntlm_is_refused_to_a_member_of_protected_users(
    realm: Realm, user: str, said: bytes | None
) -> None:
    answer = bound_by_ntlm(realm, user)
    # The code of success, as LDAP writes it.
    assert (b"\x0a\x01\x00" in answer) is (said is None)
    assert said is None or said in answer


def refused(cache: Path, machine: str) -> int:
    import spnego
    from spnego.exceptions import SpnegoError

    client = spnego.client(
        spnego.KerberosCCache(f"FILE:{cache}"),
        hostname=machine,
        service="HTTP",
        protocol="kerberos",
    )
    with pytest.raises(SpnegoError) as raised:
        client.step()
    return int(getattr(raised.value.__cause__, "min_code", 0))


def test_one_controller_serves_all_who_name_it(realm: Realm) -> None:
    with shared_realm(realm.folder.parent) as same:
        assert same.address == realm.address
    with socket.create_connection((realm.address, 88), 5):
        pass


def test_nothing_is_left_of_a_realm(tmp_path: Path) -> None:
    folder = tmp_path / "another"
    with shared_realm(folder) as another:
        address, state = another.address, another.folder
        assert state.exists()
    for _ in range(400):
        if not state.exists():
            break
        time.sleep(0.05)
    assert not state.exists()
    with socket.socket() as tried:
        tried.bind((address, 88))
