"""The lab takes tickets of a real realm, each machine with keys of its own."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from directory_accounts import HOSTS, MAPPED
from realm import Realm, program
from realm_fleets import fleet_file, members, members_at_another_time
from ticket_client import IDENTIFY, RefusedError, TicketClient

from livemigration.facts.host import SIMULATED_VENDOR
from livemigration.lab.errors import LabError
from livemigration.lab.launch import LabMachine, RunningLab, start
from livemigration.wsman.certificates import binding_data

pytestmark = pytest.mark.usefixtures("at_home")

SKEW, NOT_YET_VALID = 2529638949, 2529638945
NOT_US, WRONG_KEY = 2529638947, 2529638943
# What a client says whose machine does not prove that it has the key it is asked for.
VENDOR = SIMULATED_VENDOR.encode()


@pytest.fixture(scope="module")
def lab(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    folder = tmp_path_factory.mktemp("lab")
    with members(realm, folder, (*HOSTS[:2], MAPPED), https=True) as running:
        yield running


@pytest.fixture
def cache(realm: Realm, tmp_path: Path) -> Path:
    """A ticket of the person that the suite runs as."""
    return realm.ticket(tmp_path / "ticket")


def client(
    machine: LabMachine, cache: Path, *, name: str = "", protocol: str = "kerberos"
) -> TicketClient:
    return TicketClient(
        machine.address, machine.port, name or machine.name, cache, protocol=protocol
    )


@pytest.mark.parametrize("protocol", ["kerberos", "negotiate"])
def test_every_machine_takes_a_ticket_for_its_own_name_and_seals(
    lab: RunningLab, cache: Path, protocol: str
) -> None:
    for machine in (*lab.hosts, lab.vmm):
        with client(machine, cache, protocol=protocol) as asked:
            asked.sign_in()
            assert VENDOR in asked.ask()
            assert VENDOR in asked.ask(kind="Kerberos")


def test_a_ticket_is_taken_under_the_scheme_of_its_own(lab: RunningLab, cache: Path) -> None:
    host = lab.hosts[0]
    with TicketClient(host.address, host.port, host.name, cache, scheme="Kerberos") as asked:
        asked.sign_in()
        assert VENDOR in asked.ask()


def test_a_long_message_is_opened_and_sealed(lab: RunningLab, cache: Path) -> None:
    with client(lab.hosts[0], cache) as asked:
        asked.sign_in()
        long = IDENTIFY.replace(b"<s:Header/>", b"<s:Header>" + b" " * 100_000 + b"</s:Header>")
        assert VENDOR in asked.ask(long)


def test_a_ticket_for_another_machine_is_refused_and_the_reason_told(
    lab: RunningLab, cache: Path
) -> None:
    first, second = lab.hosts[:2]
    with client(second, cache, name=first.name) as asked, pytest.raises(RefusedError) as raised:
        asked.sign_in()
    assert asked.why(raised.value) == NOT_US


def test_a_machine_whose_keys_are_old_refuses_and_tells(
    realm: Realm, cache: Path, tmp_path: Path
) -> None:
    name = f"{HOSTS[0]}.{realm.domain}"
    keytabs = tmp_path / "keytabs"
    keytabs.mkdir()
    realm.old_keytab(keytabs / f"{name}.keytab", f"HTTP/{name}")
    with start(str(fleet_file(tmp_path)), keytabs=keytabs) as running:
        with client(running.hosts[0], cache) as asked, pytest.raises(RefusedError) as raised:
            asked.sign_in()
        assert asked.why(raised.value) == WRONG_KEY


@pytest.mark.parametrize(("shift", "code"), [("+10m", SKEW), ("-10m", NOT_YET_VALID)])
def test_a_clock_that_is_off_is_told(
    realm: Realm, cache: Path, tmp_path: Path, shift: str, code: int
) -> None:
    with members_at_another_time(realm, tmp_path, shift) as late:
        with client(late.hosts[0], cache) as asked, pytest.raises(RefusedError) as raised:
            asked.sign_in()
        assert asked.why(raised.value) == code


def trusting(lab: RunningLab) -> ssl.SSLContext:
    tls = ssl.create_default_context(cadata=lab.authority)
    # The connection is to an address.
    tls.check_hostname = False
    return tls


def over_tls(lab: RunningLab, cache: Path, bound_to: bytes | None = None) -> TicketClient:
    host, tls = lab.hosts[0], trusting(lab)
    return TicketClient(host.address, host.https_port, host.name, cache, tls=tls, bound_to=bound_to)


def test_a_ticket_is_taken_over_https_when_it_is_bound_to_the_certificate(
    lab: RunningLab, cache: Path
) -> None:
    with over_tls(lab, cache) as asked:
        asked.sign_in()
        assert VENDOR in asked.ask()


def test_a_ticket_that_is_bound_to_another_certificate_is_refused(
    lab: RunningLab, cache: Path
) -> None:
    other = ssl.PEM_cert_to_DER_cert(lab.authority)
    with over_tls(lab, cache, binding_data(other)) as asked, pytest.raises(RefusedError):
        asked.sign_in()


def test_the_lab_does_not_demand_that_a_ticket_is_bound(lab: RunningLab, cache: Path) -> None:
    # MIT's acceptor has no such switch; what the pages of the lab say depends on it.
    with over_tls(lab, cache, b"") as asked:
        asked.sign_in()


def test_passwords_are_taken_beside_tickets(lab: RunningLab) -> None:
    import requests
    from requests_ntlm import HttpNtlmAuth

    host = lab.hosts[0]
    password = lab.credentials.password.reveal()
    with requests.Session() as session:
        session.trust_env = False
        session.auth = HttpNtlmAuth(lab.credentials.username, password, send_cbt=False)
        reply = session.post(
            f"http://{host.address}:{host.port}/wsman",
            IDENTIFY,
            headers={"Content-Type": "application/soap+xml;charset=UTF-8"},
            timeout=60,
        )
    assert (reply.status_code, VENDOR in reply.content) == (200, True)


def test_a_machine_without_keys_takes_no_ticket_and_offers_none(
    realm: Realm, cache: Path, tmp_path: Path
) -> None:
    keytabs = tmp_path / "keytabs"
    keytabs.mkdir()
    first = f"{HOSTS[0]}.{realm.domain}"
    shutil.copy(realm.keytabs / f"{first}.keytab", keytabs)
    with start(str(fleet_file(tmp_path)), keytabs=keytabs) as running:
        with client(running.hosts[0], cache) as asked:
            asked.sign_in()
        with client(running.hosts[1], cache) as asked, pytest.raises(RefusedError) as raised:
            asked.sign_in()
    assert raised.value.token == b""
    assert raised.value.offered == ["Negotiate", "NTLM"]


def test_curl_signs_in_with_a_ticket(lab: RunningLab, cache: Path, tmp_path: Path) -> None:
    host = lab.hosts[0]
    body = tmp_path / "identify.xml"
    body.write_bytes(IDENTIFY)
    said = subprocess.run(
        [
            *(program("curl"), "--silent", "--noproxy", "*", "--max-time", "20"),
            *("--negotiate", "--user", ":", "--data-binary", f"@{body}"),
            *("--header", "Content-Type: application/soap+xml;charset=UTF-8"),
            *("--resolve", f"{host.name}:{host.port}:{host.address}"),
            f"http://{host.name}:{host.port}/wsman",
        ],
        capture_output=True,
        check=True,
        env=os.environ | {"KRB5CCNAME": f"FILE:{cache}"},
    ).stdout
    assert VENDOR in said


def test_a_file_that_is_no_keytab_is_refused_before_anything_answers(tmp_path: Path) -> None:
    path = tmp_path / f"{HOSTS[0]}.contoso.test.keytab"
    path.write_text("no keytab", encoding="ascii")
    with (
        pytest.raises(LabError, match=r"hv01\.contoso\.test\.keytab: no keytab: .*Export it again"),
        start(str(fleet_file(tmp_path)), keytabs=tmp_path),
    ):
        pass
