"""Everything private that the suite uses of its libraries, behind functions of its own."""

from __future__ import annotations

import importlib
import socket
import sys
from pathlib import Path
from typing import TextIO, cast

import pytest
from _pytest.config.findpaths import determine_setup
from _pytest.junitxml import xml_key
from pytest_html.basereport import BaseReport
from spnego._ntlm_raw.crypto import ntowfv1


def terminal_stream(config: pytest.Config) -> TextIO:
    """Return the stream that pytest's terminal reporter writes to; it offers no public way.

    Standard error where pytest runs without a terminal reporter.
    """
    reporter = config.pluginmanager.getplugin("terminalreporter")
    return cast("TextIO", reporter._tw._file) if reporter is not None else sys.stderr


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


def nt_hash(password: str) -> str:
    """Return the NT hash of a password in hexadecimal; pyspnego computes it in private only."""
    return ntowfv1(password).hex()


# How testinfra's plugin is registered, and the fixture that it parametrizes under `host`.
TESTINFRA_PLUGIN = "pytest11.testinfra"
TESTINFRA_FIXTURE = "_testinfra_host"


def register_testinfra_backend(name: str, class_path: str) -> None:
    """Add a backend to testinfra's table, which it offers no public way to.

    testinfra is installed where its plugin is loaded; the suite itself does without it.
    """
    importlib.import_module("testinfra.backend").BACKENDS[name] = class_path


def hide_html_file_name(manager: pytest.PytestPluginManager) -> None:
    """Keep pytest-html from naming the file that it writes, which is not the report's last name.

    It has no option for that, and its plugin has no public type.
    """
    for plugin in manager.get_plugins():
        if isinstance(plugin, BaseReport):
            manager.unregister(plugin)
            plugin.pytest_terminal_summary = None
            manager.register(plugin)


def name_junit_case(
    config: pytest.Config, report: pytest.TestReport, class_name: str, name: str
) -> None:
    """Name a test in the file of --junitxml, before its first report is logged.

    pytest offers this to tests alone, by the fixture record_xml_attribute; checks have no fixtures.
    """
    xml = config.stash.get(xml_key, None)
    if xml is not None:
        case = xml.node_reporter(report)
        case.add_attribute("classname", f"{xml.prefix}.{class_name}" if xml.prefix else class_name)
        case.add_attribute("name", name)


def name_junit_suite(config: pytest.Config, name: str, value: str) -> None:
    """Write a property of the whole file of --junitxml, before the session finishes.

    pytest offers this to tests alone, by the fixture record_testsuite_property.
    """
    xml = config.stash.get(xml_key, None)
    if xml is not None:
        xml.add_global_property(name, value)


class OwnSocket:
    """Makes the socket of a urllib3 connection; urllib3 asks for it in private only.

    To be inherited before `HTTPConnection` or `HTTPSConnection`, whose `connect` then uses it,
    before TLS where there is any.
    """

    def make_socket(self) -> socket.socket:
        """Return a connected socket."""
        raise NotImplementedError

    def _new_conn(self) -> socket.socket:
        return self.make_socket()
