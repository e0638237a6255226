"""A realm for the tests of this folder, which are skipped where there can be none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from directory_domains import SECOND
from directory_keeper import TURN, locked
from realm import Realm, folder_of_run, shared_realm, why_not

# Whoever comes first waits for the realm as well.
_SECONDS = 240


def pytest_itemcollected(item: pytest.Item) -> None:
    """Leave what needs the realm to `pytest -m kerberos`."""
    if "realm" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.kerberos)
        item.add_marker(pytest.mark.timeout(_SECONDS))


@pytest.fixture(scope="session")
def _of_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run have in common."""
    return folder_of_run(tmp_path_factory, worker_id)


@pytest.fixture(scope="session")
def realm(_of_run: Path) -> Iterator[Realm]:
    """The realm of this run; its controller is one for all workers."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    with shared_realm(_of_run) as found:
        yield found


@pytest.fixture(scope="session")
def other_realm(
    realm: Realm, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Realm]:
    """A second domain, FABRIKAM.TEST, with a controller of its own and no trust."""
    folder = folder_of_run(tmp_path_factory, worker_id, "other-realm")
    with shared_realm(folder, domain=SECOND) as found:
        yield found


@pytest.fixture(autouse=True)
def _turn(request: pytest.FixtureRequest, _of_run: Path) -> Iterator[None]:
    """Let no two tests ask the controller at once: they count what it is asked."""
    with locked(_of_run, TURN) if "realm" in request.fixturenames else nullcontext():
        yield


@pytest.fixture
def at_home(realm: Realm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine of the realm, where a person has no ticket yet; the file that would hold one."""
    own = tmp_path / "own-ccache"
    for name, value in realm.environment(KRB5CCNAME=f"FILE:{own}").items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("KRB5_KTNAME", raising=False)
    monkeypatch.delenv("KRB5_CLIENT_KTNAME", raising=False)
    return own
