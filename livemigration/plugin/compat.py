"""What is private of pytest and its plugins, and used by the suite, behind functions of its own.

What makes a run of many checks cheap stands in `compat_many.py`, what writes JUnit in
`compat_junit.py`.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Self, TextIO, cast

import pytest
import pytest_html.fixtures
import pytest_html.plugin
import pytest_metadata.plugin
from _pytest.config.findpaths import determine_setup
from pytest_html.basereport import BaseReport

if TYPE_CHECKING:
    from testinfra.backend.base import BaseBackend as BaseBackend  # noqa: PLC0414 - handed on
    from testinfra.backend.base import CommandResult as CommandResult  # noqa: PLC0414 - as above


def terminal_stream(config: pytest.Config) -> TextIO:
    """Return the stream that pytest's terminal reporter writes to; it offers no public way.

    Standard error where pytest runs without a terminal reporter.
    """
    reporter = config.pluginmanager.getplugin("terminalreporter")
    return cast("TextIO", reporter._tw._file) if reporter is not None else sys.stderr


def say_less(config: pytest.Config) -> None:
    """Leave out pytest's header, and the line that it moves where the terminal must stay plain.

    It has an option for the first and none for the second.
    """
    config.option.no_header = True
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None and not has_colour(config):
        reporter.isatty = lambda: False


def has_colour(config: pytest.Config) -> bool:
    """Whether pytest colours what it writes: what --color, NO_COLOR and TERM come to."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    return reporter is not None and bool(reporter.hasmarkup)


@contextmanager
def unnamed_module(config: pytest.Config) -> Iterator[None]:
    """Keep pytest from naming a test's module and beginning a line of letters behind it."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is None:
        yield
        return
    reporter.showfspath = False
    try:
        yield
    finally:
        reporter.showfspath = None


def leave_out_totals(config: pytest.Config) -> None:
    """Keep pytest from counting tests in a last line of its own; it has no option for that."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter is not None:
        reporter.summary_stats = lambda: None


def root_of(config: pytest.Config) -> tuple[Path, Path | None]:
    """Return the root and the settings file that pytest finds once it knows every option.

    It looks for them before it loads any plugin, and never again.
    """
    known = config.known_args_namespace
    root, settings, *_ = determine_setup(
        inifile=known.inifilename,
        override_ini=known.override_ini,
        args=known.file_or_dir,
        rootdir_cmd_arg=known.rootdir or None,
        invocation_dir=config.invocation_params.dir,
    )
    return root, settings


@contextmanager
def terminal_input(config: pytest.Config) -> Iterator[None]:
    """Give standard input back to the terminal; pytest withholds it even while it configures.

    Its documentation names no way: only its plugin that captures output can do so.
    """
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is None:
        yield
        return
    capture.suspend_global_capture(in_=True)
    try:
        yield
    finally:
        # Only resuming everything gives standard input back to pytest. Output was suspended
        # before, and must be again: what is written meanwhile would be lost.
        capture.resume_global_capture()
        capture.suspend_global_capture()


def paths_given(config: pytest.Config) -> bool:
    """Whether the command line names paths; where pytest has its paths from is undocumented."""
    return config.args_source is pytest.Config.ArgsSource.ARGS


def looks_where_it_was_started(config: pytest.Config) -> bool:
    """Whether nothing said where to look: no path was given, and no `testpaths` counts."""
    return config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR


def look_in(config: pytest.Config, paths: Sequence[Path]) -> None:
    """Let pytest look in these paths, as its `testpaths`, where nothing said where to look.

    pytest reads `testpaths` before a plugin can say anything, and only in the root itself.
    """
    config.args[:] = map(str, paths)
    config.args_source = pytest.Config.ArgsSource.TESTPATHS


def failures_so_far(session: pytest.Session) -> int:
    """Return how many tests and modules have failed; pytest counts them and documents it not."""
    return session.testsfailed


