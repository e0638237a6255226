"""A second connection takes its share of the questions, and loses nothing of what it took."""

from __future__ import annotations

import threading
from collections.abc import Collection
from functools import cache
from typing import Any

import pytest
import wsman_replies as soap
from asked_host import EVERYTHING, Asked
from hypothesis import given
from hypothesis import strategies as st
from in_turn import in_turn
from ntlm_server import Answer, message_id
from properties import examples
from windows_host import SERVER_2022, answering

from livemigration.facts.firewall import FIREWALL, FIREWALL_RULES
from livemigration.facts.host import HOST_ACCESS, SERVICES
from livemigration.facts.machine_moves import MIGRATION_JOBS, PLANNED_MACHINES
from livemigration.facts.model import FailureKind, Gathered, HostGroup, NotGathered
from livemigration.facts.registry import HOST_GROUPS
from livemigration.gather.asking import MACHINE_EVIDENCE
from livemigration.gather.beside import MOST_HOSTS, PAYS_FROM, Connections, shared_out
from livemigration.inventory.connection import Connection
from livemigration.lab.faults import quota
from livemigration.lab.soap import Request, fault
from livemigration.wsman.errors import HTTP_UNAUTHORIZED

TWO = Connection(connections=2)
HEALTHY = answering(SERVER_2022)
CLASSES = tuple(each.query.wmi_class.name for each in FIREWALL)
# As many as a second connection needs to fail before no more are opened.
IN_VAIN = 2


class Watched:
    """Answers, and notes which classes each connection was asked for, in their order."""

    def __init__(self, answer: Answer = HEALTHY, lost: Collection[str] = ()) -> None:
        self.asked: dict[int, list[str]] = {}
        self._answer = answer
        self._lost = set(lost)
        self._lock = threading.Lock()

    def __call__(self, request: bytes) -> tuple[int, bytes]:
        text = request.decode()
        name = text.partition(" FROM ")[2].partition(" ")[0].partition("<")[0] or "Identify"
        with self._lock:
            self.asked.setdefault(threading.get_ident(), []).append(name)
            lost = name in self._lost
            self._lost.discard(name)
        if lost:
            raise ConnectionResetError
        return self._answer(request)

    def times(self, name: str) -> int:
        """Return how often a class was asked for."""
        return sum(each.count(name) for each in self.asked.values())


def asked_over_two(answer: Answer = HEALTHY, **more: Any) -> Asked:
    return Asked(answer=answer, connections=Connections(1), connection=TWO, **more)


def read(asked: Asked) -> dict[str, object]:
    """Return what was read of each group; its endpoint is another one each time."""
    return {
        name: each.value if isinstance(each, Gathered) else each
        for name, each in asked.outcomes.items()
        if name != HOST_ACCESS.name
    }


@cache
def alone() -> tuple[Watched, dict[str, object]]:
    """Return what one connection is asked of the healthy host, and what is read over it."""
    watched = Watched()
    return watched, read(Asked(answer=watched))


def lost(asked: Asked) -> set[str]:
    return {name for name, each in asked.outcomes.items() if isinstance(each, NotGathered)}


@pytest.mark.parametrize("client", ["pywinrm", "streams"])
def test_two_connections_find_what_one_finds(client: Any) -> None:
    over = Connection(connections=2, client=client)
    two = Asked(connections=Connections(1), connection=over)
    assert two.connections == 2
    assert read(two) == alone()[1]
    assert set(two.outcomes) == {HOST_ACCESS.name, *EVERYTHING}
    assert two.manners.traffic("hv01.contoso.com").counted.logons == 2
    assert two.value(HOST_ACCESS).beside >= len(FIREWALL)


def test_the_firewall_is_asked_over_one_connection() -> None:
    watched = Watched()
    asked_over_two(watched)
    of_firewall = [set(each) & set(CLASSES) for each in watched.asked.values()]
    assert sorted(map(len, of_firewall)) == [0, len(CLASSES)]


def test_without_a_word_of_it_there_is_one_connection() -> None:
    assert Asked().connections == 1
    assert Asked(connections=Connections(1), connection=Connection(connections=1)).connections == 1


def test_a_wrong_password_is_tried_once() -> None:
    asked = asked_over_two(password="wrong")
    assert asked.connections == 1
    assert asked.failure(HOST_ACCESS).code == HTTP_UNAUTHORIZED
    assert asked.manners.traffic("hv01.contoso.com").counted.logons == 1


@in_turn("name", CLASSES)
def test_what_the_second_loses_is_asked_over_the_first(name: str) -> None:
    watched = Watched(lost=[name])
    asked = asked_over_two(watched)
    over_one, found = alone()
    assert read(asked) == found
    # Over two connections, of which one ended, and no third.
    assert asked.connections == 2
    assert watched.times(name) == over_one.times(name) + 1


def test_a_question_that_ends_every_connection_costs_what_it_does_over_one() -> None:
    class Broken(Watched):
        def __call__(self, request: bytes) -> tuple[int, bytes]:
            self._lost.add("MSFT_NetFirewallRule")
            return super().__call__(request)

    one, two = Asked(answer=Broken()), asked_over_two(Broken())
    assert two.failure(FIREWALL_RULES).kind is FailureKind.UNREACHABLE
    assert lost(two) <= lost(one)


@pytest.mark.long
def test_a_second_connection_that_is_refused_loses_nothing_and_is_the_last_of_the_run() -> None:
    connections = Connections(1)
    first: list[int] = []

    def answer(request: bytes) -> tuple[int, bytes]:
        if not first:
            first.append(threading.get_ident())
        if threading.get_ident() != first[0]:
            raise ConnectionResetError
        return HEALTHY(request)

    for number in range(1, IN_VAIN + 2):
        first.clear()
        asked = Asked(answer=answer, connections=connections, connection=TWO)
        assert read(asked) == alone()[1]
        assert asked.connections == (2 if number <= IN_VAIN else 1)


