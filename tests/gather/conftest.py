"""The password file of the test server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wsman_support import known_users


@pytest.fixture(autouse=True, scope="session")
def _users(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with known_users(tmp_path_factory.mktemp("ntlm")):
        yield
