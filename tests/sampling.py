"""Which of many cases the quick tests take, where the marker `long` takes the rest."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def sampled(cases: Iterable[Any], *, every: int) -> list[Any]:
    """Return parameters of which the quick tests take the first and one of so many after it."""
    return [
        pytest.param(case, marks=pytest.mark.long if number % every else ())
        for number, case in enumerate(cases)
    ]
