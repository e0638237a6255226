"""What the suite uses in private of its libraries still behaves as it relies on."""

from __future__ import annotations

import importlib
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from defusedxml.ElementTree import parse
from urllib3.connection import HTTPConnection, HTTPSConnection

MOVED = "a release of {} moved what livemigration/compat.py uses: adapt it, and the bound on {}"


def compat() -> ModuleType:
    try:
        return importlib.import_module("livemigration.compat")
    except ImportError as error:
        library = (error.name or "a library").partition(".")[0]
        pytest.fail(MOVED.format(library, library))


def test_a_module_that_moved_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "livemigration.compat", raising=False)
    monkeypatch.setitem(sys.modules, "spnego._ntlm_raw.crypto", None)
    with pytest.raises(pytest.fail.Exception, match="a release of spnego moved"):
        compat()


def test_the_nt_hash_is_the_documented_one() -> None:
    # MS-NLMP, section 4.2.2.1.2: the NT hash of the password "Password".
    assert compat().nt_hash("Password") == "a4f49c406510bdcab6824ee7c30fd852", MOVED.format(
        *["pyspnego"] * 2
    )


@pytest.mark.parametrize("kind", [HTTPConnection, HTTPSConnection])
def test_a_connection_of_urllib3_takes_the_socket_that_is_made_for_it(kind: type) -> None:
    class MadeError(Exception):
        """Ends the connecting where the socket is asked for."""

    def make(_: object) -> socket.socket:
        raise MadeError

    own = type("Own", (compat().OwnSocket, kind), {"make_socket": make})
    # A port that nothing listens on: a connection that makes its own socket fails otherwise.
    with socket.socket() as unbound:
        unbound.bind(("127.0.0.1", 0))
        try:
            own("127.0.0.1", unbound.getsockname()[1], timeout=5).connect()
        except MadeError:
            return
        except OSError:
            pytest.fail(MOVED.format(*["urllib3"] * 2))


def test_the_terminal_stream_is_the_one_that_pytest_writes_to(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "from livemigration.compat import terminal_stream\n\n\n"
        "def pytest_runtestloop(session):\n"
        "    terminal_stream(session.config).write('seen on the terminal\\n')\n",
        encoding="utf-8",
    )
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert "seen on the terminal" in ended.stdout, MOVED.format(*["pytest"] * 2)


def test_testinfra_finds_a_backend_that_was_registered() -> None:
    backend = pytest.importorskip("testinfra.backend")
    compat().register_testinfra_backend("of-this-test", "pathlib.Path")
    try:
        assert backend.get_backend_class("of-this-test") is Path
    except (AttributeError, RuntimeError):
        pytest.fail(MOVED.format(*["pytest-testinfra"] * 2))
    finally:
        backend.BACKENDS.pop("of-this-test", None)


def test_testinfras_plugin_and_its_fixture_are_called_as_expected(
    request: pytest.FixtureRequest,
) -> None:
    plugin = pytest.importorskip("testinfra.plugin")
    loaded = request.config.pluginmanager.get_plugin(compat().TESTINFRA_PLUGIN)
    assert loaded is plugin, MOVED.format(*["pytest-testinfra"] * 2)
    assert hasattr(plugin, compat().TESTINFRA_FIXTURE), MOVED.format(*["pytest-testinfra"] * 2)


@pytest.mark.parametrize("hidden", [False, True])
def test_pytest_html_names_no_file_where_it_is_told_not_to(hidden: bool, tmp_path: Path) -> None:
    hide = "hide_html_file_name(session.config.pluginmanager)" if hidden else "pass"
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom livemigration.compat import hide_html_file_name\n\n\n"
        f"@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionstart(session):\n    {hide}\n",
        encoding="utf-8",
    )
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--html=a.html", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (tmp_path / "a.html").is_file(), ended.stdout
    assert ("a.html" in ended.stdout) is not hidden, MOVED.format(*["pytest-html"] * 2)


def test_pytest_writes_the_names_and_properties_that_it_is_given(
    tmp_path: Path,
) -> None:
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom livemigration.compat import name_junit_case, name_junit_suite\n\n\n"
        "@pytest.hookimpl(wrapper=True)\ndef pytest_runtest_makereport(item):\n"
        "    report = yield\n    report.user_properties = [('key', 'value')]\n"
        "    name_junit_case(item.config, report, 'a.B', 'named')\n    return report\n\n\n"
        "@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionfinish(session):\n"
        "    name_junit_suite(session.config, 'verdict', 'ready')\n",
        encoding="utf-8",
    )
    (tmp_path / "test_one.py").write_text(
        "def test_one():\n    pass\n\n\ndef test_two():\n    assert False\n", encoding="utf-8"
    )
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml=a.xml")
    ended = subprocess.run(
        [*command, "--junitprefix=nightly", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    root = parse(tmp_path / "a.xml").getroot()
    moved = MOVED.format(*["pytest"] * 2) + ended.stdout
    assert root is not None, moved
    for case in root.iter("testcase"):
        assert (case.get("classname"), case.get("name")) == ("nightly.a.B", "named"), moved
        assert [each.attrib for each in case.iter("property")] == [
            {"name": "key", "value": "value"}
        ], moved
    assert len(list(root.iter("testcase"))) == 2, moved
    suite = root.find("testsuite/properties/property")
    assert suite is not None, moved
    assert suite.attrib == {"name": "verdict", "value": "ready"}, moved
