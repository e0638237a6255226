"""A lab that is asked to be late, and to show faults: which hosts do, of which kinds."""

from __future__ import annotations

import socket
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from livemigration.base.deadline import Deadline
from livemigration.commands.lab import how_to_reach
from livemigration.commands.main import main
from livemigration.facts.model import FailureKind
from livemigration.lab.conduct import FAULTS, SLOW_SECONDS, Conduct, chosen
from livemigration.lab.fleet import load_fleet
from livemigration.lab.launch import RunningLab, start
from livemigration.wsman.errors import WsmanError
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

LATE = 0.3


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    with start("healthy", hosts=20, faults=0.25, latency=LATE) as started:
        yield started


def met(lab: RunningLab, kind: str) -> WsmanError:
    name = next(name for name, each in lab.faults.items() if each == kind)
    machine = lab.machine(name)
    endpoint = Endpoint(machine.name, machine.address, machine.port)
    with (
        WsmanSession(endpoint, lab.credentials, Timeouts(1, 3), Deadline.after(4)) as session,
        pytest.raises(WsmanError) as caught,
    ):
        session.identify()
    return caught.value


@pytest.mark.long
def test_each_kind_of_fault_is_met_as_it_says(lab: RunningLab) -> None:
    assert sorted(lab.faults.values()) == sorted(FAULTS)
    assert met(lab, "refused").kind is FailureKind.REFUSED
    assert met(lab, "silent").kind is FailureKind.TIMED_OUT
    assert met(lab, "wrong-password").kind is FailureKind.AUTHENTICATION
    assert met(lab, "slow").kind is FailureKind.TIMED_OUT
    assert "500" in str(met(lab, "http-500"))


def test_what_shows_no_fault_answers_late_and_not_before(lab: RunningLab) -> None:
    machine = next(each for each in lab.hosts if each.name not in lab.faults)
    with socket.create_connection((machine.address, machine.port), timeout=30) as client:
        client.sendall(b"POST /wsman HTTP/1.1\r\nHost: lab\r\nContent-Length: 0\r\n\r\n")
        client.settimeout(LATE)
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(30)
        assert client.recv(12) == b"HTTP/1.1 401"


def test_latency_and_faults_are_said_at_the_start(lab: RunningLab) -> None:
    said = how_to_reach(lab)
    assert "each reply 300 ms later" in said
    assert "5 of 20 hosts, always the same ones" in said
    assert all(f"  {kind}: {name}\n" in said for name, kind in lab.faults.items())


@examples(20)
@given(st.integers(1, 400), st.floats(0, 1))
def test_a_share_of_the_hosts_shows_faults_in_turn(hosts: int, share: float) -> None:
    fleet = load_fleet("healthy").of_size(hosts).hosts
    found = chosen(fleet, share)
    assert found == chosen(tuple(reversed(fleet)), share)
    assert len(found) == (max(1, round(hosts * share)) if share else 0)
    times = Counter(found.values())
    assert max(times.values(), default=0) - min(times.get(each, 0) for each in FAULTS) <= 1


def test_no_fault_and_no_latency_change_nothing() -> None:
    assert Conduct().delay("hv01") == 0
    assert Conduct(0.1, {"hv01": "slow"}).delay("hv01") == SLOW_SECONDS + 0.1
    assert Conduct(0.1, {"hv01": "slow"}).delay("hv02") == 0.1


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--latency=100", "100 is no time. Write one such as 100ms"),
        ("--latency=-1ms", "is no time"),
        ("--latency=61s", "is too long. Write 60s at most"),
        ("--faults=1", "1 is no share. Write one from 0% to 100%"),
        ("--faults=101%", "is no share"),
    ],
)
def test_what_is_no_time_and_no_share_is_said(
    capsys: pytest.CaptureFixture[str], option: str, words: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        sys.exit(main(["lab", "up", option]))
    assert ended.value.code == 4
    assert words in capsys.readouterr().err
