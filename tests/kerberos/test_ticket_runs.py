"""Whole runs that sign in by Kerberos: what a person sees, and what the controller does.

Each asks a VMM server and several hosts; an account that is refused is one finding all the same,
and the controller hears of it once.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from directory_accounts import HOSTS, OPERATOR, TWICE, WITHOUT_SPN
from directory_keeper import write_krb5_conf
from plugin_runs import Ended
from realm import Realm
from realm_fleets import members, members_at_another_time
from realm_runs import account, finding_of, inventory, ran, red, the_finding

from livemigration.lab.launch import RunningLab

pytestmark = pytest.mark.usefixtures("at_home")

KERBEROS = "Kerberos over HTTP, messages encrypted"
HEALTHY, LATE = HOSTS[:2], HOSTS[2]


@pytest.fixture(scope="module")
def lab(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    names = (*HEALTHY, WITHOUT_SPN, TWICE, LATE)
    with members(realm, tmp_path_factory.mktemp("lab"), names, https=True) as running:
        yield running


@pytest.fixture
def site(lab: RunningLab, tmp_path: Path) -> Path:
    return inventory(tmp_path, lab.vmm, lab.hosts[:2])


def signed_in(ended: Ended) -> dict[str, int]:
    return {each["how"]: len(each["machines"]) for each in ended.results["sessions"]}


def test_a_password_signs_in_to_all_with_one_exchange(
    realm: Realm, site: Path, at_home: Path, tmp_path: Path
) -> None:
    before = len(realm.sign_ins())
    ended = ran(tmp_path, site, account(realm, OPERATOR), apart=True)
    assert ended.code == 0, ended.output
    assert signed_in(ended) == {KERBEROS: 3}
    assert [each.status for each in realm.sign_ins()[before:]] == ["OK"]
    assert not at_home.exists()


def test_a_member_of_protected_users_signs_in(realm: Realm, site: Path, tmp_path: Path) -> None:
    ended = ran(tmp_path, site, account(realm, "protected"))
    assert ended.code == 0, ended.output
    assert signed_in(ended) == {KERBEROS: 3}


def test_keys_sign_in_to_all_with_one_exchange(
    realm: Realm, lab: RunningLab, at_home: Path, tmp_path: Path
) -> None:
    keytab = Path(shutil.copy(realm.keytab(), tmp_path / "own.keytab"))
    keytab.chmod(0o600)
    path = inventory(tmp_path, lab.vmm, lab.hosts[:2], f", keytab: {keytab.name}")
    before = len(realm.sign_ins())
    ended = ran(tmp_path, path, {})
    assert ended.code == 0, ended.output
    assert signed_in(ended) == {KERBEROS: 3}
    assert [each.status for each in realm.sign_ins()[before:]] == ["OK"]
    assert not at_home.exists()


def test_the_ticket_of_the_person_signs_in_to_all_and_stays_as_it_is(
    realm: Realm, site: Path, at_home: Path, tmp_path: Path
) -> None:
    realm.ticket(at_home)
    kept, before = (at_home.read_bytes(), at_home.stat().st_mtime_ns), len(realm.sign_ins())
    ended = ran(tmp_path, site, {})
    assert ended.code == 0, ended.output
    assert signed_in(ended) == {KERBEROS: 3}
    assert (at_home.read_bytes(), at_home.stat().st_mtime_ns) == kept
    assert realm.sign_ins()[before:] == ()


def test_over_https_too(realm: Realm, lab: RunningLab, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text(lab.authority, encoding="ascii")
    path = tmp_path / "secure.yaml"
    vmm, host = lab.vmm, lab.hosts[0]
    path.write_text(
        f"schema: 1\nvmm: {{name: {vmm.name}, address: {vmm.address}, "
        f"connection: {{port: {vmm.https_port}}}}}\n"
        f"hosts: [{{name: {host.name}, address: {host.address}, groups: [edge]}}]\n"
        f"groups: {{edge: {{connection: {{port: {host.https_port}}}}}}}\n"
        "connection: {https: true, ca: ca.pem, transport: kerberos}\n",
        encoding="utf-8",
    )
    ended = ran(tmp_path, path, account(realm, OPERATOR))
    assert ended.code == 0, ended.output
    assert signed_in(ended) == {"Kerberos over HTTPS, certificate checked": 2}


class Refused(NamedTuple):
    """An account, what the controller says of it, and what a person reads."""

    user: str
    status: str
    said: str
    step: str
    password: str | None = None


REFUSED = (
    Refused(OPERATOR, "WRONG_PASSWORD", "refused the password", "right password", "Wrong-7Fq-pw"),
    Refused("disabled", "ACCOUNT_DISABLED", "disabled, expired or locked", "is disabled"),
    Refused("expired", "ACCOUNT_EXPIRED", "disabled, expired or locked", "Account expires"),
    Refused("must-change", "PASSWORD_MUST_CHANGE", "must be changed", "Change the password"),
    Refused("nobody@CONTOSO.TEST", "NO_SUCH_USER", "knows no account", "user name", "No-7Fq-pw"),
)


@pytest.mark.parametrize("refused", REFUSED, ids=lambda each: each.user)
@pytest.mark.parametrize("more", ["", ", fallback: ntlm", ", transport: kerberos"])
def test_an_account_that_is_refused_is_one_finding_and_one_exchange(
    realm: Realm, lab: RunningLab, tmp_path: Path, more: str, refused: Refused
) -> None:
    before = len(realm.sign_ins())
    path = inventory(tmp_path, lab.vmm, lab.hosts[:2], more)
    ended = ran(tmp_path, path, account(realm, refused.user, refused.password))
    assert ended.code == 1, ended.output
    target, observed, steps = the_finding(ended)
    assert target == lab.vmm.name
    assert refused.said in observed
    assert refused.step in steps
    assert [each.status for each in realm.sign_ins()[before:]] == [refused.status]


def test_a_realm_that_nobody_knows_is_one_finding(realm: Realm, site: Path, tmp_path: Path) -> None:
    ended = ran(tmp_path, site, account(realm, "somebody@OTHER.TEST", "No-7Fq-pw"))
    _, said, steps = the_finding(ended)
    assert "no KDC of the realm OTHER.TEST is known on this machine" in said
    assert "krb5.conf" in steps


def test_a_machine_that_the_directory_does_not_know_is_a_finding_of_its_own(
    realm: Realm, lab: RunningLab, tmp_path: Path
) -> None:
    ended = ran(tmp_path, inventory(tmp_path, lab.vmm, lab.hosts[:4]), account(realm, OPERATOR))
    found = {target: (said, steps) for target, said, steps in map(finding_of, red(ended))}
    assert sorted(found) == [f"{name}.{realm.domain}" for name in (WITHOUT_SPN, TWICE)]
    for name, (said, steps) in found.items():
        assert f"HTTP/{name}: no account has this SPN, or two have it" in said
        assert f"setspn -Q HTTP/{name}" in steps
    states = ended.states()
    for name in HEALTHY:
        of_host = {state for (_, target), state in states.items() if target.startswith(name)}
        assert of_host <= {"pass", "not-applicable"}


def test_an_address_in_place_of_a_name_is_one_finding(
    realm: Realm, lab: RunningLab, tmp_path: Path
) -> None:
    host = lab.hosts[0]
    names = {host.name: host.address}
    path = inventory(tmp_path, lab.vmm, lab.hosts[:2], ", transport: kerberos", names=names)
    ended = ran(tmp_path, path, account(realm, OPERATOR))
    # VMM lists no host of that name either, which is another matter.
    (result,) = (each for each in red(ended) if each["entry"]["check"] != "LM107")
    target, said, steps = finding_of(result)
    assert target == host.address
    assert "Kerberos has no tickets for an IP address" in said
    assert "full name" in steps


def test_a_ticket_that_has_expired_is_one_finding(
    realm: Realm, site: Path, at_home: Path, tmp_path: Path
) -> None:
    realm.expired_ticket(at_home)
    before = len(realm.sign_ins())
    ended = ran(tmp_path, site, {})
    _, said, steps = the_finding(ended)
    assert "expired at" in said
    assert f"kinit {realm.principal()}" in steps
    assert realm.sign_ins()[before:] == ()


@contextmanager
def says_nothing() -> Iterator[str]:
    """A controller that takes connections, and does nothing with them."""
    with socket.create_server(("127.88.0.1", 0), backlog=64) as silent:
        yield "{}:{}".format(*silent.getsockname())


@contextmanager
def drops() -> Iterator[str]:
    """A controller whose packets get lost: behind a full backlog nothing is answered."""
    with socket.create_server(("127.88.0.2", 0), backlog=0) as full:
        address = full.getsockname()
        fillers = [socket.socket() for _ in range(4)]
        for each in fillers:
            each.setblocking(False)
            each.connect_ex(address)
        yield "{}:{}".format(*address)
        for each in fillers:
            each.close()


@contextmanager
def refuses() -> Iterator[str]:
    with socket.socket() as bound:
        bound.bind(("127.88.0.3", 0))
        yield "{}:{}".format(*bound.getsockname())


@pytest.mark.parametrize("controller", [says_nothing, drops, refuses])
def test_a_controller_that_does_not_answer_is_one_finding(
    realm: Realm,
    site: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    controller: Callable[[], AbstractContextManager[str]],
) -> None:
    with controller() as kdc:
        monkeypatch.setenv("KRB5_CONFIG", str(write_krb5_conf(tmp_path / "krb5.conf", kdc)))
        ended = ran(tmp_path, site, account(realm, OPERATOR))
    _, said, steps = the_finding(ended)
    assert "CONTOSO.TEST" in said
    assert "port 88" in steps


@pytest.mark.parametrize("shift", ["+10m", "-10m"])
def test_the_clock_of_a_host_is_a_finding_of_that_host(
    realm: Realm, lab: RunningLab, tmp_path: Path, shift: str
) -> None:
    with members_at_another_time(realm, tmp_path, shift, (LATE,)) as late:
        path = inventory(tmp_path, lab.vmm, [*lab.hosts[:2], *late.hosts])
        ended = ran(tmp_path, path, account(realm, OPERATOR))
    target, said, steps = the_finding(ended)
    assert target == late.hosts[0].name
    assert f"the clock of {target} differs too much" in said
    assert "w32tm /resync" in steps


@pytest.mark.parametrize("shift", ["+10m", "-10m"])
@pytest.mark.parametrize("by", ["password", "ticket"])
def test_the_clock_of_this_machine_is_one_finding_and_none_of_a_host(
    realm: Realm, lab: RunningLab, site: Path, at_home: Path, tmp_path: Path, shift: str, by: str
) -> None:
    variables = account(realm, OPERATOR) if by == "password" else {}
    if by == "ticket":
        realm.ticket(at_home)
    before = len(realm.sign_ins())
    ended = ran(tmp_path, site, variables, clock=shift)
    target, said, steps = the_finding(ended)
    assert target == lab.vmm.name
    assert "the clocks of this machine and of the KDC of CONTOSO.TEST differ too much" in said
    assert "Set this machine's clock." in steps
    assert len(realm.sign_ins()) - before == (by == "password")
