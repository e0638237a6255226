"""What the suite uses in private of its libraries still behaves as it relies on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from livemigration.compat import nt_hash

MOVED = "a release of {} moved what livemigration/compat.py uses: adapt it, and the bound on {}"


def test_the_nt_hash_is_the_documented_one() -> None:
    # MS-NLMP, section 4.2.2.1.2: the NT hash of the password "Password".
    assert nt_hash("Password") == "a4f49c406510bdcab6824ee7c30fd852", MOVED.format(
        *["pyspnego"] * 2
    )


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
