"""A host that refuses for now is asked again, and one that refuses for good is not for long.

No test waits: the pauses are noted, and are as long as they would be without their spread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import wsman_replies as soap
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from ntlm_server import Answer, NtlmServer, Tamper, action, http, message_id
from sampling import sampled
from wsman_support import QUERY, Connect, failure, fragment

from livemigration.base.deadline import Deadline
from livemigration.facts.cim import WmiClass
from livemigration.facts.model import FailureKind
from livemigration.facts.reader import WmiMethod
from livemigration.lab.faults import LabFault, quota, timed_out
from livemigration.lab.soap import Request, fault
from livemigration.wsman import codes
from livemigration.wsman.busy import retry_after
from livemigration.wsman.errors import WsmanError, WsmanFault
from livemigration.wsman.kerberos_causes import Fallback, KerberosError
from livemigration.wsman.manners import Manners, Pace
from livemigration.wsman.session import WsmanSession

pytestmark = pytest.mark.usefixtures("each_client")

METHOD = WmiMethod(WmiClass("root/default", "StdRegProv", ()), "GetStringValue")


class Pauses:
    """The manners of a run that notes how long it would wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.manners = Manners(Pace(self._note, lambda: 1.0))

    def _note(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return False

    @property
    def retries(self) -> int:
        return self.manners.retries("host")


class Host:
    """Answers each action with what is given for it in turn, then as a healthy host."""

    def __init__(self, **replies: Sequence[LabFault | str]) -> None:
        self.replies = {name: list(each) for name, each in replies.items()}
        self.actions: list[str] = []

    def __call__(self, request: bytes) -> tuple[int, bytes]:
        name = action(request)
        self.actions.append(name)
        waiting = self.replies.get(name)
        reply = waiting.pop(0) if waiting else self._healthy(name)
        if isinstance(reply, LabFault):
            return 500, fault(Request(request), reply, "host")
        return 200, soap.envelope(reply, message_id(request)) if reply else soap.identity()

    def _healthy(self, name: str) -> str:
        if name == "Enumerate":
            return soap.page(fragment("vmms"))
        if name == "Pull":
            return soap.page(fragment("b"), first=False)
        if name == "GetStringValue":
            uri = METHOD.wmi_class.resource_uri
            return (
                f'<p:{METHOD.name}_OUTPUT xmlns:p="{uri}"><p:ReturnValue>0</p:ReturnValue>'
                f"</p:{METHOD.name}_OUTPUT>"
            )
        return ""


@contextmanager
def asked(
    connect: Connect, host: Answer, tamper: Tamper | None = None, **more: float
) -> Iterator[tuple[WsmanSession, Pauses, NtlmServer]]:
    pauses = Pauses()
    with NtlmServer(host, tamper) as server:
        yield connect(server.port, manners=pauses.manners, **more), pauses, server


FORMS = [
    pytest.param(quota(code, old=old), id=f"{code:#x} {'old' if old else 'new'}")
    for code in sorted(codes.QUOTAS)
    for old in (False, True)
]


@pytest.mark.parametrize("refused", FORMS)
@pytest.mark.parametrize("times", sampled([1, 3], every=2))
def test_a_quota_that_is_free_again_costs_no_answer(
    connect: Connect, refused: LabFault, times: int
) -> None:
    host = Host(Enumerate=[refused] * times)
    with asked(connect, host) as (session, pauses, _):
        (row,) = session.enumerate(QUERY)
        assert not session.ended
    assert row.text("Name") == "vmms"
    assert host.actions == ["Enumerate"] * (times + 1)
    assert pauses.seconds == [0.5, 1.0, 2.0][:times]
    assert pauses.retries == times


@in_turn(
    "name, ask",
    [
        ("Identify", lambda session: session.identify()),
        ("Enumerate", lambda session: session.enumerate(QUERY)),
        ("GetStringValue", lambda session: session.call(METHOD, {}, {"sValueName": "x"})),
    ],
)
def test_whatever_changes_nothing_is_asked_again(
    connect: Connect, name: str, ask: Callable[[WsmanSession], object]
) -> None:
    for refused in (quota(0x803381A6), timed_out()):
        host = Host(**{name: [refused]})
        with asked(connect, host) as (session, pauses, _):
            ask(session)
        assert host.actions == [name, name]
        assert pauses.retries == 1


def test_a_quota_that_stays_full_is_one_fault_that_names_it(connect: Connect) -> None:
    host = Host(Enumerate=[quota(0x803381A6)] * 100)
    with asked(connect, host) as (session, pauses, _):
        failed = failure(lambda: session.enumerate(QUERY))
        first = len(host.actions)
        again = failure(lambda: session.enumerate(QUERY))
        assert not session.ended
    assert (failed.kind, failed.code) == (FailureKind.FAULT, 0x803381A6)
    assert "QUOTA_MAX_OPERATIONS" in failed.came_back
    assert f"asked {first} times" in failed.came_back
    assert "MaxConcurrentOperationsPerUser" in failed.next_step
    # The message's time is all that is waited for the host, however often it refuses.
    assert sum(pauses.seconds) <= 10.0
    assert (again.kind, again.code) == (failed.kind, failed.code)


def test_what_was_waited_for_and_came_is_not_counted_against_a_host(connect: Connect) -> None:
    """A message's time, ten seconds, would be gone after three of these."""
    host = Host(Enumerate=[quota(0x803381A6)] * 3)
    with asked(connect, host, seconds=3600.0) as (session, pauses, _):
        for _ in range(10):
            host.replies["Enumerate"] = [quota(0x803381A6)] * 3
            session.enumerate(QUERY)
    assert sum(pauses.seconds) == 35.0
    assert pauses.retries == 30


def test_a_pause_leaves_time_to_ask_in(connect: Connect) -> None:
    host = Host(Enumerate=[quota(0x803381A6)] * 100)
    with asked(connect, host, seconds=3.0) as (session, pauses, _):
        failure(lambda: session.enumerate(QUERY))
    # Of three seconds, a pause takes no more than half of what is left.
    assert pauses.seconds == [0.5, 1.0]


def test_a_host_that_gave_up_once_is_asked_once_more_and_no_more(connect: Connect) -> None:
    host = Host(Enumerate=[timed_out()] * 2)
    with asked(connect, host) as (session, pauses, _):
        failed = failure(lambda: session.enumerate(QUERY))
    assert failed.code == codes.OPERATION_TIMED_OUT
    assert pauses.retries == 1
    assert host.actions == ["Enumerate"] * 2


def test_another_fault_is_not_asked_again(connect: Connect) -> None:
    host = Host(Enumerate=[quota(0x803381AC), quota(0x80041003)])
    with asked(connect, host) as (session, pauses, _):
        failure(lambda: session.enumerate(QUERY))
        failure(lambda: session.enumerate(QUERY))
    assert (host.actions, pauses.seconds) == (["Enumerate"] * 2, [])


def test_a_page_that_was_refused_for_now_is_pulled_again_with_its_context(
    connect: Connect,
) -> None:
    host = Host(
        Enumerate=[soap.page(fragment("a"), context="uuid:1", ended=False)],
        Pull=[quota(0x803381A6), timed_out()],
    )
    with asked(connect, host) as (session, pauses, server):
        rows = session.enumerate(QUERY)
    assert [row.text("Name") for row in rows] == ["a", "b"]
    assert host.actions == ["Enumerate", "Pull", "Pull", "Pull"]
    assert all(b">uuid:1<" in each for each in server.requests[1:])
    assert pauses.retries == 2


def test_an_enumeration_that_the_host_forgot_begins_anew_once(connect: Connect) -> None:
    first = soap.page(fragment("a"), context="uuid:1", ended=False)
    forgot = LabFault(codes.INVALID_CONTEXT, quota(0).form, "The context is not valid.")
    host = Host(Enumerate=[first], Pull=[forgot])
    with asked(connect, host) as (session, _, _):
        (row,) = session.enumerate(QUERY)
    assert row.text("Name") == "vmms"
    assert host.actions == ["Enumerate", "Pull", "Enumerate"]
    host = Host(Enumerate=[first] * 3, Pull=[forgot] * 3)
    with asked(connect, host) as (session, _, _):
        failed = failure(lambda: session.enumerate(QUERY))
    assert failed.code == codes.INVALID_CONTEXT
    assert host.actions == ["Enumerate", "Pull"] * 2


def refusing(status: int, times: int, *headers: str, at: int = 0) -> Tamper:
    """Refuse by HTTP so many sealed replies from a number on."""
    return lambda number, message: (
        http(status, b"busy", *headers) if at <= number < at + times else message
    )


@in_turn("status", [429, 503])
def test_http_that_takes_nothing_for_now_is_asked_again_over_a_fresh_connection(
    connect: Connect, status: int
) -> None:
    host = Host()
    tamper = refusing(status, 2, "Retry-After: 3", at=1)
    with asked(connect, host, tamper) as (session, pauses, server):
        session.identify()
        (row,) = session.enumerate(QUERY)
    assert row.text("Name") == "vmms"
    assert pauses.seconds == [3.0, 3.0]
    assert server.connections == 3


@in_turn("headers", [(), ("Retry-After: 3600",)])
def test_http_that_takes_nothing_ends_with_its_status(
    connect: Connect, headers: tuple[str, ...]
) -> None:
    with asked(connect, Host(), refusing(503, 100, *headers)) as (session, pauses, server):
        failed = failure(session.identify)
        assert session.ended
    assert (failed.kind, failed.code) == (FailureKind.PROTOCOL, 503)
    assert failed.next_step == codes.STATUS_STEPS[503]
    assert f"asked {server.connections} times" in failed.came_back
    # Whoever asks for an hour gets what time there is, and is asked once more.
    assert pauses.seconds == ([10.0] if headers else [0.5, 1.0, 2.0, 4.0])


def test_a_run_that_is_given_up_ends_a_pause_at_once(connect: Connect) -> None:
    manners = Manners(Pace(spread=lambda: 1.0))

    def refuse(request: bytes) -> tuple[int, bytes]:
        manners.give_up()
        return 500, fault(Request(request), quota(0x803381A6), "host")

    with NtlmServer(refuse) as server:
        session = connect(server.port, manners=manners)
        failed = failure(lambda: session.enumerate(QUERY))
        asked_for = len(server.requests)
        failure(lambda: session.enumerate(QUERY))
    assert failed.kind is FailureKind.NOT_GATHERED
    assert asked_for == len(server.requests) == 1


@in_turn(
    "said, seconds",
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Wed, 21 Oct 2015 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2015 07:20:00 GMT", 0.0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("1e9", None),
        ("9" * 400, None),
        ("Wed, 99 Oct 2015 07:28:30 GMT", None),
    ],
)
def test_when_to_come_back_is_seconds_or_a_date(said: str, seconds: float | None) -> None:
    own = "Wed, 21 Oct 2015 07:28:00 GMT"
    assert retry_after({"Retry-After": said, "Date": own}) == seconds
    now = datetime(2015, 10, 21, 7, 28, tzinfo=UTC)
    assert retry_after({"Retry-After": said}, now) == seconds


