"""An answer to the first question stands for Identify, which is asked where there is none."""

from __future__ import annotations

import threading

import pytest
import wsman_replies as soap
from asked_host import EVERYTHING, Asked
from ntlm_server import http, message_id
from windows_host import NO_CLASS, SERVER_2022, answering, nested_fault

from livemigration.facts.host import (
    HOST_ACCESS,
    OPERATING_SYSTEM,
    SERVICES,
)
from livemigration.facts.model import FactSheet, FailureKind, Gathered, NotGathered, Subject
from livemigration.facts.registry import simulated
from livemigration.facts.sheets import RunFacts
from livemigration.gather.host import ACCESS_CHECK
from livemigration.wsman.errors import HTTP_UNAUTHORIZED

SYSTEM = "Win32_OperatingSystem"


def identified(asked: Asked) -> int:
    return sum(b"Identify" in each for each in asked.requests)


def test_a_host_that_answers_is_not_asked_who_it_is() -> None:
    asked = Asked()
    assert identified(asked) == 0
    access = asked.value(HOST_ACCESS)
    assert (access.product_vendor, access.product_version) == ("", "")
    assert access.signed_in.startswith("NTLM")


def test_where_there_is_nothing_to_ask_for_the_host_is_asked_who_it_is() -> None:
    asked = Asked(wanted=())
    assert identified(asked) == 1
    assert asked.value(HOST_ACCESS).product_vendor == "Microsoft Corporation"


@pytest.mark.parametrize("body", [nested_fault(NO_CLASS), soap.fault(5), soap.fault(2150858793)])
def test_a_host_that_refuses_the_first_question_is_asked_who_it_is(body: str) -> None:
    asked = Asked({**SERVER_2022, SYSTEM: body})
    assert identified(asked) == 1
    assert asked.value(HOST_ACCESS).product_vendor == "Microsoft Corporation"
    assert asked.failure(OPERATING_SYSTEM).kind in {FailureKind.FAULT, FailureKind.ACCESS_DENIED}
    assert isinstance(asked.outcomes[SERVICES.name], Gathered)
    assert asked.connections == 1


def test_a_host_that_refuses_everything_has_one_failure() -> None:
    def answer(request: bytes) -> tuple[int, bytes]:
        return 500, soap.envelope(soap.fault(5), message_id(request))

    asked = Asked(answer=answer)
    assert set(asked.outcomes) == {HOST_ACCESS.name}
    failure = asked.failure(HOST_ACCESS)
    assert (failure.kind, failure.root) == (FailureKind.ACCESS_DENIED, ACCESS_CHECK)
    assert failure.tried.startswith("Connecting to ")


def test_a_first_row_that_is_none_says_nothing_of_the_service() -> None:
    asked = Asked({**SERVER_2022, SYSTEM: ({"BuildNumber": "x", "Version": "1"},)})
    assert identified(asked) == 0
    assert isinstance(asked.outcomes[HOST_ACCESS.name], Gathered)
    assert isinstance(asked.outcomes[OPERATING_SYSTEM.name], NotGathered)


def test_a_connection_that_ends_at_the_first_question_is_made_again() -> None:
    asked = Asked(tamper=lambda number, message: message if number else None)
    assert asked.connections == 2
    assert identified(asked) == 1
    assert all(isinstance(each, Gathered) for each in asked.outcomes.values())
    assert set(asked.outcomes) == {HOST_ACCESS.name, *EVERYTHING}


def test_a_host_that_ends_every_connection_has_one_failure() -> None:
    asked = Asked(tamper=lambda _number, _message: None)
    assert asked.connections == 2
    assert set(asked.outcomes) == {HOST_ACCESS.name}
    assert asked.failure(HOST_ACCESS).kind is FailureKind.UNREACHABLE


def test_a_first_question_that_takes_too_long_costs_that_answer_alone() -> None:
    never = threading.Event()

    def tamper(number: int, message: bytes) -> bytes:
        if number == 0:
            never.wait(60)
        return message

    asked = Asked(tamper=tamper, message=0.5, ending=never.set)
    assert identified(asked) == 1
    assert isinstance(asked.outcomes[HOST_ACCESS.name], Gathered)
    assert asked.failure(OPERATING_SYSTEM).kind is FailureKind.TIMED_OUT
    assert isinstance(asked.outcomes[SERVICES.name], Gathered)


@pytest.mark.long
def test_a_host_that_never_answers_a_message_has_one_failure() -> None:
    never = threading.Event()

    def tamper(_number: int, message: bytes) -> bytes:
        never.wait(60)
        return message

    asked = Asked(tamper=tamper, message=0.5, ending=never.set)
    assert set(asked.outcomes) == {HOST_ACCESS.name}
    assert asked.failure(HOST_ACCESS).kind is FailureKind.TIMED_OUT


def test_what_is_no_message_is_not_asked_again() -> None:
    asked = Asked(tamper=lambda _number, _message: http(200, b"<html></html>"))
    assert asked.connections == 1
    assert asked.failure(HOST_ACCESS).kind is FailureKind.PROTOCOL


def test_a_refused_password_is_tried_once() -> None:
    asked = Asked(password="wrong")
    assert asked.connections == 1
    assert asked.failure(HOST_ACCESS).code == HTTP_UNAUTHORIZED


def test_real_replies_without_a_mark_are_not_those_of_the_lab() -> None:
    asked = Asked(answer=answering(SERVER_2022))
    sheet = FactSheet(Subject.HOST, "hv01", asked.outcomes)
    assert not simulated(RunFacts({"hv01": sheet}, {}))
