"""Whether a run of pytest is one of the suite: installed, its plugin is loaded into every run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from livemigration.base.shipped import CHECKS
from livemigration.plugin.compat import look_in, looks_where_it_was_started, paths_given
from livemigration.plugin.root import OPTIONS, command_line

PLUGIN = "livemigration.plugin"
MARKER = "livemigration"
# Options of the suite without a value, and those of its own that take one.
_OPTIONS = (OPTIONS - {"--html"}) | {"--bundle"}

HOW_TO_BEGIN = (
    "livemigration init DIR --wheel FILE writes a repository with the checks; run pytest there."
)


def is_wanted(config: pytest.Config) -> bool:
    """Whether the suite takes part: a conftest.py names its plugin, or the command line asks."""
    return is_asked_for(config) or any(PLUGIN in names for names in _named(config))


def is_asked_for(config: pytest.Config) -> bool:
    """Whether the command line or the settings ask for checks, and not only a conftest.py."""
    return (
        MARKER in config.option.markexpr
        or PLUGIN in (config.option.plugins or ())
        or bool(config.getini("livemigration_inventory"))
        or any(config.getoption(option) for option in _OPTIONS)
    )


def _named(config: pytest.Config) -> Iterator[tuple[str, ...]]:
    for plugin in config.pluginmanager.get_plugins():
        names: object = getattr(plugin, "pytest_plugins", ())
        if isinstance(names, str):
            yield (names,)
        elif isinstance(names, list | tuple):
            yield tuple(str(each) for each in names)


def look_in_the_roots_checks(config: pytest.Config) -> None:
    """Let `-m livemigration` find the checks of the root, from whatever folder in it is run.

    pytest looks at `testpaths` only where it is started in the root itself.

    Raises:
        pytest.UsageError: it was started outside the root, and has not loaded its conftest.py.
    """
    paths: list[str] = config.getini("testpaths")
    if paths and MARKER in config.option.markexpr and looks_where_it_was_started(config):
        found = [config.rootpath / each for each in paths]
        _refuse_what_is_outside(config, found)
        look_in(config, found)


def _refuse_what_is_outside(config: pytest.Config, paths: Sequence[Path]) -> None:
    conftest = config.rootpath / "conftest.py"
    if not conftest.is_file() or config.pluginmanager.has_plugin(str(conftest)):
        return
    given = config.invocation_params
    again = command_line([*map(str, given.args), *map(str, paths)])
    raise pytest.UsageError(
        f"pytest was started in {given.dir}, outside {config.rootpath}. Start it there, or name "
        f"the checks:\n  pytest {again}"
    )


def has_checks(config: pytest.Config) -> bool:
    """Whether the run was given a path, or its root has a folder of checks."""
    return paths_given(config) or (config.rootpath / CHECKS).is_dir()


def nothing_here(folder: Path) -> str:
    """Return what to say where there is not one check."""
    return f"{folder}: there are no checks here. {HOW_TO_BEGIN}"
