"""What travels is data, is held against its form, and a password travels in one way alone."""

from __future__ import annotations

import asyncio
import json
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from canary import CANARY, found_in
from fact_builders import host_outcomes
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from properties import examples

from livemigration.base import codec
from livemigration.base.errors import UsageError
from livemigration.base.secret import Credentials, Secret
from livemigration.executor import held, tasks
from livemigration.executor.luggage import packed, refuse_what_stays, unpacked
from livemigration.executor.travel import (
    KNOCK,
    Answer,
    HostEntry,
    Question,
    Task,
    TaskReply,
    UnusableReplyError,
    error_of,
    outcomes_in,
    read,
    replies_in,
    reply_of,
    text_of,
)
from livemigration.facts.host import HOST_ACCESS
from livemigration.facts.model import FailureKind, NotGathered
from livemigration.gather.asking import Outcomes, failure_of
from livemigration.gather.connect import Access, Target, security_of
from livemigration.inventory.connection import Connection, ConnectionFiles, TimeLimits
from livemigration.wsman.choice import SignIn
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.first_tickets import ByKeytab
from livemigration.wsman.kerberos import Tickets
from livemigration.wsman.principals import Principal
from livemigration.wsman.security import Mechanism, Security

ACCOUNT = Credentials("CONTOSO\\svc", Secret(CANARY))
RUN = "0123"
HV01 = HostEntry("hv01", "127.0.0.1", 1)


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    yield
    held.let_go(RUN)
    assert not held.holds_anything()


def hold(access: Access, seconds: float = 60) -> None:
    held.hold(RUN, packed([access], 1, lambda _: ""), seconds, lambda: None)


def outcomes() -> Outcomes:
    return {
        name: each
        for name, each in host_outcomes().items()
        if not name.startswith(("vmm-", "directory-"))
    }


def test_facts_arrive_as_they_were_gathered() -> None:
    (reply,) = replies_in(
        text_of(TaskReply((reply_of("hv01", outcomes()),))), {"hv01": frozenset()}
    ).hosts
    assert outcomes_in(reply) == outcomes()


@in_turn(
    "changed, said",
    [
        ({"name": "hv02"}, "other hosts"),
        ({"outcomes": {"vmm-record": {"failure": None}}}, "'vmm-record' is no group of a host"),
        ({"outcomes": {"nonsense\n": {"failure": None}}}, "is no group of a host"),
        ({"outcomes": {"services": {"vantage": "the host", "value": 3}}}, "Services"),
        ({"outcomes": {"a\nb": {"failure": 3}}}, "a b"),
        ({"outcomes": {"services": {}}}, "neither a value nor a reason"),
        ({"outcomes": {"host-access": {"failure": {"kind": "fine"}}}}, "kind"),
        ({"spent": {"requests": -1}}, "requests"),
        ({"spent": {"bytes_in": 1 << 80}}, "bytes_in"),
    ],
)
def test_a_reply_that_is_not_what_was_asked_for_is_refused(
    changed: dict[str, Any], said: str
) -> None:
    document = codec.to_json(TaskReply((reply_of("hv01", outcomes()),)))
    document["hosts"][0] |= changed

    def taken() -> None:
        for each in replies_in(json.dumps(document), {"hv01": frozenset()}).hosts:
            outcomes_in(each)

    with pytest.raises(UnusableReplyError, match=said) as refused:
        taken()
    assert "\n" not in str(refused.value)


@in_turn("text", [None, b"{}", 3, ValueError("x"), "", "{", "[]", "[" * 100_000])
def test_what_is_no_reply_at_all_is_refused(text: object) -> None:
    with pytest.raises(UnusableReplyError):
        replies_in(text, {"hv01": frozenset()})
    with pytest.raises(UnusableReplyError):
        read(Answer, text)


def test_a_host_is_told_of_once() -> None:
    twice = text_of(TaskReply((reply_of("hv01", {}), reply_of("hv01", {}))))
    for hosts in ({"hv01": frozenset[str]()}, {"hv01": frozenset[str](), "hv02": frozenset[str]()}):
        with pytest.raises(UnusableReplyError, match="other hosts"):
            replies_in(twice, hosts)


