"""Credentials, the server's password file, and the captured replies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from wsman_support import PASSWORD, USER, Connect, known_users

from livemigration.deadline import Deadline
from livemigration.secret import Credentials, Secret
from livemigration.wsman.session import Endpoint, Timeouts, WsmanSession

CAPTURES = Path(__file__).parents[3] / "shared" / "captures"


@pytest.fixture(autouse=True, scope="session")
def _users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with known_users(tmp_path_factory.mktemp("ntlm")):
        yield


@pytest.fixture
def connect() -> Iterator[Connect]:
    sessions: list[WsmanSession] = []

    def open_session(
        port: int,
        *,
        address: str = "127.0.0.1",
        password: str = PASSWORD,
        seconds: float = 30.0,
        timeouts: Timeouts | None = None,
    ) -> WsmanSession:
        sessions.append(
            WsmanSession(
                Endpoint("host", address, port),
                Credentials(USER, Secret(password)),
                timeouts or Timeouts(connect=5.0, message=10.0),
                Deadline.after(seconds),
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
