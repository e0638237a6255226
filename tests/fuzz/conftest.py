"""The longer run: `pytest tests/fuzz --fuzz-seconds 60`."""

from __future__ import annotations

import pytest

_GRACE = 60.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        default=0.0,
        help="How long each reader gets mutated input, instead of a fixed number of them.",
    )


def _seconds(config: pytest.Config) -> float:
    # Only a run that names this folder knows the option.
    return float(config.getoption("--fuzz-seconds", default=0.0))


@pytest.fixture
def fuzz_seconds(pytestconfig: pytest.Config) -> float:
    return _seconds(pytestconfig)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if seconds := _seconds(config):
        for item in items:
            item.add_marker(pytest.mark.timeout(seconds + _GRACE))