@examples(100)
@given(text=st.text(max_size=80))
def test_no_word_of_a_worker_becomes_an_error_but_its_name(text: str) -> None:
    error = error_of(text)
    if not text:
        assert error is None
    elif text == "time":
        assert isinstance(error, TimeoutError)
    else:
        assert error is not None
        assert not error.args
        assert type(error).__name__ in {text, "Error"}
        assert type(error).__name__.isidentifier()


def test_a_password_is_in_the_luggage_alone() -> None:
    access = Access(Connection(), ACCOUNT)
    luggage = packed([access], 1, lambda _: "")
    assert found_in(luggage.reveal().encode(), CANARY)
    (own,) = unpacked(luggage).accesses
    task = text_of(Task(RUN, 0, (HV01,), 1, 1.0))
    for each in (repr(luggage), repr(unpacked(luggage)), repr(own), str(own), task):
        assert found_in(each.encode(), CANARY) == []
    assert own.credentials.password.reveal() == CANARY
    with pytest.raises(TypeError, match="never serialised"):
        pickle.dumps(luggage)


def test_what_cannot_be_unpacked_is_told_without_what_it_holds() -> None:
    held.hold(
        RUN, Secret(json.dumps({"hosts": 1, "ways": [{"password": CANARY}]})), 60, lambda: None
    )
    assert tasks.problem_of(RUN) == "is another"


@pytest.mark.parametrize("client", ["pywinrm", "streams"])
@pytest.mark.parametrize(
    ("transport", "checked"),
    [
        *((each, "validate") for each in ("negotiate", "ntlm", "basic", "credssp")),
        # No inventory has the others go without a check.
        *((each, "ignore") for each in ("negotiate", "ntlm")),
    ],
)
def test_hosts_are_reached_there_as_from_here(
    client: Any, transport: Any, checked: Any, tmp_path: Path
) -> None:
    ca = trustme.CA().cert_pem.bytes().decode()
    path = tmp_path / "ca.pem"
    path.write_text(ca)
    own: dict[str, Any] = (
        {"ca": "ca.pem"} if checked == "validate" else {"server_certificate": "ignore"}
    )
    limits = TimeLimits(connect=3, host=7)
    connection = Connection(
        https=True, transport=transport, client=client, time_limits=limits, **own
    )
    files = ConnectionFiles(ca=path if checked == "validate" else None)
    access = Access(connection, ACCOUNT, security_of(connection, files))
    (there,) = unpacked(packed([access], 1, lambda _: ca if files.ca else "")).accesses
    assert there.connection.model_copy(update={"ca": connection.ca}) == connection
    assert there.credentials.username == ACCOUNT.username
    assert there.security.mechanism is access.security.mechanism
    here, far = access.security.tls, there.security.tls
    assert here is not None
    assert far is not None
    assert far.get_ca_certs() == here.get_ca_certs()
    assert (far.verify_mode, far.check_hostname) == (here.verify_mode, here.check_hostname)


def kerberos(*, password: bool = True) -> Access:
    who = Principal("svc", "CONTOSO.COM")
    source = ByKeytab(Path("svc.keytab"))
    return Access(
        Connection(transport="kerberos", realm="CONTOSO.COM", fallback=None),
        ACCOUNT,
        Security(
            Mechanism.KERBEROS,
            sign_in=SignIn(True, "svc", who, installed=True, password=password),
            tickets=Tickets(who, source, 10),
        ),
    )


def test_by_kerberos_a_worker_gets_its_own_ticket_where_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    access = kerberos()
    luggage = packed([access], 1, lambda _: "")
    monkeypatch.setattr("livemigration.executor.luggage.lacking", lambda: ())
    security = unpacked(luggage).accesses[0].security
    assert isinstance(security.tickets, Tickets)
    assert security.tickets.who == Principal("svc", "CONTOSO.COM")
    assert security.sign_in == access.security.sign_in
    assert security.mechanism is Mechanism.KERBEROS
    monkeypatch.setattr("livemigration.executor.luggage.lacking", lambda: ("gssapi", "krb5"))
    held.hold(RUN, luggage, 60, lambda: None)
    assert tasks.problem_of(RUN) == "lacks gssapi and krb5, which Kerberos needs"


