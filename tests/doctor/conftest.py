"""The doctor's command, in this process."""

from __future__ import annotations

import pytest
from troubled import Doctor


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(capsys)
