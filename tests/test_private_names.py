"""What is private of a library is used in few modules, and each use has its contract test."""

from __future__ import annotations

import pytest
from in_turn import in_turn
from private_names import COMPAT, PACKAGE, ROOT, private_names

SOURCES = sorted(set(PACKAGE.rglob("*.py")) - COMPAT)


PYTEST = "import pytest\nclass Own(pytest.Item):\n"
REQUESTS = "from requests.adapters import HTTPAdapter as Theirs\nclass Own(Theirs):\n"
URLLIB3 = "from urllib3 import HTTPConnectionPool\nclass Own(HTTPConnectionPool):\n"


@pytest.mark.long
def test_no_module_but_compat_uses_what_is_private_of_a_library() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in SOURCES
        for line, name in private_names(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.long
def test_each_compat_uses_something_that_is_private() -> None:
    for path in COMPAT:
        assert list(private_names(path.read_text(encoding="utf-8"))), path


@in_turn(
    "source, name",
    [
        ("import _pytest.config\n", "_pytest.config"),
        ("from _pytest.config import findpaths\n", "_pytest.config"),
        ("import pytest_html\n", "pytest_html"),
        ("from winrm.transport import Transport\n", "winrm.transport"),
        ("from winrm import transport\n", "winrm.transport"),
        ("import urllib3.connection\n", "urllib3.connection"),
        ("from urllib3 import connection\n", "urllib3.connection"),
        ("from spnego._ntlm_raw.crypto import md4\n", "spnego._ntlm_raw.crypto"),
        ("def f():\n    import testinfra.backend\n", "testinfra.backend"),
        ("import importlib\nimportlib.import_module('_pytest.capture')\n", "_pytest.capture"),
        ("def f(config):\n    return config._parser\n", "_parser"),
        ("def f(config):\n    return getattr(config, '_parser')\n", "_parser"),
        ("def f(config):\n    return config.known_args_namespace\n", "known_args_namespace"),
        ("def f(m):\n    return m.getplugin('capturemanager')\n", "capturemanager"),
        ("def f(report):\n    return hasattr(report, 'wasxfail')\n", "wasxfail"),
        ("def f(auth):\n    auth.session_security = None\n", "session_security"),
        (PYTEST + "    def f(self):\n        self._report_sections = []\n", "_report_sections"),
        (REQUESTS + "    def f(self):\n        return self._pool_block\n", "_pool_block"),
        (URLLIB3 + "    def _new_conn(self):\n        pass\n", "_new_conn"),
    ],
)
def test_what_is_private_is_found(source: str, name: str) -> None:
    assert name in [found for _, found in private_names(source)]


@in_turn(
    "source",
    [
        PYTEST + "    def f(self):\n        self._mine = 1\n",
        "from requests.adapters import HTTPAdapter\n",
        "from urllib3 import HTTPConnectionPool\n",
        "class Own:\n    def _mine(self):\n        return self._mine()\n",
        "def f(pair):\n    return pair._replace(first=1)\n",
        "import winrm.exceptions\nimport spnego.exceptions\n",
    ],
)
def test_what_is_public_or_ones_own_is_left_alone(source: str) -> None:
    assert list(private_names(source)) == []