def end_with(session: pytest.Session, code: int) -> None:
    """Set the exit code of a session that finishes; pytest hands plugins a copy of its own."""
    session.exitstatus = code


def fixture_names(item: pytest.Item) -> Collection[str]:
    """Return the fixtures that a test takes; pytest documents them for what makes tests only."""
    names: Collection[str] = getattr(item, "fixturenames", ())
    return names


def expect_failure(report: pytest.TestReport, reason: str) -> None:
    """Make an xfail of a report that says skipped; only the mark `xfail` does so in public."""
    report.wasxfail = reason


class Explained(str):
    """What a failure says: this text, and before it one line, which JUnit has as its message.

    pytest takes both from what it keeps of an exception, for which it has no public class.
    """

    __slots__ = ("reprcrash",)
    reprcrash: SimpleNamespace

    def __new__(cls, message: str, text: str) -> Self:
        """Make a text with its message."""
        made = super().__new__(cls, text)
        made.reprcrash = SimpleNamespace(message=message)
        return made


def failure_was_expected(report: pytest.TestReport) -> bool:
    """Whether a report is of a test that was expected to fail; see `expect_failure`."""
    return hasattr(report, "wasxfail")


# How testinfra's plugin is registered, and the fixture that it parametrizes under `host`.
TESTINFRA_PLUGIN = "pytest11.testinfra"
TESTINFRA_FIXTURE = "_testinfra_host"


def register_testinfra_backend(name: str, class_path: str) -> None:
    """Add a backend to testinfra's table, which it offers no public way to.

    testinfra is installed where its plugin is loaded; the suite itself does without it.
    """
    importlib.import_module("testinfra.backend").BACKENDS[name] = class_path


if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return testinfra's `BaseBackend` and `CommandResult`, which a backend is made of.

        It documents backends for their users only. Loaded where they are asked for: the suite
        itself does without it.
        """
        if name not in {"BaseBackend", "CommandResult"}:
            raise AttributeError(name)
        return getattr(importlib.import_module("testinfra.backend.base"), name)


# Under the names of their entry points: where pytest finds them later, it leaves them alone.
_HTML = {
    "metadata": pytest_metadata.plugin,
    "html_fixtures": pytest_html.fixtures,
    "html": pytest_html.plugin,
}


def load_html(plugins: pytest.PytestPluginManager) -> None:
    """Load pytest-html and what it needs, unless they are there or were refused with -p no:.

    For runs in which pytest loads no plugins by itself; their modules are no documented names.
    """
    for name, module in _HTML.items():
        known = plugins.is_registered(module) or plugins.hasplugin(name)
        if not (known or plugins.is_blocked(name)):
            plugins.register(module, name)


def has_html(plugins: pytest.PytestPluginManager) -> bool:
    """Whether pytest-html takes part, under whatever name."""
    return plugins.is_registered(pytest_html.plugin)


def write_html_to(config: pytest.Config, path: Path) -> str | None:
    """Let pytest-html write one file without others beside it; return what --html asked for.

    It has no setting for either, only its command line, which is what is written over here.
    """
    asked: str | None = config.option.htmlpath
    # Rows are closed, unless the configuration of the site says otherwise.
    if config.getini("render_collapsed") == "passed":
        config._inicache["render_collapsed"] = "all"
    config.option.htmlpath = str(path)
    config.option.self_contained_html = True
    return asked


def count_passed(page: Any) -> None:
    """Count a test that passed and whose row is dropped, which would be missing from the totals.

    Args:
        page: what pytest-html hands to its hook for the title; only that much of it is documented.
    """
    # Assigning counts.
    page.outcomes = "passed"


def hide_html_file_name(manager: pytest.PytestPluginManager) -> None:
    """Keep pytest-html from naming the file that it writes, which is not the report's last name.

    It has no option for that, and its plugin has no public type.
    """
    for plugin in manager.get_plugins():
        if isinstance(plugin, BaseReport):
            manager.unregister(plugin)
            plugin.pytest_terminal_summary = None
            manager.register(plugin)
