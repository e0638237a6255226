"""Who attaches: the account that the environment names."""

from __future__ import annotations

import pytest
from attach_runs import PASSWORD, verified_once


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEMIGRATION_ATTACH_USERNAME", "kim")
    monkeypatch.setenv("LIVEMIGRATION_ATTACH_PASSWORD", PASSWORD)
    for name in ("LIVEMIGRATION_ATTACH_TOKEN", "LIVEMIGRATION_ATTACH_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("livemigration.commands.attach.verified", verified_once)
