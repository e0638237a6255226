"""`.ci/faults` plays the kinds over every transport, and says which it did not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from fault_kinds import BY_NAME
from fault_transports import TRANSPORTS

ROOT = Path(__file__).parents[2]
# Stands in for Python: notes what pytest would play, and says whether there can be a realm.
STAND_IN = """\
#!/bin/sh
case "$*" in
*realm.py*) echo "$REALM" >&2; [ -z "$REALM" ] ;;
*) echo "plays $LIVEMIGRATION_FAULTS" ;;
esac
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a shell")


@pytest.fixture
def python(tmp_path: Path) -> Path:
    path = tmp_path / "python"
    path.write_text(STAND_IN)
    path.chmod(0o700)
    return path


def played(python: Path, **variables: str) -> tuple[int, list[str], str]:
    ended = subprocess.run(
        [str(ROOT / ".ci" / "faults")],
        env={"PATH": os.environ["PATH"], "PYTHON": str(python), **variables},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    lines = ended.stdout.splitlines()
    plays = [each.removeprefix("plays ") for each in lines if each.startswith("plays ")]
    return ended.returncode, plays, lines[-1]


def test_every_transport_is_played_where_there_can_be_a_realm(python: Path) -> None:
    code, plays, last = played(python, REALM="")
    assert (code, plays) == (0, list(TRANSPORTS))
    assert "Not played" not in last


@pytest.mark.parametrize(("every", "expected"), [("", 0), ("1", 1)])
def test_what_is_not_played_is_said_and_an_error_where_all_is_wanted(
    python: Path, every: str, expected: int
) -> None:
    code, plays, last = played(python, REALM="samba is not installed", LIVEMIGRATION_ALL=every)
    assert (code, plays) == (
        expected,
        [name for name, each in TRANSPORTS.items() if not each.tickets],
    )
    assert last == "Not played: http-kerberos, because samba is not installed."


def test_what_a_transport_leaves_out_or_finds_otherwise_is_a_kind_and_has_a_reason() -> None:
    for transport in TRANSPORTS.values():
        assert {*transport.without, *transport.otherwise} <= {*BY_NAME}
        assert all(transport.without.values())
        assert not {*transport.without} & {*transport.otherwise}
