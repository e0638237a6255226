"""Which account signs in, with what, and what is refused before anybody is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_turn import in_turn

from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret
from livemigration.gather import signing
from livemigration.gather.connect import NOBODY
from livemigration.gather.signing import Accounts
from livemigration.inventory.connection import Connection, ConnectionFiles
from livemigration.wsman.choice import WhyNtlm
from livemigration.wsman.first_tickets import OwnTicket
from livemigration.wsman.principals import Principal
from livemigration.wsman.security import Mechanism, Security

HOST = "hv01.contoso.com"
UPN = Credentials("admin@contoso.com", Secret("never shown"))
DOWN_LEVEL = Credentials(r"CONTOSO\admin", Secret("never shown"))
NO_FILES = ConnectionFiles()


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the libraries, whether or not they are there, and no realm of this machine's own."""
    monkeypatch.setattr(signing, "lacking", lambda: ())
    monkeypatch.setattr(signing, "default_realm", lambda: "")


def lacks(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    monkeypatch.setattr(signing, "lacking", lambda: names)


def secured(
    credentials: Credentials = UPN,
    own: OwnTicket | None = None,
    files: ConnectionFiles = NO_FILES,
    **connection: object,
) -> Security:
    given = Connection.model_validate(connection)
    return Accounts().secured(Security(), given, files, credentials, own)


@pytest.mark.parametrize(
    ("credentials", "why"), [(UPN, None), (DOWN_LEVEL, WhyNtlm.NO_REALM)], ids=["upn", "domain"]
)
def test_what_an_inventory_of_before_does(credentials: Credentials, why: WhyNtlm | None) -> None:
    found = secured(credentials).towards(HOST)
    assert found.why_ntlm is why


def test_without_the_libraries_an_inventory_of_before_goes_on_by_ntlm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lacks(monkeypatch, "gssapi", "krb5")
    for credentials, why in ((UPN, WhyNtlm.NOT_INSTALLED), (DOWN_LEVEL, WhyNtlm.NO_REALM)):
        found = secured(credentials).towards(HOST)
        assert (found.mechanism, found.why_ntlm) == (Mechanism.NTLM, why)
        assert "no Kerberos: " in found.text("http")


@pytest.mark.parametrize(
    "connection",
    ["transport: kerberos", "realm: CONTOSO.COM", "keytab: own.keytab"],
)
def test_who_asks_for_kerberos_hears_what_is_to_be_installed(
    monkeypatch: pytest.MonkeyPatch, connection: str
) -> None:
    lacks(monkeypatch, "gssapi")
    key, _, value = connection.partition(": ")
    given = Connection.model_validate({key: value})
    files = given.files(Path())
    with pytest.raises(UsageError) as raised:
        Accounts().secured(Security(), given, files, UPN)
    said = str(raised.value)
    assert said.startswith("connection: Kerberos needs gssapi. ")
    for each in ("pip install gssapi krb5", "libkrb5-dev", "krb5-devel", "gcc"):
        assert each in said


def test_a_realm_is_no_demand_where_ntlm_may_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    lacks(monkeypatch, "gssapi", "krb5")
    found = secured(realm="CONTOSO.COM", fallback="ntlm").towards(HOST)
    assert found.why_ntlm is WhyNtlm.NOT_INSTALLED


@in_turn("username", [r"CONTOSO\admin", r".\admin", "admin", ""])
def test_kerberos_without_a_realm_is_refused(username: str) -> None:
    with pytest.raises(UsageError, match=r"needs a realm, and .* names none\. Write realm:"):
        secured(Credentials(username, Secret("x")), transport="kerberos")


def test_the_realm_of_the_inventory_is_that_of_each_domain_name() -> None:
    found = secured(DOWN_LEVEL, realm="corp.contoso.com").towards(HOST)
    assert found.mechanism is Mechanism.KERBEROS
    assert found.tickets is not None
    assert found.tickets.who == Principal("admin", "CORP.CONTOSO.COM")


@in_turn("transport", ["ntlm", "basic", "credssp", "certificate"])
def test_other_ways_to_sign_in_have_no_tickets(transport: str) -> None:
    own = Connection().model_copy(update={"transport": transport})
    security = Security(Mechanism.NTLM)
    assert Accounts().secured(security, own, NO_FILES, UPN) is security


def test_one_account_has_its_tickets_once_however_it_is_reached() -> None:
    accounts = Accounts()

    def tickets(credentials: Credentials, **connection: object) -> object:
        given = Connection.model_validate(connection)
        return accounts.secured(Security(), given, NO_FILES, credentials).tickets

    first = tickets(UPN)
    assert tickets(UPN, kerberos_service="WSMAN", port=8080) is first
    assert tickets(Credentials(r"CONTOSO.COM\admin", Secret("never shown"))) is first
    assert tickets(Credentials("admin@contoso.com", Secret("another"))) is not first
    assert tickets(Credentials("other@contoso.com", Secret("never shown"))) is not first


def test_a_ticket_of_the_person_needs_no_password_and_knows_no_ntlm() -> None:
    who = Principal("person", "CONTOSO.COM")
    found = secured(NOBODY, OwnTicket(who, "FILE:/tmp/cache", 0))
    assert found.mechanism is Mechanism.KERBEROS
    for machine in (HOST, "10.0.0.11"):
        assert found.towards(machine).mechanism is Mechanism.KERBEROS


def test_a_keytab_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.keytab"
    path.write_bytes(b"\x05\x02")
    path.chmod(0o640)
    files = ConnectionFiles(keytab=path)
    with pytest.raises(UsageError, match=r"connection\.keytab: .*mode 0640\)\. Run: chmod 600"):
        secured(NOBODY, files=files, keytab="own.keytab")


def test_a_keytab_that_is_not_there_is_refused(tmp_path: Path) -> None:
    files = ConnectionFiles(keytab=tmp_path / "own.keytab")
    with pytest.raises(UsageError, match=r"own\.keytab cannot be read\. Correct the path"):
        secured(NOBODY, files=files, keytab="own.keytab")
