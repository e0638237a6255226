"""One run of each shipped fleet against the lab; every replay is of their facts."""

from __future__ import annotations

from pathlib import Path

import pytest
from plugin_runs import Ended, run

# Together they take as long as the rest.
_FIRST_HALF = {
    "test_plugin_run",
    "test_plugin_artefacts",
    "test_plugin_evidence",
    "test_plugin_lab",
    "test_plugin_states",
}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Path]:
    """The demo's run and its facts."""
    folder = tmp_path_factory.mktemp("demo")
    facts = folder / "facts.json"
    junit = folder / "junit.xml"
    arguments = ("-m", "livemigration", f"--save-facts={facts}", f"--junitxml={junit}")
    return run(folder / "reports", *arguments), facts


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ended, Path]:
    """The healthy fleet's run and its facts."""
    folder = tmp_path_factory.mktemp("healthy")
    facts = folder / "facts.json"
    return run(folder / "reports", "--inventory=lab:healthy", f"--save-facts={facts}"), facts


@pytest.fixture
def demo_facts(demo: tuple[Ended, Path]) -> str:
    """The options that replay the demo."""
    return f"--facts={demo[1]}"


@pytest.fixture
def healthy_replay(healthy: tuple[Ended, Path]) -> tuple[str, str]:
    """The options that replay the healthy fleet."""
    return "--inventory=lab:healthy", f"--facts={healthy[1]}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in two processes, so that few of their lab runs are made twice."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            half = "first" if item.path.stem in _FIRST_HALF else "second"
            item.add_marker(pytest.mark.xdist_group(f"{half} half of the runs"))