@pytest.mark.parametrize(
    ("access", "stays"),
    [
        (
            Access(
                Connection(
                    transport="certificate", https=True, client_certificate="a", client_key="b"
                )
            ),
            "the key of transport: certificate",
        ),
        (Access(Connection(keytab="svc.keytab"), ACCOUNT), "the keytab"),
        (kerberos(password=False), "your own Kerberos ticket"),
    ],
)
def test_what_is_more_than_a_password_stays_here(access: Access, stays: str) -> None:
    with pytest.raises(UsageError, match=f"site.yaml: {stays}.* does not leave this machine"):
        refuse_what_stays("site.yaml", [Target("hv01", "hv01", 5985, access=access)])
    refuse_what_stays("site.yaml", [Target("hv01", "hv01", 5985, access=Access(Connection()))])


def test_what_is_held_is_forgotten_when_its_time_is_over() -> None:
    forgotten = threading.Event()
    held.hold(RUN, packed([Access(credentials=ACCOUNT)], 1, lambda _: ""), 0.05, forgotten.set)
    assert forgotten.wait(50)
    assert not held.holds_anything()
    assert tasks.problem_of(RUN) == tasks.NOTHING_HELD


def test_what_is_let_go_of_ends_what_is_asked_with_it() -> None:
    hold(Access(credentials=ACCOUNT))
    found = held.held_for(RUN)
    assert found is not None
    held.let_go(RUN)
    with pytest.raises(WsmanError, match="given up"):
        found.manners.check()


def first(what: str, run: str = RUN) -> Answer:
    return read(Answer, asyncio.run(tasks.first(text_of(Question(run, 0, HV01, what, 10.0)))))


def test_a_failure_of_a_host_is_told_as_it_would_be_here() -> None:
    hold(Access(Connection(time_limits=TimeLimits(connect=5)), ACCOUNT))
    answer = first(KNOCK)
    assert answer.kind is FailureKind.REFUSED
    failure = answer.failure
    assert failure is not None
    assert failure.next_step.startswith("Run Enable-PSRemoting")
    assert not answer.problem
    assert first(KNOCK, "another").problem == tasks.NOTHING_HELD


def test_nothing_is_raised_on_a_worker_whatever_it_is_given() -> None:
    assert read(TaskReply, tasks.gather("nonsense")).problem.endswith("UnusableReplyError")
    assert read(Answer, asyncio.run(tasks.first("nonsense"))).problem == "UnusableReplyError"
    task = text_of(Task(RUN, 0, (HV01,), 1, 10.0))
    assert read(TaskReply, tasks.gather(task)).problem == tasks.NOTHING_HELD
    hold(Access(Connection(), ACCOUNT))
    # A way that is not there.
    task = text_of(Task(RUN, 7, (HV01,), 1, 10.0))
    assert read(TaskReply, tasks.gather(task)).problem.endswith("IndexError")


def test_after_one_refusal_a_worker_asks_no_other_of_the_task(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def gather_host(target: Target, _: Any, __: Any, ___: Any, into: Outcomes, *_more: Any) -> None:
        asked.append(target.name)
        error = WsmanError(FailureKind.AUTHENTICATION, "the host refused the credentials")
        into[HOST_ACCESS.name] = NotGathered(failure_of(error, "Connecting", "LM302"))

    monkeypatch.setattr(tasks, "gather_host", gather_host)
    hold(Access(Connection(), ACCOUNT))
    hosts = tuple(HostEntry(f"h{number}", "127.0.0.1", 1) for number in range(9))
    reply = read(TaskReply, tasks.gather(text_of(Task(RUN, 0, hosts, 1, 60.0))))
    assert asked == ["h0"]
    assert [each.asked for each in reply.hosts] == [True, *[False] * 8]