def test_a_quota_that_is_full_on_the_second_loses_nothing() -> None:
    first: list[int] = []

    def answer(request: bytes) -> tuple[int, bytes]:
        first.append(threading.get_ident())
        if threading.get_ident() != first[0]:
            return 500, fault(Request(request), quota(2150859174), "hv01")
        return HEALTHY(request)

    asked = asked_over_two(answer)
    assert read(asked) == alone()[1]


def test_what_the_second_has_not_begun_the_first_takes_when_it_is_done() -> None:
    waiting = threading.Event()
    _, lent = shared_out([each for each in HOST_GROUPS if each.name in EVERYTHING])
    last = [each for each in lent if not each.only_with][-1].source.encode()

    def answer(request: bytes) -> tuple[int, bytes]:
        if FIREWALL[0].source.encode() in request:
            # As a provider of the firewall that is slow; the last question of all lets it go on.
            waiting.wait(20)
        if last in request:
            waiting.set()
        return HEALTHY(request)

    asked = asked_over_two(answer)
    assert waiting.is_set()
    assert read(asked) == alone()[1]


def test_a_fault_over_the_second_costs_that_answer_alone() -> None:
    refused = {**SERVER_2022, "MSFT_NetFirewallProfile": soap.fault(5)}
    asked = asked_over_two(answering(refused))
    assert read(asked) == read(Asked(refused))
    assert asked.connections == 2


def test_a_reply_that_ends_the_second_costs_that_answer_alone() -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        if b"MSFT_NetFirewallProfile" in request:
            return 200, soap.envelope("<unclosed>", message_id(request))
        return HEALTHY(request)

    asked = asked_over_two(answer)
    assert lost(asked) == {FIREWALL[0].name}
    assert asked.connections == 2


def test_a_system_without_a_thread_for_it_has_one_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = threading.Thread.start

    def refuse(self: threading.Thread) -> None:
        if self.name.endswith(", second"):
            raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    asked = asked_over_two()
    assert read(asked) == alone()[1]
    assert asked.connections == 1


def test_a_defect_over_the_second_is_one_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("livemigration.gather.beside.is_full", fail)
    with pytest.raises(ZeroDivisionError):
        asked_over_two()


def requests(first: Collection[HostGroup[Any]], second: Collection[HostGroup[Any]]) -> int:
    """Return how long a chain is behind the first reply, one request for each sure question."""
    own, lent = (sum(not each.only_with for each in some) for some in (first, second))
    return max(own, lent + 1 if second else 0)


@examples(100)
@given(st.sets(st.sampled_from(HOST_GROUPS)))
def test_questions_are_shared_so_that_the_chain_is_short(wanted: set[HostGroup[Any]]) -> None:
    groups = [each for each in HOST_GROUPS if each in wanted]
    first, second = shared_out(groups)
    assert sorted(each.name for each in (*first, *second)) == sorted(each.name for each in groups)
    apart = [each for each in groups if each in FIREWALL]
    assert SERVICES not in second
    # Whether there is a machine is asked before what machines have, over one of the two.
    in_order = (SERVICES, *MACHINE_EVIDENCE, PLANNED_MACHINES, MIGRATION_JOBS)
    kept = sum(each in first for each in groups if each.of_machines or each in in_order)
    assert kept == sum(each.of_machines or each in in_order for each in groups)
    sure = sum(not each.only_with for each in groups)
    if not second:
        assert max(-(-(sure + 1) // 2), len(apart) + 1, kept) > sure - 2
        return
    assert all(each in second for each in apart)
    # As short as it can be with the firewall on one of the two, and the machines on the other.
    assert requests(first, second) <= max(-(-(sure + 1) // 2) + 1, len(apart) + 1, kept)
    assert requests(first, second) <= sure - 2


@in_turn(
    "said, hosts, quickest, two",
    [
        ("auto", 1, PAYS_FROM, True),
        ("auto", 1, PAYS_FROM - 0.001, False),
        ("auto", 1, None, False),
        ("auto", MOST_HOSTS, 1.0, True),
        ("auto", MOST_HOSTS + 1, 1.0, False),
        (2, MOST_HOSTS + 1, 0.0, True),
        (2, 1, None, True),
        (1, 1, 1.0, False),
    ],
)
def test_latency_or_the_inventory_decides(
    said: str | int, hosts: int, quickest: float | None, two: bool
) -> None:
    assert Connections(hosts).pays(said, quickest, "192.0.2.1") is two


@pytest.mark.parametrize("address", ["127.0.0.1", "127.14.1.11", "::1"])
def test_a_machine_without_time_is_no_latency(address: str) -> None:
    assert not Connections(1).pays("auto", 1.0, address)
    assert Connections(1).pays(2, 1.0, address)
    assert Connections(1).pays("auto", 1.0, "hv01.contoso.com")


def test_after_a_refused_sign_in_no_second_one_is_tried_in_the_run() -> None:
    connections = Connections(10)
    connections.came_to(anything=True, final=False)
    connections.came_to(anything=False, final=True)
    connections.came_to(anything=True, final=False)
    assert not connections.pays(2, 1.0, "192.0.2.1")


def test_second_connections_that_fail_now_and_then_are_opened_still() -> None:
    connections = Connections(10)
    for anything in (False, True) * 10:
        connections.came_to(anything=anything, final=False)
        assert connections.pays(2, 1.0, "192.0.2.1")
