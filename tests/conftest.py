"""What every test has: labs that start at once, and properties with a fixed strength."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
import warm_labs

from livemigration.lab import launch

# The tests start this interpreter a hundred times: what it imports is compiled once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A shell starts what runs in the background with Ctrl-C ignored, and children inherit that; the
# tests send it to themselves and to processes that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# pytest loads this file also for a command line with a mistake in it, in a clone where only the
# suite is installed: it must not hide what pytest says of the mistake.
if find_spec("hypothesis"):
    import properties

    properties.register()


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Search for no garbage while what is imported and collected stays: there is next to none."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave what was imported and collected out of every later search for garbage."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="module", autouse=True)
def _search_path_stays() -> Iterator[None]:
    """Fail where a module's tests change what later ones import, in an order of its own."""
    before = list(sys.path)
    yield
    after, sys.path[:] = list(sys.path), before
    assert after == before


@pytest.fixture(scope="session", autouse=True)
def _labs_start_at_once() -> Iterator[None]:
    if sys.platform != "linux":
        yield
        return
    with warm_labs.nursery() as nursery, pytest.MonkeyPatch.context() as patch:
        patch.setattr(launch, "_process", nursery.start)
        yield
