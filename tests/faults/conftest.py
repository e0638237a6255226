"""One process plays a fleet, and judges all that it showed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fault_transports import CHOSEN, TRANSPORTS
from realm import Realm, realm_of_run, why_not
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has none


class ByFleet(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Sends what begins with the same fleet in its brackets to the same process.

    `--dist loadgroup` writes the group into a test's name in a way that pytest has left since, so
    that each process played each fleet.
    """

    def _split_scope(self, nodeid: str) -> str:
        name, _, inside = nodeid.partition("[")
        return inside.rstrip("]").partition(": ")[0] or name


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFleet | None:
    """Return what deals the tests out, where it is asked for."""
    return ByFleet(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Realm | None]:
    """The realm of the machines; None where what is played needs no tickets."""
    if not TRANSPORTS[CHOSEN].tickets:
        yield None
        return
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    # It counts memory, which POSIX alone does so.
    from fault_runs import TOGETHER, computers

    with realm_of_run(tmp_path_factory, worker_id, computers(TOGETHER)) as found:
        yield found
