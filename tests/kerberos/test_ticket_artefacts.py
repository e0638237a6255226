"""What a run by Kerberos leaves behind, where NTLM stands in, and a KDC that falls silent."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from directory_accounts import HOSTS, OPERATOR
from directory_keeper import write_krb5_conf
from plugin_runs import Ended
from realm import Realm
from realm_fleets import members
from realm_runs import account, inventory, ran, the_finding

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Secret
from livemigration.lab.launch import RunningLab
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.first_tickets import ByPassword
from livemigration.wsman.kerberos import Tickets
from livemigration.wsman.kerberos_causes import Fallback, KerberosError
from livemigration.wsman.principals import Principal

pytestmark = pytest.mark.usefixtures("at_home")

KERBEROS = "Kerberos over HTTP, messages encrypted"
NOBODY = {"LIVEMIGRATION_USERNAME": "", "LIVEMIGRATION_PASSWORD": ""}


@pytest.fixture(scope="module")
def lab(realm: Realm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with members(realm, tmp_path_factory.mktemp("lab")) as running:
        yield running


def signed_in(ended: Ended) -> dict[str, int]:
    return {each["how"]: len(each["machines"]) for each in ended.results["sessions"]}


@contextmanager
def silent() -> Iterator[str]:
    """A controller that takes every packet and every connection, and says nothing."""
    with (
        socket.create_server(("127.88.0.9", 0), backlog=64) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        udp.bind(tcp.getsockname())
        yield "{}:{}".format(*tcp.getsockname())


def test_a_users_windows_name_is_one_of_this_machines_realm(
    realm: Realm, lab: RunningLab, tmp_path: Path
) -> None:
    variables = account(realm, OPERATOR) | {"LIVEMIGRATION_USERNAME": f"CONTOSO\\{OPERATOR}"}
    ended = ran(tmp_path, inventory(tmp_path, lab.vmm, lab.hosts), variables)
    assert signed_in(ended) == {KERBEROS: 3}, ended.output


@pytest.mark.parametrize(("transport", "hint"), [("kerberos", True), ("negotiate", False)])
def test_without_password_and_ticket_nobody_is_asked(
    lab: RunningLab, tmp_path: Path, transport: str, hint: bool
) -> None:
    path = inventory(tmp_path, lab.vmm, lab.hosts, f", transport: {transport}")
    ended = ran(tmp_path, path, NOBODY)
    assert ended.code == 4, ended.output
    assert "the environment variable LIVEMIGRATION_USERNAME is not set" in ended.output
    assert ("kinit" in ended.output) is hint
    assert not ended.reports.exists()


def test_a_silent_kdc_costs_its_limit_once_and_ntlm_is_not_tried(
    lab: RunningLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # NTLM would be taken: it is the lab's own account.
    variables = {
        "LIVEMIGRATION_USERNAME": lab.credentials.username,
        "LIVEMIGRATION_PASSWORD": lab.credentials.password.reveal(),
    }
    path = inventory(tmp_path, lab.vmm, lab.hosts, ", realm: CONTOSO.TEST")
    with silent() as kdc:
        monkeypatch.setenv("KRB5_CONFIG", str(write_krb5_conf(tmp_path / "krb5.conf", kdc)))
        ended = ran(tmp_path, path, variables)
    target, said, steps = the_finding(ended)
    assert target == lab.vmm.name
    assert "no KDC of the realm CONTOSO.TEST answered within 4 seconds" in said
    assert "fallback: ntlm" in steps
    assert signed_in(ended) == {}


def test_ntlm_stands_in_for_a_silent_controller_only_where_that_is_written(
    lab: RunningLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = {
        "LIVEMIGRATION_USERNAME": lab.credentials.username,
        "LIVEMIGRATION_PASSWORD": lab.credentials.password.reveal(),
    }
    more = ", realm: CONTOSO.TEST, fallback: ntlm"
    with silent() as kdc:
        monkeypatch.setenv("KRB5_CONFIG", str(write_krb5_conf(tmp_path / "krb5.conf", kdc)))
        ended = ran(tmp_path, inventory(tmp_path, lab.vmm, lab.hosts, more), variables)
    assert signed_in(ended) == {
        "NTLM over HTTP, messages encrypted (no Kerberos: no KDC answered)": 3
    }, ended.output
    assert ended.code == 0


def test_tickets_are_kept_in_no_file(
    realm: Realm, lab: RunningLab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRB5_TRACE", str(tmp_path / "trace"))
    ended = ran(
        tmp_path, inventory(tmp_path, lab.vmm, lab.hosts), account(realm, OPERATOR), apart=True
    )
    assert signed_in(ended) == {KERBEROS: 3}, ended.output
    trace = (tmp_path / "trace").read_text("utf-8", "replace")
    assert "MEMORY:" in trace
    assert "-> FILE:" not in trace
    # The name that a ticket is for is the inventory's, whatever DNS says of it.
    assert f"HTTP/{lab.hosts[0].name}@" in trace
    assert not Path(os.environ["KRB5CCNAME"].removeprefix("FILE:")).exists()


def tickets(realm: Realm, seconds: float) -> Tickets:
    source = ByPassword(Secret(realm.password(OPERATOR)))
    return Tickets(Principal(OPERATOR, realm.name), source, seconds)


def test_a_kdc_that_falls_silent_in_a_run_is_waited_for_twice(
    realm: Realm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tickets(realm, 1)
    own.ready(Deadline.after(30))
    asked: list[str] = []
    start = threading.Thread.start

    def noted(thread: threading.Thread) -> None:
        asked.append(thread.name)
        start(thread)

    with silent() as kdc:
        monkeypatch.setenv("KRB5_CONFIG", str(write_krb5_conf(tmp_path / "krb5.conf", kdc)))
        monkeypatch.setattr(threading.Thread, "start", noted)
        for name in HOSTS[:5]:
            with pytest.raises(KerberosError) as raised:
                own.start("HTTP", f"{name}.{realm.domain}", None, Deadline.after(30))
            assert raised.value.came_back.endswith("answered within 1 seconds")
            assert (raised.value.account, raised.value.instead) == ("", Fallback.NO_KDC)
    assert asked == ["kerberos"] * 2


def test_whoever_has_no_time_left_hears_that_and_nothing_of_the_kdc(
    realm: Realm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tickets(realm, 30)
    with silent() as kdc:
        monkeypatch.setenv("KRB5_CONFIG", str(write_krb5_conf(tmp_path / "krb5.conf", kdc)))
        with pytest.raises(WsmanError) as raised:
            own.ready(Deadline.after(0.2))
    assert not isinstance(raised.value, KerberosError)
    assert own.until is None


def test_how_long_a_ticket_lasts_is_known(realm: Realm) -> None:
    own = tickets(realm, 10)
    assert own.until is None
    own.ready(Deadline.after(30))
    assert own.until is not None
