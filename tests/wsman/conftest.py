"""Credentials, the server's password file, and the captured replies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from wsman_support import ANYTHING, PASSWORD, USER, Connect, known_users

from livemigration.base.deadline import Deadline
from livemigration.base.secret import Credentials, Secret
from livemigration.wsman.clients import Client
from livemigration.wsman.manners import Manners, Pace
from livemigration.wsman.security import Security
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"


@pytest.fixture(autouse=True, scope="session")
def _users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with known_users(tmp_path_factory.mktemp("ntlm")):
        yield


@pytest.fixture(params=list(Client), ids=lambda each: each.value)
def each_client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Have every session of a test carried by one client, and then by the other."""
    client: Client = request.param
    towards = Security.towards

    def carried(self: Security, machine: str) -> Security:
        return replace(towards(self, machine), client=client)

    monkeypatch.setattr(Security, "towards", carried)
    return client


@pytest.fixture
def connect() -> Iterator[Connect]:
    sessions: list[WsmanSession] = []

    # A busy host is asked as often as by a run, without the pauses.
    def open_session(
        port: int,
        *,
        address: str = "127.0.0.1",
        password: str = PASSWORD,
        seconds: float = 30.0,
        timeouts: Timeouts | None = None,
        manners: Manners | None = None,
    ) -> WsmanSession:
        sessions.append(
            WsmanSession(
                Endpoint("host", address, port),
                Credentials(USER, Secret(password)),
                timeouts or Timeouts(connect=5.0, message=10.0),
                Deadline.after(seconds),
                register=ANYTHING,
                manners=manners or Manners(Pace(lambda _: False)),
            )
        )
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()


@pytest.fixture(scope="session")
def captures() -> Path:
    if not CAPTURES.is_dir():
        pytest.skip("the captured replies are not beside this repository")
    return CAPTURES
