"""The handbook as a site, built once for all tests that look at it."""

from __future__ import annotations

from pathlib import Path

import pytest
from built_site import build


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built handbook."""
    folder = tmp_path_factory.mktemp("handbook") / "site"
    code, said = build(Path(__file__).parents[2], folder)
    assert code == 0, said
    return folder
