"""The suite signs in by Kerberos: to a lab that takes tickets of a real domain controller."""

from __future__ import annotations

import re
import shutil
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from directory_accounts import HOSTS, MAPPED, OPERATOR, PEOPLE, TWICE, WITHOUT_SPN
from realm import Realm
from realm_fleets import fleet_file, members, members_at_another_time

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FailureKind, Gathered
from livemigration.facts.registry import HOST_GROUPS
from livemigration.gather.beside import Connections
from livemigration.gather.connect import NOBODY, Access, Target, connector, security_of
from livemigration.gather.host import gather_host
from livemigration.gather.properties import AbsentProperties
from livemigration.gather.signing import Accounts
from livemigration.inventory.connection import Connection, ConnectionFiles
from livemigration.lab.launch import LabMachine, RunningLab, start
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.first_tickets import own_ticket
from livemigration.wsman.kerberos_causes import KerberosError
from livemigration.wsman.manners import Manners
from livemigration.wsman.session import WsmanSession

pytestmark = pytest.mark.usefixtures("at_home")

KERBEROS = "Kerberos over HTTP, messages encrypted"
NO_FILES = ConnectionFiles()


@pytest.fixture(scope="module")
def lab(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    folder = tmp_path_factory.mktemp("lab")
    with members(realm, folder, (*HOSTS[:2], MAPPED), https=True) as running:
        yield running


def access(
    lab: RunningLab,
    credentials: Credentials,
    *,
    files: ConnectionFiles = NO_FILES,
    by_ticket: bool = False,
    **connection: object,
) -> Access:
    """Return how a run with this connection and these credentials reaches machines."""
    own = Connection.model_validate(connection)
    security = security_of(own, files, lab.authority)
    ticket = own_ticket() if by_ticket else None
    secured = Accounts().secured(security, own, files, credentials, ticket)
    return Access(own, credentials, secured)


def session(machine: LabMachine, how: Access, name: str = "") -> WsmanSession:
    port = machine.https_port if how.connection.https else machine.port
    target = Target(name or machine.name, machine.address, port, access=how)
    return connector()(target, Deadline.after(30))


def signed_in(machine: LabMachine, how: Access, name: str = "") -> str:
    with session(machine, how, name) as asked:
        return asked.identify().signed_in


def failed(machine: LabMachine, how: Access, name: str = "") -> KerberosError:
    with session(machine, how, name) as asked, pytest.raises(WsmanError) as raised:
        asked.identify()
    assert isinstance(raised.value, KerberosError), raised.value
    return raised.value


@pytest.mark.parametrize("transport", ["negotiate", "kerberos"])
def test_a_password_signs_in_to_every_machine(
    realm: Realm, lab: RunningLab, transport: str
) -> None:
    how = access(lab, realm.credentials(), transport=transport)
    for machine in (*lab.hosts, lab.vmm):
        assert signed_in(machine, how) == KERBEROS


@pytest.mark.parametrize("service", ["HTTP", "HOST"])
def test_each_service_of_a_machine_is_one_that_a_ticket_can_be_for(
    realm: Realm, lab: RunningLab, service: str
) -> None:
    how = access(lab, realm.credentials(), kerberos_service=service)
    assert signed_in(lab.hosts[0], how) == KERBEROS


def test_over_https_the_sign_in_is_bound_to_the_certificate(realm: Realm, lab: RunningLab) -> None:
    how = access(lab, realm.credentials(), https=True, transport="kerberos")
    assert signed_in(lab.hosts[0], how) == "Kerberos over HTTPS, certificate checked"


@pytest.mark.parametrize("form", ["CONTOSO\\{}", "contoso.test\\{}", "{}@contoso.test"])
def test_a_user_name_is_written_as_windows_takes_it(
    realm: Realm, lab: RunningLab, form: str
) -> None:
    named = replace(realm.credentials(), username=form.format(OPERATOR))
    assert signed_in(lab.hosts[0], access(lab, named)) == KERBEROS


def test_a_user_name_with_another_suffix_is_looked_up_in_the_realm(
    realm: Realm, lab: RunningLab
) -> None:
    named = replace(realm.credentials(), username=f"{OPERATOR}@contoso.test")
    # Nobody's suffix is this one, which the realm says, and not the search for its KDC.
    other = replace(named, username=f"{OPERATOR}@company.test")
    assert signed_in(lab.hosts[0], access(lab, named, realm="contoso.test")) == KERBEROS
    refused = failed(lab.hosts[0], access(lab, other, realm="contoso.test"))
    assert "knows no account" in refused.came_back


def test_a_keytab_signs_in_without_a_password(
    realm: Realm, lab: RunningLab, tmp_path: Path
) -> None:
    path = Path(shutil.copy(realm.keytab(), tmp_path / "own.keytab"))
    path.chmod(0o600)
    files = ConnectionFiles(keytab=path)
    how = access(lab, NOBODY, files=files, keytab="own.keytab")
    assert signed_in(lab.hosts[0], how) == KERBEROS


def test_a_ticket_of_the_person_signs_in_and_stays_as_it_is(
    realm: Realm, lab: RunningLab, at_home: Path
) -> None:
    realm.ticket(at_home)
    before = at_home.read_bytes()
    how = access(lab, NOBODY, by_ticket=True)
    assert signed_in(lab.hosts[0], how) == KERBEROS
    assert signed_in(lab.hosts[1], how) == KERBEROS
    assert at_home.read_bytes() == before


def test_a_password_makes_no_ticket_of_the_person(
    realm: Realm, lab: RunningLab, at_home: Path
) -> None:
    assert signed_in(lab.hosts[0], access(lab, realm.credentials())) == KERBEROS
    assert not at_home.exists()


def test_an_account_asks_for_its_ticket_once(realm: Realm, lab: RunningLab) -> None:
    before = len(realm.sign_ins())
    how = access(lab, realm.credentials("protected"))
    for machine in (*lab.hosts, lab.vmm):
        signed_in(machine, how)
        signed_in(machine, how)
    asked = [each for each in realm.sign_ins()[before:] if each.account == "protected"]
    assert [each.status for each in asked] == ["OK"]


@pytest.mark.parametrize("client", ["pywinrm", "streams"])
def test_a_second_connection_signs_in_with_the_same_ticket(
    realm: Realm, lab: RunningLab, client: str
) -> None:
    before = len(realm.sign_ins())
    how = access(lab, realm.credentials("protected"), connections=2, client=client)
    machine, into, manners = lab.hosts[0], dict[str, Any](), Manners()
    target = Target(machine.name, machine.address, machine.port, access=how)
    wanted = {each.name for each in HOST_GROUPS}
    gather_host(
        target,
        wanted,
        connector(manners=manners),
        Deadline.after(60),
        into,
        AbsentProperties(),
        Connections(1),
    )
    assert all(isinstance(into[name], Gathered) for name in wanted)
    assert into[HOST_ACCESS.name].value.signed_in.startswith("Kerberos")
    assert into[HOST_ACCESS.name].value.beside > 0
    assert manners.traffic(machine.name).counted.logons == 2
    asked = [each for each in realm.sign_ins()[before:] if each.account == "protected"]
    assert len(asked) == 1


@dataclass(frozen=True)
class Refused:
    """An account that gets no ticket, and what is said of it."""

    user: str
    password: str
    code: int
    said: str
    step: str


def _own(user: str) -> str:
    return next(each.password for each in PEOPLE if each.name == user)


REFUSALS = [
    (OPERATOR, "not-the-password", -1765328360, "refused the password", "Give the right password"),
    (
        "disabled",
        _own("disabled"),
        -1765328366,
        "is disabled, expired or locked",
        "clear Account is disabled",
    ),
    (
        "expired",
        _own("expired"),
        -1765328366,
        "is disabled, expired or locked",
        "set Account expires",
    ),
    (
        "must-change",
        _own("must-change"),
        -1765328361,
        "has expired or must be changed",
        "Change the password",
    ),
    (
        "nobody",
        "not-a-password",
        -1765328378,
        "knows no account nobody@CONTOSO.TEST",
        "Correct the user name",
    ),
]


@pytest.mark.parametrize("fallback", [False, True])
@pytest.mark.parametrize("case", [Refused(*each) for each in REFUSALS], ids=lambda each: each.user)
def test_an_account_that_is_refused_is_tried_once_and_never_by_ntlm(
    realm: Realm, lab: RunningLab, case: Refused, fallback: bool
) -> None:
    credentials = Credentials(realm.principal(case.user), Secret(case.password))
    before = len(realm.sign_ins())
    how = access(lab, credentials, fallback="ntlm" if fallback else None)
    first, second = (failed(machine, how) for machine in lab.hosts[:2])
    assert (first.kind, first.code) == (FailureKind.AUTHENTICATION, case.code)
    assert case.said in first.came_back
    assert case.step in first.next_step
    assert second.came_back == first.came_back
    assert len(realm.sign_ins()) - before == 1
    assert case.password not in "".join(traceback.format_exception(first))


@pytest.mark.parametrize("name", [WITHOUT_SPN, TWICE])
def test_a_machine_without_an_spn_or_with_one_of_two_is_one_finding(
    realm: Realm, lab: RunningLab, name: str
) -> None:
    machine = f"{name}.{realm.domain}"
    found = failed(lab.hosts[0], access(lab, realm.credentials()), machine)
    assert (found.kind, found.account) == (FailureKind.KERBEROS, "")
    assert found.came_back == (
        f"the KDC of CONTOSO.TEST has no ticket for HTTP/{machine}: no account has this SPN, or "
        "two have it"
    )
    for command in (f"setspn -Q HTTP/{machine}", "setspn -X", f"setspn -S HOST/{machine}"):
        assert command in found.next_step


def test_where_the_inventory_allows_it_ntlm_stands_in_for_a_machine_that_no_kdc_knows(
    realm: Realm, lab: RunningLab
) -> None:
    how = access(lab, realm.credentials(), fallback="ntlm")
    # The lab knows one account for NTLM, which is none of the realm.
    machine = f"{WITHOUT_SPN}.{realm.domain}"
    with session(lab.hosts[0], how, machine) as asked, pytest.raises(WsmanError) as raised:
        asked.identify()
    assert not isinstance(raised.value, KerberosError)
    assert raised.value.kind is FailureKind.AUTHENTICATION


def test_an_address_has_no_ticket_and_kerberos_says_so(realm: Realm, lab: RunningLab) -> None:
    host = lab.hosts[0]
    found = failed(host, access(lab, realm.credentials(), transport="kerberos"), host.address)
    assert found.came_back.startswith("Kerberos has no tickets for an IP address")
    assert "name:" in found.next_step


def test_negotiate_takes_ntlm_for_an_address_and_says_why(realm: Realm, lab: RunningLab) -> None:
    host = lab.hosts[0]
    how = access(lab, lab.credentials, realm=realm.name)
    assert signed_in(host, how, host.address) == (
        "NTLM over HTTP, messages encrypted (no Kerberos: named by an IP address)"
    )


def test_a_ticket_that_has_expired_is_told_with_its_cache(
    realm: Realm, lab: RunningLab, at_home: Path
) -> None:
    realm.expired_ticket(at_home)
    found = failed(lab.hosts[0], access(lab, NOBODY, by_ticket=True))
    assert re.fullmatch(
        rf"the ticket of {OPERATOR}@CONTOSO.TEST in FILE:{re.escape(str(at_home))} expired at "
        r"\d{4}-\d\d-\d\d \d\d:\d\d UTC",
        found.came_back,
    )
    assert f"kinit {OPERATOR}@CONTOSO.TEST" in found.next_step


def test_a_realm_that_nobody_knows_is_told(realm: Realm, lab: RunningLab) -> None:
    credentials = Credentials("somebody@OTHER.TEST", Secret("never sent"))
    found = failed(lab.hosts[0], access(lab, credentials))
    assert found.came_back == "no KDC of the realm OTHER.TEST is known on this machine"
    assert "krb5.conf" in found.next_step


@pytest.mark.parametrize(("shift", "code"), [("+10m", -1765328347), ("-10m", -1765328351)])
def test_the_clock_of_a_machine_is_told(
    realm: Realm, tmp_path: Path, shift: str, code: int
) -> None:
    with members_at_another_time(realm, tmp_path, shift) as late:
        found = failed(late.hosts[0], access(late, realm.credentials()))
    assert found.code == code
    assert found.came_back.startswith(f"the clock of {late.hosts[0].name} differs")
    assert "w32tm /resync" in found.next_step


def test_a_machine_with_another_key_is_told(realm: Realm, tmp_path: Path) -> None:
    name = f"{HOSTS[0]}.{realm.domain}"
    keytabs = tmp_path / "keytabs"
    keytabs.mkdir()
    realm.old_keytab(keytabs / f"{name}.keytab", f"HTTP/{name}")
    with start(str(fleet_file(tmp_path)), keytabs=keytabs) as running:
        found = failed(running.hosts[0], access(running, realm.credentials()))
    assert found.came_back == f"{name} did not take the ticket for HTTP/{name}: it has another key"
    assert f"setspn -Q HTTP/{name}" in found.next_step


def test_a_ticket_for_another_machine_is_not_taken(realm: Realm, lab: RunningLab) -> None:
    first, second = lab.hosts[:2]
    found = failed(second, access(lab, realm.credentials()), first.name)
    assert found.kind is FailureKind.KERBEROS
    assert "another key" in found.came_back