@given(said=st.text(), date=st.text())
def test_whatever_a_header_holds_is_no_error(said: str, date: str) -> None:
    found = retry_after({"Retry-After": said, "Date": date})
    assert found is None or found >= 0


@given(
    answers=st.lists(st.sampled_from([None, 0.0, 0.1, 5.0, 3600.0]), max_size=50),
    most=st.floats(0.0, 600.0),
    left=st.floats(0.0, 3600.0),
)
def test_no_machine_is_waited_for_longer_than_its_patience(
    answers: list[float | None], most: float, left: float
) -> None:
    pauses = Pauses()
    patience = pauses.manners.patience("host")
    until = Deadline.after(left)
    for attempt, each in enumerate(answers, start=1):
        patience.pause(attempt, each, most, until)
    assert sum(pauses.seconds) <= most + 1e-6
    assert all(0 < each <= left for each in pauses.seconds)
    assert patience.retries == len(pauses.seconds)


def test_machines_do_not_share_their_patience() -> None:
    pauses = Pauses()
    until = Deadline.after(60)
    assert pauses.manners.patience("one").pause(1, 60.0, 5.0, until)
    assert not pauses.manners.patience("one").pause(2, None, 5.0, until)
    assert pauses.manners.patience("two").pause(1, None, 5.0, until)
    assert (pauses.manners.retries("one"), pauses.manners.retries("three")) == (1, 0)


def test_an_error_that_says_more_is_still_what_it_was() -> None:
    error = WsmanError(FailureKind.PROTOCOL, "HTTP 503", code=503)
    error.retry_after = 4.0
    assert error.with_remark("asked twice").retry_after == 4.0


@in_turn(
    "error",
    [
        KerberosError(
            FailureKind.KERBEROS, "no ticket", code=5, account="a", instead=Fallback.NO_KDC
        ),
        WsmanFault(
            FailureKind.FAULT,
            "refused",
            code=5,
            subcode="QuotaLimit",
            provider_codes=(7,),
            reason="r",
        ),
    ],
)
def test_a_remark_changes_what_came_back_and_nothing_else(error: WsmanError) -> None:
    error.retry_after, error.silent = 4.0, True
    told = error.with_remark("asked twice")
    assert type(told) is type(error)
    assert told.came_back == str(told) == f"{error.came_back}; asked twice"
    assert {**vars(told), "came_back": error.came_back} == vars(error)
    assert vars(error.again()) == vars(error)
