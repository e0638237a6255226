"""A site's ordinary tests: testinfra's `host` is a host of the inventory."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest

from livemigration.plugin.compat import (
    TESTINFRA_FIXTURE,
    TESTINFRA_PLUGIN,
    fixture_names,
    register_testinfra_backend,
)
from livemigration.plugin.session import Session


def _backend(config: pytest.Config) -> ModuleType | None:
    """Return the module of the backend, which needs testinfra; None where that is not loaded."""
    if not config.pluginmanager.hasplugin(TESTINFRA_PLUGIN):
        return None
    return importlib.import_module("livemigration.plugin.testinfra_backend")


def offer(config: pytest.Config, session: Session) -> None:
    """Register the backend, and refuse hosts on the command line that it cannot serve.

    Raises:
        pytest.UsageError: --hosts names a machine that is not in the inventory, or a password.
    """
    backend = _backend(config)
    if backend is None:
        return
    register_testinfra_backend(backend.NAME, f"{backend.__name__}.WsmanBackend")
    backend.provide(
        backend.Site(
            label=session.inventory.label,
            hosts=tuple(host.name for host in session.inventory.hosts),
            machines=session.machines,
        )
    )
    given: str | None = config.option.hosts
    default = config.option.connection == backend.NAME
    for specification in (given or "").split(","):
        scheme, separator, name = specification.partition("://")
        if not separator and default:
            scheme, name = backend.NAME, specification
        if scheme == backend.NAME:
            try:
                backend.known_host(name)
            except ValueError as error:
                raise pytest.UsageError(f"--hosts: {error}") from None


def choose_hosts(metafunc: pytest.Metafunc, hosts: tuple[str, ...]) -> None:
    """Name the run's hosts to testinfra, where neither --hosts nor the module does.

    Otherwise such a test would run on the machine that runs the suite, and pass there.
    """
    backend = _backend(metafunc.config)
    if backend is not None and asks_hosts(metafunc):
        metafunc.module.testinfra_hosts = [f"{backend.NAME}://{name}" for name in hosts]


def asks_hosts(metafunc: pytest.Metafunc) -> bool:
    """Whether a test takes testinfra's `host`, and nobody says which machines that is."""
    if not metafunc.config.pluginmanager.hasplugin(TESTINFRA_PLUGIN):
        return False
    named = metafunc.config.option.hosts is not None or hasattr(metafunc.module, "testinfra_hosts")
    return TESTINFRA_FIXTURE in metafunc.fixturenames and not named


def takes_host(item: pytest.Item) -> bool:
    """Whether a test takes testinfra's `host`."""
    return TESTINFRA_FIXTURE in fixture_names(item)


def withdraw(config: pytest.Config) -> None:
    """Forget the run's machines."""
    if (backend := _backend(config)) is not None:
        backend.provide(None)
