"""One run of each shipped fleet against the lab; every replay is of their facts."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from plugin_runs import Ended, run_forked
from quick_runs import is_quick

_WAIT_SECONDS = 240
MakeRun = Callable[..., tuple[Ended, Path]]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Leave what the quick tests do not take to `pytest -m long`, or to the marker that it has."""
    name = getattr(item, "originalname", item.name)
    if not is_quick(item.path.name, name) and item.get_closest_marker("fleet") is None:
        item.add_marker("long")


@pytest.fixture(scope="session")
def shared_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeRun]:
    """Return a function that makes a run once, whatever number of processes the tests have.

    No test may change what is in its folder: the others look at the same.
    """
    base = tmp_path_factory.getbasetemp()
    # Each process of pytest-xdist has a folder of its own in a common one.
    common = base.parent if base.name.startswith("popen-") else base
    used: dict[Path, str] = {}

    def make(name: str, *arguments: str) -> tuple[Ended, Path]:
        folder = common / f"run-{name}"
        ended, facts = _made(folder, *arguments)
        used[folder] = _digest(folder)
        return ended, facts

    yield make
    changed = [folder.name for folder, digest in used.items() if _digest(folder) != digest]
    assert not changed, "a test changed what all tests look at"


def _made(folder: Path, *arguments: str) -> tuple[Ended, Path]:
    facts, done = folder / "facts.json", folder / "ended.json"
    try:
        folder.mkdir()
    except FileExistsError:
        _wait_for(done)
    else:
        given = (each.format(folder=folder) for each in arguments)
        ended = run_forked(folder / "reports", *given, f"--save-facts={facts}")
        text = json.dumps({"code": ended.code, "output": ended.output})
        (folder / "ending.json").write_text(text, encoding="utf-8")
        (folder / "ending.json").rename(done)
    document = json.loads(done.read_text(encoding="utf-8"))
    return Ended(document["code"], document["output"], folder / "reports"), facts


def _wait_for(path: Path) -> None:
    until = time.monotonic() + _WAIT_SECONDS
    while not path.exists():
        assert time.monotonic() < until, f"{path}: another process of the tests did not write it"
        time.sleep(0.05)


def _digest(folder: Path) -> str:
    files = sorted(each for each in folder.rglob("*") if each.is_file())
    whole = hashlib.sha256()
    for each in files:
        whole.update(f"{each}\n".encode() + hashlib.sha256(each.read_bytes()).digest())
    return whole.hexdigest()


@pytest.fixture(scope="session")
def demo(shared_run: MakeRun) -> tuple[Ended, Path]:
    """The demo's run and its facts; junit.xml lies beside them."""
    return shared_run("demo", "-m", "livemigration", "--junitxml={folder}/junit.xml")


@pytest.fixture(scope="session")
def healthy(shared_run: MakeRun) -> tuple[Ended, Path]:
    """The healthy fleet's run and its facts."""
    return shared_run("healthy", "--inventory=lab:healthy")


@pytest.fixture
def demo_facts(demo: tuple[Ended, Path]) -> str:
    """The options that replay the demo."""
    return f"--facts={demo[1]}"


@pytest.fixture
def healthy_replay(healthy: tuple[Ended, Path]) -> tuple[str, str]:
    """The options that replay the healthy fleet."""
    return "--inventory=lab:healthy", f"--facts={healthy[1]}"


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whom a run would have connected to: no socket of this process connects."""
    asked: list[object] = []

    def refuse(_: socket.socket, address: object) -> NoReturn:
        asked.append(address)
        raise OSError("somebody was asked")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    return asked
