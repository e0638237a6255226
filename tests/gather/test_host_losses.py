"""Connections that end and hosts that are slow: what was read stays, and the rest has the cause."""

from __future__ import annotations

import threading
import time

import pytest
from asked_host import EVERYTHING, Asked
from ntlm_server import Tamper
from windows_host import (
    SERVER_2022,
)

from livemigration.facts.clock import CLOCK
from livemigration.facts.host import (
    DOMAIN_MEMBERSHIP,
    HOST_ACCESS,
    OPERATING_SYSTEM,
    SERVICES,
)
from livemigration.facts.migration import MIGRATION_NETWORKS, MIGRATION_SETTINGS
from livemigration.facts.model import (
    FailureKind,
    Gathered,
    NotGathered,
)

NETWORKS = "Msvm_VirtualSystemMigrationNetworkSettingData"


def closing_at(*numbers: int) -> Tamper:
    return lambda number, message: None if number in numbers else message


# The replies by number: the operating system, the domain, the services, the settings.
@pytest.mark.parametrize(
    ("losses", "connections"), [((3,), 2), ((3, 5), 3), ((1, 3, 5, 7, 9, 11, 13, 15), 9)]
)
def test_a_query_that_lost_its_connection_is_asked_again(
    losses: tuple[int, ...], connections: int
) -> None:
    asked = Asked(tamper=closing_at(*losses))
    assert asked.connections == connections
    assert set(asked.outcomes) == {HOST_ACCESS.name, *EVERYTHING}
    assert all(isinstance(each, Gathered) for each in asked.outcomes.values())


def test_after_two_losses_in_a_row_what_was_read_stays_and_the_rest_has_the_cause() -> None:
    asked = Asked(tamper=closing_at(3, 4))
    assert asked.connections == 2
    read = {name for name, each in asked.outcomes.items() if isinstance(each, Gathered)}
    assert read == {
        HOST_ACCESS.name,
        OPERATING_SYSTEM.name,
        DOMAIN_MEMBERSHIP.name,
        SERVICES.name,
    }
    assert set(asked.outcomes) == {HOST_ACCESS.name, *EVERYTHING}
    (failure,) = {each.failure for each in asked.outcomes.values() if isinstance(each, NotGathered)}
    assert failure.kind is FailureKind.UNREACHABLE
    assert CLOCK.title in failure.tried


def test_a_reply_that_ends_the_session_loses_no_other_group() -> None:
    asked = Asked({**SERVER_2022, NETWORKS: "<unclosed>"})
    assert asked.failure(MIGRATION_NETWORKS).kind is FailureKind.PROTOCOL
    failed = {name for name, each in asked.outcomes.items() if isinstance(each, NotGathered)}
    assert failed == {MIGRATION_NETWORKS.name}
    assert asked.connections == 2


def stuck_at(name: str, event: threading.Event) -> Tamper:
    """Hold back the first reply of a group until the event."""
    number = EVERYTHING.index(name)

    def tamper(at: int, message: bytes) -> bytes:
        if at == number:
            event.wait(60)
        return message

    return tamper


@pytest.mark.long
def test_a_query_that_takes_too_long_is_not_asked_again_and_loses_no_other() -> None:
    never = threading.Event()
    asked = Asked(tamper=stuck_at(MIGRATION_NETWORKS.name, never), message=2.0, ending=never.set)
    assert asked.failure(MIGRATION_NETWORKS).kind is FailureKind.TIMED_OUT
    failed = {name for name, each in asked.outcomes.items() if isinstance(each, NotGathered)}
    assert failed == {MIGRATION_NETWORKS.name}
    assert sum(NETWORKS.encode() in each for each in asked.requests) == 1


@pytest.mark.long
def test_the_hosts_deadline_ends_it_and_is_the_cause_of_what_is_missing() -> None:
    never = threading.Event()
    started = time.monotonic()
    asked = Asked(
        tamper=stuck_at(MIGRATION_NETWORKS.name, never),
        message=30.0,
        seconds=3.0,
        ending=never.set,
    )
    assert time.monotonic() - started < 25.0
    assert asked.connections == 1
    assert isinstance(asked.outcomes[MIGRATION_SETTINGS.name], Gathered)
    (failure,) = {each.failure for each in asked.outcomes.values() if isinstance(each, NotGathered)}
    assert failure.kind is FailureKind.DEADLINE
    assert set(asked.outcomes) == {HOST_ACCESS.name, *EVERYTHING}


def test_a_wrong_password_is_one_failure_of_the_access() -> None:
    asked = Asked(password="wrong")
    assert asked.failure(HOST_ACCESS).kind is FailureKind.AUTHENTICATION
    assert set(asked.outcomes) == {HOST_ACCESS.name}
